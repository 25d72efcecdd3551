# SPDX-License-Identifier: GPL-3.0-or-later
# zsh's completion, from the rows of tables.awk:
#	awk -f zsh.awk -v rest=mailchute.zsh tables >_mailchute
# mailchute.zsh has what does not depend on them.

BEGIN {
	FS = "\t"
}
$1 == "verb" {
	verbs = verbs "\t" quote(bare($2) ":" $3) "\n"
}
$1 == "word" {
	if (!($2 in words))
		word_scope[++word_scopes] = $2
	words[$2] = words[$2] "\t" quote(bare($3) ":" $4) "\n"
}
$1 == "option" {
	if (!($2 in names))
		scope[++scopes] = $2
	names[$2] = names[$2] " " $3
	specs[$2, $3] = "\t" quote(spec()) "\n"
}

# A scope's own options; a verb's with the common ones that it does not hide.
function all(scope,   n, i, name, out) {
	n = split(names[scope], name, " ")
	out = ""
	for (i = 1; i <= n; i++)
		out = out specs[scope, name[i]]
	n = scope ~ /^(common|mailchute|sendmail)$/ ? 0 : \
		split(names["common"], name, " ")
	for (i = 1; i <= n; i++)
		if (!((scope, name[i]) in specs))
			out = out specs["common", name[i]]
	return out
}

function quote(text) {
	gsub(/'/, "'\\''", text)
	return "'" text "'"
}

# Brackets and colons mean something to _arguments.
function bare(text) {
	gsub(/\[|\]|:/, "\\\\&", text)
	return text
}

# How _arguments writes an option that takes, or may take, a value.
function spec(   end, what) {
	if ($3 ~ /^--/)
		end = $4 == "value" ? "=" : $4 == "optional" ? "=-" : ""
	else
		end = $4 == "value" ? "+" : $4 == "optional" ? "-" : ""
	what = $5
	if (what == "@file")
		what = "file:_files"
	else if (what == "@account")
		what = "account:_mailchute_accounts"
	else
		what = "value:" (what == "" ? " " : "(" what ")")
	if ($4 == "none")
		what = ""
	else
		what = ($4 == "optional" ? "::" : ":") what
	return "*" $3 end "[" bare($6) "]" what
}

END {
	print "#compdef mailchute"
	print "# mailchute's completion for zsh: made from the program's tables."
	print "\n_mailchute_verbs=(\n" verbs \
		"\t'sendmail:what follows is an untrusted caller'\\''s'\n)"
	for (i = 1; i <= scopes; i++)
		print "\n_mailchute_options_" scope[i] "=(\n" \
			all(scope[i]) ")"
	for (i = 1; i <= word_scopes; i++)
		print "\n_mailchute_words_" word_scope[i] "=(\n" \
			words[word_scope[i]] ")"
	while ((getline line < rest) > 0)
		print line
}
