#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The hook for NetworkManager and networkd: whose queues it runs, and when.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/packaging/tools.sh
. "$TOP_SRCDIR/tests/packaging/tools.sh"
tools_folder

mkdir bin
cat >bin/systemctl <<'END'
#!/bin/sh
case $* in
list-units*) echo 'mailchute-queue@www-data.timer loaded active waiting Send' ;;
'--user -M ann@ '*) exit 0 ;;
*) exit 3 ;;
esac
END
cat >bin/loginctl <<'END'
#!/bin/sh
printf '%s\n' '1000 ann yes active' '1001 bob no active'
END
cat >bin/runuser <<END
#!/bin/sh
echo "\$* HOME=\${HOME-none}" >>$work/ran
END
chmod 755 bin/*

# hook WORDS...: what was run of it, when all of it is over.
hook() {
	: >ran
	env PATH="$work/bin:$PATH" HOME=/root \
		dispatcher.d/90-mailchute "$@" >out 2>&1
	check 'exit code' 0 $?
	tries=0
	until [ "$(grep -c . ran)" -ge "$want" ] || [ $tries -gt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	sort ran >sorted
	check_empty 'what it says' out
}
cat >both <<'END'
-u ann -- mailchute queue run HOME=none
-u www-data -- mailchute queue run HOME=none
END
: >nobody

begin 'the step of the README'
mkdir dispatcher.d
line=$(sed -e :a -e '/\\$/N; s/ *\\\n */ /; ta' "$TOP_SRCDIR/README" |
	sed -n 's/^    \(install .*contrib\/network.*\)/\1/p')
check 'the step' \
	'install -m 755 contrib/network/mailchute /etc/NetworkManager/dispatcher.d/90-mailchute' \
	"$line"
sh -c "$(printf '%s\n' "$line" | sed -e "s,contrib,$TOP_SRCDIR/contrib," \
	-e 's,/etc/NetworkManager/,,')" || complain "it ended with $?"
check mode -rwxr-xr-x "$(ls -l dispatcher.d/90-mailchute | cut -c 1-10)"
finish
begin "NetworkManager's: up"
want=2
hook wlan0 up
check_same 'queues that are run' both sorted
finish
begin 'its other words: nothing'
want=0
hook wlan0 down
hook wlan0 pre-up
hook wlan0 dhcp4-change
check_same 'queues that are run' nobody sorted
finish
begin "networkd-dispatcher's, which says nothing"
want=2
hook
check_same 'queues that are run' both sorted
finish
summary
