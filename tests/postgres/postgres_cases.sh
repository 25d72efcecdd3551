# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# The rows of a shared queue on real servers: two clusters, of which one becomes
# the standby of the other, and a pool.  Servers killed, promoted, back again,
# full, without rights; runners killed and paused.  Inside the sandbox:
#	sh postgres_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"

fleet=$TOP_BUILDDIR/tests/postgres/fleet
rows_test=$TOP_BUILDDIR/tests/postgres/rows_test
bin=/usr/lib/postgresql/15/bin
work=/run/test
hosts=3 messages=2000 kills=2 seconds=30
[ -z "${LONG-}" ] || {
	hosts=10 messages=20000 kills=5 seconds=400
}
ASAN_OPTIONS=intercept_tls_get_addr=0
export ASAN_OPTIONS
sandbox_user pgtest 7401
mkdir -p "$work" && chown pgtest "$work" && cd "$work" || exit

# ---- servers -----------------------------------------------------------------

# as_server COMMAND...: PostgreSQL does not run as root.  What it starts must
# not keep the other end of "later" open.
as_server() {
	setpriv --reuid=7401 --regid=7401 --clear-groups \
		env HOME="$work" "$@" 9>&-
}

# make_cluster NAME
make_cluster() {
	as_server "$bin/initdb" -D "$work/$1" -A trust -U postgres -E UTF8 \
		--locale=C --no-sync >"$work/$1.init" 2>&1 || return
	mkdir "$work/$1.s" && chown pgtest "$work/$1.s"
	printf '%s\n' "listen_addresses = ''" 'max_connections = 60' \
		"unix_socket_directories = '$work/$1.s'" \
		'wal_keep_size = 64MB' 'max_wal_size = 256MB' \
		'shared_buffers = 32MB' 'log_min_messages = warning' \
		>>"$work/$1/postgresql.conf"
}

# start NAME: the old one's last processes may be in the way for a moment.
start() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		as_server "$bin/pg_ctl" -D "$work/$1" -l "$work/$1.log" -w -t 30 \
			start >>"$work/$1.ctl" 2>&1 && return
		sleep 0.5
	done
	return 1
}

# kill_server NAME: as a power cut would, for processes.
kill_server() {
	kill -9 "$(head -n 1 "$work/$1/postmaster.pid")"
	while as_server "$bin/pg_ctl" -D "$work/$1" status >/dev/null 2>&1; do
		sleep 0.1
	done
}

# sql NAME DATABASE STATEMENT...
sql() {
	sql_host=$work/$1.s sql_base=$2
	shift 2
	for sql_statement; do
		"$bin/psql" -qAtX -h "$sql_host" -U postgres "$sql_base" \
			-c "$sql_statement" 2>&1
	done
}

# url NAMES [DATABASE [ROLE]]: of one server, or several with commas.
url() {
	url_hosts=$(echo "$1" | sed "s,[a-z]*,$work/&.s,g")
	echo "postgresql://${3-postgres}@/${2-mail}?host=$url_hosts&connect_timeout=2"
}

# await WHAT COMMAND...: up to 20 s.
await() {
	await_what=$1
	shift
	for _ in $(seq 200); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	complain "$await_what: not within 20 s"
}

# adds_up: every message of "ids" in the reports of all members.
adds_up() {
	cat kept.* >kept
	cat sent.* >sent
	check 'all are told of' "$(wc -l <ids)" \
		"$(cut -d ' ' -f 2 kept | sort -u | wc -l)"
	check 'none is given up' '' "$(grep -v '^kept\|^doubt' kept | head -3)"
	awk 'FNR == NR { kept[$2] = $1; next }
		$1 == "sent" || $1 == "again" { n[$2]++ }
		$1 == "again" { told[$2] = 1 }
		END {
			for (id in kept) {
				if (kept[id] == "kept" && !n[id])
					print "lost", id
				if (n[id] > 1 && !told[id] && kept[id] != "doubt")
					print "twice, and not told:", id, n[id]
			}
		}' kept sent >sums
	check_empty 'lost, or twice without a word' sums
	echo "# in doubt when put: $(grep -c '^doubt' kept)," \
		"told as possible duplicates: $(grep -c '^again' sent)"
}

make_cluster a && start a || bail "PostgreSQL does not start: $(cat a.init a.log)"
sql a postgres 'create database mail' 'create database rows' \
	'create database pool'

