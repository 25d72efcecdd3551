# SPDX-License-Identifier: GPL-3.0-or-later
# bash's completion, from the rows of tables.awk:
#	awk -f bash.awk -v rest=mailchute.bash tables >mailchute
# mailchute.bash has what does not depend on them.

BEGIN {
	FS = "\t"
}
$1 == "verb" {
	verbs = verbs " " $2
}
$1 == "word" {
	if (!($2 in options))
		scope[++scopes] = $2
	options[$2] = options[$2]
	words[$2] = words[$2] " " $3
}
$1 == "option" {
	if (!($2 in options))
		scope[++scopes] = $2
	end = $3 ~ /^--/ && $4 == "value" ? "=" : ""
	options[$2] = options[$2] " " $3 end
	if ($4 == "value")
		valued[$2] = valued[$2] "|" $3
	if ($4 != "none" && $5 != "")
		values[$2] = values[$2] "\t\t" $3 ") REPLY='" $5 "' ;;\n"
}

# A function that knows a list of each scope.
function put_list(name, list,   i) {
	print "\n" name "() {\n\tcase $1 in"
	for (i = 1; i <= scopes; i++)
		if (substr(list[scope[i]], 2) != "")
			print "\t" scope[i] ") REPLY='" \
				substr(list[scope[i]], 2) "' ;;"
	print "\t*) REPLY= ;;\n\tesac\n}"
}

END {
	print "# mailchute's completion for bash: made from the program's tables."
	print "\n_mailchute_verbs='" substr(verbs, 2) " sendmail'"
	put_list("_mailchute_options", options)
	put_list("_mailchute_words", words)
	print "\n# Whether an option's value is the next word: SCOPE OPTION"
	print "_mailchute_has_value() {\n\tcase $1:$2 in"
	for (i = 1; i <= scopes; i++) {
		n = split(substr(valued[scope[i]], 2), name, "|")
		for (j = 1; j <= n; j++)
			print "\t" scope[i] ":" name[j] ") return 0 ;;"
	}
	print "\tesac\n\treturn 1\n}"
	print "\n# What an option takes: SCOPE OPTION"
	print "_mailchute_values() {\n\tREPLY=\n\tcase $1 in"
	for (i = 1; i <= scopes; i++)
		if (values[scope[i]] != "")
			printf "\t%s)\n\t\tcase $2 in\n%s\t\tesac\n\t\t;;\n",
				scope[i], values[scope[i]]
	print "\tesac\n}"
	while ((getline line < rest) > 0)
		print line
}
