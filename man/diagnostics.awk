# SPDX-License-Identifier: GPL-3.0-or-later
# Puts the rows of base/diag.def into the manual, in place of @DIAGNOSTICS@:
#	awk -f diagnostics.awk diag.def mailchute.1.in

# The next string constant of `rest`, its neighbours joined; cuts it off.
function cut_string(   text, at) {
	text = ""
	at = index(rest, "\"")
	if (!at)
		return text
	do {
		rest = substr(rest, at + 1)
		match(rest, /^([^"\\]|\\.)*/)
		text = text substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 2)
		sub(/^[ \t\n]+/, "", rest)
		at = 1
	} while (substr(rest, 1, 1) == "\"")
	return text
}

# A line of text, with nothing that roff takes for a request.
function escape(text) {
	gsub(/\\"/, "\"", text)
	gsub(/\\/, "\\e", text)
	gsub(/%[0-9]\$s|%s/, "...", text)
	gsub(/"/, "\\(dq", text)
	return text ~ /^[.']/ ? "\\&" text : text
}

function sentence(text) {
	text = toupper(substr(text, 1, 1)) substr(text, 2)
	return text ~ /[?.]$|%s$/ ? text : text "."
}

function put_row(   name, text, hint, has_hint) {
	name = cut_string()
	cut_string() # the status
	text = cut_string()
	has_hint = rest ~ /"/
	hint = has_hint ? cut_string() : ""
	if (name != last)
		items = items ".It Sy " name "\n"
	else
		items = items ".Pp\n"
	items = items escape(sentence(text)) "\n"
	if (hint != "")
		items = items escape(sentence(hint)) "\n"
	last = name
}

NR == FNR && /^DIAG\(/ {
	row = ""
	is_row = 1
}
NR == FNR && is_row {
	row = row $0 "\n"
	if ($0 ~ /\)$/) {
		rest = row
		put_row()
		is_row = 0
	}
}
NR == FNR {
	next
}
/^@DIAGNOSTICS@$/ {
	printf "%s", items
	next
}
{
	print
}
