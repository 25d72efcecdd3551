# SPDX-License-Identifier: GPL-3.0-or-later
# Puts the rows of deliver/known.def into the manual, in place of @HINTS@, and
# those of deliver/arrived.def in place of @ARRIVED@:
#	awk -f hints.awk known.def arrived.def mailchute-hints.7.in

# What stands between the first N_(" and the last ") of a line.
function text_of(line) {
	sub(/^[^"]*"/, "", line)
	sub(/"\)?[^"]*$/, "", line)
	return line
}

# A line of text, with nothing that roff takes for a request.
function escape(text) {
	gsub(/\\"/, "\"", text)
	gsub(/\\/, "\\e", text)
	gsub(/"/, "\\(dq", text)
	gsub(/…/, "...", text)
	while (match(text, /[a-z)"][.?] [A-Z]/)) # a sentence, a line
		text = substr(text, 1, RSTART + 1) "\n" \
			substr(text, RSTART + 3)
	return text ~ /^[.']/ ? "\\&" text : text
}

function sentence(text) {
	text = toupper(substr(text, 1, 1)) substr(text, 2)
	return escape(text ~ /[?.]$/ ? text : text ".")
}

FILENAME ~ /\.def$/ && /^\/\* ==== / {
	title = $0
	gsub(/^[^A-Za-z]*|[ =*\/]*$/, "", title)
	if (is_open)
		items = items ".El\n"
	title = toupper(substr(title, 1, 1)) substr(title, 2)
	items = items ".Ss " escape(title) "\n.Bl -tag -width indent\n"
	is_open = 1
}
FILENAME ~ /\.def$/ && /^(KNOWN|ARRIVED)\(/ {
	split($0, part, "\"")
	name = part[2]
	row = 0
	is_arrived = /^A/
}
FILENAME ~ /\.def$/ && /^\tN_\(/ {
	row++
	if (row == 1)
		cause = text_of($0)
	else
		hint = text_of($0)
}
FILENAME ~ /\.def$/ && row == 2 && /^\t"/ {
	sample = $0
	sub(/^\t"[^"]*", "/, "", sample)
	sub(/"\)$/, "", sample)
	items = items ".It Sy " name "\n" sentence(cause) "\n" sentence(hint) \
		"\n.Pp\nAs in: " escape(sample) "\n"
	row = 0
}
FILENAME ~ /\.def$/ && is_arrived && row == 2 {
	arrived = arrived ".It Sy " name "\n" sentence(cause) "\n" \
		sentence(hint) "\n"
	row = 0
}
FILENAME ~ /\.def$/ {
	next
}
/^@ARRIVED@$/ {
	printf "%s", arrived
	next
}
/^@HINTS@$/ {
	printf "%s.El\n", items
	next
}
{
	print
}
