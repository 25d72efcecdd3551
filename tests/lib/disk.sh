# SPDX-License-Identifier: GPL-3.0-or-later
# A folder in which a queue may be: what lies in memory, or on the upper side of
# a container, is gone after a restart, and mailchute keeps no mail there.
#
#	place=$(lasting_folder) || …    prints one that can be written
#
# shellcheck shell=sh

lasting_folder() {
	for disk_place in "${QUEUE_DISK-}" "${TMPDIR-}" /tmp /var/tmp \
		"${TOP_BUILDDIR-}"; do
		[ -d "$disk_place" ] && [ -w "$disk_place" ] || continue
		case $(stat -f -c %T "$disk_place" 2>/dev/null) in
		tmpfs | ramfs | overlayfs) ;;
		*)
			echo "$disk_place"
			return
			;;
		esac
	done
	return 1
}
