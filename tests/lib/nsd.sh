# SPDX-License-Identifier: GPL-3.0-or-later
# NSD in a sandbox, for all of its names; sandbox.sh and tap.sh come first.
#
#	nsd_start FOLDER HOST [ZONE...]
#
# The root's zone is FOLDER/zone; each ZONE has no file, and is a SERVFAIL.
# Returns when HOST has an address; /etc/hosts still counts before the DNS.
#
# shellcheck shell=sh

# nsd_configuration ZONE...
nsd_configuration() {
	cat <<-END
		server:
			ip-address: 127.0.0.1
			username: ""
			zonesdir: "$nsd_folder"
			database: ""
			pidfile: ""
			xfrdfile: ""
			zonelistfile: "$nsd_folder/list"
			logfile: "$nsd_folder/log"
			server-count: 1
		remote-control:
			control-enable: no
		zone:
			name: "."
			zonefile: "zone"
	END
	for nsd_zone in "$@"; do
		printf 'zone:\n\tname: "%s"\n\tzonefile: "not-there"\n' "$nsd_zone"
	done
}

nsd_start() {
	nsd_folder=$1
	nsd_host=$2
	shift 2
	nsd_configuration "$@" >"$nsd_folder/conf"
	nsd -d -c "$nsd_folder/conf" >"$nsd_folder/console" 2>&1 &
	sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
	echo 'nameserver 127.0.0.1' >/etc/resolv.conf
	nsd_tries=0
	until getent hosts "$nsd_host" >/dev/null; do
		nsd_tries=$((nsd_tries + 1))
		[ "$nsd_tries" -lt 100 ] || bail \
			"NSD does not answer: $(cat "$nsd_folder/console" "$nsd_folder/log")"
		sleep 0.1
	done
}
