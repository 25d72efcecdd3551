#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that is printed as JSON has the shape that mailchute-json(7) says.
# shellcheck disable=SC2154 # status and ports are set by sink.sh
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
paths=$TOP_BUILDDIR/tests/blackbox/json_paths
tried=

# holds DOCUMENT FILE: FILE is one, or a line each.
holds() {
	tried="$tried $1"
	[ -s "$2" ] || complain "$1: nothing was printed"
	"$paths" <"$2" >shape || complain "$1: no JSON: $(head -c 300 "$2")"
	check "$1" '' "$(awk -v document="$1" \
		-f "$TOP_SRCDIR/tests/lib/schema.awk" \
		"$TOP_SRCDIR/man/json.table" shape)"
}

# says DOCUMENT ARGUMENT...: and what mailchute then prints is one.
says() {
	document=$1
	shift
	submit mailchute "$@" </dev/null
	holds "$document" "$client/out"
}

printf 'Subject: s\n\nx\n' >in

begin 'send, and the log'
sink_start --refuse-rcpt carol@example.test='550 5.1.1 no "Carol"' \
	--refuse-rcpt dan@example.test='451 4.2.1 later'
profile 'log_format json' "queue_dir $sink/q" 'queue off'
says send send --json bob@example.test x
says send send --json --to carol@example.test x
says send send --json --to bob@example.test,carol@example.test,dan@example.test x
says send send --json --to carol@example.test,dan@example.test,oops x
profile 'log_format json' "queue_dir $sink/q" 'queue auto' \
	'queue_runner external'
says send send --json --to bob@example.test,carol@example.test,dan@example.test x
sink_stop
says send send --json bob@example.test x
submit mailchute -X - bob@example.test <in
holds log_format "$client/log.all"
finish

begin 'merges'
sink_start
profile "queue_dir $sink/merges" 'queue auto' 'queue_runner external'
printf 'email,name\nbob@example.test,Bob\ncarol\n' >people.csv
says merge_dry_run send --merge people.csv --dry-run --json 'Dear {{name}}'
says merge send --merge people.csv --json 'Dear {{name}}'
says merge send --merge people.csv --json 'Dear {{nobody}}'
says merge_jobs send --jobs --json
says merge_report send --report "$(ls merges/jobs)" --json
submit mailchute queue run </dev/null
says merge_report send --report "$(ls merges/jobs)" --json
sink_stop
finish

begin 'who gets no more mail'
submit mailchute suppress --list "$sink/list" add bob@example.test
says suppress suppress --list "$sink/list" list --json
finish

begin 'the log verb'
says log log --json "$client/log.all"
check 'a row that waits says so' yes "$(grep -q \
	'"result":"deferred".*"exit_code":67,"temporary":true' "$client/out" &&
	echo yes)"
says summary log --summary --json "$client/log.all"
for by in account day hour provider code; do
	says summary log --summary --by "$by" --json "$client/log.all"
done
finish

begin 'the queue'
sink_start --refuse-rcpt dan@example.test='451 4.2.1 later' \
	--refuse-rcpt carol@example.test='550 5.1.1 no "Carol"'
profile "queue_dir $sink/q" 'queue auto' 'queue_runner external'
submit mailchute queue run </dev/null
sink_stop
submit mailchute queue run </dev/null
says queue queue list --json
check 'what waits is temporary' yes "$(grep -q \
	'"state":"waiting"[^}]*"exit_code":75,[^}]*"temporary":true' \
	"$client/out" && echo yes)"
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$client/out")
says entry queue show --json "$id"
for file in "q/$id" "q/$id/record"; do # a message is a file, or a folder
	[ ! -f "$file" ] || printf 'no record\n' >"$file"
done
submit mailchute queue list --json </dev/null
holds queue "$client/out"
finish

begin 'the configuration'
profile 'log_format json'
says config config --json
says check config --check --json
echo 'hst a' >>"$client/profile"
echo 'timeout' >>"$client/profile"
says check config --check --json
finish

begin 'doctor and test'
sink_start
profile 'domain client.example'
says checks doctor --json
says checks test --json bob@example.test
sink_stop
says checks doctor --json
finish

begin 'bounces'
for sample in dsn-two-recipients qmail arf-redacted vacation ordinary; do
	says bounces bounces --json "$TOP_SRCDIR/tests/bounces/$sample.eml"
done
finish

begin 'explain'
says explain explain --json '550 5.4.5 Daily user sending limit exceeded'
printf '%s\r\n' 'Authentication-Results: mx.example;' \
	'	spf=pass smtp.mailfrom=b@other.example; dkim=fail;' \
	'	dmarc=fail (p=REJECT) header.from=shop.example' \
	'From: A <a@shop.example>' '' 'x' >arrived
submit mailchute explain --json <arrived
holds arrived "$client/out"
submit mailchute explain --json \
	<"$TOP_SRCDIR/tests/bounces/dsn-two-recipients.eml"
holds returned "$client/out"
submit mailchute explain --json <"$TOP_SRCDIR/tests/bounces/vacation.eml"
holds returned "$client/out"
finish

begin 'login and providers'
client_profile 'host localhost' 'user alice' 'auth xoauth2' \
	'oauth_client_id public' 'oauth_token_url http://127.0.0.1:1/'
says login login --status --json
says providers setup --list --json
finish

# A new verb or document is tried here, too.
begin 'nothing that prints JSON is left out'
check documents "$(sed -n 's/^= \([a-z_]*\).*/\1/p' \
	"$TOP_SRCDIR/man/json.table" | grep -vx failure | sort -u)" \
	"$(printf '%s\n' $tried | sort -u)"
check verbs 'bounces config doctor explain log login queue send setup suppress test' \
	"$(awk -F '\t' '$1 == "option" && $3 == "--json" { print $2 }' \
		"$TOP_BUILDDIR/contrib/tables" | sort -u | tr '\n' ' ' |
		sed 's/ $//')"
for verb in bounces config doctor explain log login queue send setup test; do
	grep -q "mailchute $verb.* --json" "$TOP_SRCDIR/man/json.table" ||
		complain "the manual has no document of mailchute $verb"
done
finish

summary
