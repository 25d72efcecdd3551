# SPDX-License-Identifier: GPL-3.0-or-later
# C without what the compiler does not read: comments go, strings and
# characters are emptied.  Prints "file:line:text".  #include lines stay.

FNR == 1 {
	in_comment = 0
}

!in_comment && /^[ \t]*#[ \t]*include/ {
	print FILENAME ":" FNR ":" $0
	next
}

{
	out = ""
	rest = $0
	while (rest != "") {
		if (in_comment) {
			at = index(rest, "*/")
			if (!at)
				break
			rest = substr(rest, at + 2)
			in_comment = 0
			continue
		}
		if (!match(rest, /\/\*|\/\/|"|'/)) {
			out = out rest
			break
		}
		mark = substr(rest, RSTART, RLENGTH)
		out = out substr(rest, 1, RSTART - 1)
		rest = substr(rest, RSTART + RLENGTH)
		if (mark == "//")
			break
		if (mark == "/*") {
			out = out " "
			in_comment = 1
			continue
		}
		while (rest != "") {
			c = substr(rest, 1, 1)
			rest = substr(rest, c == "\\" ? 3 : 2)
			if (c == mark)
				break
		}
		out = out mark mark
	}
	print FILENAME ":" FNR ":" out
}
