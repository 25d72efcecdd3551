#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who reads what strangers wrote is confined: each verb that does, from outside.
# What they can still do, the unit tests of base/sandbox, deliver/attempt and
# cmd/reader try from within.
# shellcheck disable=SC2154 # status and ports are set by sink.sh
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
program=$MAILCHUTE
case $(uname -sm) in
'Linux x86_64' | 'Linux aarch64') ;;
*)
	echo '1..0 # SKIP not on this machine'
	exit 0
	;;
esac

# The sanitizer's look for leaks is a tracer, and there can be one alone.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS
printf '#!/bin/sh\nexec %s %s "$@" 9>>%s\n' \
	"$TOP_BUILDDIR/tests/blackbox/warden" "$program" "$sink/ends" >watched
chmod 755 watched
MAILCHUTE=$sink/watched

# ends WANT: of the processes that the run before made.
ends() {
	check 'its processes' "$1" "$(cat ends)"
	: >ends
}

sink_start
: >ends
profile
submit mailchute --version </dev/null
[ "$status" = 77 ] && {
	echo '1..0 # SKIP nobody can watch'
	exit 0
}

begin 'explain'
printf '%s\n' '550 5.1.1 no such user' >in
submit mailchute explain <in
check 'exit code' 0 "$status"
ends confined
submit mailchute explain --json 535 5.7.8 </dev/null
check 'exit code' 0 "$status"
ends confined
submit mailchute explain <"$TOP_SRCDIR/tests/bounces/qmail.eml"
check 'exit code' 0 "$status"
ends confined
finish

begin 'bounces, each for itself'
submit mailchute bounces <"$TOP_SRCDIR/tests/bounces/qmail.eml"
check 'exit code' 0 "$status"
ends confined
mkdir -p box/cur box/new box/tmp
cp "$TOP_SRCDIR/tests/bounces/qmail.eml" box/cur/1
cp "$TOP_SRCDIR/tests/bounces/qmail.eml" box/new/2
submit mailchute bounces box </dev/null
check 'exit code' 0 "$status"
ends 'confined
confined'
finish

begin 'the sender'
submit_plain mailchute bob@example.test
check_sent
ends confined
profile 'sandbox off'
submit_plain mailchute bob@example.test
check_sent
ends ''
finish

summary
