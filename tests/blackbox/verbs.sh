#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Verbs, as whoever types them sees them: the help of each, whatever way it is
# asked for, and a first word that is none, which is never mailed to.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/mailchute-verbs.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
mkdir home
# Whatever were mailed would lie in out.
cat >rc <<END
defaults
capture $work/out
syslog off
queue off
account default
host mail.example
from ann@example.org
maildomain example.org
END
mkdir out
chmod 600 rc

# run CODE ARGUMENT...
run() {
	run_want=$1
	shift
	run_status=0
	printf 'Subject: hello\n\nhello\n' |
		env -i HOME="$work/home" "$MAILCHUTE" "$@" >said 2>err ||
		run_status=$?
	check "exit code of '$*'" "$run_want" "$run_status"
}

tables=$TOP_BUILDDIR/contrib/tables
verbs=$(awk -F '\t' '$1 == "verb" { print $2 }' "$tables")
begin 'the list of verbs'
run 0 help
check_empty stderr err
mv said list
# Each of the commands that it begins with is one.
check '"five commands"' 5 "$(sed '/^$/,$d' list | grep -c '^  mailchute [a-z]')"
sed '/^$/,$d' list | while read -r _ verb _; do
	echo "$verbs" | grep -qx "$verb" || echo "$verb"
done >wrong
check_empty 'commands that are no verbs' wrong
for verb in $verbs sendmail; do
	check_match "$verb" "^  $verb +[^ ]" list
done
run 0 --help
check_same --help list said
run 0 -h
check_same -h list said
finish

for verb in $verbs; do
	begin "the help of $verb"
	run 0 help "$verb"
	mv said "$verb"
	check_empty stderr err
	check_match usage "^Usage: mailchute .* $verb( |\$)" "$verb"
	awk -F '\t' -v verb="$verb" '$1 == "option" && $2 == verb { print $3 }' \
		"$tables" >options
	[ "$(wc -l <options)" -ge 2 ] || complain 'too few options'
	while read -r option; do
		check_match "$option" "^ +([^ ]+, )?$option( |,|\$)" "$verb"
	done <options
	for question in -h --help '-a none --help' '--help --bogus'; do
		# shellcheck disable=SC2086  # words
		run 0 "$verb" $question
		check_same "$question" "$verb" said
	done
	run 64 "$verb" --bogus-option
	check_match 'an unknown option' \
		"unknown option --bogus-option of 'mailchute $verb'" err
	check_match 'where its options are' "'mailchute help $verb' lists" err
	finish
done

begin 'the help of what is no verb'
run 64 help sedn
check_match stderr "did you mean 'send'" err
check_empty stdout said
finish

begin "what other programs' words are here"
awk -F '\t' '
	FNR == NR && $1 == "verb" { known["", $2] = 1 }
	FNR == NR && $1 == "word" { known[$2, $3] = 1 }
	FNR == NR && $1 == "option" { known[$2, $3] = 1 }
	FNR == NR || !/^HABIT\(/ { next }
	{
		split($0, part, "\"")
		verb = part[2]
		rows++
		if (is_known(verb, part[4]))
			print "known itself: " verb " " part[4]
		if (!(part[6] ~ /ADDRESS < FILE/) && !is_all_known(verb, part[6]))
			print "not known: " verb " " part[6]
	}
	function is_known(verb, word) {
		return (verb, word) in known || ("common", word) in known ||
			verb == "" && ("mailchute", word) in known
	}
	function is_all_known(verb, ours,   word, count) {
		if (sub(/^.mailchute /, "", ours))
			verb = ""
		gsub(/=.*|\047/, "", ours)
		count = split(ours, word, " ")
		return is_known(verb, word[1]) &&
			(count == 1 || is_known(word[1], word[2]))
	}
	END { if (rows < 100) print rows " rows" }
' "$tables" "$TOP_SRCDIR/src/config/habit.def" >wrong
check_empty 'wrong rows' wrong
finish

# not_mailed WANT WORD...: told, and nothing sent.
not_mailed() {
	begin "not mailed to: $*"
	not_mailed_want=$1
	shift
	run 64 -C rc "$@"
	check_match stderr "$not_mailed_want" err
	check 'mailed' '' "$(ls out)"
	finish
}
not_mailed "'sned' is neither .* mean 'send'" sned bob@example.test hello
not_mailed "'quueue' is neither .* mean 'queue'" quueue
not_mailed "'Queue' is neither .* mean 'queue'" Queue
not_mailed "'sevre' is neither .* mean 'serve'" --host=mail.example sevre
not_mailed "'--qeue' is neither|unknown option --qeue" --qeue
not_mailed "'halp' is neither .* mean 'help'" halp queue
not_mailed "'frobnicate' is neither a verb nor an address" frobnicate

begin 'an account where a file is attached'
run 66 send -a work bob@example.test hello
check_match stderr "'--account work' chooses an account" err
finish

begin 'a local name is mailed to behind --'
run 0 -C rc -- sned
check 'mailed' 1 "$(find out -type f | wc -l | tr -d ' ')"
check_match 'to whom' 'sned@example.org' "$(find out -type f)"
finish
summary
