#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A queue that hosts share, as its users see it, on a real PostgreSQL in a
# folder of the suite's own: made, put, shown, held, sent by whoever runs it,
# refused, and what an entry may not say.  Skipped without --with-postgres or
# without a server's programs.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"

bin=${POSTGRES_BIN-/usr/lib/postgresql/15/bin}
skip() {
	echo "1..0 # SKIP $1"
	exit 0
}
grep -q '^#define HAVE_LIBPQ' "$TOP_BUILDDIR/config.h" ||
	skip 'built without --with-postgres'
[ -x "$bin/initdb" ] || skip 'no PostgreSQL server here'
sink_open

# as_server COMMAND...: it refuses to be root.
as_server() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$@")
	else
		(cd / && "$@")
	fi
}

database=$(mktemp -d "${TMPDIR-/tmp}/mailchute-pg.XXXXXX") || exit 1
trap 'server stop; sink_stop; rm -rf "$sink" "$database"' EXIT
[ "$(id -u)" != 0 ] || chown 65534 "$database"

server() {
	as_server "$bin/pg_ctl" -D "$database/data" -w -s -m fast \
		-l "$database/log" -o "-k $database -c listen_addresses= \
		-c fsync=off" "$1" >/dev/null 2>&1
}

sql() {
	as_server "$bin/psql" -h "$database" -U mail -qAt mail -c "$1"
}

as_server "$bin/initdb" -D "$database/data" -A trust -U mail --no-sync \
	>initdb 2>&1 || bail "$(cat initdb)"
server start || bail "$(cat "$database/log")"
as_server "$bin/createdb" -h "$database" -U mail mail || exit 1

shared() {
	profile "queue_store postgresql://mail:s3cret@/mail?host=$database" \
		'queue always' "$@"
}

# chute ARGUMENT...: no message on stdin.
chute() {
	submit mailchute "$@" </dev/null
}

# rows N: what is in the store and has not ended.
rows() {
	check 'rows' "$1" "$(sql \
		'select count(*) from mc_entry where ended_at is null')"
}

a_mail() {
	submit_plain mailchute -odq bob@example.test
	check_sent
	id=$(sql 'select id from mc_entry where ended_at is null
		order by id desc limit 1')
}

sink_start
shared

begin 'queue init prints the SQL, makes the tables, and does so once'
chute queue init --dry-run
check_match 'the SQL' '^create table mc_entry' "$client/out"
chute queue check
check_match 'no tables yet' 'version 0' "$client/out"
chute queue init
check 'exit code' 0 "$status"
check_match 'said' 'of version 1 now' "$client/out"
chute queue init
check_match 'said' 'of version 1 already' "$client/out"
chute queue check
check 'exit code' 0 "$status"
check_match 'said' 'no synchronous standby: a database host that dies' \
	"$client/out"
check_no_match 'the password' s3cret "$client/out"
finish

begin '-odq: exit 0 is a row, with no secret in it'
a_mail
rows 1
arrived 0
check_match 'the log' ' queued=yes ' "$client/log"
check 'no secret' '' "$(sql "select id from mc_entry where
	encode(record, 'escape') ~ 'sesame|s3cret'")"
check 'nothing lies in a folder' '' \
	"$(find "$client" -name "$id" 2>/dev/null)"
finish

begin 'mailq and queue show it'
chute queue
check_match 'the list' "^$id  waiting" "$client/out"
chute queue --json
check_match 'JSON' "\"id\":\"$id\",\"state\":\"waiting\"" "$client/out"
check_no_match 'the password' s3cret "$client/out"
submit sendmail -bp </dev/null
check_match 'mailq' "^$id" "$client/out"
chute queue show "$id"
check_match 'one' 'a plain message' "$client/out"
chute queue export "$id"
check 'the message' "$(message_plain)" "$(cat "$client/out")"
finish

begin 'held, it is not sent; released, it is, once'
chute queue hold "$id"
check 'exit code' 0 "$status"
chute queue run
arrived 0
chute queue release "$id"
chute queue run
check_outcome 0 ''
arrived 1
rows 0
chute queue run
arrived 1
chute queue show "$id"
check_match 'what became of it' delivered "$client/out"
finish

begin 'removed, it is gone'
a_mail
chute queue remove "$id"
check 'exit code' 0 "$status"
rows 0
chute queue run
arrived 1
finish

begin 'many go over few connections, each once'
i=0
while [ "$i" -lt 20 ]; do
	submit_plain mailchute -odq "b$i@example.test"
	i=$((i + 1))
done
rows 20
chute queue run
check 'exit code' 0 "$status"
arrived 21
rows 0
finish

begin 'two runners at once send nothing twice'
i=0
while [ "$i" -lt 20 ]; do
	submit_plain mailchute -odq "b$i@example.test"
	i=$((i + 1))
done
"$TOP_BUILDDIR/src/mailchute" -C "$client/profile" queue run >one 2>&1 </dev/null &
"$TOP_BUILDDIR/src/mailchute" -C "$client/profile" queue run >two 2>&1 </dev/null
wait $!
chute queue run
arrived 41
rows 0
finish

begin 'one that waits keeps its place and its reason; exit code 75'
sink_stop
a_mail
chute queue run
check 'exit code' 75 "$status"
rows 1
chute queue show "$id"
check_match 'its reason' 'deferred' "$client/out"
chute queue run --due
rows 1
finish

begin 'of an entry only its account counts, and an allow-list'
sql "update mc_entry set record = replace(encode(record, 'escape'),
	E'\nsize ', E'\nset passwordeval touch $PWD/trap\nset host 203.0.113.1\nset logfile $PWD/trap\nsize ')::bytea
	where id = '$id'"