# ---- one server --------------------------------------------------------------

begin 'rows: all that can be done to them'
"$rows_test" "$(url a rows)" >rows 2>&1
check 'exit code' 0 $?
check_no_match 'all are ok' '^not ok' rows
finish

begin 'a schema: made, there, of another version, not there'
check 'made' 'made all' "$("$fleet" "$(url a)" init init)"
check 'again' 'made nothing' "$("$fleet" "$(url a)" init init)"
sql a mail 'insert into mc_schema values (99)'
"$fleet" "$(url a)" x walk >out 2>&1
check_match 'a newer one' 'store.version: .*version 99, and this.* is 1' out
sql a mail 'delete from mc_schema where version = 99'
"$fleet" "$(url a postgres)" x walk >out 2>&1
check_match 'none' 'store.version: .*version 0' out
check 'one transaction' 0 \
	"$(sql a postgres "select count(*) from pg_class where relname ~ '^mc_'")"
finish

begin 'three roles have their rights and no more'
for role in submit run read; do
	sql a mail "create role w_$role login in role mailchute_$role" >out
	check_empty "$role is made" out
done
echo r1 | "$fleet" "$(url a mail w_submit)" web put 5 5000 >out 2>&1
check 'who hands in' 'kept r1' "$(cat out)"
echo r1 | "$fleet" "$(url a mail w_submit)" web put 5 600000 >out 2>&1
check 'the same again' 'kept r1' "$(cat out)"
"$fleet" "$(url a mail w_submit)" web take >out 2>&1
check_match '… takes nothing' 'store.refused: .*permission denied' out
"$fleet" "$(url a mail w_submit)" web walk >out 2>&1
check_match '… sees nothing' 'store.refused: .*42501' out
"$fleet" "$(url a mail w_read)" web walk >out 2>&1
check 'who looks on' 'row r1' "$(cat out)"
"$fleet" "$(url a mail w_read)" web read r1 5000 >out 2>&1
check_match '… sees no message' 'store.refused: .*mc_piece' out
echo r2 | "$fleet" "$(url a mail w_read)" web put 5 10 >out 2>&1
check_match '… hands nothing in' 'not r2 store.refused' out
"$fleet" "$(url a mail w_run)" web read r1 5000 >out 2>&1
check 'who sends' 'read r1' "$(cat out)"
"$fleet" "$(url a mail w_submit)" web check >out
check_match 'it is told' 'submit 1 run 0 read 0' out
finish

begin 'rows that were edited by hand'
echo e1 | "$fleet" "$(url a)" web put 5 600000 >out 2>&1
sql a mail "delete from mc_piece where id = 'e1' and no = 1"
"$fleet" "$(url a)" web read e1 600000 >out 2>&1
check_match 'a piece that is gone' 'store.piece: .*e1' out
sql a mail "update mc_entry set state = 77 where id = 'e1'" \
	"update mc_entry set account = '', runner = null, due = 'infinity'"
"$fleet" "$(url a)" web walk >out 2>&1
check 'are shown' 'row e1 row r1' "$(echo $(cat out))"
sql a mail 'delete from mc_entry' 'delete from mc_piece'
finish

begin 'no secret in any sentence'
sql a mail "create role locked login password 'Geheim-77' in role mailchute_submit"
sed -i '1i local all locked scram-sha-256' a/pg_hba.conf
sql a mail 'select pg_reload_conf()' >/dev/null
for secret in 'locked:Geheim-78@/mail' 'locked:Geheim-78@/mail?bad=1' \
	'locked:Geheim-78@@[/mail' \
	'locked:Geh%zzeim-78@/mail'; do
	case $secret in
	*\?*) secret="$secret&" ;;
	*) secret="$secret?" ;;
	esac
	echo s1 | "$fleet" "postgresql://${secret}host=$work/a.s" web put 1 10
done >out 2>&1
check_match 'a wrong password' 'password authentication failed' out
check_match 'no URL' 'store.url' out
check_no_match 'the password' 'eim-7' out
echo s1 | "$fleet" "postgresql://locked:Geheim-77@/mail?host=$work/a.s" web \
	put 5 10 >out 2>&1
check 'the right one' 'kept s1' "$(cat out)"
finish

begin 'a server without room, without connections, read-only'
sql a mail 'delete from mc_entry' 'delete from mc_piece'
sql a mail 'truncate mc_piece'
mkdir small && mount -t tmpfs -o size=1m,mode=0777 tmpfs small
mkdir small/s && chown pgtest small/s
sql a mail "create tablespace small location '$work/small/s'" \
	'alter table mc_piece set tablespace small' >out
