# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# Whom Postfix and msmtp would send to for the shapes of tests/addresses, as
# words of their command lines and as a field with -t.  Runs inside the sandbox:
#	sh addresses_cases.sh FOLDER-OF-THIS-FILE
# Where they differ from the table, the table says what they do.
set -u
lib=$1/../lib
table=$1/../addresses
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"
work=/run/test
mkdir -p "$work"
cd "$work" || exit
umask 022
awk -f "$lib/addresses.awk" "$table" || bail 'no table'

# ---- Postfix: sendmail, pickup and cleanup; everything waits there -----------

postfix=$work/postfix
postfix_directory() {
	for place in /usr/lib/postfix/sbin /usr/libexec/postfix; do
		[ ! -x "$place/master" ] || echo "$place"
	done
}

postfix_start() {
	sandbox_user postfix 970
	sandbox_user postdrop 971
	mkdir -p "$postfix/data" "$postfix/queue"
	chown postfix "$postfix/data"
	for name in active bounce corrupt defer deferred flush hold incoming \
		private saved trace; do
		mkdir -p "$postfix/queue/$name"
		chown postfix "$postfix/queue/$name"
		chmod 700 "$postfix/queue/$name"
	done
	mkdir -p "$postfix/queue/pid" "$postfix/queue/public" \
		"$postfix/queue/maildrop"
	chown postfix:postdrop "$postfix/queue/public" \
		"$postfix/queue/maildrop"
	chmod 710 "$postfix/queue/public"
	chmod 730 "$postfix/queue/maildrop"
	cat >/etc/postfix/main.cf <<-END
		compatibility_level = 3.6
		maillog_file = $postfix/log
		maillog_file_prefixes = $postfix
		daemon_directory = $(postfix_directory)
		queue_directory = $postfix/queue
		data_directory = $postfix/data
		myhostname = here.example
		mydestination =
		inet_interfaces = loopback-only
		mynetworks =
		alias_maps =
		enable_long_queue_ids = no
		append_at_myorigin = no
		append_dot_mydomain = no
		local_transport = wait
		default_transport = wait
		defer_transports = wait
	END
	cat >/etc/postfix/master.cf <<-'END'
		pickup unix n - n 1 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		defer unix - - n - 0 bounce
		bounce unix - - n - 0 bounce
		postlog unix-dgram n - n - 1 postlogd
	END
	"$(postfix_directory)/master" -d >"$postfix/console" 2>&1 &
	postfix_pid=$!
}

# postfix_submit ROW DOOR ARGUMENT... <message: the sender tells them apart.
postfix_submit() {
	row=$1 door=$2
	shift 2
	sendmail -i -f "$row.$door@here.example" "$@" 2>>"$postfix/errors"
}

# postfix_read: each message's recipients, in postfix.DOOR/ROW.
postfix_read() {
	tries=300
	while [ -n "$(ls "$postfix/queue/maildrop")" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || bail "Postfix does not pick it up: $(tail -n 5 "$postfix/log" "$postfix/console")"
		sleep 0.1
	done
	find "$postfix/queue/incoming" "$postfix/queue/active" \
		"$postfix/queue/deferred" -type f | while IFS= read -r file; do
		postcat -e "$file"
		echo END
	done | awk '
		/^sender: / {
			split($2, word, /[.@]/)
			row = word[1]
			door = word[2]
			got = ""
		}
		/^recipient: / { got = got " " substr($0, 12) }
		/^END$/ { print substr(got, 2) >("postfix." door "/" row) }'
}

# ---- msmtp, with the sink that says yes to everything ----------------------

sink_start() {
	"$TOP_BUILDDIR/tests/sink/sink" --clear=0 --port-file=ports \
		--script=script --lifetime=600 >sink.out 2>&1 &
	sink_pid=$!
	tries=100
	until [ -s ports ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || bail "no sink: $(cat sink.out)"
		sleep 0.1
	done
	# shellcheck disable=SC1091
	. ./ports
	printf 'account default\nhost localhost\nport %s\nfrom a@x.example\n' \
		"$clear_port" >msmtprc
	chmod 600 msmtprc
}

# msmtp_submit ROW DOOR ARGUMENT... <message
msmtp_submit() {
	row=$1 door=$2
	shift 2
	msmtp -C msmtprc -d "$@" 2>&1 |
		sed -n 's/^--> RCPT TO:<\(.*\)>[^>]*$/\1/p' | paste -s -d ' ' - \
		>"msmtp.$door/$row"
}

# ----------------------------------------------------------------------------

printf 'RCPT : reply "250 2.1.5 ok"\n' >script
mkdir postfix.argv postfix.header msmtp.argv msmtp.header
postfix_start
sink_start
for file in rows/*.input; do
	row=${file#rows/} row=${row%.input}
	[ ! -e "rows/$row.argv" ] || {
		printf 'Subject: s\n\nbody\n' >message
		word=$(cat "$file")
		postfix_submit "$row" argv -- "$word" <message
		msmtp_submit "$row" argv -- "$word" <message
	}
	{
		[ -e "rows/$row.head" ] || printf 'To: '
		cat "$file"
		printf '\nSubject: s\n\nbody\n'
	} >message
	postfix_submit "$row" header -t <message
	msmtp_submit "$row" header -t <message
done
postfix_read
kill "$postfix_pid" "$sink_pid"

# peer_case PEER ROW: the same as ours, or as the table says.
peer_case() {
	for door in argv header; do
		[ "$door" = header ] || [ -e "rows/$2.argv" ] || continue
		want=$(cat "rows/$2.$1")
		case $want in
		*' // '*)
			[ "$door" = argv ] && want=${want%% // *}
			want=${want#* // }
			;;
		esac
		got=$(cat "$1.$door/$2" 2>/dev/null)
		check "$door" "$want" "${got:--}"
	done
}

for peer in postfix msmtp; do
	for file in rows/*.input; do
		row=${file#rows/} row=${row%.input}
		begin "$peer: $(tr '\n' ' ' <"$file")"
		peer_case "$peer" "$row"
		finish
	done
done
summary
