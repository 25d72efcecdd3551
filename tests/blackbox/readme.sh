#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The README: each command that it shows is run as it stands there, its profile
# is read, its table of providers is the program's, its files are in the tree,
# and what it says of git is what mailchute(1) says.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --user 'me@example.org:open sesame'
readme=$TOP_SRCDIR/README

# shown: the commands of the README, one a line; a backslash joins two.
shown() {
	sed -e :a -e '/\\$/N; s/ *\\\n */ /; ta' "$readme" |
		sed -n 's/^    \(\(mailchute\|echo\|git\|df\) .*\)/\1/p' |
		sed 's/   .*//'
}

# section NAME: its text.
section() {
	awk -v name="$1" '
		/^---+$/ { on = last == name }
		on && !/^---+$/ { if (held) print last_line; held = 1 }
		{ last = $0; last_line = $0 }' "$readme"
}

mkdir bin home
for name in mailchute sendmail; do
	ln -s "$MAILCHUTE" "bin/$name"
done
cp client/home/.mailchuterc home/profile
{
	cat <<-END
		account default
		host localhost
		port $starttls_port
		from me@example.org
		user me@example.org
		password open sesame
		tls_trust_file $sink/certs/ca.pem
		timeout 5
		syslog off
		logfile $sink/home/log
		queue off
	END
} >home/.mailchuterc
chmod 600 home/.mailchuterc
cd home || exit
message_plain >message.eml
echo line >log.txt

# run COMMAND: a line of a shell.
run_line() {
	env -i PATH="$sink/bin:$PATH" HOME="$sink/home" LC_ALL=C \
		GIT_CONFIG_NOSYSTEM=1 ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
		sh -c "$1" </dev/null >"$sink/out" 2>"$sink/err"
}

shown >"$sink/commands"
begin 'commands are found'
[ "$(grep -c . "$sink/commands")" -ge 14 ] ||
	complain "$(cat "$sink/commands")"
finish

# Each has its place here: what it ends with, and what it does.
while read -r line; do
	begin "$line"
	want=0 mails=0
	rm -f "$sink"/mail/*
	case $line in
	'mailchute setup me@example.org')
		# There is no DNS here; the profile is there, and the password
		# is asked for: setup.sh has what happens then.
		want=any
		;;
	'mailchute test me@example.org') mails=1 want=any ;;
	"echo 'Hello' | mailchute friend@example.net") mails=1 ;;
	'mailchute -t < message.eml') mails=1 ;;
	'mailchute send '*) mails=1 ;;
	'mailchute queue' | 'mailchute queue list') ;;
	'mailchute queue run' | 'mailchute log' | 'mailchute log '*) ;;
	'mailchute doctor') want=any ;;
	'mailchute login') want=78 ;; # the profile has no client id
	'mailchute config --check') ;;
	"mailchute explain '550 5.7.26 ...'") ;;
	'git config --global sendemail.sendmailCmd mailchute')
		command -v git >/dev/null || want=any
		;;
	*) complain 'the test does not know what this command does' ;;
	esac
	got=0
	run_line "$line" || got=$?
	[ $want = any ] || check 'exit code' $want $got
	[ $got -lt 120 ] || complain "it ended with $got"
	check_no_match 'unknown words' 'nknown|did you mean' "$sink/err"
	cd "$sink" && arrived $mails && cd home || exit
	finish
done <"$sink/commands"

# Those that change a machine, each with the suite that does it.
others() {
	sed -e :a -e '/\\$/N; s/ *\\\n */ /; ta' "$readme" | sed -n \
		's/^    \(\(sh\|make\|docker\|systemctl\|install\|autoreconf\|apt-get\|sudo\) .*\)/\1/p'
}

