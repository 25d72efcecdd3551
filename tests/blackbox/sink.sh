# SPDX-License-Identifier: GPL-3.0-or-later
# The built mailchute against tests/sink, for the suites in this folder.
#
#	sink_open                      a folder of the suite's own
#	sink_open queue                on a disk where a queue may be; without
#	                               such a disk the suite is skipped
#	sink_start OPTION...           the server; $starttls_port, …
#	profile LINE...                on top of one that works
#	run NAME CODE ARGUMENT... <in  status, out, err, log as they must be
#	sink_stop
#
# Expected texts have PORT for the server's port, DATE for a date and DIR for
# the suite's folder.
#
# shellcheck shell=sh disable=SC2154

case ${0##*/} in
sink.sh) # run by its name: it is a library
	echo '1..0 # SKIP a library'
	exit 0
	;;
esac

# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/client.sh
. "$TOP_SRCDIR/tests/lib/client.sh"
# shellcheck source=tests/lib/message.sh
. "$TOP_SRCDIR/tests/lib/message.sh"
# shellcheck source=tests/lib/disk.sh
. "$TOP_SRCDIR/tests/lib/disk.sh"

sink_program=$TOP_BUILDDIR/tests/sink/sink
sink_pid=

sink_open() {
	sink_place=$(lasting_folder) || {
		[ "${1-}" != queue ] || {
			echo '1..0 # SKIP no disk on which a queue would last'
			exit 0
		}
		sink_place=${TMPDIR-/tmp}
	}
	sink=$(mktemp -d "$sink_place/mailchute-test.XXXXXX") || exit 1
	trap 'sink_stop; rm -rf "$sink"' EXIT
	trap 'exit 1' HUP INT TERM
	client_open "$sink/client"
	cd "$sink" || exit 1
}

# Every port at once; a login that works; whatever OPTIONs add.
sink_start() {
	sink_stop
	rm -rf ports mail transcript
	mkdir -p certs mail
	"$sink_program" --starttls 0 --implicit 0 --clear 0 --port-file ports \
		--certs certs --maildir mail --transcript transcript \
		--user 'alice:open sesame' --lifetime 600 "$@" \
		>sink.out 2>&1 &
	sink_pid=$!
	sink_tries=0
	while [ ! -s ports ]; do
		sink_tries=$((sink_tries + 1))
		[ "$sink_tries" -lt 200 ] ||
			bail "the sink does not start: $(cat sink.out)"
		sleep 0.05
	done
	# shellcheck disable=SC1091
	. ./ports
	profile
}

sink_stop() {
	[ -z "$sink_pid" ] && return
	kill "$sink_pid" 2>/dev/null
	wait "$sink_pid" 2>/dev/null
	sink_pid=
}

# listens SOCKET: it is there, and somebody may call, which comes a moment later.
listens() {
	[ -S "$1" ] && { [ ! -r /proc/net/unix ] ||
		grep -q " 00010000 .* $sink/${1#"$sink/"}\$" /proc/net/unix; }
}

# profile LINE...: the last of two equal keywords counts.
profile() {
	client_profile 'host localhost' "port $starttls_port" 'user alice' \
		'password open sesame' 'from alice@example.test' \
		"tls_trust_file $sink/certs/ca.pem" 'timeout 5' "$@"
}

# with_port FILE: the file with the server's ports made plain.
with_port() {
	[ -s "$1" ] || [ ! -f "$1" ] || return 0
	sed -e "s/\\b$starttls_port\\b/PORT/g" \
		-e "s/\\b$implicit_port\\b/PORT/g" \
		-e "s/\\b$clear_port\\b/PORT/g" -e "s|$sink|DIR|g" \
		-e 's/\<20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]\>/DATE/' "$1"
}

# how_many: messages lie in the maildir.
how_many() {
	set -- mail/*.eml
	[ -e "$1" ] && echo $# || echo 0
}

# arrived N: so many must.
arrived() {
	check 'messages that arrived' "$1" "$(how_many)"
}

# check_outcome CODE STDERR: of the run before.
check_outcome() {
	check 'exit code' "$1" "$status"
	check_empty stdout "$client/out"
	check stderr "$2" "$(with_port "$client/err")"
	check 'log lines' 1 "$(grep -c . "$client/log")"
	grep -q sesame "$client/out" "$client/err" "$client/log" &&
		complain 'the password is printed'
	:
}