sink_start
shared
chute queue run
check_outcome 0 ''
arrived 1
check 'no command, no file' no "$([ -e trap ] && echo yes || echo no)"
finish

begin 'rows that were edited by hand are set aside, and stop nobody'
a_mail
sql "update mc_entry set record = 'nonsense' where id = '$id'"
damaged=$id
a_mail
chute queue run
arrived 2
check 'set aside' 3 "$(sql \
	"select state from mc_entry where id = '$damaged'")"
chute queue
check_match 'shown' "$damaged" "$client/out"
chute queue remove "$damaged"
rows 0
finish

begin 'a limit holds for all hosts together'
shared 'rate 3/1d'
i=0
before=$(how_many)
while [ "$i" -lt 6 ]; do
	submit_plain mailchute -odq "b$i@example.test"
	i=$((i + 1))
done
chute queue run
check 'exit code' 75 "$status"
check 'as many as the limit' $((before + 3)) "$(how_many)"
# Another host has no folder in common with this one.
chute queue run
check 'none for another' $((before + 3)) "$(how_many)"
rows 3
sql 'update mc_limit set tokens = 1'
chute queue run
check 'one more' $((before + 4)) "$(how_many)"
sql 'delete from mc_limit'
shared
chute queue run
rows 0
finish

# Left alone it looks after 1, 3, 7 and 15 seconds.
begin 'one that sleeps is woken by what another puts'
before=$(how_many)
"$TOP_BUILDDIR/src/mailchute" -C "$client/profile" queue run --watch \
	>watch.out 2>&1 </dev/null &
watcher=$!
sleep 8
check 'it is known to sleep' 1 \
	"$(sql 'select count(*) from mc_runner where asleep')"
a_mail
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(how_many)" = "$before" ] || break
	sleep 0.1
done
check 'sent within 2 s' $((before + 1)) "$(how_many)"
kill "$watcher"
wait "$watcher"
finish

begin 'the store is away: nothing is said to be safe'
server stop
submit_plain mailchute -odq bob@example.test
check 'sent at once instead' 0 "$status"
arrived 10
sink_stop
submit_plain mailchute -odq bob@example.test
check 'exit code' 75 "$status"
chute queue
check 'exit code' 75 "$status"
check_match 'said' 'cannot be reached' "$client/err"
check_no_match 'the password' s3cret "$client/err" "$client/log"
finish

if lasting_folder >/dev/null; then
	begin 'queue_store_fallback folder: kept here, and handed over'
	shared "queue_dir $sink/q" 'queue_store_fallback folder'
	a=$(date +%s)
	submit_plain mailchute -odq bob@example.test carol@example.test
	check 'exit code' 0 "$status"
	check 'it does not wait for long' yes \
		"$([ $(($(date +%s) - a)) -lt 20 ] && echo yes)"
	id=$(find q/handover -maxdepth 1 -name '1??????????????' |
		sed 's|.*/||')
	check_no_match 'no secret' 'sesame|s3cret|host=' "q/handover/$id"
	chute queue
	check 'exit code: the store is away' 75 "$status"
	check_match 'but what is here is shown' "^$id" "$client/out"
	sink_start
	shared "queue_dir $sink/q" 'queue_store_fallback folder'
	chute queue run
	check 'exit code' 75 "$status"
	arrived 0
	server start
	chute queue run
	check 'exit code' 0 "$status"
	arrived 1
	rows 0
	check 'nothing is left' '' \
		"$(find q/handover -maxdepth 1 -name '1??????????????')"
	chute queue show "$id"
	check_match 'what became of it' delivered "$client/out"
	finish
fi

summary
