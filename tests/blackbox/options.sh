#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every option that a sendmail ever had, as a link of that name: exit code,
# what arrived, and stderr, whole.  One row each, in all spellings.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

start() {
	sink_start --auth-optional "$@"
	profile "port $clear_port" 'tls off' 'auth off'
}
start --dsn

cat >message <<'END'
To: to@example.test
Cc: Cc <CC@example.test>
Bcc: bcc@example.test
Subject: row

text
.
more
END

# envelope KEY [LEFT-OUT]: of all that arrived, in one line.
envelope() {
	envelope_key=$1 envelope_out=${2-}
	set -- mail/*.envelope
	[ ! -e "$1" ] || awk -v key="$envelope_key" -v out="$envelope_out" '
		$1 == key {
			sub(/^[^ ]* ?/, "")
			if (out)
				gsub(out, "")
			printf "%s%s", before, $0
			before = " "
		}' "$@"
}

# row CODE 'RECIPIENT...' STDERR ARGUMENT...: domains left out.
row() {
	row_code=$1 row_arrived=$2 row_stderr=$3
	shift 3
	begin "$row_name$*"
	rm -f mail/*
	submit sendmail "$@" <message
	check 'exit code' "$row_code" "$status"
	check 'who got it' "$row_arrived" \
		"$(envelope to '@example[.]test')"
	check stderr "$row_stderr" "$(with_port "$client/err")"
	check_empty stdout "$client/out"
	finish
}
row_name=

# sent ARGUMENT...: to bob, in silence.
sent() {
	row 0 bob '' "$@" bob@example.test
}

# from WANTED ARGUMENT...: the sender of the envelope.
from() {
	from_wanted=$1
	shift
	row_name="sender $from_wanted: "
	sent "$@"
	row_name=
	begin "sender of $*"
	check sender "$from_wanted" "$(envelope from)"
	finish
}

# has WHAT WANTED: something of the row before.
has() {
	begin "  its $1"
	check "$1" "$2" "$3"
	finish
}

# refused STDERR ARGUMENT...: nothing sent, 64.
refused() {
	refused_stderr=$1
	shift
	row 64 '' "mailchute: $refused_stderr" "$@"
}

help="
mailchute: 'mailchute --help' lists the options"
nobody='no recipients
mailchute: name them on the command line, or use -t to take them from the message'

# ---- recipients ----------------------------------------------------------------

row 0 'to CC bcc' '' -t
row 0 'to CC bcc' '' -ti
row 0 'to CC bcc' '' -it
row 0 'to CC bcc' '' -t -oi
row 0 'extra CC@EXAMPLE.TEST to bcc' '' -t -i extra@example.test CC@EXAMPLE.TEST
row 0 'cc to CC bcc' '' -t cc@example.test
row 0 'bob carol' '' bob@example.test carol@example.test
row 0 'bob carol' '' 'bob@example.test,carol@example.test'
row 0 'bob carol' '' 'Bob <bob@example.test>, carol@example.test (Carol)'
row 0 'bob' '' bob@example.test bob@Example.Test
row 0 'bob' '' -- bob@example.test
row 0 '-x' '' -i -- -x@example.test
row 65 '' "mailchute: 'bad address' is not a valid address: two words without a comma or angle brackets
mailchute: an address is NAME@DOMAIN; between several of them stands a comma" \
	'bad address'
hint="mailchute: write the address in full, name it in the alias file ('aliases'), or set 'maildomain'"
row 67 '' "mailchute: the recipient 'nosuch' has no domain
$hint" nosuch
row 67 'bob' "mailchute: the recipient 'nosuch' has no domain
mailchute: the server took the message for the 1 other recipient
$hint" '\nosuch' bob@example.test
row 67 'bob carol' "mailchute: 'a@@example.test' is not a valid address: a second '@'
mailchute: the recipient 'nosuch' has no domain
mailchute: the server took the message for the 2 other recipients
mailchute: an address is NAME@DOMAIN; between several of them stands a comma" \
	a@@example.test bob@example.test 'nosuch, carol@example.test'
row 65 '' "mailchute: 'a@@example.test' is not a valid address: a second '@'
mailchute: an address is NAME@DOMAIN; between several of them stands a comma" \
	a@@example.test nosuch
row 0 "o'neil bob" '' "o\\'neil@example.test" bob@example.test
refused "$nobody"
refused "no recipients
mailchute: -oit is -oi alone; for both, write -oi -t" -oit
row 64 '' "mailchute: option -f after an address
mailchute: put options before the addresses, or '--' before an address that begins with '-'" \
	bob@example.test -f x@example.test
row 64 '' "mailchute: option -t after an address
mailchute: put options before the addresses, or '--' before an address that begins with '-'" \
	bob@example.test -t

# ---- the dot -------------------------------------------------------------------

for dot in '' -i -oi -oitrue; do
	# shellcheck disable=SC2086 # none or one
	sent $dot
	has body 'text
.
more' "$(tr -d '\r' <"$(echo mail/*.eml)" | sed '1,/^$/d')"
done

# ---- the sender ------------------------------------------------------------------

from alice@example.test
from a@example.test -f a@example.test
from a@example.test -fa@example.test
from a@example.test -r a@example.test
from a@example.test -ra@example.test
from a@example.test -if a@example.test
from a@example.test -f 'Ann <a@example.test>'
from a@example.test -f '<a@example.test>'
from '' -f '<>'
from '' -f ''
from '' '-f<>'
from alice@example.test -f root
from b@example.test -f a@example.test -f b@example.test
row 65 '' "mailchute: 'a b c' is not a valid address: two words without a comma or angle brackets
mailchute: an address is NAME@DOMAIN; between several of them stands a comma" \
	-f 'a b c' bob@example.test
refused "option -f needs a value$help" -t -f

# name WANTED ARGUMENT...: the From that is made.
name() {
	name_wanted=$1
	shift
	sent "$@"
	has From "$name_wanted" \
		"$(tr -d '\r' <"$(echo mail/*.eml)" | grep '^From:')"
}
name 'From: CronDaemon <alice@example.test>' -FCronDaemon
name 'From: Cron Daemon <alice@example.test>' -F 'Cron Daemon'
name 'From: "Daemon, Cron" <alice@example.test>' -F 'Daemon, Cron'
name 'From: =?utf-8?B?SsO2cmc=?= <alice@example.test>' -FJörg
name 'From: alice@example.test' -F ''
name 'From: X <a@example.test>' -f a@example.test -F X

# ---- reports: what a server with DSN is asked, and one without is not --------------

# wish WANTED ARGUMENT...: the parameters behind RCPT, and behind MAIL but SIZE.
wish() {
	wish_wanted=$1
	shift
	sent "$@"
	has wishes "$wish_wanted" "$(envelope to-parameters |
		sed 's/ *ORCPT=[^ ]*//')/$(envelope from-parameters |
		sed 's/ *SIZE=[0-9]*//; s/^ //')"
}
wish NOTIFY=NEVER/ -N never
wish NOTIFY=SUCCESS,FAILURE,DELAY/ -N success,failure,delay
wish NOTIFY=FAILURE/ -Nfailure
wish /RET=HDRS -R hdrs
wish /RET=FULL -Rfull
wish /RET=FULL -R FULL
wish /ENVID=abc -V abc
wish /ENVID=abc -Vabc
wish '/ENVID=abc' '-V     abc'
wish / -V ''
wish 'NOTIFY=DELAY/RET=HDRS ENVID=x1' -N delay -R hdrs -V x1
# A plus sign that is xtext already, and a blank.
wish '/ENVID=a+2Bb' -V a+2Bb
wish '/ENVID=a+2Bb+3D' -V a+2Bb+3D
begin 'a wish that makes no sense is in the log'
submit sendmail -V 'a b' bob@example.test <message
check_match log " warning='option -V does not take .a b." "$client/log"
finish
# Exim's -N and Postfix's -V take no value: nobody is swallowed.
for letter in N R V; do
	for space in '' ' '; do
		begin "-$letter${space}bob carol: nobody is left out"
		rm -f mail/*
		# shellcheck disable=SC2086 # two words or one
		submit sendmail -$letter${space}bob@example.test \
			carol@example.test <message
		check 'exit code' 64 "$status"
		arrived 0
		check_match stderr "option -$letter does not take 'bob@example.test'" "$client/err"
		finish
	done
done

start
wish / -N success -R full -V abc

# ---- Postfix's wishes by name ---------------------------------------------------------

wish /SMTPUTF8 -O smtputf8=yes
wish / -O smtputf8=no
# A queue runs later, and still asks for it.
begin '-O smtputf8=yes through the queue'
profile "port $clear_port" 'tls off' 'auth off' 'queue auto' \
	"queue_dir $sink/q" 'queue_runner external'
rm -f mail/*
submit sendmail -odq -O smtputf8=yes bob@example.test <message
check 'exit code' 0 "$status"
submit mailchute queue run </dev/null
check 'exit code' 0 "$status"
arrived 1
check_match transcript '^C: MAIL FROM:.* SMTPUTF8' transcript
finish
profile "port $clear_port" 'tls off' 'auth off'
begin '-O requiretls=yes is a promise'
submit sendmail -O requiretls=yes bob@example.test <message
check 'exit code' 69 "$status"
check_match stderr REQUIRETLS "$client/err"
finish

# ---- no message is dropped with 0 ------------------------------------------------------

for mode in -bp -bi -bh -bH -I -q -qf -q30m -d0.1 --help --version; do
	for message_option in '-t -i' '-oi'; do
		begin "$message_option $mode"
		# shellcheck disable=SC2086 # two words
		submit sendmail $message_option $mode <message
		check 'exit code' 64 "$status"
		check_match stderr exclude "$client/err"
		finish
	done
done

# ---- taken, and ignored --------------------------------------------------------------

for taken in -B8BITMIME -B7BIT '-B 8BITMIME' '-B nonsense' -U -G -m -x -c -n \
	-Ac -Am '-A c' '-p SMTP:news' -pSMTP:news \
	-om -oo -o7 -o8 -or0s -oQ/tmp/x -oeml -oP/x '-oA /etc/aliases' \
	-oA/etc/aliases -oL9 -odb -odi -odf -odq -odd \
	'-O DeliveryMode=b' '-O deliverymode=interactive' -OErrorMode=p \
	'-O QueueDirectory=/tmp/x' -OQueueDirectory=/tmp/x '-O Nonsense' \
	-oep -oem -oew -oeq -oee -oe -ep -em -ew -eq -ee '-e p' \
	'-h 0' -h50 '-h 17' '-L tag' -Ltag -bm; do
	# shellcheck disable=SC2086 # words
	sent $taken
done

begin '-L: the tag is in the log'
submit sendmail -L backup bob@example.test <message
check_match log " tag='backup'" "$client/log"
finish

row 69 '' 'mailchute: the message has passed 51 hosts: it runs in circles
mailchute: its Received fields show the way: a forward, an alias or a '\''host'\'' on it leads back' \
	-h 51 bob@example.test
row 69 '' 'mailchute: the message has passed 51 hosts: it runs in circles
mailchute: its Received fields show the way: a forward, an alias or a '\''host'\'' on it leads back' \
	-h51 bob@example.test
refused "option -h does not take 'many': a number
mailchute: 'mailchute --help' tells what each option takes" -h many bob@example.test
refused "option -e does not take 'bob@example.test': m, p, q, w, e
mailchute: 'mailchute --help' tells what each option takes" \
	-e bob@example.test

# quiet ARGUMENT...: a failure keeps its exit code, and stderr stays empty.
for quiet in -oeq -oee -eq -ee -OErrorMode=q '-O ErrorMode=exit'; do
	# shellcheck disable=SC2086 # words
	row 67 '' '' $quiet dud
done
for loud in -oem -oew -oep -em -ew -ep -OErrorMode=p; do
	row 67 '' "mailchute: the recipient 'dud' has no domain
mailchute: write the address in full, name it in the alias file ('aliases'), or set 'maildomain'" \
		$loud dud
done

printf 'dud: bob@example.test\n' >aliases
profile "port $clear_port" 'tls off' 'auth off' "aliases $sink/aliases"
row 0 bob '' dud
row 67 '' "mailchute: the recipient 'dud' has no domain
mailchute: write the address in full, name it in the alias file ('aliases'), or set 'maildomain'" \
	-n dud
profile "port $clear_port" 'tls off' 'auth off'

# ---- the dialogue on stderr ------------------------------------------------------------

for verbose in -v -d -d8 -d1-99.1; do
	begin "$verbose: the dialogue, on stderr alone"
	rm -f mail/*
	submit sendmail $verbose bob@example.test <message
	check 'exit code' 0 "$status"
	check_empty stdout "$client/out"
	if [ $verbose = -v ] || [ "$(id -u)" -eq 0 ]; then
		check_match stderr 'RCPT TO:<bob@example\.test>' "$client/err"
	else
		check_empty stderr "$client/err"
	fi
	arrived 1
	finish
done

# ---- modes ---------------------------------------------------------------------------

# prints CODE PATTERN ARGUMENT...: on stdout, and nothing is sent.
prints() {
	prints_code=$1 prints_pattern=$2
	shift 2
	begin "$*"
	rm -f mail/*
	submit sendmail "$@" <message
	check 'exit code' "$prints_code" "$status"
	check_empty stderr "$client/err"
	if [ -n "$prints_pattern" ]; then
		check_match stdout "$prints_pattern" "$client/out"
	else
		check_empty stdout "$client/out"
	fi
	arrived 0
	finish
}
prints 0 '^Mail queue is empty$' -bp
prints 0 '^Mail queue is empty$' -bp -v
prints 0 '' -bi
prints 0 '' -I
prints 0 '' -bh
prints 0 '' -bH
prints 0 '' -q
prints 0 '' -q30m
prints 0 '' -qf
prints 0 '' -qRexample.test
prints 0 '' -qSalice
prints 0 '' -qI123
prints 0 '^mailchute [0-9]' -d0.1 -bv root
prints 0 '^mailchute [0-9]' --version
prints 0 '^Usage: ' --help

# Called by another name.
for called in 'mailq|^Mail queue is empty$' 'newaliases|' 'runq|'; do
	name=${called%%|*}
	ln -sf "$MAILCHUTE" "$client/bin/$name"
	begin "called $name"
	status=0
	env -i HOME="$client/home" PATH="$PATH" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$client/bin/$name" \
		</dev/null >"$client/out" 2>"$client/err" || status=$?
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	if [ -n "${called#*|}" ]; then
		check_match stdout "${called#*|}" "$client/out"
	else
		check_empty stdout "$client/out"
	fi
	finish
done
for name in send-mail sendmail.mailchute; do
	ln -sf "$MAILCHUTE" "$client/bin/$name"
	begin "called $name"
	rm -f mail/*
	env -i HOME="$client/home" PATH="$PATH" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$client/bin/$name" \
		-i bob@example.test <message >"$client/out" 2>"$client/err" ||
		complain 'it failed'
	check_empty stderr "$client/err"
	arrived 1
	finish
done

# ---- refused ---------------------------------------------------------------------------

no='is not allowed here:'
allowed="
mailchute: 'mailchute --help' lists the options that are"
while IFS='|' read -r words reason; do
	# shellcheck disable=SC2086 # words
	refused "option ${words%% *} $no $reason$allowed" $words bob@example.test
done <<'END'
-ba|ARPANET mode is of the past
-bd|this is no daemon
-bD|this is no daemon
-bl|this is no daemon
-bP|there is no such queue
-bt|there are no rewriting rules to test
-bv|addresses are not verified, and nothing is sent
-bz|there is no configuration to freeze
-C /etc/passwd|a caller chooses no configuration
-D /tmp/x|a caller chooses no file to write
-X /tmp/x|a caller chooses no file to write
-E|it is of the past
-J|it is of the past
-M x|it is of the past
-Q|it is of the past
-T|it is of the past
-s Subject|a subject is given as 'mailchute send -s'
END
refused "option -C $no a caller chooses no configuration$allowed" -C/etc/passwd
refused "option -X $no a caller chooses no file to write$allowed" -tX/tmp/x
for unknown in -bx -Z -w -a -P -S -j -k -l -W -1 --account=x --host=evil \
	--file=/etc/passwd --logfile=/tmp/x --debug --from=x --read-recipients; do
	refused "unknown option ${unknown%%=*}$help" $unknown bob@example.test
done
refused "unknown option -Z$help" -tiZ
refused "option -b needs a value$help" -b
refused "option -o needs a value$help" -o bob@example.test

summary
