# SPDX-License-Identifier: GPL-3.0-or-later
# Puts the schema of what is printed as JSON into the manual, in place of
# @DOCUMENTS@:
#	awk -f json.awk json.table mailchute-json.7.in
BEGIN { FS = "\t" }
function escape(text) {
	gsub(/\\/, "\\e", text)
	gsub(/"/, "\\(dq", text)
	return text ~ /^[.']/ ? "\\&" text : text
}
FILENAME ~ /\.table$/ && /^#/ { next }
FILENAME ~ /\.table$/ && /^= / {
	if (is_open)
		items = items ".El\n"
	items = items ".Ss " escape($2) "\n.Bl -column -compact " \
		"\"entries[].recipients[].address\" \"object|null?\"\n"
	is_open = 1
	next
}
FILENAME ~ /\.table$/ {
	items = items ".It Li " escape($1) " Ta " $2 " Ta " escape($3) "\n"
	next
}
/^@DOCUMENTS@$/ {
	printf "%s.El\n", items
	next
}
{ print }
