#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What contrib has for systemd and OpenRC, looked at by systemd's own tools; a
# tool that is not there is a failure in CI only.  tests/systemd/run boots it.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
PATH=$PATH:/usr/sbin:/sbin
contrib=$TOP_SRCDIR/contrib
work=$(mktemp -d "${TMPDIR-/tmp}/mailchute-test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# has TOOL: or the case is over.
has() {
	command -v "$1" >/dev/null 2>&1 && return
	[ -z "${CI-}" ] || complain "there is no $1"
	echo "# there is no $1"
	return 1
}

# says_nothing COMMAND...
says_nothing() {
	says_status=0
	XDG_RUNTIME_DIR=$work "$@" >said 2>&1 || says_status=$?
	check "$1's exit code" 0 "$says_status"
	[ ! -s said ] || complain "$(cat said)"
}

# The units as they will be, but with this program.
for unit in mailchute.service mailchute-queue.service \
	mailchute-queue@.service; do
	sed -e "s|@bindir@|$TOP_BUILDDIR/src|" -e 's|@sysconfdir@|/etc|' \
		-e 's|@localstatedir@|/var|' \
		"$contrib/systemd/$unit.in" >"$unit"
done
cp "$contrib/systemd/mailchute.socket" "$contrib"/systemd/*.timer .

begin 'units: nothing is left to be put in'
check_no_match 'service' '@[a-z]+@' mailchute.service
check_no_match 'queue' '@[a-z]+@' mailchute-queue.service
check_no_match 'queue of another' '@[a-z]+@' mailchute-queue@.service
finish

begin 'systemd-analyze verify: the units of the system'
has systemd-analyze && says_nothing systemd-analyze verify --man=no \
	./mailchute.service ./mailchute.socket ./mailchute-queue@.service \
	./mailchute-queue@.timer
finish

begin 'systemd-analyze verify: the units of a user'
has systemd-analyze && says_nothing systemd-analyze verify --user --man=no \
	./mailchute-queue.service ./mailchute-queue.timer
finish

# exposed UNIT MOST: in tenths, as --threshold takes it; the least is 0.
exposed() {
	begin "systemd-analyze security: $1 is at most $2"
	if has systemd-analyze; then
		systemd-analyze security --offline=yes --no-pager \
			--threshold="$2" "./$1" >said 2>&1 ||
			complain "$(grep -v '^✓' said)"
		check_match 'its word' 'Overall exposure level' said
	fi
	finish
}
exposed mailchute.service 13
exposed mailchute-queue@.service 30
# As a service of root, which it is not.
exposed mailchute-queue.service 63

begin 'systemd-sysusers makes the user, who cannot log in'
if has systemd-sysusers; then
	mkdir -p root/etc
	systemd-sysusers --root="$work/root" \
		"$contrib/systemd/mailchute.sysusers" >said 2>&1 ||
		complain "$(cat said)"
	check_match passwd \
		'^mailchute:.*:/var/spool/mailchute:.*/nologin$' root/etc/passwd
	check_match group '^mailchute:' root/etc/group
fi
finish

begin 'systemd-tmpfiles makes the folders, each for whom it is'
if has systemd-tmpfiles && [ -e root/etc/passwd ] && [ "$(id -u)" -eq 0 ]; then
	systemd-tmpfiles --root="$work/root" --create \
		"$contrib/systemd/mailchute.tmpfiles" >said 2>&1 ||
		complain "$(cat said)"
	number=$(sed -n 's/^mailchute:[^:]*:\([0-9]*\):.*/\1/p' root/etc/group)
	check folders "750 0:$number root/etc/mailchute
700 $number:$number root/var/spool/mailchute
755 $number:$number root/run/mailchute
755 0:0 root/var/lib/mailchute
700 $number:$number root/var/lib/mailchute/tokens
1733 0:0 root/var/lib/mailchute/users" "$(stat -c '%a %u:%g %n' \
		root/etc/mailchute root/var/spool/mailchute \
		root/run/mailchute root/var/lib/mailchute \
		root/var/lib/mailchute/tokens \
		root/var/lib/mailchute/users)"
fi
finish

begin 'the service and its examples are of one mind'
check_match 'the socket' '^ListenStream=/run/mailchute/submit$' mailchute.socket
check_match 'the callers' '^socket +/run/mailchute/submit$' \
	"$contrib/mailchuterc.example"
check_match 'the queue' '^ReadWritePaths=/var/spool/mailchute$' \
	mailchute.service
check_match 'the queue' '^queue_dir +/var/spool/mailchute$' \
	"$contrib/relay.conf.example"
check_match 'the credential' '^LoadCredential=relay-password:' mailchute.service
check_match 'the credential' '^password_file relay-password$' \
	"$contrib/relay.conf.example"
finish

for example in relay.conf mailchuterc; do
	begin "$example.example is a good profile"
	cp "$contrib/$example.example" profile
	chmod 600 profile
	env -i PATH="$PATH" HOME="$work" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"$MAILCHUTE" -C "$work/profile" config >said 2>&1 ||
		complain "$(cat said)"
	finish
done

begin 'the OpenRC script: what it says, and where it is the shell'\''s'
script=$contrib/openrc/mailchute
says_nothing sh -n "$script"
if command -v shellcheck >/dev/null 2>&1; then
	# Its variables are openrc-run's.
	says_nothing shellcheck -s sh -e SC2034 "$script"
fi
cat >openrc <<'END'
checkpath() { echo "checkpath $*"; }
use() { echo "use $*"; }
ebegin() { :; }
eend() { :; }
start-stop-daemon() { echo "start-stop-daemon $*"; }
RC_SVCNAME=mailchute
END
# dash has no function of that name.
sed -i 's/^start-stop-daemon()/start_stop_daemon()/' openrc
sed 's/start-stop-daemon/start_stop_daemon/' "$script" >>openrc
echo 'start_pre; reload; depend; echo "$command $command_args $command_user"' \
	>>openrc
sh openrc >said 2>&1
check 'what it does' 'checkpath --directory --owner mailchute:mailchute --mode 0755 /run/mailchute
checkpath --directory --owner mailchute:mailchute --mode 0700 /var/spool/mailchute
checkpath --directory --owner root:mailchute --mode 0750 /etc/mailchute
start-stop-daemon --signal HUP --pidfile /run/mailchute.pid
use net dns logger
/usr/bin/mailchute serve mailchute:mailchute' "$(cat said)"
finish
summary
