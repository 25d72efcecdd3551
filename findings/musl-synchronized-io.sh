#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# musl has fdatasync(), and does not say so by the macro that POSIX has for it.
#
# POSIX marks fdatasync() as part of the option Synchronized Input and Output,
# and <unistd.h> defines _POSIX_SYNCHRONIZED_IO where that is supported.  So
# "#if defined(_POSIX_SYNCHRONIZED_IO) && _POSIX_SYNCHRONIZED_IO > 0" looks like
# the way to choose it.  The <unistd.h> of musl 1.2.3 (Debian 12) defines no such
# macro, while its libc.a has the function: code that asks the macro falls back
# to fsync() on Alpine without a word, and syncs times and modes, too.
#
# So configure looks for the function.
#
# Wanted: apt-get with Debian 12's archive, dpkg, cc, nm.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq musl-dev=1.2.3-1
dpkg -x musl-dev_*.deb tree
headers=$(dirname "$(find tree -name unistd.h -not -path '*/sys/*' | head -n 1)")
library=$(find tree -name libc.a | head -n 1)
{
	printf '#include <unistd.h>\n_POSIX_SYNCHRONIZED_IO _POSIX_VERSION\n' |
		cc -nostdinc -isystem "$headers" -E -P - | tail -n 1
	nm "$library" 2>/dev/null | grep -c ' T fdatasync$'
} >seen
cat seen
cat >expected <<'END'
_POSIX_SYNCHRONIZED_IO 200809L
1
END
diff expected seen
