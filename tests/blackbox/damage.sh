#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is in the queue's folder and is no message: each kind is named, set
# aside with its reason, and stops nobody; and queues that cannot be used: each
# is a plain 75, or a direct attempt, never a mail that is lost.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
is_root=
[ "$(id -u)" -ne 0 ] || is_root=yes

queued() {
	profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' "$@"
}

chute() {
	submit mailchute "$@" </dev/null
}

# ids FOLDER
ids() {
	find "$1" -mindepth 1 -maxdepth 1 -name '1??????????????' 2>/dev/null |
		sed 's|.*/||' | sort
}

# ---- entries ----------------------------------------------------------------

# Each makes something else of the entry $entry.
edited() {
	echo scribble >>"$entry"
}
edited_recipient() {
	sed -i 's/^recipient .*/recipient bob@@example.test/' "$entry"
}
edited_in_dos() {
	sed -i 's/$/\r/' "$entry"
}
injected() {
	sed -i 's/^sender .*/sender <a@example.test> SIZE=1/' "$entry"
}
command_in_recipient() {
	sed -i 's/^recipient .*/recipient b@example.test\\x0d\\x0aRSET/' \
		"$entry"
}
head_that_was_cut() {
	sed -i '4,$d' "$entry"
}
message_that_was_cut() {
	truncate -s -1 "$entry"
}
empty() {
	: >"$entry"
}
zeroes() {
	head -c 500 /dev/zero >"$entry"
}
zero_in_its_head() {
	sed -i 's/^account .*/account de\x00fault/' "$entry"
}
garbage() {
	LC_ALL=C awk 'BEGIN { for (i = 0; i < 4000; i++)
		printf "%c", 128 + i % 127 }' >"$entry"
}
newer() {
	sed -i '1s/.*/mailchute-queue 99/' "$entry"
}
huge() {
	truncate -s 80000000 "$entry"
}
another() {
	sed -i 's/^id .*/id 100000000000000/' "$entry"
}
two_names() {
	ln "$entry" aside
}
a_file() {
	echo text >"$entry"
}
a_fifo() {
	rm "$entry" && mkfifo "$entry"
}
a_link() {
	rm -rf aside && mv "$entry" aside && ln -s "$sink/aside" "$entry"
}
a_dangling_link() {
	rm "$entry" && ln -s "$sink/nowhere" "$entry"
}
a_link_to_a_folder() {
	rm "$entry" && mkdir aside && ln -s "$sink/aside" "$entry"
}
a_socket() {
	rm "$entry" && ( cd q && python3 -c '
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "${entry#q/}" )
}
a_device() {
	rm "$entry" && mknod "$entry" c 1 3
}
foreign() {
	chown 65534 "$entry"
}

# What an earlier version made: a folder of two files.
as_a_folder() {
	mv "$entry" whole && mkdir -m 700 "$entry" &&
		sed '/^end$/q' whole >"$entry/envelope" &&
		sed '1,/^end$/d' whole >"$entry/message" && rm whole
}
edited_envelope() {
	as_a_folder && echo scribble >>"$entry/envelope"
}
truncated_envelope() {
	as_a_folder && sed -i '4,$d' "$entry/envelope"
}
no_envelope() {
	as_a_folder && rm "$entry/envelope"
}
huge_envelope() {
	as_a_folder && truncate -s 80000000 "$entry/envelope"
}
linked_envelope() {
	as_a_folder && mv "$entry/envelope" aside &&
		ln -s "$sink/aside" "$entry/envelope"
}
fifo_envelope() {
	as_a_folder && rm "$entry/envelope" && mkfifo "$entry/envelope"
}
folder_envelope() {
	as_a_folder && rm "$entry/envelope" && mkdir "$entry/envelope"
}
truncated_message() {
	as_a_folder && truncate -s 20 "$entry/message"
}
longer_message() {
	as_a_folder && echo more >>"$entry/message"
}
no_message() {
	as_a_folder && rm "$entry/message"
}
linked_message() {
	as_a_folder && mv "$entry/message" aside &&
		ln -s "$sink/aside" "$entry/message"
}
message_with_two_names() {
	as_a_folder && ln "$entry/message" aside
}
fifo_message() {
	as_a_folder && rm "$entry/message" && mkfifo "$entry/message"
}
folder_message() {
	as_a_folder && rm "$entry/message" && mkdir "$entry/message"
}
empty_folder() {
	rm "$entry" && mkdir "$entry"
}
device_message() {
	as_a_folder && rm "$entry/message" && mknod "$entry/message" c 1 3
}
foreign_folder() {
	as_a_folder && chown 65534 "$entry"
}
foreign_envelope() {
	as_a_folder && chown 65534 "$entry/envelope"
}
foreign_message() {
	as_a_folder && chown 65534 "$entry/message"
}

