#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Behind pgbouncer a LISTEN hears its own NOTIFY, and nobody else's.
#
# In transaction mode pgbouncer 1.18 takes a LISTEN without a word, and what is
# told on that channel never comes: the connection to the server that listens has
# no client between transactions.  One tries that at the start by a NOTIFY to
# oneself, and is deceived: it goes out over the connection that listens, where
# the pool has few, and the answer brings the notification along.
#
# So mailchute's helper tells itself over a second connection.
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
	postgresql-client-15=15.20-0+deb12u1 libpq5 \
	pgbouncer=1.18.0-1+deb12u1 libevent-2.1-7 libc-ares2 >apt.log 2>&1 || {
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
cat >data/pool.ini <<END
[databases]
postgres = host=$work/data user=postgres pool_size=1
[pgbouncer]
pool_mode = transaction
auth_type = any
unix_socket_dir = $work/data
listen_addr =
listen_port = 6432
logfile = $work/data/pool.log
pidfile = $work/data/pool.pid
END
as_server "$work/tree/usr/sbin/pgbouncer" -d -q "$work/data/pool.ini" || {
	cat data/pool.log
	exit 2
}
trap 'kill "$(cat data/pool.pid)"
	as_server "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null
	rm -rf "$work"' EXIT
"$bin/postgres" --version
"$work/tree/usr/sbin/pgbouncer" --version | head -n 1
PGUSER=postgres
export PGUSER
failed=0

# hears NAME PORT STATEMENT COUNT: how much of what STATEMENT tells comes to who
# listens by way of PORT.
hears() {
	count=$(printf '%s\n' 'listen news;' "$3" '\! sleep 1' \
		"select 'later';" |
		"$bin/psql" -AtX -h "$work/data" -p "$2" postgres |
		grep -c '^Asynchronous notification' || :)
	echo "$1: $count"
	[ "$count" = "$4" ] || failed=1
}
other="\! $bin/psql -qX -h $work/data -p 5432 postgres -c 'notify news'"
hears 'directly, its own' 5432 'notify news;' 1
hears "directly, another's" 5432 "$other" 1
hears 'by the pool, its own' 6432 'notify news;' 1
hears "by the pool, another's" 6432 "$other" 0
[ "$failed" -eq 0 ] || {
	echo 'pgbouncer hears differently now'
	exit 1
}
