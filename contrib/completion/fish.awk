# SPDX-License-Identifier: GPL-3.0-or-later
# fish's completion, from the rows of tables.awk:
#	awk -f fish.awk -v rest=mailchute.fish.in tables >mailchute.fish
# The file `rest` has what does not depend on them.

BEGIN {
	FS = "\t"
	print "# mailchute's completion for fish: made from the program's tables."
}
$1 == "verb" {
	names = names " " $2
	verbs = verbs verb_line($2, $3)
}
$1 == "word" {
	words = words "complete -c mailchute -n '__mailchute_first " $2 "' -a " \
		$3 " -d " quote($4) "\n"
}
$1 == "option" {
	rows[++count] = $0
	has[$2, $3] = 1
	if ($4 == "value")
		valued[$2] = valued[$2] " " $3
	if (!($2 in seen))
		scope[++scopes] = $2
	seen[$2] = 1
}

function quote(text) {
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

function verb_line(name, text) {
	return "complete -c mailchute -n '__mailchute_scope mailchute' -a " \
		name " -d " quote(text) "\n"
}

# -bm and its like are words to fish: it has no letters of two.
function option_line(   line, i) {
	line = "complete -c mailchute -n '__mailchute_scope " $2
	# A verb's own option hides the common one.
	for (i = 1; $2 == "common" && i <= scopes; i++)
		if (scope[i] !~ /^(common|mailchute|sendmail)$/ &&
			(scope[i], $3) in has)
			line = line " " scope[i]
	line = line "'"
	if ($3 ~ /^--/)
		line = line " -l " substr($3, 3)
	else if (length($3) == 2)
		line = line " -s " substr($3, 2)
	else
		line = line " -o " substr($3, 2)
	if ($5 == "@file" && $4 == "value")
		line = line " -rF"
	else if ($4 == "value")
		line = line " -x"
	if ($5 == "@account")
		line = line " -a '(__mailchute_accounts)'"
	else if ($5 !~ /^(@|$)/)
		line = line " -a " quote($5)
	return line " -d " quote($6) "\n"
}

END {
	print "\nset -g __mailchute_verbs" names " sendmail"
	for (i = 1; i <= scopes; i++)
		print "set -g __mailchute_valued_" scope[i] valued[scope[i]]
	while ((getline line < rest) > 0)
		print line
	printf "%s%s", verbs, verb_line("sendmail",
		"what follows is an untrusted caller's")
	printf "%s", words
	for (i = 1; i <= count; i++) {
		$0 = rows[i]
		printf "%s", option_line()
	}
}
