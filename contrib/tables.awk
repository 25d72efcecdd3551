# SPDX-License-Identifier: GPL-3.0-or-later
# Reads the program's tables and prints what completions and editors need of
# them, one row a line, columns between tabs; runs no compiler, so that it may
# run anywhere:
#	awk -f tables.awk option.h options.def sendmail.def cmd.def VERB.def...
#
#	verb     NAME TEXT
#	keyword  NAME KIND TEXT             a setting
#	choice   NAME WORD                  a word that it takes
#	old      NAME                       another spelling
#	option   SCOPE SPELLING FORM WHAT TEXT
#	word     VERB NAME TEXT             the first word behind a verb
#
# SCOPE: common (before a verb and behind it), mailchute (before addresses),
# sendmail (behind the fence), or a verb.  FORM: none, value (the next word, or
# attached), optional (attached, or missing).  WHAT a value is: @file, @account,
# words, or nothing that could be known.

FNR == 1 {
	path[++file] = FILENAME
}
{
	line = $0
	while (sub(/\\$/, "", line) && (getline more) > 0)
		line = line more
	if (line ~ /^#define OPTION_CHOICES_/)
		read_choices(line)
	else if (line !~ /^#/)
		text[file] = text[file] line "\n"
}
END {
	for (i = 1; i <= file; i++)
		read_table(path[i], without_comments(text[i]))
}

# "#define OPTION_CHOICES_SET_FROM(X) X(SET_FROM_AUTO, "auto") ...": the first
# text of each, which may have more columns.
function read_choices(line,   name, word, words) {
	name = substr(line, length("#define OPTION_CHOICES_") + 1)
	sub(/\(.*/, "", name)
	words = ""
	while (match(line, /X\([A-Z0-9_]*, *"[^"]*"/)) {
		word = substr(line, RSTART, RLENGTH - 1)
		sub(/.*"/, "", word)
		words = words " " word
		line = substr(line, RSTART + RLENGTH)
	}
	choices[tolower(name)] = substr(words, 2)
}

function without_comments(rest,   out, at) {
	out = ""
	while ((at = index(rest, "/*"))) {
		out = out substr(rest, 1, at - 1)
		rest = substr(rest, at + 2)
		rest = substr(rest, index(rest, "*/") + 2)
	}
	return out rest
}

# A verb's table is named after it.
function read_table(path, rest) {
	verb = path
	sub(/.*\//, "", verb)
	sub(/\.def$/, "", verb)
	read_rows(rest)
}

function read_rows(rest,   name) {
	while (match(rest, /(^|\n)[A-Z][A-Z_]*\(/)) {
		name = substr(rest, RSTART, RLENGTH - 1)
		sub(/^\n/, "", name)
		rest = read_arguments(substr(rest, RSTART + RLENGTH))
		put_row(name)
	}
}

# Sets arg[1..count] from "a, B(c), \"d\")..."; what follows is returned.
function read_arguments(rest,   depth, piece) {
	count = 1
	arg[1] = ""
	depth = 0
	while (match(rest, /^([^"'(),]+|"([^"\\]|\\.)*"|'[^']*'|[(),])/)) {
		piece = substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 1)
		if (piece == ")" && !depth--)
			break
		depth += piece == "("
		if (piece == "," && !depth)
			arg[++count] = ""
		else
			arg[count] = arg[count] piece
	}
	for (piece = 1; piece <= count; piece++)
		gsub(/^[ \t\n]+|[ \t\n]+$/, "", arg[piece])
	return rest
}

# The string constant of an argument: N_("one " "two").
function string(rest,   out, piece) {
	out = ""
	while (match(rest, /"([^"\\]|\\.)*"/)) {
		piece = substr(rest, RSTART + 1, RLENGTH - 2)
		gsub(/\\"/, "\"", piece)
		out = out piece
		rest = substr(rest, RSTART + RLENGTH)
	}
	gsub(/\t/, " ", out)
	return out
}

function put_option(scope, spelling, form, what, text) {
	printf "option\t%s\t%s\t%s\t%s\t%s\n", scope, spelling, form, what, text
}

function put_row(name) {
	if (name == "VERB")
		put_verb(arg[1], string(arg[2]))
	else if (name == "OPTION")
		put_keyword(arg[1], arg[2], arg[5], arg[6], string(arg[7]))
	else if (name == "OPTION_ALIAS" || name == "OPTION_COMPAT")
		print "old\t" arg[1]
	else if (name == "LETTER")
		put_letter(substr(arg[1], 2, 1))
	else if (name == "MODE" && arg[1] ~ /^'/)
		put_mode(substr(arg[1], 2, 1))
	else if (name == "LONG")
		put_long(string(arg[1]))
	else if (name == "VERB_WORD")
		printf "word\t%s\t%s\t%s\n", verb, string(arg[2]),
			string(arg[4])
	else if (name == "VERB_NUMBER")
		put_verb_option(arg[2], string(arg[3]), "value", "",
			string(arg[7]))
	else if (name == "VERB_OPTION")
		put_verb_option(arg[3], string(arg[4]),
			arg[2] == "FLAG" ? "none" : "value",
			string(arg[5]) ~ /^(FILE|FOLDER|PATH)/ ? "@file" : "",
			string(arg[6]))
}

# Every verb has -h and --help, and is a word behind "help".
function put_verb(name, text) {
	printf "verb\t%s\t%s\n", name, text
	printf "word\thelp\t%s\t%s\n", name, text
	put_option(name, "-h", "none", "", "print its help")
	put_option(name, "--help", "none", "", "print its help")
}

function words_of(kind, domain) {
	if (kind == "CHOICE" && match(domain, /\([a-z_]*_words\)/))
		return choices[substr(domain, RSTART + 1, RLENGTH - 8)]
	if (kind == "BOOL")
		return "on off"
	if (kind == "NOTIFY")
		return "off never failure delay success"
	return kind == "SECONDS" ? "off" : ""
}

function put_keyword(name, kind, domain, flags, text,   words, n, i, word) {
	words = words_of(kind, domain)
	printf "keyword\t%s\t%s\t%s\n", name, kind, text
	n = split(words, word, " ")
	for (i = 1; i <= n; i++)
		printf "choice\t%s\t%s\n", name, word[i]
	# --from is the sender's option, not the keyword.
	if (name == "from" || flags ~ /NOT_ON_COMMAND_LINE/)
		return
	gsub(/_/, "-", name)
	put_option("common", "--" name,
		flags ~ /OPTION_ALONE/ ? "optional" : "value",
		kind == "PATH" ? "@file" : words, text)
}

# What follows an action's option, where that is known.
function what_of(action) {
	if (action == "config_file" || action == "log_file")
		return "@file"
	if (action == "account")
		return "@account"
	if (action == "dsn_notify")
		return "never success failure delay"
	if (action == "dsn_return")
		return "hdrs full"
	return action == "error_mode" ? "p m w q e" : ""
}

function is_common(action) {
	return action ~ /^(account|config_file|debug|debug_level|help|version)$/
}

function put_by_manner(spelling, form, action, manners, text) {
	if (action ~ /^(REFUSE|ignore)$/)
		return
	form = form == "VALUE" || form == "ATTACHED" ? "value" : tolower(form)
	if (manners ~ /ALL|OWN|MAILCHUTE/)
		put_option(is_common(action) ? "common" : "mailchute",
			spelling, form, what_of(action), text)
	if (manners ~ /ALL|SENDMAIL/)
		put_option("sendmail", spelling, form, what_of(action), text)
}

# Modes and -o have rows of their own, or too many.
function put_letter(letter) {
	if (arg[3] != "mode" && arg[3] != "option" && arg[3] != "long_option")
		put_by_manner("-" letter, arg[2], arg[3], arg[4],
			string(arg[5]))
}

function put_mode(letter) {
	put_by_manner("-b" letter, "NONE", arg[2], "ALL", string(arg[3]))
}

function put_long(name) {
	put_by_manner("--" name, arg[2], arg[3], arg[4], string(arg[5]))
}

function put_verb_option(letter, name, form, what, text) {
	if (letter ~ /^'/)
		put_option(verb, "-" substr(letter, 2, 1), form, what, text)
	put_option(verb, "--" name, form, what, text)
}
