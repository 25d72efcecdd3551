#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every keyword and option of msmtp, one a row: without it the effect is not
# there, and in the file, on the command line and in the environment it is.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --dsn --auth-optional
ln -s "$MAILCHUTE" msmtp
mkdir home rc bin
printf 'Subject: s\nBcc: bcc@example.test\n\ntext\n' >bare
printf 'From: Ann <ann@example.test>\nTo: to@example.test\nSubject: s\nBcc: bcc@example.test\n\ntext\n' >full
printf 'root: bob@example.test\n' >aliases

# base_lines KEYWORD: all but the line of that keyword.
base_lines() {
	for base_line in 'host localhost' "port $starttls_port" 'tls on' \
		"tls_trust_file $sink/certs/ca.pem" 'timeout 5' \
		'from alice@example.test' "logfile $sink/log"; do
		case $base_line in
		"$1 "*) ;;
		*) printf '%s\n' "$base_line" ;;
		esac
	done
}

# base KEYWORD LINE...: an msmtprc that works, but for that keyword's line; lines
# that begin with an account are the whole file.
base() {
	base_left_out=$1
	shift
	[ $# -gt 0 ] || set -- ''
	{
		case $1 in
		account* | defaults*) ;;
		*) base_lines "$base_left_out" ;;
		esac
		printf '%b\n' "$@"
	} >rc/msmtprc
	chmod 600 rc/msmtprc
}