# damaged KIND REASON: KIND lies between two healthy entries.
damaged() {
	begin "$1: set aside, and the others go out"
	damaged_before=$(find mail -name '*.eml' | wc -l)
	rm -rf q aside
	for n in 1 2 3; do
		submit_plain mailchute -odq "r$n@example.test"
	done
	id=$(ids q | sed -n 2p)
	entry=q/$id
	"$1"
	chute queue list
	check 'all are listed' 3 "$(grep -c '^1[0-9a-z]\{14\} ' "$client/out")"
	chute queue run
	check 'exit code' 0 "$status"
	check 'arrived' 2 "$(($(find mail -name '*.eml' | wc -l) -
		damaged_before))"
	check 'waiting' '' "$(ids q)"
	check 'set aside' "$id" "$(ids q/damaged)"
	# Where there is no syslog, the line of the log stands there, too.
	check 'sentences' 1 "$(grep -c '^mailchute: ' "$client/err")"
	check_match 'stderr' "^mailchute: $id.* $2" "$client/err"
	check_match 'the reason beside it' "^queue\\.[-a-z]* .*$2" \
		"q/damaged/$id.why"
	chute queue list
	check_match list "^$id +damaged .*$2" "$client/out"
	chute queue run
	check 'it is said once' 0 "$(grep -c . "$client/err")"
	chute queue show "$id"
	check 'it is no entry' 69 "$status"
	[ ! -e aside ] || [ -s aside ] || [ -d aside ] ||
		complain 'what it led to was changed'
	finish
}

sink_start
queued
begin 'an entry of a newer version stays, is told once, and stops nobody'
rm -rf q
for n in 1 2 3; do
	submit_plain mailchute -odq "r$n@example.test"
done
id=$(ids q | sed -n 2p)
entry=q/$id
newer
cp -a "$entry" newer
chute queue run
check 'exit code' 0 "$status"
arrived 2
check_match stderr "^mailchute: $id: .* has format 99, of a newer version" \
	"$client/err"
