# SPDX-License-Identifier: GPL-3.0-or-later
# The keywords of the Emacs mode, from the rows of tables.awk, in place of the
# line ";; @KEYWORDS@" of the mode:
#	awk -f mode.awk tables mailchuterc-mode.el.in >mailchuterc-mode.el

BEGIN {
	FS = "\t"
}
NR == FNR && ($1 == "keyword" || $1 == "old") {
	order[++count] = $2
}
NR == FNR && $1 == "choice" {
	words[$2] = words[$2] " \"" $3 "\""
}
NR == FNR {
	next
}
/^;; @KEYWORDS@$/ {
	print "(defconst mailchuterc-keywords\n  '("
	for (i = 1; i <= count; i++)
		print "    (\"" order[i] "\"" words[order[i]] ")"
	print "    )"
	print "  \"Each keyword, with the words that it takes if they are known.\")"
	next
}
{
	print
}
