#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages: each command of an example is taken out of its page and run,
# or the suite that does it is named; each profile is one without a fault.
# mailchute-migrate(7) has a suite of its own.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --user 'me@example.org:open sesame'

# examples PAGE: a line each, "command TEXT" or "profile TEXT" with its line ends
# as \001; what a backslash or a pipe goes on with is one command.
examples() {
	awk '
	function plain(text) {
		gsub(/\\\(dq/, "\"", text)
		gsub(/\\\(aq/, "\047", text)
		gsub(/\\&/, "", text)
		gsub(/\\e/, "\\", text)
		return text
	}
	function tell(text) {
		sub(/^[ \t]+/, "", text)
		if (text ~ /(\\|\|)$/) {
			sub(/\\$/, "", text)
			begun = begun text " "
			return
		}
		print "command " begun text
		begun = ""
	}
	/^\.Dl / { tell(plain(substr($0, 5))) }
	/^\.Bd -literal/ { inside = 1; count = 0; next }
	/^\.Ed/ {
		if (!inside)
			next
		inside = 0
		if (line[1] ~ /^(account|defaults|host|aliases|provider)( |$)/) {
			whole = ""
			for (i = 1; i <= count; i++)
				whole = whole line[i] "\001"
			print "profile " whole
		} else
			for (i = 1; i <= count; i++)
				tell(line[i])
		next
	}
	inside { line[++count] = plain($0) }' "$1"
}

mkdir bin home
for name in mailchute sendmail; do
	ln -s "$MAILCHUTE" "bin/$name"
done
printf '#!/bin/sh\necho open sesame\n' >bin/asks
chmod 755 bin/asks
cd home || exit
# A server of ours for every account that an example names.
for account in default work web backup; do
	cat <<-END
		account $account
		host localhost
		port $starttls_port
		from me@example.org
		user me@example.org
		password open sesame
		tls_trust_file $sink/certs/ca.pem
		timeout 5
		syslog off
		logfile $sink/home/log
		queue auto
		queue_dir $sink/home/queue
		queue_runner external
		aliases $sink/home/aliases
		suppress $sink/home/suppressed
		unsubscribe_key $sink/home/key
	END
done >.mailchuterc
printf 'team: ann@example.org, bob@example.org\n' >aliases
printf 'open sesame\n' >password
printf 'To: ann@example.org\nSubject: hello\n\nhello\n' >message
printf 'email,name,token\nann@example.org,Ann,1\nbob@example.org,Bob,2\n' \
	>members.csv
cp members.csv people.csv
for file in log.txt letter.txt news.txt; do
	printf 'text\n' >$file
done
printf '<p>News <img src="logo.png"></p>\n' >news.html
printf '\211PNG\r\n\032\n' >logo.png
printf 'carol@example.org\n' >unsubscribed.txt
mkdir -p Maildir/new Maildir/cur Maildir/tmp
cp "$TOP_SRCDIR/tests/bounces/dsn-postfix-unknown.eml" Maildir/new/1
chmod 600 .mailchuterc password

# run_line COMMAND
run_line() {
	env -i PATH="$sink/bin:$PATH" HOME="$sink/home" LC_ALL=C \
		GIT_CONFIG_NOSYSTEM=1 ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
		sh -c "$1" </dev/null >"$sink/out" 2>"$sink/err"
}

# elsewhere SUITE PATTERN: which does it.
elsewhere() {
	want=elsewhere
	grep -q -e "$2" "$TOP_SRCDIR/tests/$1" ||
		complain "tests/$1 does not do that: $2"
}

# command TEXT
command_of() {
	begin "${page##*/}: $1"
	want=0 mails=0 line=$1
	rm -f "$sink"/mail/* suppressed
	case $line in
	'mailchute setup '*' <password' | 'mailchute setup me@example.org' | \
		'mailchute setup --provider='*)
		elsewhere blackbox/setup.sh "provider 'ses eu-central-1'"
		;;
	'sudo mailchute setup --system '*)
		elsewhere servers/setup_cases.sh '--system me@gmail.com'
		;;
	'mailchute -C /etc/mailchute/relay.conf login')
		elsewhere blackbox/login.sh '-C "$client/profile" login'
		;;
	'systemctl --user enable --now mailchute-queue.timer')
		elsewhere systemd/cases.sh 'mailchute-queue'
		;;
	'systemctl '*) elsewhere systemd/cases.sh 'systemctl' ;;
	'./configure --prefix=/usr '*) elsewhere systemd/run 'prefix=/usr' ;;
	'make install && systemd-sysusers'*)
		elsewhere systemd/cases.sh 'systemd-sysusers'
		;;
	'chgrp mailchute '* | 'chmod 640 '*)
		line="sh -n -c '$line'" # of another user's files
		;;
	'secret-tool store '*) elsewhere blackbox/password.sh secret-tool ;;
	'pass insert '*) elsewhere blackbox/setup.sh 'insert --multiline' ;;
	*'git credential fill | git credential approve')
		line="git config --global credential.helper store &&
			export GIT_ASKPASS=$sink/bin/asks && $line &&
			grep 'smtp://USER:open%20sesame@HOST' .git-credentials"
		command -v git >/dev/null || want=any
		;;
	smtp*://* | PROVIDER+smtp://*) elsewhere blackbox/nofile.sh 'smtps\{0,1\}://' ;;
	'create role '*) elsewhere postgres/postgres_cases.sh mailchute_submit ;;
	postgresql://*) elsewhere unit/config/kind_test.c 'postgresql://' ;;
	*'--- worker'[0-9]* | 'standby (synchronous)') want=elsewhere ;; # drawn
	'password_file relay-password' | 'ListenStream='*)
		elsewhere systemd/cases.sh 'relay-password'
		;;
	'sendmail_path = '*)
		line=$(printf '%s\n' "$line" |
			sed 's,^[^"]*"/usr/bin/\(.*\)"$,\1 <message,')
		mails=1
		;;
	'*/5 * * * * '*) line=${line#'*/5 * * * * '} ;;
	'git config --global '*) command -v git >/dev/null || want=any ;;
	'mailchute bounces --json '*)
		command -v jq >/dev/null || line=${line%%|*}
		;;
	'mailchute send --merge '*) ;; # --dry-run, or into the queue
	'mailchute send '* | *'| mailchute send '*) mails=1 ;;
	*'| mailchute ann@example.org' | 'mailchute -a work -t < message') mails=1 ;;
	'mailchute dkim keygen '*-f*)
		line=$(printf '%s\n' "$line" |
			sed "s,/etc/mailchute,$sink/home,")
		;;
	'mailchute dkim keygen '*) line="$line -f $sink/home" ;;
	'mailchute log '* | 'mailchute suppress '* | 'mailchute config') ;;
	*) complain 'the test does not know what this command does' ;;
	esac
	[ $want = elsewhere ] || {
		got=0
		run_line "$line" || got=$?
		[ $want = any ] || [ $want = $got ] ||
			complain "it ended with $got: $(head -n 3 "$sink/err")"
		cd "$sink" && arrived $mails && cd home || exit
	}
	finish
}

