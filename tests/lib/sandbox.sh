# SPDX-License-Identifier: GPL-3.0-or-later
# A world of its own for programs that a machine can have only one of, or that
# want root, users and well-known ports.  Knows nothing of mail.
#
# Debian packages are downloaded with everything that they need and that is not
# installed here, and unpacked into a folder; nothing is installed and no
# maintainer script is run.  Then a script is started in new mount, network and
# process namespaces in which that folder lies over /usr, /etc and /var/spool:
# there the packages are installed, ports below 1024 are free, those three and
# /run may be written, and all of it is gone, every process included, when the
# script ends.
#
#	sandbox_packages FOLDER PACKAGE...
#	sandbox_run FOLDER SECONDS sh SCRIPT...
#	sandbox_user NAME UID                  (inside)
#
# shellcheck shell=sh disable=SC2154

# sandbox_packages FOLDER PACKAGE...: fetch and unpack, once.
sandbox_packages() {
	sandbox_tree=$1
	shift
	if [ "$(cat "$sandbox_tree/.packages" 2>/dev/null)" = "$*" ]; then
		return 0
	fi
	rm -rf "$sandbox_tree" && mkdir -p "$sandbox_tree/.debs/partial" ||
		return
	echo "# fetching $* into $sandbox_tree"
	# Its own lists would cost another download: use the system's, and
	# refresh them only if they do not serve.
	sandbox_fetch "$@" || {
		apt-get update -qq && sandbox_fetch "$@"
	} || return
	for sandbox_deb in "$sandbox_tree"/.debs/*.deb; do
		[ -e "$sandbox_deb" ] || continue
		dpkg -x "$sandbox_deb" "$sandbox_tree" || return
	done
	for sandbox_name; do
		sandbox_version "$sandbox_name"
	done >"$sandbox_tree/.versions"
	rm -rf "$sandbox_tree/.debs"
	# /bin, /sbin and /lib are links into /usr wherever this runs.
	for sandbox_part in bin sbin lib lib64; do
		[ -d "$sandbox_tree/$sandbox_part" ] || continue
		mkdir -p "$sandbox_tree/usr/$sandbox_part" &&
			cp -a "$sandbox_tree/$sandbox_part/." \
				"$sandbox_tree/usr/$sandbox_part/" || return
	done
	# What update-alternatives would have done, for the one that matters.
	for sandbox_php in "$sandbox_tree"/usr/bin/php[0-9]*; do
		[ ! -e "$sandbox_php" ] ||
			ln -sf "${sandbox_php##*/}" "$sandbox_tree/usr/bin/php"
	done
	echo "$*" >"$sandbox_tree/.packages"
}

# sandbox_version PACKAGE: the one fetched, or the one installed here.
sandbox_version() {
	for sandbox_deb in "$sandbox_tree/.debs/$1"_*.deb; do
		[ ! -e "$sandbox_deb" ] ||
			dpkg-deb -f "$sandbox_deb" Package Version |
			sed 's/.*: //' | paste -s -d ' ' -
		[ -e "$sandbox_deb" ] || dpkg-query -W \
			-f '${Package} ${Version} (installed)\n' "$1"
	done
}

sandbox_fetch() {
	apt-get install --download-only --no-install-recommends -y -qq \
		-o Dir::Cache::archives="$sandbox_tree/.debs" \
		-o APT::Sandbox::User=root \
		-o APT::Keep-Downloaded-Packages=true \
		"$@" >"$sandbox_tree/.fetch" 2>&1 || {
		sed 's/^/# apt-get: /' "$sandbox_tree/.fetch"
		return 1
	}
}

# sandbox_run FOLDER SECONDS COMMAND...: the command inside; its exit status,
# or 124 when it took too long.
sandbox_run() {
	sandbox_tree=$1
	sandbox_limit=$2
	shift 2
	# The group of a shell without job control is the caller's, and timeout
	# makes its own: an interrupt reaches unshare through timeout alone,
	# which passes it on; the end of unshare ends everything inside.
	timeout --kill-after=5 "$sandbox_limit" \
		unshare --mount --net --pid --fork --kill-child --mount-proc \
		sh -c '. "$0" && sandbox_enter "$1" && shift && exec "$@"' \
		"$sandbox_library" "$sandbox_tree" "$@" </dev/null
}

# sandbox_enter FOLDER: the first thing inside.
sandbox_enter() {
	ip link set lo up || return
	mount --make-rprivate / || return
	mount -t tmpfs -o mode=0755 tmpfs /run || return
	mkdir -p /run/sandbox /run/lock
	for sandbox_part in usr etc var/spool; do
		[ -d "/$sandbox_part" ] || continue
		sandbox_over=/run/sandbox/${sandbox_part##*/}
		mkdir -p "$sandbox_over.upper" "$sandbox_over.work" \
			"$1/$sandbox_part" || return
		mount -t overlay overlay -o \
			"lowerdir=$1/$sandbox_part:/$sandbox_part,upperdir=$sandbox_over.upper,workdir=$sandbox_over.work" \
			"/$sandbox_part" || return
	done
	# Names come from files only: nothing here may wait for a name server.
	printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts
	rm -f /etc/resolv.conf /etc/nsswitch.conf
	: >/etc/resolv.conf
	printf '%s: files\n' passwd group shadow hosts networks protocols \
		services >/etc/nsswitch.conf
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	export PATH
}

# sandbox_user NAME UID: a user and group, in this world only.
sandbox_user() {
	sed -i "/^$1:/d" /etc/passwd /etc/group
	printf '%s:x:%d:%d:%s:/nonexistent:/usr/sbin/nologin\n' \
		"$1" "$2" "$2" "$1" >>/etc/passwd
	printf '%s:x:%d:\n' "$1" "$2" >>/etc/group
}
