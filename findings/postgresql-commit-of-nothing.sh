#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A repeated INSERT says "it is there" of a row that no standby has.
#
# With synchronous replication, PostgreSQL 15's COMMIT waits for the standby.
# When somebody ends that wait (pg_cancel_backend), the answer is a success, with
# a warning that the row may not have been replicated.  One expects that the same
# INSERT ... ON CONFLICT DO NOTHING, sent again to be sure, waits in its turn.  It
# does not: it adds nothing, a transaction that has written nothing waits for no
# standby, and its answer is an INSERT 0 0 at once, without a warning; a fail-over
# at that moment loses the row.  With another row written beside it, it waits.
#
# So a put that mailchute repeats writes a mark beside the row.
#
# Wanted: apt-get with Debian 12's archive, dpkg, setpriv where this is root.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p debs/partial
apt-get install --download-only --reinstall --no-install-recommends -y -qq \
	-o Dir::Cache::archives="$work/debs" -o APT::Sandbox::User=root \
	-o Debug::NoLocking=1 postgresql-15=15.20-0+deb12u1 \
	postgresql-client-15=15.20-0+deb12u1 libpq5 >apt.log 2>&1 || {
	cat apt.log
	exit 2
}
for package in debs/*.deb; do
	dpkg -x "$package" tree
	rm "$package"
done
LD_LIBRARY_PATH=$work/tree/usr/lib/$(uname -m)-linux-gnu
export LD_LIBRARY_PATH
bin=$work/tree/usr/lib/postgresql/15/bin
chmod 755 "$work"
mkdir data
[ "$(id -u)" -ne 0 ] || chown 65534 data

as_server() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# ask STATEMENT...: each in a transaction of its own, for 3 s at most.
ask() {
	for statement; do
		set -- "$@" -c "$statement"
		shift
	done
	timeout 3 "$bin/psql" -AtX -h "$work/data" -U postgres postgres "$@" 2>&1
}

as_server "$bin/initdb" -D "$work/data" -A trust -U postgres --locale=C \
	--no-sync >init.log 2>&1 || {
	cat init.log
	exit 2
}
trap 'as_server "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null
	rm -rf "$work"' EXIT
as_server "$bin/pg_ctl" -w -D "$work/data" -l "$work/data/log" \
	-o "-k $work/data -c listen_addresses=" start >start.log || {
	cat start.log data/log
	exit 2
}
"$bin/postgres" --version
ask 'create table t (id int primary key)' 'create table mark (id serial)' \
	"alter system set synchronous_standby_names = 'nobody'" \
	'select pg_reload_conf()' >/dev/null
sleep 1
failed=0

# says NAME PATTERN TEXT
says() {
	echo "$1: $(echo "$3" | tr '\n' ' ')"
	echo "$3" | grep -Eq "$2" || failed=1
}
insert='insert into t values (1) on conflict do nothing'
ask "$insert" >first || : &
sleep 1
ask "select pg_cancel_backend(pid) from pg_stat_activity
	where wait_event = 'SyncRep'" >/dev/null
wait
says 'a COMMIT that was cancelled' 'WARNING.*wait' "$(cat first)"
says '… is a success' '^INSERT 0 1$' "$(cat first)"
says 'the same again, at once' '^INSERT 0 0$' "$(ask "$insert" || echo waits)"
says '… with a mark beside it' waits \
	"$(ask 'begin' "$insert" 'insert into mark default values' commit ||
		echo waits)"
[ "$failed" -eq 0 ] || {
	echo 'PostgreSQL answers differently now'
	exit 1
}