cmp "$entry" newer || complain 'it was changed'
chute queue run
check_empty 'it is said once' "$client/err"
chute queue list
check_match list "^$id +damaged .*of a newer version" "$client/out"
sed -i '1s/.*/mailchute-queue 2/' "$entry"
chute queue run
check 'the version that knows it' 0 "$status"
arrived 3
check 'nothing is left' '' "$(ls q/damaged)"
rm -rf newer mail/*
finish

damaged edited 'line [0-9]+: .*it makes no sense'
damaged edited_recipient 'it makes no sense'
damaged edited_in_dos 'of a queued message'
damaged injected 'it makes no sense'
damaged command_in_recipient 'it makes no sense'
damaged head_that_was_cut 'it stops in the middle'
damaged message_that_was_cut 'its message has not the size it was kept with'
damaged empty 'it does not begin as a record'
damaged zeroes 'it does not begin as a record'
damaged zero_in_its_head 'it makes no sense'
damaged garbage 'it does not begin as a record'
damaged huge 'its envelope is too long'
damaged another "its envelope is another message's"
damaged two_names 'it has a second name'
damaged a_file 'it does not begin as a record'
damaged a_fifo 'it is no regular file'
damaged a_link 'it is no regular file'
damaged a_dangling_link 'it is no regular file'
damaged a_link_to_a_folder 'it is no regular file'
if command -v python3 >/dev/null; then
	damaged a_socket 'it is no regular file'
fi
damaged edited_envelope 'line [0-9]+: .*it makes no sense'
damaged truncated_envelope 'it stops in the middle'
damaged no_envelope 'its file envelope is missing'
damaged huge_envelope 'its envelope is too long'
damaged linked_envelope 'it is no regular file'
damaged fifo_envelope 'it is no regular file'
damaged folder_envelope 'it is no regular file'
damaged truncated_message 'its message has not the size it was kept with'
damaged longer_message 'its message has not the size it was kept with'
damaged no_message 'its file message is missing'
damaged linked_message 'it is no regular file'
damaged message_with_two_names 'it has a second name'
damaged fifo_message 'it is no regular file'
damaged folder_message 'it is no regular file'
damaged empty_folder 'its file envelope is missing'
if [ "$is_root" ]; then
	damaged a_device 'it is no regular file'
	damaged foreign 'it belongs to another user'
	damaged device_message 'it is no regular file'
	damaged foreign_folder 'it belongs to another user'
	damaged foreign_envelope 'it belongs to another user'
	damaged foreign_message 'it belongs to another user'
else
	skip 'entries of another user, and devices' 'only root can make them'
fi

begin 'what has no name of an entry is left alone'
rm -rf q
submit_plain mailchute -odq bob@example.test
mkdir q/lost+found q/.hidden q/10000000000000 q/1abcdefghijklmn
echo text >q/notes.txt
ln -s /etc/passwd q/link
chute queue run
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
check 'what is there' '.hidden 10000000000000 1abcdefghijklmn history incoming link lost+found notes.txt sending' \
	"$(find q -mindepth 1 -maxdepth 1 | sed 's|.*/||' | LC_ALL=C sort |
		tr '\n' ' ' | sed 's/ $//')"
finish

begin 'control bytes in an edited reason do not reach the terminal'
rm -rf q
submit_plain mailchute -odq bob@example.test carol@example.test
id=$(ids q)
printf 'deferred 1795313402 1 1 %s - 0 - x\\x1b[31mred\n' 1 2 \
	>>"q/$id"
for words in list 'list --json' "show $id" "show --json $id" -bp; do
	# shellcheck disable=SC2086
	case $words in
	-bp) chute -bp ;;
	*) chute queue $words ;;
	esac
	check_match "$words has the reason" 'red' "$client/out"
	LC_ALL=C grep -q "$(printf '\033')" "$client/out" &&
		complain "$words: an escape"
done
chute queue run --due
finish

# ---- folders ----------------------------------------------------------------

# unusable NAME PATTERN: the queue cannot be used.  With the server there, the
# mail goes out at once; without, it is 75 and says why.
unusable() {
	begin "$1: sent at once"
	sink_start
	queued 'queue always' "${unusable_line-syslog off}"
	message_plain >"$client/in"
	# shellcheck disable=SC2086
	$unusable_as submit mailchute bob@example.test <"$client/in"
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	arrived 1
	finish
	begin "$1: 75 when it cannot be sent at once"
	sink_stop
	for unusable_queue in auto always; do
		queued "queue $unusable_queue" "${unusable_line-syslog off}"
		# shellcheck disable=SC2086
		$unusable_as submit mailchute bob@example.test <"$client/in"
		check "exit code with $unusable_queue" 75 "$status"
		check_match "stderr with $unusable_queue" \
			"not in the queue either: .*$2" "$client/err"
		check_match log ' exitcode=EX_TEMPFAIL ' "$client/log"
	done
	finish
}
unusable_as=

