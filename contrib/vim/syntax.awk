# SPDX-License-Identifier: GPL-3.0-or-later
# vim's colours for mailchuterc, from the rows of tables.awk:
#	awk -f syntax.awk tables >syntax/mailchuterc.vim

BEGIN {
	FS = "\t"
	print "\" vim's colours for mailchuterc: made from the program's tables."
	print "if exists('b:current_syntax')\n\tfinish\nendif"
	print "let s:save = &cpoptions\nset cpoptions&vim\n"
	print "syntax case match"
	print "\" What is no keyword is an error; what follows goes before it."
	print "syntax match mailchutercError \"^\\s*\\S\\+\""
	print "syntax match mailchutercComment \"^\\s*#.*$\" contains=@Spell"
	print "syntax match mailchutercBlock \"^\\s*" \
		"\\%(account\\|defaults\\)\\ze\\%(\\s\\|$\\)\""
	print "syntax region mailchutercString contained oneline " \
		"start=+\"+ end=+\"\\s*$+"
}
$1 == "keyword" {
	order[++count] = $2
}
$1 == "old" {
	order[++count] = $2
}
$1 == "choice" {
	words[$2] = words[$2] "\\|" $3
}

# In a file '_' and '-' are the same.
function pattern(keyword) {
	gsub(/_/, "[-_]", keyword)
	return "\"^\\s*" keyword "\\ze\\%(\\s\\|$\\)\""
}

END {
	for (i = 1; i <= count; i++)
		print "syntax match mailchutercKeyword " pattern(order[i]) \
			" nextgroup=mailchutercString" (words[order[i]] == "" \
			? "" : ",mailchuterc_" order[i]) " skipwhite"
	for (i = 1; i <= count; i++)
		if (words[order[i]] != "")
			print "syntax match mailchuterc_" order[i] \
				" contained \"\\%(" substr(words[order[i]], 3) \
				"\\)\\ze\\s*$\"\nhighlight default link " \
				"mailchuterc_" order[i] " Constant"
	print "\nhighlight default link mailchutercError Error"
	print "highlight default link mailchutercComment Comment"
	print "highlight default link mailchutercBlock Statement"
	print "highlight default link mailchutercKeyword Identifier"
	print "highlight default link mailchutercString String"
	print "\nlet b:current_syntax = 'mailchuterc'"
	print "let &cpoptions = s:save\nunlet s:save"
}
