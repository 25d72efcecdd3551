# SPDX-License-Identifier: GPL-3.0-or-later
# Inside the sandbox: messages of many kinds, signed with RSA and Ed25519, over
# every form of the wire, verified as captured by three verifiers that are not
# ours.
#
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"

work=$(mktemp -d /tmp/mailchute-dkim.XXXXXX) || exit 1
sink_pid=
trap '[ -z "$sink_pid" ] || kill "$sink_pid"; rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir -p messages home
total=$(/usr/bin/python3 "$here/messages.py" messages "${MESSAGES-500}") ||
	bail 'no messages'

# ---- keys ---------------------------------------------------------------------------

"$MAILCHUTE" dkim keygen --folder "$work" --selector s example.test >zone ||
	bail 'no keys'
# Each on a line, its strings put together.
awk -F '"' '
	/^;/ { next }
	/ TXT/ { name = $1; sub(/\. IN TXT.*/, "", name); text = "" }
	{ for (i = 2; i <= NF; i += 2) text = text $i }
	/ TXT "/ || / \)$/ { print name, text }' zone >records
# The key of a signature that some messages bring along.
sed -n 's/^s-rsa[^ ]*/old._domainkey.old.test/p' records >old
cat old >>records

# ---- the wire -----------------------------------------------------------------------

# serve OPTION...: the sink; its mail in the folder "mail".
serve() {
	[ -z "$sink_pid" ] || kill "$sink_pid"
	rm -rf mail ports && mkdir -p mail certs
	"$SINK" --starttls 0 --implicit 0 --clear 0 --port-file ports \
		--certs certs --maildir mail --auth-optional --size 100000000 \
		"$@" >sink.out 2>&1 &
	sink_pid=$!
	until [ -s ports ]; do
		kill -0 "$sink_pid" || bail "no sink: $(cat sink.out)"
		sleep 0.05
	done
	. ./ports
	cat >home/.mailchuterc <<-END
		account default
		host localhost
		port $starttls_port
		tls_trust_file $work/certs/ca.pem
		from ann@example.test
		syslog off
		queue off
		dkim_domain example.test
		dkim_selector s-rsa s-ed25519
		dkim_key_file $work/s-rsa.example.test.pem $work/s-ed25519.example.test.pem
	END
	chmod 600 home/.mailchuterc
}

# send_all: every message through the server; how many were not taken.
send_all() {
	lost=0
	for message in messages/*; do
		HOME=$work/home "$MAILCHUTE" bob@example.test <"$message" ||
			lost=$((lost + 1))
	done 2>send.err
}

# opendkim_bad: the messages that OpenDKIM does not find well signed, and why.
opendkim_bad() {
	cat >opendkim.conf <<-END
		TestDNSData $work/records
		Mode v
		Syslog no
		MaximumHeaders 0
	END
	for message in mail/*.eml; do
		opendkim -t "$message" -x opendkim.conf -v >opendkim.out 2>&1
		grep -q 'verification (s=s-rsa, .*) succeeded' opendkim.out ||
			printf '%s: %s\n' "$message" \
				"$(tail -n 2 opendkim.out | cut -c 1-100)"
	done
}

# judged FORM: what the three say of all that has arrived.
judged() {
	begin "$1: everything arrives"
	check 'not taken' 0 "$lost"
	check 'arrived' "$total" "$(find mail -name '*.eml' | wc -l)"
	check_empty stderr send.err
	finish
	begin "$1: dkimpy verifies both signatures of all"
	/usr/bin/python3 "$here/dkimpy.py" records mail/*.eml >out 2>&1
	check verdicts "$((2 * total))" "$(head -n 20 out)"
	finish
	begin "$1: Mail::DKIM verifies the RSA signature of all"
	perl "$here/mail_dkim.pl" records mail/*.eml >out 2>&1
	check verdicts "$total" "$(head -n 20 out)"
	finish
	begin "$1: OpenDKIM verifies the RSA signature of all"
	opendkim_bad >out
	check_empty 'not verified' out
	finish
}

serve
send_all
judged DATA
serve --chunking
send_all
judged BDAT
serve --no-smtputf8 --no-8bitmime --no-pipelining
send_all
judged 'neither SMTPUTF8 nor 8BITMIME'
summary