check_empty 'a small disk' out
echo f1 | "$fleet" "$(url a)" web put 5 3000000 >out 2>&1
check_match 'full' 'not f1 store.refused: .*(53100|extend)' out
check 'nothing is there' 0 "$(sql a mail 'select count(*) from mc_entry')"
sql a mail 'truncate mc_piece' \
	'alter table mc_piece set tablespace pg_default' \
	'drop tablespace small' >/dev/null
sql a mail 'alter role w_submit connection limit 0'
echo f2 | "$fleet" "$(url a mail w_submit)" web put 1 10 >out 2>&1
check_match 'too many' 'not f2 store.away: .*too many connections' out
sql a mail 'alter role w_submit connection limit -1'
sql a mail 'alter role w_submit set default_transaction_read_only = on'
echo f3 | "$fleet" "$(url a mail w_submit)" web put 1 10 >out 2>&1
check_match 'read-only' 'not f3 store.away: .*read-only' out
sql a mail 'alter role w_submit reset all'
finish

# ---- a COMMIT that waits -----------------------------------------------------

begin 'a COMMIT that no standby confirms is not known'
sql a mail "alter system set synchronous_standby_names = 'nobody'" \
	'select pg_reload_conf()' >/dev/null
sleep 0.3
(
	sleep 1
	sql a mail "select pg_cancel_backend(pid) from pg_stat_activity
		where wait_event = 'SyncRep'"
) >cancelled &
echo c1 | "$fleet" "$(url a)" web put 4 10 >out 2>&1
wait
check 'its end was forced' t "$(cat cancelled)"
check_match 'success with a warning is none' '^doubt c1 store.in-doubt' out
sql a mail 'alter system reset synchronous_standby_names' \
	'select pg_reload_conf()' >/dev/null
await 'it is one' [ "$(sql a mail "select count(*) from mc_entry where id = 'c1'")" = 1 ]
echo c1 | "$fleet" "$(url a)" web put 4 10 >out 2>&1
check 'the same again decides' 'kept c1' "$(cat out)"
sql a mail 'delete from mc_entry' 'delete from mc_piece'
finish

# ---- a pool ------------------------------------------------------------------

pool_url="postgresql://postgres@/pool?host=$work/p.s&port=6432"
mkdir p.s && chown pgtest p.s
printf '%s\n' '[databases]' "pool = host=$work/a.s user=postgres pool_size=1" \
	'[pgbouncer]' 'pool_mode = transaction' 'auth_type = any' \
	"unix_socket_dir = $work/p.s" 'listen_port = 6432' 'listen_addr =' \
	"logfile = $work/p.log" "pidfile = $work/p.pid" 'max_client_conn = 50' \
	'ignore_startup_parameters = extra_float_digits' >p.ini
chown pgtest p.ini
as_server "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" -d p.ini \
	>p.out 2>&1

begin 'a pool in transaction mode'
await 'the pool' [ -S p.s/.s.PGSQL.6432 ]
check 'the schema' 'made all' "$("$fleet" "$pool_url" init init)"
echo p1 | "$fleet" "$pool_url" web put 5 600000 >out 2>&1
check 'put' 'kept p1' "$(cat out)"
timeout 20 "$fleet" "$pool_url" run work 1 5 >out 2>&1
check 'taken, sent and ended' 'sent p1 ended p1' "$(echo $(cat out))"
"$fleet" "$pool_url" web check >out 2>&1
check_match 'that nothing is heard is known' 'hears 0' out
"$bin/psql" -qAtX "$pool_url" -c 'set synchronous_commit = off'
check 'another client has weakened the connection' off \
	"$("$bin/psql" -qAtX "$pool_url" -c 'show synchronous_commit')"
sql a mail "alter system set synchronous_standby_names = 'nobody'" \
	'select pg_reload_conf()' >/dev/null
sleep 0.3
echo p2 | "$fleet" "$pool_url" web put 1 10 >out 2>&1
check_match 'a put is durable all the same' '^doubt p2' out
sql a mail 'alter system reset synchronous_standby_names' \
	'select pg_reload_conf()' >/dev/null
kill "$(cat p.pid)"
finish

# ---- a fleet -----------------------------------------------------------------