# profile_of TEXT: nothing is wrong in it but for what is not on this machine.
profile_of() {
	begin "${page##*/}: $(printf '%s' "$1" | tr '\001' ' ')"
	printf '%s' "$1" | tr '\001' '\n' >rc
	chmod 600 rc
	case $1 in
	'provider '*)
		mkdir -p .config/mailchute/providers.d
		mv rc .config/mailchute/providers.d/example.conf
		run_line 'mailchute setup --list example'
		check 'exit code' 0 $?
		check_empty stderr "$sink/err"
		;;
	*)
		case $1 in
		account* | defaults*) ;;
		*) { # a piece of an account
			printf 'account default\nfrom me@example.org\n'
			grep -q '^host' rc || echo 'host localhost'
			cat rc
		} >whole && mv whole rc ;;
		esac
		chmod 600 rc
		run_line "mailchute -C rc -a $(sed -n 's/^account  *//p' rc |
			head -n 1) config"
		check 'exit code' 0 $?
		check_empty stderr "$sink/err"
		;;
	esac
	finish
}

count=0
for page in "$TOP_SRCDIR"/man/mailchute*.[1-8] "$TOP_SRCDIR"/man/mailchute.1.in; do
	case $page in
	*/mailchute-migrate.7) continue ;;
	esac
	examples "$page" >"$sink/examples"
	while IFS= read -r example; do
		count=$((count + 1))
		case $example in
		'command '*) command_of "${example#command }" ;;
		'profile '*) profile_of "${example#profile }" ;;
		esac
	done <"$sink/examples"
done
begin 'examples are found'
[ $count -ge 45 ] || complain "$count"
finish

# ---- files that the pages name --------------------------------------------------

begin 'files of the source that the pages name are there'
for file in $(grep -ohE '\b(contrib|tests|src)/[A-Za-z./_-]*[A-Za-z]' \
	"$TOP_SRCDIR"/man/*.[1-8] "$TOP_SRCDIR"/man/*.in | sort -u); do
	[ -e "$TOP_SRCDIR/$file" ] || complain "$file is not there"
done
for name in $(sed -n 's/^\.Xr \(mailchute[a-z-]*\) \([1-8]\).*/\1.\2/p' \
	"$TOP_SRCDIR"/man/*.[1-8] "$TOP_SRCDIR"/man/*.in | sort -u); do
	[ -e "$TOP_SRCDIR/man/$name" ] || [ -e "$TOP_SRCDIR/man/$name.in" ] ||
		complain "there is no page $name"
done
finish
cd "$sink" || exit
sink_stop
summary
