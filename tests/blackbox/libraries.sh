#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Without GnuTLS, libgsasl and libidn2: what needs none of them works, and loads
# none; what needs one says so.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"

grep -q '^#define LAZY_LIBRARIES' "$TOP_BUILDDIR/config.h" || {
	echo '1..0 # SKIP the libraries are linked'
	exit 0
}
sink_open

# Files of these names are found first, and are no libraries.
mkdir none
sed -n 's/^#define [A-Z0-9]*_SONAME "\(lib.*\)"$/\1/p' \
	"$TOP_BUILDDIR/config.h" >names
while read -r name; do
	: >"none/$name"
done <names
printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$sink/none" \
	"$MAILCHUTE" >without
chmod 755 without
MAILCHUTE=$sink/without

# said PATTERN: by a run that went well.
said() {
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	check_match stdout "$1" "$client/out"
}

sink_start
begin 'a message is queued'
profile "queue_dir $sink/q" 'queue always' 'queue_runner external'
submit_plain mailchute bob@example.test
check_sent
check_match 'the log' ' queued=yes ' "$client/log"
finish

begin 'the queue is listed'
submit mailchute queue </dev/null
said 'bob@example.test'
finish

begin 'it is not delivered: the diagnostic of the library'
submit mailchute queue run </dev/null
check 'exit code' 75 "$status"
submit mailchute queue --json </dev/null
said '"diag":"library.not-loaded"'
finish

begin '--help'
submit mailchute --help </dev/null
said '^Usage: mailchute'
finish

begin 'config'
submit mailchute config </dev/null
said '^queue_dir '
finish

begin '--version'
submit mailchute --version </dev/null
said '^GnuTLS [0-9]'
finish

begin '--debug --version says which library is not there'
submit mailchute --debug --version </dev/null
said '^GnuTLS \(cannot be loaded\)$'
finish

begin 'a message to a server without TLS'
sink_start --auth-optional
profile "port $clear_port" 'tls off' 'auth off'
submit_plain mailchute bob@example.test
check_sent
arrived 1
finish

begin 'TLS'
profile
submit_plain mailchute bob@example.test
check_failed 71 EX_OSERR \
	'^mailchute: .*the library libgnutls\.so\.[0-9]* cannot be loaded: '
finish

begin 'an internationalised domain'
submit_plain mailchute bob@bücher.example
check_failed 71 EX_OSERR \
	'^mailchute: .*the library libidn2\.so\.[0-9]* cannot be loaded: '
finish

if grep -q gsasl names; then
	begin 'SCRAM'
	rm -f none/libgnutls.so.* none/libidn2.so.*
	submit_plain mailchute bob@example.test
	check_failed 71 EX_OSERR \
		'^mailchute: .*the library libgsasl\.so\.[0-9]* cannot be loaded: '
	finish

	begin 'PLAIN needs no libgsasl'
	profile 'auth plain'
	submit_plain mailchute bob@example.test
	check_sent
	arrived 2
	finish
fi

summary