# does SUITE WORDS: or it is not in a release.
does() {
	case $1 in
	.ci/*) [ -e "$TOP_SRCDIR/$1" ] || return ;;
	esac
	grep -q -e "$2" "$TOP_SRCDIR/$1" || complain "$1 does not do that: $2"
}

begin 'other commands: a suite does each'
others >"$sink/commands"
while read -r line; do
	case $line in
	'sh contrib/quickstart '*)
		word=${line#sh contrib/quickstart }
		does .ci/run "quickstart\"\{0,1\} ${word%% *}"
		;;
	'make install-sendmail'*)
		does tests/callers/readme_cases.sh 'make install-sendmail'
		;;
	'docker run '*) does tests/callers/readme_cases.sh 'docker run' ;;
	'systemctl enable --now mailchute.socket mailchute.service')
		does tests/systemd/cases.sh "${line% --now*} ${line##*now }"
		;;
	'install -m 755 contrib/network/mailchute '*)
		does tests/packaging/network.sh 'NetworkManager/dispatcher.d'
		;;
	'autoreconf -fi && ./configure && make && make check')
		does .ci/run 'quickstart check'
		;;
	'make install') does tests/callers/readme_cases.sh ' install >' ;;
	'apt-get install '*)
		for word in ${line#apt-get install }; do
			# Any flavour of that one.
			does contrib/quickstart "${word%%-gnutls-dev}"
		done
		;;
	*) complain "no suite does: $line" ;;
	esac
done <"$sink/commands"
[ "$(grep -c . "$sink/commands")" -ge 9 ] || complain "$(cat "$sink/commands")"
finish

begin 'development and staging: both lines'
section 'By role' | sed -n 's/^    \(capture\|redirect_to\) \(.*[^ ]\)   .*/\1 \2/p' >lines
check lines 2 "$(grep -c . lines)"
while read -r line; do
	rm -f "$sink"/mail/*
	{
		cat .mailchuterc
		echo "$line"
	} >staging
	chmod 600 staging
	run_line 'mailchute -C staging -t <message.eml' ||
		complain "$? $(cat "$sink/err")"
	case $line in
	capture*)
		check 'messages in ~/caught' 1 \
			"$(find caught -name '*.eml' | wc -l | tr -d ' ')"
		(cd "$sink" && [ "$(how_many)" = 0 ]) || complain 'it was sent'
		;;
	redirect*)
		check_match 'to whom' '^to qa@example.org' \
			"$(ls "$sink"/mail/*.envelope)"
		;;
	esac
done <lines
finish

begin 'what the test shows: its last lines'
run_line 'mailchute test me@example.org'
check_match login '^ok    auth.login        the login works \(' "$sink/out"
check_match mail '^ok    test.mail         the server took it: 250 ' "$sink/out"
finish

begin 'git has what the manual says'
line=$(sed -n 's/^\.Dl \(git config .*\)/\1/p' "$TOP_SRCDIR/man/mailchute.1.in")
check command "$line" "$(sed -n 's/^    \(git config .*\)/\1/p' "$readme")"
finish

begin 'the profile'
section 'A profile' | sed -n '/^    account default/,/^$/s/^    //p' >rc
printf 'open sesame\n' >.mail-password
chmod 600 rc .mail-password
run_line 'mailchute -C rc config --check' ||
	complain "$? $(cat "$sink/out" "$sink/err")"
check lines 5 "$(grep -c . rc)"
finish

begin 'the table of providers, and where each password is made'
section 'A profile' | sed -n 's/^    \([a-z0-9]*\)  *\(https:.*\)/\1 \2/p' >table
check rows 10 "$(grep -c . table)"
while read -r name page; do
	known=$(sed -n "/^PROVIDER(\"$name\"/,/\\.checked/s/.*\\.password_page = \"\\([^\"]*\\)\".*/\\1/p" \
		"$TOP_SRCDIR/src/config/providers.def")
	check "the page of $name" "$known" "$page"
done <table
finish

begin "PHP's line"
line=$(sed -n 's/^    sendmail_path = "\(.*\)"$/\1/p' "$readme")
command=$(printf '%s\n' "$line" | sed \
	-e "s,^/usr/local/bin/mailchute,mailchute," -e 's,/etc/shop.conf,shop.conf,')
cp .mailchuterc shop.conf
rm -f "$sink"/mail/*
run_line "$command <message.eml" || complain "$? $(cat "$sink/err")"
(cd "$sink" && [ "$(how_many)" = 1 ]) || complain 'nothing arrived'
check_match fence ' sendmail -t -i$' /dev/stdin <<-END
	$line
END
finish

begin "a container's variables"
docker=$(sed -e :a -e '/\\$/N; s/ *\\\n */ /; ta' "$readme" |
	sed -n 's/^    docker run \(.*\) \.\.\.$/\1/p')
printf 'open sesame\n' >secret
words=$(printf '%s\n' "$docker" | sed -e 's/-e //g' \
	-e 's,smtp.example.org,localhost,' -e "s,/run/secrets/smtp,$PWD/secret,")
rm -f "$sink"/mail/*
mkdir -p none
run_line "HOME=$PWD/none $words SMTP_PORT=$starttls_port MAILCHUTE_SYSLOG=off \
	MAILCHUTE_TLS_TRUST_FILE=$sink/certs/ca.pem \
	mailchute friend@example.net <message.eml" ||
	complain "$? $(cat "$sink/err")"
(cd "$sink" && [ "$(how_many)" = 1 ]) || complain 'nothing arrived'
finish

begin 'the files that it names are in the tree'
for file in $(grep -oE '\b(contrib|tests|src|po)/[A-Za-z./_-]*[A-Za-z]|\.ci/[a-z]+' \
	"$readme" | sort -u); do
	case $file in
	src/mailchute) continue ;; # it is built
	.ci/*) [ -d "$TOP_SRCDIR/.git" ] || continue ;; # not in a release
	esac
	[ -e "$TOP_SRCDIR/$file" ] || complain "$file is not there"
done
for page in $(grep -oE '\bmailchute(rc|-[a-z]+)?\([1-8]\)' "$readme" | sort -u); do
	name=$(printf '%s' "$page" | tr '()' '. ' | tr -d ' ')
	[ -e "$TOP_SRCDIR/man/$name" ] || [ -e "$TOP_SRCDIR/man/$name.in" ] ||
		complain "there is no page $page"
done
finish

begin 'owners and modes are those of the manual'
for file in /etc/mailchute/relay.conf /etc/mailchute/relay-password; do
	mode=$(sed -n "s,^    $file  *\\([a-z]*:[a-z]*\\)  *\\([0-9]*\\).*,\\1 \\2,p" "$readme")
	manual=$(sed -n "s,^\\.It Pa $file Ta \\([a-z:]*\\) Ta \\([0-9]*\\).*,\\1 \\2,p" \
		"$TOP_SRCDIR/man/mailchuterc.5")
	check "$file" "$manual" "$mode"
	[ -n "$mode" ] || complain "$file has no mode"
done
finish
cd "$sink" || exit
sink_stop
summary
