#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What people do wrong, and what they are told: each row is a mistake, the exit
# code, words that must be said (on one screen: the sentence and the next step)
# and words that must not.  Nothing is ever mailed by a mistake, and no password
# is shown.
#
#	mistake WHAT CODE SAID NOT WORD...
#
# SAID and NOT are extended regular expressions over standard error as one line;
# an empty NOT forbids nothing.  `file` and `good` write the profile: its very
# lines, or these on top of one that works with the sink.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
to=bob@example.test
nbsp=$(printf '\302\240')

# file LINE...
file() {
	printf '%s\n' "$@" >"$client/profile"
	chmod 600 "$client/profile"
	cp -p "$client/profile" "$client/home/.mailchuterc"
}

# good LINE...: the last of two equal keywords counts.
good() {
	profile "$@"
}

with='' # variables of the next run: NAME=VALUE
message='Subject: hello\n\nhello\n'
mistake() {
	begin "$1"
	mistake_code=$2
	mistake_said=$3
	mistake_not=$4
	shift 4
	rm -rf mail/*
	status=0
	# shellcheck disable=SC2059,SC2086 # escapes; several variables
	printf "$message" | env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" $with "$MAILCHUTE" "$@" \
		>out 2>err || status=$?
	tr '\n' ' ' <err >said
	check 'exit code' "$mistake_code" "$status"
	[ -z "$mistake_said" ] || check_match 'what is said' "$mistake_said" said
	[ -z "$mistake_not" ] || check_no_match 'what is said' "$mistake_not" said
	check_no_match 'a password' 'sesame' said
	check_no_match 'control characters' '[[:cntrl:]]' said
	case $mistake_code in
	0 | 67) ;;
	*) arrived 0 ;;
	esac
	finish
	with=
}

# keyword LINE SAID [NOT]: one more line at the end of a good profile.
keyword() {
	good 'from alice@example.test' "$1" # never behind a password
	keyword_line=$(grep -n -F -x -e "$1" "$client/profile" | tail -n 1)
	mistake "in the profile: $1" 78 \
		"mailchuterc:${keyword_line%%:*}: .*$2" "${3-}" "$to"
}

# ---- no profile ---------------------------------------------------------------

sink_start
rm -f "$client/home/.mailchuterc"
mistake 'no configuration at all' 78 \
	"no configuration found .*mailchute setup ADDRESS.*account default.*host .*port 587.*user .*password SECRET" \
	'' "$to"
with='SMTP_HOST=mail.example SMTP_PASSWORD=sesame'
mistake 'SMTP_PASSWORD without SMTP_USER' 78 'has SMTP_PASSWORD, but not SMTP_USER' '' "$to"
with='SMTP_HOST=mail.example SMTP_PORT=58x SMTP_FROM=a@example.test'
mistake 'SMTP_PORT with letters' 78 "SMTP_PORT: port does not take '58x': a number from 1 to 65535" '' "$to"
with='MAILCHUTE_HOTS=mail.example'
mistake 'a variable misspelt' 78 "MAILCHUTE_HOTS: unknown keyword 'hots' \(did you mean 'host'\?\)" '' "$to"
with='HOME=/nonexistent'
mistake 'a HOME that is not there' 78 'no configuration found .*mailchute setup' '' "$to"
mistake 'a file of -C that is not there' 78 'cannot read /nonexistent/rc: No such file.*is its name right' '' \
	-C /nonexistent/rc "$to"
mistake 'a folder where the file of -C is' 78 'cannot read .*Is a directory' '' -C "$client/home" "$to"
file
mistake 'an empty profile' 78 "no account.*'mailchute setup ADDRESS' writes one" '' "$to"
file 'account work' 'host mail.example' 'from a@example.test'
mistake 'no default account' 78 "no account 'default'.*there are: work" '' "$to"
mistake 'an account misspelt' 78 "no account 'wrok' in .*the accounts there are: work" '' -a wrok "$to"
file 'account default' 'host mail.example' 'password sesame'
mistake 'no sender' 78 "no sender address.*add a line 'from'" '' "$to"
file 'account default' 'from a@example.test'
mistake 'no host' 78 "has no host.*add a line 'host'" '' "$to"
good
chmod 644 "$client/home/.mailchuterc"
mistake 'a password that others can read' 78 "can be read by others.*chmod 600" '' "$to"
chmod 600 "$client/home/.mailchuterc"
printf '\377\376a\0c\0' >"$client/home/.mailchuterc"
mistake 'a profile in UTF-16' 78 "UTF-16.*iconv -f UTF-16 -t UTF-8" NUL "$to"

# ---- keywords -----------------------------------------------------------------

while IFS='|' read -r line meant; do
	keyword "$line" "unknown keyword '${line%% *}' \(did you mean '$meant'\?\) .*man mailchuterc"
done <<'END'
hostname mail.example|host
server mail.example|host
smtp_host mail.example|host
relayhost [mail.example]:587|host
mailhub mail.example:587|host
username alice|user
login alice|user
AuthUser alice|user
pass sesame|password
passwd sesame|password
pasword sesame|password
password_eval pass mail|passwordeval
starttls on|tls_starttls
ssl on|tls
cafile /etc/ssl/ca.pem|tls_trust_file
sender alice@example.test|from
log_file /tmp/log|logfile
mailhost mail.example|host
smtpServer mail.example|host
email_host mail.example|host
smtpserverport 587|port
MAIL_USERNAME alice|user
smtpUsername alice|user
EMAIL_HOST_PASSWORD sesame|password
password-cmd pass mail|passwordeval
authentication plain|auth
smtpEncryption ssl|tls
tls_verify off|tls_certcheck
tls_cacert /etc/ssl/ca.pem|tls_trust_file
min_tls_version 1.2|tls_priorities
display_name Alice|from_full_name
socks_proxy localhost|proxy_host
Account work|account
accounts work|account
DEFAULTS x|defaults
END
while IFS='|' read -r line said; do
	keyword "$line" "$said" sesame
done <<'END'
set smtp_pass="sesame"|a line is a keyword, a blank and its value alone, as 'host
export SMTP_HOST=mail.example|a line is a keyword, a blank and its value alone, as 'host
; the mail server|a comment begins with '#'
// the mail server|a comment begins with '#'
-- the mail server|a comment begins with '#'
END
while IFS='|' read -r line meant; do
	keyword "$line" "is followed by '[=:]', where a blank belongs: write '$meant VALUE'"
done <<'END'
user = alice|user
user: alice|user
password=sesame|password
password:sesame|password
AuthPass=sesame|password
UseSTARTTLS=YES|tls_starttls
account = work|account
SMTP_HOST=mail.example|host
END
keyword "password${nbsp}sesame" "followed by a blank of another kind \(no-break space\)"
keyword '[default]' "begins with '\['.*write 'account NAME'"
keyword '"host": "mail.example"' 'begins with no keyword.*a line is a keyword, a blank and its value'
file 'account default' 'host mail.example' 'from a@example.test' password sesame
mistake 'a password on the next line' 78 "a line that is no setting follows 'password'.*on the line of its keyword" '' "$to"
good 'password "open sesame'
mistake 'a quote that does not end' 78 "password begins with a double quote that does not end.*between two" '' "$to"
good 'password "open sesame" # mine'
mistake 'a comment behind a value in quotes' 78 'follows the closing quote.*comment stands on a line of its own' '' "$to"

while IFS= read -r line; do
	keyword "$line" "the value of ${line%% *} has a comment behind it.*on a line of its own"
done <<'END'
user alice # my account
from alice@example.test # me
domain mail.example #the name
END

# ---- values -------------------------------------------------------------------

while IFS='|' read -r line said; do
	keyword "$line" "$said"
done <<'END'
tls starttls|'tls on' is STARTTLS, port 587
tls ssl|'tls_starttls off' it is TLS from the first byte
port submission|did you mean '587'
port smtps|did you mean '465'
port '587'|a value needs no quotes
host smtps://mail.example|write the name alone.*'tls_starttls off'
queue yes|did you mean 'auto'
auth oauth|did you mean 'xoauth2'
syslog mail|did you mean 'LOG_MAIL'
tls yes|tls does not take 'yes': on or off .*did you mean 'on'
tls_starttls true|did you mean 'on'
tls_certcheck no|did you mean 'off'
auth of|did you mean 'off'
auth yes|did you mean 'on'
auth plian|did you mean 'plain'
queue never|did you mean 'off'
port 58o7|a number from 1 to 65535
port smtp|a number from 1 to 65535
port 587 # submission|a comment stands on a line of its own
timeout 10x|off, or a number of seconds
host mail.example:587|a name or an address alone; the port goes to 'port'
host smtp://mail.example:587|the port goes to 'port'
host mail.example 587|the port goes to 'port'
host alice:sesame@mail.example|user and password go to 'user' and 'password'
from alice@|nothing after the '@'
from alice@example.test, bob@example.test|more than one address
tls_fingerprint xx|64 hexadecimal digits
rate 100 per day|30/m, 100/h
provider gmial|did you mean 'gmail'\?.*setup --list
provider gmail.com|did you mean 'gmail'
provider smtp.gmail.com|did you mean 'gmail'
provider tuta|Tuta has no SMTP.*setup --list
END
good 'auth on' 'user'
mistake 'a login without a user' 78 "auth needs a user.*add a line 'user'" '' "$to"
file 'account default' 'host a' 'account default' 'host b'
mistake 'an account twice' 78 "'default' is defined twice.*another name" '' "$to"
good 'aliases /nonexistent/aliases'
mistake 'an alias file that is not there' 67 "'bob' has no domain.*alias file \('aliases'\)" '' -- bob
good 'tls_trust_file /nonexistent/ca.pem'
mistake 'a file of CAs that is not there' 78 "/nonexistent/ca.pem cannot be used.*tls_trust_file" '' "$to"

# ---- secrets --------------------------------------------------------------------

good 'password' 'passwordeval nosuchprogram mail'
mistake 'a password command that is not there' 78 'it was not found.*run the command by hand' '' "$to"
good 'password' 'passwordeval exit 1'
mistake 'a password command that fails' 78 'its exit status is 1.*run the command by hand' '' "$to"
good 'password' 'passwordeval true'
mistake 'a password command that prints nothing' 78 'printed nothing.*first line of output' '' "$to"
good 'password'
mistake 'no password, and nobody to ask' 78 "no terminal to ask on.*'passwordeval'" '' "$to"
good 'password open sesam'
mistake 'a wrong password' 77 'refused the login of alice .*check user name and password' '' "$to"
good "password 'open sesame'"
mistake 'a password in single quotes' 77 'quote' '' "$to"
good "password open sesame$nbsp"
mistake 'a no-break space behind the password' 77 'begins or ends with a blank, which was sent' '' "$to"
good 'user' 'auth off' 'password'
mistake 'no login where one is wanted' 77 "wants authentication.*set 'auth on', 'user' and a password" '' "$to"

# ---- the server -------------------------------------------------------------------

good "port $implicit_port" 'timeout 1'
mistake 'STARTTLS on a port of TLS' 76 "speaks TLS from the first byte on this port.*set 'tls on' and 'tls_starttls off'" '' "$to"
good "port $implicit_port" 'timeout 1' 'tls off' 'auth off'
mistake 'no TLS on a port of TLS' 76 "speaks TLS from the first byte on this port.*set 'tls on' and 'tls_starttls off'" '' "$to"
good "port $starttls_port" 'tls_starttls off'
mistake 'TLS on a port of STARTTLS' 76 "does not speak TLS on this port.*'tls_starttls on'" '' "$to"
good 'tls off'
mistake 'a login without encryption' 69 "may offer it behind STARTTLS: set 'tls on'" "auth off" "$to"
good 'port 9'
mistake 'a port where nobody listens' 75 'refused the connection.*is the port right' '' "$to"
good 'host nosuch.invalid'
if "$MAILCHUTE" -C "$client/profile" --serverinfo 2>&1 </dev/null |
	grep -q 'could not be looked up'; then
	skip 'a host that is none' 'there is no name server'
else
	mistake 'a host that is none' 68 "no host nosuch.invalid.*spelling of 'host'" '' "$to"
fi
good 'tls_trust_file system'
mistake 'a CA that is not known' 69 "not trusted.*'tls_trust_file' to its issuer's certificate, or 'tls_fingerprint [0-9A-F:]{95}'" '' "$to"
good 'tls_host_override mail.example'
mistake 'a host by another name' 69 "issued for localhost.*'tls_host_override'" '' "$to"
echo 'RCPT : reply "550 5.1.1 no such user"' >script
sink_start --script script
good
mistake 'a recipient who is none' 67 "refused the recipient $to: 550 5.1.1.*" '' "$to"
echo 'MAIL : reply "553 5.7.1 Sender address rejected: not owned by user alice"' >script
mistake 'a sender who is not the login' 69 "553 5.7.1.*'from'" '' "$to"
sink_start
good

# ---- the command line: verbs ---------------------------------------------------------

while IFS='|' read -r words meant; do
	# shellcheck disable=SC2086 # words
	mistake "mailchute $words" 64 "neither a verb nor an address \(did you mean '$meant'\?\).*mailchute help" '' $words
done <<'END'
sned -s x bob@example.test hi|send
sendmial bob@example.test|sendmail
mail -s x bob@example.test|send
Queue|queue
queues|queue
quueue|queue
flsh|queue run
doctro|doctor
setpu alice@example.test|setup
version|--version
validate|config --check
status|queue
configure|setup
tail|log --follow
stats|log --summary
report|log --summary
metrics|log --metrics
lint|config --check
password|setup
list-providers|setup --list
cancel 1234|queue remove
requeue|queue run
oauth|login
reply|send
block bob@example.test|suppress
health|doctor
END
mistake 'the URL of a server' 64 'the first word is the URL of a server.*mailchute setup ADDRESS.*--host and --port' \
	'mail\.example' smtps://alice:sesame@mail.example:465
mistake 'a name, and no verb' 64 "'bob' is neither a verb nor an address.*mailchute -- bob" '' bob
mistake 'a dash from a page' 64 "begins with a dash that is no '-'.*type it anew" '' "$(printf '\342\200\224to')" "$to"
mistake 'an empty word' 64 'the first word is empty.*is a variable not set' '' ''
mistake 'queue flsh' 64 "does not know 'flsh' \(did you mean 'run'\?\)" '' queue flsh
mistake 'queue remove, and which' 64 "needs to be told what, or which.*help queue" '' queue remove
mistake 'queue show, of none' 69 "no message nope in the queue.*'mailchute queue' lists" '' queue show nope
mistake 'dkim gen' 64 "did you mean 'keygen'" '' dkim gen
mistake 'config chek' 64 "did you mean '--check'" '' config chek
mistake 'setup, and of whom' 64 "needs to be told.*mailchute help setup" '' setup
mistake 'setup of a name alone' 65 'it has no domain.*NAME@DOMAIN' '' setup alice
mistake 'test of no address' 65 "nothing after the '@'" '' test bob@
mistake 'doctor as nobody there is' 64 'no such user' '' doctor --as nosuchuser9
mistake 'help of a verb misspelt' 64 "did you mean 'send'" '' help sedn
mistake 'an option of a verb misspelt' 64 "--jsn of 'mailchute doctor' \(did you mean --json\?\).*help doctor" '' doctor --jsn

# ---- the command line: options ----------------------------------------------------

while IFS='|' read -r words meant; do
	# shellcheck disable=SC2086 # words
	mistake "mailchute $words" 64 "unknown option ${words%%[ =]*} \(did you mean $meant\?\)" '' $words bob@example.test
done <<'END'
--acount=work|--account
--hots=mail.example|--host
--to|'mailchute send --to'
--subject x|'mailchute send --subject'
--starttls|--tls-starttls
--pass=sesame|--passwordeval
-S mail.example:25|--serverinfo
--verbose|-v
--help-all|--help
-version|--version
-xu alice|--user
--smtp-server mail.example|--host
--auth-user=alice|--user
--dry-run|'mailchute send --dry-run'
--flush|'mailchute queue run'
--insecure|--tls-fingerprint
END
mistake 'a password on the command line' 64 'everybody can read a command line; use passwordeval' '' --password=sesame "$to"
mistake "ssmtp's options" 78 "-au and -ap are ssmtp's" '' -aualice -apsesame "$to"
mistake "mail's subject" 64 "mailchute send -s" '' -s Hello "$to"
mistake 'an option without its value' 64 'option --port needs a value.*--help' '' --port
mistake 'a value that is none' 64 "option --tls does not take 'yes': on or off.*did you mean 'on'" '' --tls=yes "$to"
mistake 'an option behind the address' 64 'option -s after an address.*put options before' '' "$to" -s x
mistake 'nobody named' 64 'no recipients.*on the command line, or use -t' '' -i
mistake '-t, and no To' 65 'names no recipient in To, Cc, Bcc.*it must be the first thing' '' -t
mistake 'a daemon' 64 'this is no daemon' '' -bd
mistake 'an address to verify' 64 'addresses are not verified' '' -bv "$to"

# ---- addresses ----------------------------------------------------------------------

while IFS='|' read -r code address said; do
	mistake "an address: $address" "$code" "$said" '' "$address"
done <<'END'
65|bob@|nothing after the '@'.*NAME@DOMAIN
65|@example.test|nothing before the '@'
65|bob@@example.test|a second '@'
65|bob@example..test|a dot at the wrong place
65|bob@example.test carl@example.test|text behind the address.*a comma
65|bob example.test|two words without a comma
65|<bob@example.test|a '<' without its '>'
64|bob(at)example.test|neither a verb nor an address
END
mistake 'a local name among the addresses' 67 "'bob' has no domain.*in full.*'maildomain'" '' "$to" bob

# ---- send -----------------------------------------------------------------------------

while IFS='|' read -r code said words; do
	eval "set -- $words"
	mistake "send $words" "$code" "$said" '' send "$@"
done <<'END'
64|no recipients.*first word, or with --to|-s x
64|'bob@example.test' is an address where text is meant.*--to|-s x --cc ann@example.test bob@example.test hi
64|'ann@example.test' is an address where text is meant|-s x bob@example.test ann@example.test hi
67|'world' has no domain|-s Hello world bob@example.test text
67|a name with a comma stands in quotes|--to 'Lee, Ann <ann@example.test>' -s x hi
65|--from: 'ann' is not a valid address: it has no domain|--from ann bob@example.test hi
64|did you mean --attach|--attachment f bob@example.test hi
66|cannot be read: No such file.*'--account work' chooses an account|-a work bob@example.test hi
66|no file but a directory.*tar|-a / bob@example.test hi
66|a text itself stands behind the recipients|--body 'a text' bob@example.test
64|--to has an empty recipient.*variable not set|--to '' -s x hi
64|no colon after a name.*'Name: value'|--header X-Foo bob@example.test hi
64|use --subject|--header 'Subject: x' bob@example.test hi
64|a date looks like|--date yesterday bob@example.test hi
78|no account 'nope'.*there are: default|--account nope bob@example.test hi
64|did you mean --from|-f ann@example.test bob@example.test hi
END

sink_stop
summary