rm -rf q && mkdir q && chmod 777 q
unusable 'writable by others' 'others can write to it'
rm -rf q && mkdir q && chmod 770 q
unusable 'writable by the group' 'others can write to it'
rm -rf q && echo text >q
unusable 'a file' 'Not a directory'
rm -rf q && mkdir elsewhere && ln -s elsewhere q
[ "$is_root" ] || unusable 'a link' 'Not a directory|symbolic links'
[ ! "$is_root" ] || chown -h 65534 q
[ ! "$is_root" ] || unusable 'a link of another user' \
	'Not a directory|symbolic links'
rm -rf q elsewhere
unusable_line='queue_dir relative/q'
unusable 'a relative name' "does not begin with '/'"
unusable_line="queue_dir $sink/no/home/q"
unusable 'in a folder that is not there' 'No such file'
[ ! -e no ] || bail 'it was made'
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ]; then
	unusable_line="queue_dir /dev/shm/mailchute-test-$$"
	unusable 'in memory' 'gone after a restart'
	rmdir "/dev/shm/mailchute-test-$$"
fi
unset unusable_line

# A file may grow to eight blocks, no more: what a full disk looks like.
with_no_room() (
	ulimit -f 8
	"$@"
	echo "$status" >status.kept
)
begin 'no room: 75, and nothing is left'
rm -rf q
sink_stop
queued 'queue always'
body_ten_megabytes | head -c 100000 >large
message_with large >"$client/in"
with_no_room submit mailchute bob@example.test <"$client/in"
check 'exit code' 75 "$(cat status.kept)"
check_match stderr 'not in the queue either: .*File too large' "$client/err"
check 'left' '' "$(ids q)$(ids q/incoming)"
finish
begin 'no room: sent at once'
sink_start
queued 'queue always'
with_no_room submit mailchute bob@example.test <"$client/in"
check 'exit code' 0 "$(cat status.kept)"
arrived 1
check 'left' '' "$(ids q)$(ids q/incoming)"
finish

# Mounts want root, and a system that lets it have namespaces.
if [ "$is_root" ] && unshare --mount true 2>/dev/null; then
	# mounted NAME PATTERN SETUP: as unusable(), with what SETUP mounts on q.
	mounted() {
		rm -rf q && mkdir -m 700 q
		printf 'set -e\nmount --make-rprivate /\n%s\nexec "$@"\n' "$3" \
			>mounts
		printf '#!/bin/sh\nexec unshare --mount sh %s/mounts %s "$@"\n' \
			"$sink" "$MAILCHUTE" >mounted
		chmod 755 mounted
		mounted_kept=$MAILCHUTE
		MAILCHUTE=$sink/mounted
		unusable "$1" "$2"
		MAILCHUTE=$mounted_kept
		check 'left' '' "$(ids q)$(ids q/incoming)"
	}
	mounted 'a tmpfs' 'gone after a restart' \
		"mount -t tmpfs -o mode=700 tmpfs $sink/q"
	mounted 'a read-only disk' 'Read-only file system' \
		"mount --bind $sink/q $sink/q; mount -o remount,bind,ro $sink/q"
	mkdir -p lower upper work
	if unshare --mount mount -t overlay overlay -o \
		lowerdir=lower,upperdir=upper,workdir=work q 2>/dev/null; then
		mounted 'the upper side of a container' 'gone after a restart' \
			"mount -t overlay overlay -o lowerdir=$sink/lower,upperdir=$sink/upper,workdir=$sink/work $sink/q; chmod 700 $sink/q"
	else
		skip 'the upper side of a container' 'no overlay here'
	fi
	# A disk of its own, with next to no room.
	if command -v mkfs.ext2 >/dev/null && truncate -s 300K disk &&
		mkfs.ext2 -q -F -m 0 disk 2>/dev/null &&
		unshare --mount mount -o loop disk q 2>/dev/null; then
		mounted 'a full disk' 'No space left on device' \
			"mount -o loop $sink/disk $sink/q; chmod 700 $sink/q; head -c 400000 /dev/zero >$sink/q/filler 2>/dev/null || :"
	else
		skip 'a full disk' 'no loop device here'
	fi
else
	skip 'a tmpfs, a read-only disk, an overlay, a full disk' \
		'root and namespaces are wanted'
fi

summary