# A standby of a, which confirms every COMMIT.
as_server "$bin/pg_basebackup" -h "$work/a.s" -U postgres -D "$work/b" -R \
	-c fast >b.init 2>&1
mkdir b.s && chown pgtest b.s
printf '%s\n' "unix_socket_directories = '$work/b.s'" >>b/postgresql.conf
start b || bail "no standby: $(cat b.init b.log)"
sql a mail "alter system set synchronous_standby_names = '*'" \
	'select pg_reload_conf()' >/dev/null
is_synchronous() {
	[ "$(sql a mail 'select sync_state from pg_stat_replication')" = sync ]
}

begin "$hosts hosts, $messages messages, $kills kills and a fail-over"
await 'a synchronous standby' is_synchronous
"$fleet" "$(url a,b)" web check >out
check_match 'check knows' 'standby synchronous flushes 1' out
seq -f 'm%05g' "$messages" >ids
# One who has seen the new primary, and lives on when the old one is back.
mkfifo later
"$fleet" "$(url a,b)" later put 20 10 <later >later.out 2>&1 &
later=$!
exec 9>later
echo before >&9
workers=
for i in $(seq "$hosts"); do
	awk -v n="$hosts" -v i="$i" 'NR % n == i - 1' ids |
		"$fleet" "$(url a,b)" "web$i" put 60 3000 >"kept.$i" 2>&1 9>&- &
	workers="$workers $!"
	"$fleet" "$(url a,b)" "run$i" work "$seconds" 3 \
		>>"sent.$i" 2>&1 9>&- &
	eval "runner_$i=$!"
done
for i in $(seq "$kills"); do
	sleep 1
	kill_server a
	start a || complain "it does not start again: $(tail -n 3 a.log)"
done
# One runner is killed, one is paused for longer than its lease.
kill -9 "$runner_1"
"$fleet" "$(url a,b)" run1b work "$seconds" 3 >>sent.1b 2>&1 9>&- &
kill -STOP "$runner_2"
sleep 4
kill -CONT "$runner_2"
await 'a synchronous standby' is_synchronous
kill_server a
as_server "$bin/pg_ctl" -D "$work/b" promote >/dev/null 2>&1
sql b mail 'alter system reset synchronous_standby_names' \
	"alter system set synchronous_standby_names = ''" \
	'select pg_reload_conf()' >/dev/null
# shellcheck disable=SC2086 # a list
wait $workers
is_drained() {
	[ "$(sql b mail "select count(*) from mc_entry where state <> 4
		and id like 'm%'")" = 0 ]
}
for i in $(seq "$seconds"); do
	is_drained && break
	sleep 1
done
is_drained || complain "left: $(sql b mail 'select state, count(*),
	max(due) - now() from mc_entry group by 1')"
adds_up
finish

begin 'the old primary comes back, and is first in the list'
echo between >&9
await 'it has met the new one' grep -q between later.out
rm -f a/standby.signal
start a || complain "it does not start: $(tail -n 3 a.log)"
sql a postgres "alter system set synchronous_standby_names = ''" \
	'select pg_reload_conf()' >/dev/null
sql b postgres "select pg_terminate_backend(pid) from pg_stat_activity
	where datname = 'mail'" >/dev/null
echo after >&9
await 'it has an answer' grep -q after later.out
exec 9>&-
wait "$later"
check 'all were kept' 'kept before kept between kept after' \
	"$(echo $(cat later.out))"
check 'by the new one' 1 \
	"$(sql b mail "select count(*) from mc_entry where id = 'after'")"
check 'not by the old one' 0 \
	"$(sql a mail "select count(*) from mc_entry where id = 'after'")"
finish

begin 'a host that takes connections and says nothing'
kill -STOP "$(head -n 1 a/postmaster.pid)"
echo silent1 | "$fleet" "$(url a)" web put 1 10 >out 2>&1
check_match 'alone: not kept, and no doubt' '^not silent1 store.away' out
echo silent2 | "$fleet" "$(url a,b)" web put 5 10 >out 2>&1
check 'with another: by that one' 'kept silent2' "$(cat out)"
kill -CONT "$(head -n 1 a/postmaster.pid)"
check 'nor later' 0 "$(sql a mail "select count(*) from mc_entry
	where id like 'silent%'")"
finish

for i in a b; do
	as_server "$bin/pg_ctl" -D "$work/$i" -m immediate stop >/dev/null 2>&1
done
summary