# observe ARGUMENT...: everything there is to see of a run, in `seen`.
observe() {
	rm -rf mail log log2 transcript
	mkdir mail
	observe_code=0
	# shellcheck disable=SC2086 # words
	env -i HOME="$sink/home" USER=alice LOGNAME=alice LC_ALL=C \
		PATH="$sink/bin:$PATH" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		XDG_RUNTIME_DIR=/nonexistent ${variable+"$variable"} \
		timeout 30 ./msmtp ${file--C "$sink/rc/msmtprc"} "$@" \
		<"${message-bare}" >out 2>err || observe_code=$?
	set --
	for observe_file in err out mail/*.envelope mail/*.eml log log2 \
		transcript; do
		[ ! -f "$observe_file" ] || set -- "$@" "$observe_file"
	done
	# One program, for each of the hundreds of runs.
	awk -v code="$observe_code" '
		FNR == 1 {
			before = FILENAME ~ /^mail/ ? "" : FILENAME ": "
			sub(/^transcript/, "wire", before)
			is_head = FILENAME ~ /eml$/
		}
		{ sub(/\r$/, "") }
		is_head && /^$/ { is_head = 0 }
		is_head && /^[A-Za-z-]*: / {
			fields = fields " " substr($0, 1, index($0, ":") - 1)
		}
		{ print before $0 }
		END { print "exit " code; print "fields:" fields }
	' /dev/null "$@" >seen
}

# sees WHERE PATTERN
sees() {
	grep -Eq -e "$2" seen || complain "$1: nothing matches '$2' in:
$(head -n 40 seen)"
}

# word KEYWORD VALUE 'LINES' PATTERN ARGUMENT...: the four runs.
word() {
	word_key=$1 word_value=$2 word_lines=$3 word_pattern=$4
	shift 4
	[ $# -gt 0 ] || set -- bob@example.test
	begin "$word_key $word_value"
	base "$word_key" "$word_lines"
	observe "$@"
	if grep -Eq -e "$word_pattern" seen; then
		complain "the effect is there without it: $word_pattern
$(head -n 40 seen)"
	fi
	variable=$(echo "$word_key" | tr '[:lower:]' '[:upper:]')
	variable=MAILCHUTE_$variable=$word_value
	observe "$@"
	sees "in the environment" "$word_pattern"
	unset variable
	case $word_key in
	password | host) ;; # --host is an account of its own
	*)
		observe "--$(echo "$word_key" | tr _ -)=$word_value" "$@"
		sees 'on the command line' "$word_pattern"
		;;
	esac
	base "$word_key" "$word_lines" "$word_key $word_value"
	observe "$@"
	sees 'in the file' "$word_pattern"
	finish
}

# show KEYWORD VALUE: what only --pretend can show.
show() {
	word "$1" "$2" "${3-}" \
		"^out: $1 +$2 +# (command line|MAILCHUTE_|.*msmtprc:)" \
		--pretend bob@example.test
}

login='user alice\npassword open sesame'
sent='^to bob@example.test'

# ---- where to ----------------------------------------------------------------------

word host localhost '' "$sent"
word port "$starttls_port" '' "$sent"
word socket "$sink/none.sock" '' '^err: .*none\.sock'
word protocol lmtp '' '^wire: .*LHLO '
word domain ehlo.example.test '' '^wire: .*EHLO ehlo\.example\.test'
word source_ip 192.0.2.1 '' 'exit 78'
word proxy_host 127.0.0.1 'proxy_port 1' '^err: .*127\.0\.0\.1'
word proxy_port 1 'proxy_host 127.0.0.1' '^err: .*127\.0\.0\.1(:| port )1( |$)'
show timeout 7
begin 'connect_timeout 7'
base timeout
observe --connect-timeout=7 -P bob@example.test
sees 'on the command line' '^out: timeout +7 +# command line'
base timeout 'connect_timeout 7'
observe -P bob@example.test
sees 'in the file' '^out: timeout +7 +# .*msmtprc:'
finish

# ---- who -----------------------------------------------------------------------------

word from x@example.test '' '^from x@example\.test'
word from_full_name 'Full Name' '' '^From: Full Name <alice@'
word allow_from_override off '' '^from alice@' -f z@example.test bob@example.test
word auto_from on 'from\nmaildomain m.test' '^from alice@m\.test'
word maildomain m.test 'from\nauto_from on' '^from alice@m\.test'
word aliases "$sink/aliases" '' "$sent" root

# ---- authentication -------------------------------------------------------------------

if grep -q '^#define HAVE_LIBGSASL 1' "$TOP_BUILDDIR/config.h"; then
	word auth on "$login" '^log: .* mech=SCRAM-SHA-'
	word auth scram-sha-1 "$login" '^wire: C: AUTH SCRAM-SHA-1( |$)'
else
	word auth on "$login" '^log: .* mech=PLAIN'
fi
word auth plain "$login" '^wire: C: AUTH PLAIN '
word auth login "$login" '^wire: C: AUTH LOGIN'
word auth cram-md5 "$login" '^err: .*no usable way'
word user alice 'auth plain\npassword open sesame' ' user=alice .* exitcode=EX_OK'
word password 'open sesame' 'auth plain\nuser alice' ' exitcode=EX_OK'
word passwordeval 'echo open sesame' 'auth plain\nuser alice' ' exitcode=EX_OK'
show ntlmdomain corp

# ---- TLS ------------------------------------------------------------------------------

word tls on '' '^tls TLS1'
word tls_starttls off "timeout 1\nport $implicit_port" "$sent"
word tls_trust_file "$sink/certs/ca.pem" '' "$sent"
word tls_crl_file "$sink/none.crl" '' '^err: .*none\.crl'
word tls_fingerprint \
	00000000000000000000000000000000000000000000000000000000000000ff '' \
	'^err: .*another fingerprint'
word tls_certcheck off 'tls_trust_file system' "$sent"
word tls_cert_file "$sink/none.crt" "tls_key_file $sink/none.key" \
	'^err: .*none\.(crt|key)'
word tls_key_file "$sink/none.key" "tls_cert_file $sink/none.crt" \
	'^err: .*none\.(crt|key)'
word tls_priorities 'NORMAL:-VERS-TLS-ALL:+VERS-TLS1.2' '' ' tlsver=TLS1\.2'
word tls_host_override other.example.test '' '^err: .*certificate'
show tls_min_dh_prime_bits 1024
show tls_force_sslv3 on
word tls_nocertcheck on 'tls_trust_file system' "$sent"
word tls_nostarttls on "timeout 1\nport $implicit_port" "$sent"

# ---- the message ----------------------------------------------------------------------

all='Date|From|Message-ID|Subject|To|Cc|Bcc'
message=full
word set_from_header on '' '^From: .*<?alice@example\.test'
printf 'To: root\nSubject: s\n\ntext\n' >rooted
message=rooted
word set_to_header on "aliases $sink/aliases" '^To: bob@example.test$' -t
message=full
word set_to_header undisclosed_recipients '' '^To: undisclosed-recipients:;'
word undisclosed_recipients on '' '^To: undisclosed-recipients:;'
word remove_bcc_headers off '' '^Bcc: '
word keepbcc on '' '^Bcc: '
message=bare
word set_from_header off '' "^fields:( ($(echo "$all" | sed 's/From|//')))+\$"
word set_date_header off '' "^fields:( ($(echo "$all" | sed 's/Date|//')))+\$"
word set_msgid_header off '' \
	"^fields:( ($(echo "$all" | sed 's/Message-ID|//')))+\$"
word add_missing_from_header off '' \
	"^fields:( ($(echo "$all" | sed 's/From|//')))+\$"
word add_missing_date_header off '' \
	"^fields:( ($(echo "$all" | sed 's/Date|//')))+\$"
word dsn_notify failure '' '^to-parameters .*NOTIFY=FAILURE'
word dsn_notify never '' '^to-parameters .*NOTIFY=NEVER'
word dsn_return full '' '^from-parameters .*RET=FULL'
word dsn_return headers '' '^from-parameters .*RET=HDRS'

# ---- the log --------------------------------------------------------------------------

word logfile "$sink/log2" '' '^log2: .* exitcode=EX_OK'
word logfile - '' '^out: .* host=localhost .* exitcode=EX_OK'
word logfile_time_format 'on %Y' '' '^log: on 20[0-9][0-9] host='
show syslog LOG_LOCAL3

# What msmtp 1.8.33 has; the list is closed.
begin 'there is a row for each'
tr -s ' ' '\n' >known <<'END'
add_missing_date_header add_missing_from_header aliases allow_from_override
auth auto_from connect_timeout domain dsn_notify dsn_return from from_full_name
host keepbcc logfile logfile_time_format maildomain ntlmdomain password
passwordeval port protocol proxy_host proxy_port remove_bcc_headers
set_date_header set_from_header set_msgid_header set_to_header socket source_ip
syslog timeout tls tls_cert_file tls_certcheck tls_crl_file tls_fingerprint
tls_force_sslv3 tls_host_override tls_key_file tls_min_dh_prime_bits
tls_nocertcheck tls_nostarttls tls_priorities tls_starttls tls_trust_file
undisclosed_recipients user
END
sed -n 's/^\(word\|show\) \([a-z_0-9]*\) .*/\2/p; s/^begin .\(connect_timeout\) .*/\1/p' \
	"$TOP_SRCDIR/tests/blackbox/msmtp_words.sh" | sort -u >tested
check 'missing' '' "$(comm -23 known tested | paste -s -d ' ' -)"
finish

# ---- options that are no keywords ------------------------------------------------------

# option 'LINES' PATTERN ARGUMENT...
option() {
	option_lines=$1 option_pattern=$2
	shift 2
	begin "msmtp $*"
	base none "$option_lines"
	observe "$@"
	sees 'there is' "$option_pattern"
	finish
}
to=bob@example.test
option '' '^out: mailchute [0-9]' --version
option '' '^out: Usage: ' --help
option '' '^out: host +localhost ' -P $to
option '' '^out: host +localhost ' --pretend $to
option '' '^out: mailchute [0-9]' -d0.1
option '' "^err: .*'joe' is not a valid address: it has no domain" --configure=joe
option '' "^err: .*'--configure' takes no 'x'" --configure=joe@example.test x
option '' 'exit 64' --configure
option '' '^out: .*localhost' -S
option '' '^out: .*localhost' --serverinfo
option '' 'exit 64' -S bob@example.test
option '' '^err: .*RCPT TO:<bob@example\.test>' -d $to
option '' '^err: .*RCPT TO:<bob@example\.test>' -v $to
option '' '^err: .*RCPT TO:<bob@example\.test>' --debug $to
option '' "$sent" --debug=x $to
option '' "$sent" -bm $to
option '' 'exit 64' -bx $to
option '' 'exit 64' -bd
b='account b\nhost localhost\nport 1\nfrom a@example.test'
option "$b" 'exit 75' -a b $to
option "$b" 'exit 75' --account=b $to
option '' 'exit 64' --account=default --host=localhost $to
option '' 'exit 78' -a nobody $to
option '' '^from f@example\.test' -f f@example.test $to
option '' '^from f@example\.test' --from=f@example.test $to
option '' '^from fooalicebar@example\.test' -f foo%Ubar@example.test $to
option '' '^from r@example\.test' -r r@example.test $to
option '' '^From: F Name <alice@' -F 'F Name' $to
option '' '^to bcc@example\.test' -t
option '' '^to bcc@example\.test' --read-recipients
option '' '^to bcc@example\.test' -ti
option '' '^to bcc@example\.test' -it $to
message=full
option 'from' '^from ann@example\.test' --read-envelope-from $to
option '' 'exit 64' --read-envelope-from -f x@example.test $to
message=bare
option '' 'exit 64' --read-envelope-from $to
option '' 'NOTIFY=FAILURE,DELAY' -N failure,delay $to
option '' 'NOTIFY=NEVER' --dsn-notify=never $to
option '' 'RET=HDRS' -R hdrs $to
option '' 'RET=FULL' --dsn-return=full $to
option '' '^log2: ' -X "$sink/log2" $to
for taken in -i -oi -oem -oee -odb -odq -odd '-O x' -Ox=y '-B 8BITMIME' '-A c' \
	-G '-h 3' '-L tag' -m -n; do
	# shellcheck disable=SC2086 # words
	option '' "$sent" $taken $to
done
for refused in --passwordx=x --password=x --no-such-option -k --port=x --port \
	--tls=yes --host= -N; do
	option '' 'exit (64|78)' $to $refused
done
option '' '^log: ' --alia="$sink/aliases" root
option '' '^from alice@' --allow=off -f x@example.test $to
option '' 'exit 64' --logf="$sink/log2" $to
option '' 'exit 64' --tls-c=x $to
option '' '^from behind@example\.test' $to -f behind@example.test
option '' '^to -f@example\.test' -- -f@example.test
begin '-C and --file'
base none
for file in "-C $sink/rc/msmtprc" "--file=$sink/rc/msmtprc" "-C$sink/rc/msmtprc"; do
	# shellcheck disable=SC2086 # words
	observe $file $to 2>/dev/null
	sees "$file" "$sent"
done
unset file
finish

# ---- which account -----------------------------------------------------------------------

three="account a\nhost localhost\nport 1\nfrom a@example.test
account b : a\nport $clear_port\ntls off\nfrom *@b.test
account default : b\nfrom d@example.test
account late : b\nfrom x@b.test\nport 1"
option "$three" '^from d@example\.test' $to
option "$three" 'exit 75' -f a@example.test $to
option "$three" 'exit 75' -f A@Example.Test $to
option "$three" 'exit 75' -f a+detail@example.test $to
option "$three" '^from x@b\.test' -f x@b.test $to
option "$three" '^from x\+y@b\.test' -f x+y@b.test $to
option "$three" '^from other@example\.test' -f other@example.test $to
message=full
option "$three\naccount ann : b\nfrom ann@example.test\nport 1" \
	'^from d@example\.test' -t
option "$three\naccount ann : b\nfrom ann@example.test\nport 1" \
	'exit 75' --read-envelope-from $to
message=bare
begin 'parents: the last one that says something, and defaults'
base none "defaults\nlogfile_time_format D%Y\naccount p\nport 1\nfrom p@example.test
account q\nfrom q@example.test\ndefaults\nlogfile_time_format none
account r : p, q\nhost localhost\nport $clear_port\ntls off\nlogfile $sink/log"
observe -a r $to
sees 'the second parent' '^from q@example\.test'
sees 'its defaults' '^log: D20'
finish
begin 'no account, but SMTPSERVER and EMAIL'
file=
mkdir -p empty
rm -f home/.msmtprc
variable=SMTPSERVER=127.0.0.9
observe -f e@example.test $to
sees 'port 25 there' '^err: .*127\.0\.0\.9:25'
observe $to
sees 'no sender, no account' 'exit 78'
sees 'no sender, no account' 'no configuration found'
variable=EMAIL=e@example.test
observe $to
sees 'no server, no account' 'exit 78'
unset file variable
finish

# ---- the order of passwords ------------------------------------------------------------------

# Each place has the right one while all behind it have a wrong one.
cat >bin/secret-tool <<'END'
#!/bin/sh
[ "$*" = "lookup host localhost service smtp user alice" ] && cat "$HOME/secret"
END
chmod 755 bin/secret-tool
order='auth plain\nuser alice'
begin 'password, passwordeval, secret-tool, netrc'
echo wrong >home/secret
echo 'machine localhost login alice password wrong' >home/.netrc
chmod 600 home/.netrc
base none "$order\npassword open sesame\npasswordeval echo wrong"
observe $to
sees password 'exit 0'
base none "$order\npasswordeval echo open sesame"
observe $to
sees passwordeval 'exit 0'
echo 'open sesame' >home/secret
base none "$order"
# Without a session bus there is no keyring to ask.
variable=DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
observe $to
sees secret-tool 'exit 0'
rm home/secret
echo 'machine localhost login alice password "open sesame"' >home/.netrc
observe $to
sees netrc 'exit 0'
rm home/.netrc
observe $to
sees 'none at all' 'exit 78'
unset variable
finish
begin 'passwordeval: its exit status, and no standard input'
base none "$order\npasswordeval echo open sesame; exit 3"
observe $to
sees 'exit status' 'exit 78'
base none "$order\npasswordeval cat; echo open sesame"
observe $to
sees 'no input' 'exit 0'
sees 'the message is whole' '^text$'
finish
begin 'eval'
base none "$order\neval echo password open sesame"
observe $to
sees 'eval' 'exit 0'
finish
summary
