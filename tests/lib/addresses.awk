# SPDX-License-Identifier: GPL-3.0-or-later
# Takes the table tests/addresses apart, for the suites that run it: for each
# row, rows/NNN.input (without a line end), .want, .faults, .postfix, .msmtp; a
# file .argv where it may be a word of a command line, .head where it is a whole
# header.

function decoded(text,    out, at, escape) {
	out = ""
	while ((at = index(text, "\\")) > 0) {
		out = out substr(text, 1, at - 1)
		escape = substr(text, at + 1, 1)
		text = substr(text, at + 2)
		if (escape == "n")
			out = out "\n"
		else if (escape == "t")
			out = out "\t"
		else if (escape == "\\")
			out = out "\\"
		else if (escape ~ /[0-3]/) {
			out = out sprintf("%c", substr(text, 1, 1) * 8 + \
				substr(text, 2, 1) + escape * 64)
			text = substr(text, 3)
		}
	}
	return out text
}

function put(name, text) {
	printf "%s", text >("rows/" row "." name)
	close("rows/" row "." name)
}

BEGIN {
	FS = "\t+"
	system("mkdir -p rows")
}
/^#/ || /^$/ { next }
{
	row = sprintf("n%03d", ++count)
	for (i = 1; i <= NF; i++)
		gsub(/%/, row, $i)
	is_head = sub(/^\^/, "", $1)
	put("input", decoded($1))
	put("want", $2)
	put("faults", NF < 3 || $3 == "-" ? "" : decoded($3))
	put("postfix", NF < 4 || $4 == "=" ? $2 : $4)
	put("msmtp", NF < 5 || $5 == "=" ? $2 : $5)
	if (is_head)
		put("head", "")
	else if ($1 !~ /\\n/)
		put("argv", "")
}
