# SPDX-License-Identifier: GPL-3.0-or-later
# Becomes the systemd of a system, in the namespaces that run has made:
#	sh boot.sh SYSTEM WORK
# What is changed is in memory; WORK/cases is the system's /cases.
#
# shellcheck shell=sh
set -eu
system=$1 work=$2
root=/run/root
mount --make-rprivate /

# A control group of its own, below ours: systemd takes it for the whole tree.
mount -t tmpfs tmpfs /mnt
mkdir /mnt/groups
mount -t cgroup2 cgroup2 /mnt/groups || {
	echo 'there is no cgroup2 file system to be mounted'
	exit 1
}
parent=/mnt/groups$(sed -n 's/^0:://p' /proc/self/cgroup)
# A namespace has a tree that begins at ours.
[ -d "$parent" ] || parent=/mnt/groups
group=$(mktemp -d "$parent/mailchute-boot.XXXXXX")
# For whom comes after us.
echo "${group#/mnt/groups/}" >"$work/group"
echo $$ >"$group/cgroup.procs"

ip link set lo up
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/upper /run/work $root
mount -t overlay overlay \
	-o "lowerdir=$system,upperdir=/run/upper,workdir=/run/work" $root
cp -a "$work/stage/." $root/
mkdir $root/cases
mount --bind "$work/cases" $root/cases
# A queue is kept on a disk only, which what is in memory and an overlay are not.
mkdir "$work/home" "$work/spool"
mount --bind "$work/home" $root/home
mount --bind "$work/spool" $root/var/spool
mount -t proc proc $root/proc
mount -t sysfs -o ro sysfs $root/sys
mount -t tmpfs -o mode=0755 tmpfs $root/dev
for node in 'null 3' 'zero 5' 'full 7' 'random 8' 'urandom 9'; do
	mknod -m 666 "$root/dev/${node% *}" c 1 "${node#* }"
done
ln -s /proc/self/fd $root/dev/fd
ln -s pts/ptmx $root/dev/ptmx
mkdir $root/dev/shm $root/dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts
mount -t tmpfs -o mode=1777 tmpfs $root/dev/shm
mount -t tmpfs -o mode=0755 tmpfs $root/run
mount -t tmpfs -o mode=1777 tmpfs $root/tmp
printf '127.0.0.1 localhost\n' >$root/etc/hosts
: >$root/etc/resolv.conf
echo relay >$root/etc/hostname
chroot $root useradd --create-home alice
chroot $root useradd --create-home bob

cat >$root/etc/systemd/system/cases.service <<END
[Unit]
Description=The cases
After=multi-user.target
SuccessAction=exit
FailureAction=exit

[Service]
Type=oneshot
ExecStart=/bin/sh /cases/cases.sh
StandardOutput=file:/cases/out
StandardError=inherit
TimeoutStartSec=200

[Install]
WantedBy=graphical.target
END
# Not multi-user.target, which is to be reached first.
mkdir -p $root/etc/systemd/system/graphical.target.wants
ln -s ../cases.service $root/etc/systemd/system/graphical.target.wants/
export root
mkdir $root/before
exec unshare --cgroup sh -ec '
	mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
	cd $root
	pivot_root . before
	exec chroot . env -i container=mailchute \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -ec "
		umount -l /before
		# A service gets its credentials by a mount that propagates.
		mount --make-rshared /
		exec /lib/systemd/systemd --log-target=journal \
			--show-status=0 --unit=graphical.target"'
