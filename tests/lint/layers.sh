#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who may look where: the tables of src/README against every #include, and
# against what the pure folders' libraries ask of the system; and that nobody
# looks in a circle, neither headers nor the files of a folder.
. "$(dirname "$0")/lint.sh"

readme=$top/src/README
files=$(sources src -- '*.c' '*.h' '*.def')

# rules FILE: the tables as lines "folder F allowed..." "door LIB FILE" (a line each) "pure F".
rules() {
	awk '
	/^folder +floor/ { table = "folder"; next }
	/^system library/ { table = "door"; next }
	/^pure folders:/ { for (i = 3; i <= NF; i++) print "pure", $i; next }
	NF == 0 { table = ""; next }
	table == "folder" {
		line = "folder " $1
		for (i = 3; i <= NF; i++)
			if ($i != "-")
				line = line " " $i
		print line
	}
	table == "door" {
		for (i = 2; i <= NF; i++)
			print "door", $1, $i
	}
	' "$1"
}

# judge WHAT: the complaints of one kind (folder, door or pure).
judge() {
	# shellcheck disable=SC2086  # a list of names without spaces
	code $files | awk -v what="$1" -v top="$top" -v rules="$rules" '
	BEGIN {
		count = split(rules, line, "\n")
		for (i = 1; i <= count; i++) {
			n = split(line[i], word, " ")
			if (word[1] == "folder") {
				known[word[2]] = 1
				for (j = 2; j <= n; j++)
					may[word[2], word[j]] = 1
			} else if (word[1] == "door") {
				doors[word[2]] = doors[word[2]] " " word[3]
				is_door[word[2], "src/" word[3]] = 1
			} else {
				pure[word[2]] = 1
			}
		}
		n = split("string.h stdint.h stdbool.h stddef.h stdlib.h " \
			"stdio.h stdarg.h stdalign.h limits.h inttypes.h " \
			"assert.h sysexits.h time.h config.h", word, " ")
		for (i = 1; i <= n; i++)
			harmless[word[i]] = 1
	}
	function complain(text) {
		print file ":" line_number ": " text
	}
	{
		n = split($0, part, ":")
		file = part[1]; line_number = part[2]
		text = substr($0, length(file) + length(line_number) + 3)
		split(file, step, "/")
		folder = file ~ /^src\/[^\/]*$/ ? "" : step[2]
		if (what == "folder" && folder != "" && !(folder in known))
			if (!told[folder]++)
				complain(folder " is not in the table of src/README")
		if (text !~ /^[ \t]*#[ \t]*include/ ||
			!match(text, /["<][^">]*[">]/))
			next
		system_header = substr(text, RSTART, 1) == "<"
		name = substr(text, RSTART + 1, RLENGTH - 2)
		split(name, step, "/")
		if (what == "folder" && !system_header) {
			if (name !~ /\// || system("test -f " top "/src/" name))
				complain("\"" name "\" is no file of src/, named with its folder")
			else if (folder != "" && !((folder, step[1]) in may))
				complain(folder " may not include " name)
		}
		if (what == "door" && system_header)
			for (library in doors)
				if (index(name, library) == 1 &&
					!((library, file) in is_door))
					complain("<" name "> belongs to" doors[library])
		if (what == "pure" && system_header && (folder in pure) &&
			!(name in harmless))
			complain("<" name "> in a folder that makes no system call")
	}'
}

# What a pure folder may not ask for, of the system or of base/.  A store is an
# argument there, so the store_ functions may be called.
impure='^(_?_?(open|creat|read|write|pread|pwrite|readv|writev|close|dup|pipe|'\
'poll|ppoll|select|socket|connect|bind|listen|accept|send|recv|sendto|recvfrom|'\
'getaddrinfo|gethostname|getpid|getppid|getuid|geteuid|getenv|secure_getenv|'\
'getpwuid|getpwnam|getpwuid_r|getpwnam_r|setenv|unsetenv|time|clock_gettime|'\
'gettimeofday|localtime|localtime_r|tzset|mktime|setlocale|nanosleep|sleep|'\
'usleep|alarm|fork|vfork|execv|execve|execl|execlp|execvp|system|popen|'\
'posix_spawn|posix_spawnp|waitpid|kill|raise|signal|sigaction|exit|_exit|'\
'_Exit|quick_exit|abort|fopen|fdopen|freopen|fclose|fread|fwrite|fgets|fputs|'\
'puts|putchar|putc|fputc|getc|getchar|printf|vprintf|fprintf|vfprintf|dprintf|'\
'perror|fflush|stdin|stdout|'\
'stderr|syslog|openlog|stat|fstat|lstat|unlink|rename|mkdir|chmod|access|'\
'opendir|readdir|mkstemp|tmpfile|rand|srand|random|srandom|rand_r|drand48|'\
'arc4random|getrandom|getentropy|ioctl|fcntl|mmap|tcgetattr|isatty|'\
'pthread_create|setjmp|longjmp|sigsetjmp|siglongjmp)(64|_2|64_2|_chk|64_chk)?|'\
'clock_.*|process_.*|file_.*|random_bytes|terminal_.*|log_(syslog|file).*|source_from_fd)$'

# calls FOLDER: the impure symbols its library leaves to others.
calls() {
	nm -u "$TOP_BUILDDIR/src/$1/lib$1.a" 2>/dev/null |
		awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u |
		grep -E "$impure" | sed "s/^/src\/$1 calls /"
}

# circles: of lines "A B", A needs B, those that lie on a circle (or between
# two): whoever needs nobody, or is needed by nobody, is taken away until all
# that is left is.
circles() {
	awk '
	NF == 2 && $1 != $2 && !(($1, $2) in seen) {
		seen[$1, $2] = 1
		from[++count] = $1
		to[count] = $2
	}
	END {
		do {
			split("", needs); split("", needed)
			for (i in from) {
				needs[from[i]] = 1
				needed[to[i]] = 1
			}
			removed = 0
			for (i in from)
				if (!(to[i] in needs) || !(from[i] in needed)) {
					delete from[i]
					removed = 1
				}
		} while (removed)
		for (i in from)
			print from[i] " needs " to[i]
	}' | sort
}

# header_needs: "A B" for each header A that includes B.
header_needs() {
	# shellcheck disable=SC2046  # a list of names without spaces
	code $(sources src -- '*.h') | sed -n \
		's/^src\/\([^:]*\):[0-9]*:[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1 \2/p'
}

# file_needs FOLDER: "A B" for each file A of the folder's library that asks for
# what B defines.
file_needs() {
	nm -A "$TOP_BUILDDIR/src/$1/lib$1.a" 2>/dev/null | awk '
	{
		n = split($1, part, ":")
		file = part[2] # LIBRARY:MEMBER:ADDRESS
		sub(/.*-/, "", file)
		sub(/\.o$/, "", file)
		symbol = $NF
		type = $(NF - 1)
	}
	type == "U" { asks[++count] = file " " symbol; next }
	type ~ /^[A-Z]$/ { home[symbol] = file }
	END {
		for (i = 1; i <= count; i++) {
			split(asks[i], word, " ")
			if (word[2] in home)
				print word[1], home[word[2]]
		}
	}' | sort -u
}

rules=$(rules "$readme")
case $rules in
*folder*door*pure*) report 'src/README has its tables' '' ;;
*) report 'src/README has its tables' "got: $rules" ;;
esac
report 'a folder includes only what is below it' "$(judge folder)"
report 'each system library has one door' "$(judge door)"
report 'the pure folders include pure headers' "$(judge pure)"
report 'no header includes itself in the end' "$(header_needs | circles)"
for folder in $(printf '%s\n' "$rules" | sed -n 's/^folder \([^ ]*\).*/\1/p'); do
	name="no circle between the files of $folder/"
	if ! command -v nm >/dev/null; then
		skip "$name" 'there is no nm'
	elif [ ! -f "$TOP_BUILDDIR/src/$folder/lib$folder.a" ]; then
		skip "$name" 'its library is not built'
	else
		report "$name" "$(file_needs "$folder" | circles)"
	fi
done
for folder in $(printf '%s\n' "$rules" | sed -n 's/^pure //p'); do
	name="$folder/ makes no system call"
	if ! command -v nm >/dev/null; then
		skip "$name" 'there is no nm'
	elif [ ! -f "$TOP_BUILDDIR/src/$folder/lib$folder.a" ]; then
		skip "$name" 'its library is not built'
	else
		report "$name" "$(calls "$folder")"
	fi
done
lint_done
