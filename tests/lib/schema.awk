# SPDX-License-Identifier: GPL-3.0-or-later
# Holds paths and types (tests/blackbox/json_paths) to a document of the schema:
#	awk -v document=NAME -f schema.awk man/json.table PATHS
# Prints what does not agree.
BEGIN { FS = "\t" }
FNR == NR && /^#/ { next }
FNR == NR && /^= / {
	name = $1
	sub(/^= /, "", name)
	is_known = is_known || name == document
	next
}
FNR == NR && name == "failure" {
	member[++members] = $1
	kind[members] = $2
	next
}
FNR == NR && name == document && $2 == "failure" {
	failures[++places] = $1 == "." ? "" : $1 "."
	for (i = 1; i <= members; i++)
		type[failures[places] member[i]] = kind[i]
	next
}
FNR == NR && name == document {
	optional = $2 ~ /\?$/
	sub(/\?$/, "", $2)
	type[$1] = $2
	if (!optional && $1 != ".")
		needed[$1] = 1
	next
}
FNR == NR { next }
{
	seen[$1] = 1
	row = row_of($1)
	if (row == "")
		print document ": not in the schema: " $1 " (" $2 ")"
	else if (("|" type[row] "|") !~ ("\\|" $2 "\\|"))
		print document ": " $1 " is " $2 ", not " type[row]
}
END {
	if (!is_known)
		print "no document " document
	for (path in needed)
		if (!(path in seen))
			print document ": without " path
	for (i = 1; i <= places; i++) {
		there = 0
		for (j = 1; j <= members; j++)
			there += (failures[i] member[j]) in seen
		if (there && there < members && !(failures[i] == "" && \
			!("diag" in seen)))
			print document ": half a failure at " failures[i]
	}
}
# The schema's row for PATH: its own, or one with a * for the first or the last
# name.
function row_of(path,    rest, last) {
	if (path in type)
		return path
	rest = path
	if (sub(/^[^.]*\./, "*.", rest) && rest in type)
		return rest
	last = path
	sub(/[^.]*$/, "*", last)
	return last in type ? last : ""
}
