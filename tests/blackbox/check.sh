#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute config --check: what a file says in vain, in an old way, or with
# another meaning than msmtp's; one row a rule, with everything that is said.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
work=$(mktemp -d "${TMPDIR-/tmp}/mailchute-check.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/rc"
variables=

# run ARGUMENT...: stdout in out, stderr in err, the exit code in $status.
run() {
	status=0
	# shellcheck disable=SC2086 # a list of words
	env -i HOME="$work/home" LC_ALL=C ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		$variables "$MAILCHUTE" "$@" </dev/null >"$work/out" \
		2>"$work/err" || status=$?
}

# row FILE 'LINES' CODE 'WANTED': the file is msmtprc or mailchuterc.
row() {
	begin "$1: $(echo "$2" | tr '\n' ';')"
	printf '%b\n' "$2" >"$work/rc/$1"
	chmod 600 "$work/rc/$1"
	run -C "$work/rc/$1" config --check
	check 'exit code' "$3" "$status"
	# Who runs the queue is said at the end.
	check 'what is said' "$4" "$(sed "s|$work/rc/||g
		/^account [^ ]*: \(what waits\|nobody would\|a message of this\)/d" "$work/out")"
	check_empty stderr "$work/err"
	finish
}

# differs 'LINES' KEYWORD 'WHY': in line 2 of an msmtprc with a host, nothing
# else; and in a file of our own, nothing at all.
differs() {
	row msmtprc "host h\n$1" 0 \
		"msmtprc:2: account default: $2: differs from msmtp: $3"
	row mailchuterc "host h\n$1" 0 'nothing to tell'
}

# vain LINE KEYWORD 'WHY' ['LINES']: has no effect in either.
vain() {
	row msmtprc "$1\nhost h${4-}" 0 \
		"msmtprc:1: account default: $2: has no effect: $3"
	row mailchuterc "$1\nhost h${4-}" 0 \
		"mailchuterc:1: account default: $2: has no effect: $3"
}

row msmtprc 'host h' 0 'nothing to tell'
row mailchuterc 'host h\nuser a@example.org\npassword x' 0 'nothing to tell'

# ---- files of providers of one's own -------------------------------------------------

# own NAME 'LINES' 'WANTED' ['PROVIDER']: a file that no account needs is told
# by config --check, doctor and setup --list, which lists all the same.
own() {
	begin "providers: $1"
	folder=$work/home/.config/mailchute/providers.d
	mkdir -p "$folder"
	chmod 755 "$folder"
	printf 'host h\n' >"$work/rc/mailchuterc"
	chmod 600 "$work/rc/mailchuterc"
	printf "$2" >"$folder/own.conf"
	chmod 644 "$folder/own.conf"
	${5-:} "$folder/own.conf"
	run -C "$work/rc/mailchuterc" config --check
	check 'exit code' 0 "$status"
	check 'what is said' "$3" \
		"$(sed -n "s|$folder/||gp" "$work/out")"
	run setup --list
	check 'exit code of the list' 0 "$status"
	check_match 'the table' '^gmail +smtp.gmail.com +Gmail$' "$work/out"
	check "a row of one's own" "${4-}" \
		"$(grep '^mine ' "$work/out" | tr -s ' ')"
	check 'what the list says' "$(echo "$3" | sed 's/: has no effect:/:/
		s/^own.conf: //')" \
		"$(sed -n "s|$folder/||g; s/^mailchute: //; /own.conf/p" \
			"$work/err")"
	rm -rf "$folder"
	finish
}

grow() {
	head -c 300000 /dev/zero | tr '\0' '#' >>"$1"
}

loop() {
	ln -sf own.conf "$1"
}

own 'nothing is wrong' 'provider mine\nhost h.example\n' '' 'mine h.example '
own 'one row twice: what comes later counts' \
	'provider mine\nhost a.example\nprovider mine\nhost b.example\n' '' \
	'mine b.example '
own 'a field that there is not' \
	'provider mine\nhost h.example\nhots h.example\n' \
	"own.conf:3: has no effect: provider of a provider does not take 'hots': no such field (did you mean 'hosts'?)" \
	'mine h.example '
own 'two lines are wrong' 'host h.example\nprovider a b\n' \
	"own.conf:1: has no effect: host of a provider does not take 'h.example': a line 'provider NAME' comes first
own.conf:2: has no effect: provider of a provider does not take 'a b': one word"
own 'writable by others' 'provider mine\nhost h.example\n' \
	'own.conf: has no effect: own.conf belongs to another user or can be written by others' \
	'' 'chmod 666'
own 'larger than is read' 'provider mine\nhost h.example\n' \
	'own.conf: has no effect: cannot read own.conf: File too large' '' grow
own 'not to be read' '' \
	'own.conf: has no effect: cannot read own.conf: Too many levels of symbolic links' \
	'' loop

begin 'providers: a folder that cannot be read'
mkdir -p "$work/home/.config/mailchute"
ln -s providers.d "$work/home/.config/mailchute/providers.d"
run -C "$work/rc/mailchuterc" config --check
check_match 'what is said' \
	'^[^:]*/providers.d: has no effect: cannot read [^:]*/providers.d: Too many' \
	"$work/out"
rm "$work/home/.config/mailchute/providers.d"
finish

# ---- a netrc, which other programs read, too ---------------------------------------

# netrc PASSWORD [WANTED]: of both dialects, as it stands in the file.
netrc() {
	printf 'machine H login ann password %s\n' "$1" >"$work/home/.netrc"
	chmod 600 "$work/home/.netrc"
	for netrc_file in msmtprc mailchuterc; do
		row "$netrc_file" 'host h\nauth plain\ntls on\nuser ann' 0 \
			"${2-nothing to tell}"
	done
}
netrc plain
netrc '"open sesame"'
for password in 'a\b' '"a\"b"' "'a b'" 'a"b"'; do
	netrc "$password" "$work/home/.netrc: account default: differs from msmtp: \
a quote or backslash in the password means one thing in a file of msmtp's, and \
another in one of ours; see mailchuterc(5)"
done
rm "$work/home/.netrc"

# ---- an account without a host ----------------------------------------------------

row mailchuterc 'account default\nfrom a@example.org' 78 \
	'mailchuterc:1: error: account default has no host'
row mailchuterc 'account a\nfrom a@example.org' 78 \
	'mailchuterc:1: error: account a has no host'
row mailchuterc 'account base\nuser u\npassword p\naccount a : base\nhost h' 0 \
	'nothing to tell'
row mailchuterc 'account default\nuser u\npassword p\naccount a : default\nhost h' 78 \
	'mailchuterc:1: error: account default has no host'

# ---- what msmtp does in another way ----------------------------------------------

differs 'timeout 30' timeout \
	'caps every wait, under TLS too, and over all addresses of the host together'
differs 'timeout off' timeout \
	'the limits of each stage hold; msmtp waits for ever'
differs from from "without an address the message's author is the sender"
differs 'from *@example.org' from \
	'a pattern fits in any case, and is never a sender itself'
differs 'from %U@example.org' from \
	'%-words are expanded before a sender is compared with it'
differs 'maildomain example.org' maildomain \
	'is added to recipients without a domain'
: >"$work/rc/none"
differs "aliases $work/rc/none" aliases \
	'names fit in any case, and with the name of this host; commands, files and lists in it are skipped'
differs 'set_from_header on' set_from_header "the author's name is kept"
differs 'set_to_header on' set_to_header 'nobody who was Bcc is named'
differs 'remove_bcc_headers on' remove_bcc_headers \
	"Resent-Bcc is removed as well, and 'Bcc :'"
differs 'dsn_notify failure' dsn_notify \
	'a server without DSN gets the mail without it, msmtp fails'
differs 'dsn_return full' dsn_return \
	'a server without DSN gets the mail without it, msmtp fails'
differs 'logfile /tmp/l' logfile \
	"failures before the connection are logged too; our fields follow msmtp's"
differs 'syslog LOG_USER' syslog \
	"the lines are those of 'mailchute', unless it is called msmtp; failures before the connection are logged too"
row msmtprc 'eval echo host h' 0 \
	'msmtprc:1: eval: differs from msmtp: its exit status counts, it has no input, and 30 seconds'
differs 'auth on\ntls on\nuser u' auth \
	'CRAM-MD5, DIGEST-MD5 and NTLM are only taken by name'
differs 'passwordeval x\ntls on\nauth plain\nuser u' passwordeval \
	'its exit status counts, it has no input, and 30 seconds'
row msmtprc 'redirect_to a@example.org\nhost h' 0 \
	'msmtprc:1: account default: redirect_to: differs from msmtp: msmtp does not know this keyword'
clear='no password goes over a connection without TLS, except to this machine: set '\''tls on'\'
row msmtprc 'host h\nauth plain\nuser u\ntls off' 0 \
	"msmtprc:2: account default: auth: differs from msmtp: $clear"
row msmtprc 'host localhost\nauth plain\nuser u\ntls off' 0 'nothing to tell'

# ---- what has no effect -----------------------------------------------------------

for setting in 'port 25' 'source_ip 127.0.0.1' 'proxy_host p'; do
	row msmtprc "$setting\nsocket /s" 0 \
		"msmtprc:1: account default: ${setting%% *}: has no effect: socket is used instead"
done
row mailchuterc 'ip_version 4\nsocket /s' 0 \
	'mailchuterc:1: account default: ip_version: has no effect: socket is used instead'
vain 'proxy_port 1' proxy_port 'there is no proxy_host'
for setting in proxy_user proxy_password; do
	row mailchuterc "$setting x\nhost h" 0 \
		"mailchuterc:1: account default: $setting: has no effect: there is no proxy_host"
done
vain 'from_full_name A' from_full_name 'set_from_header is off' \
	'\nset_from_header off'
for setting in user password passwordeval; do
	vain "$setting x" $setting 'auth is off' '\nauth off'
done
for mechanism in external gssapi; do
	row mailchuterc "password x\nhost h\nauth $mechanism" 0 \
		'mailchuterc:1: account default: password: has no effect: a login by certificate or ticket needs none'
done
row mailchuterc 'password x\nhost h\nauth external\ntls_cert_file c\ntls_key_file k' \
	0 'nothing to tell'
vain 'ntlmdomain d' ntlmdomain "it is for 'auth ntlm'"
row mailchuterc 'ntlmdomain d\nhost h\nauth ntlm\nuser u@x\npassword x' 0 \
	'nothing to tell'
row mailchuterc 'passwordeval x\npassword y\nuser u@x\nhost h' 0 \
	'mailchuterc:1: account default: passwordeval: has no effect: password is used instead'
for setting in 'tls_starttls off' 'tls_trust_file f' 'tls_certcheck on' \
	'tls_host_override h' 'tls_crl_file f' 'tls_priorities NORMAL' \
	'tls_min_dh_prime_bits 2048'; do
	vain "$setting" "${setting%% *}" \
		"there is no TLS with 'tls off', or through a socket without 'tls on'" \
		'\ntls off'
done
row mailchuterc 'host h\ntls off\ntls_cert_file c\ntls_key_file k' 0 \
	"mailchuterc:3: account default: tls_cert_file: has no effect: there is no TLS with 'tls off', or through a socket without 'tls on'
mailchuterc:4: account default: tls_key_file: has no effect: there is no TLS with 'tls off', or through a socket without 'tls on'"
for setting in tls_trust_file tls_crl_file; do
	vain "$setting f" $setting \
		'tls_certcheck is off, or there is a tls_fingerprint' \
		'\ntls on\ntls_certcheck off'
done
printf -- '-----BEGIN TRUSTED CERTIFICATE-----\nMA==\n-----END TRUSTED CERTIFICATE-----\n' \
	>"$work/rc/own.pem"
row mailchuterc "host h\ntls_trust_file $work/rc/own.pem" 78 \
	"mailchuterc:2: error: the trusted certificates in own.pem cannot be used: it is in OpenSSL's own form (TRUSTED CERTIFICATE), which 'openssl x509 -in own.pem -out NEWFILE' converts"
row mailchuterc "host h\ntls_trust_file $work/rc/none.pem" 78 \
	'mailchuterc:2: error: the trusted certificates in none.pem cannot be used: there is no such file'
vain 'tls_force_sslv3 on' tls_force_sslv3 'SSL 3.0 is broken, and gone' '\ntls on'
for setting in 'queue_dir /q' 'queue_runner auto' 'queue_lifetime 1d' \
	'queue_retry 1m' 'rate 1/m' 'max_connections 1' \
	'max_messages_per_connection 1'; do
	row mailchuterc "$setting\nhost h\nqueue off" 0 \
		"mailchuterc:1: account default: ${setting%% *}: has no effect: there is no queue"
done
vain 'logfile_time_format %s' logfile_time_format \
	'there is no logfile, or it is one of JSON'

# ---- what there is a better way for ----------------------------------------------

# old LINE KEYWORD 'INSTEAD'
old() {
	row mailchuterc "host h\n$1" 0 \
		"mailchuterc:2: $2: obsolete: write '$3'"
}
old 'connect_timeout 5' connect_timeout 'timeout 5'
old keepbcc keepbcc 'remove_bcc_headers off'
old 'keepbcc off' keepbcc 'remove_bcc_headers on'
old 'add_missing_from_header off' add_missing_from_header 'set_from_header off'
old 'add_missing_date_header on' add_missing_date_header 'set_date_header auto'
old undisclosed_recipients undisclosed_recipients \
	'set_to_header undisclosed_recipients'
old tls_nocertcheck tls_nocertcheck 'tls_certcheck off'
old tls_nostarttls tls_nostarttls 'tls_starttls off'
row mailchuterc 'host h\nauto_from on\nmaildomain x' 0 \
	"mailchuterc:2: account default: auto_from: obsolete: write 'from %U@domain'"
md5=00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff
row mailchuterc "host h\ntls_fingerprint $md5" 0 \
	'mailchuterc:2: account default: tls_fingerprint: obsolete: SHA-1 and MD5 protect little: use the SHA-256 fingerprint'
sha=$(echo $md5 | tr -d :)
row mailchuterc "host h\ntls_fingerprint $sha$sha" 0 'nothing to tell'
row mailchuterc 'host h\nsandbox off' 0 \
	'mailchuterc:2: account default: sandbox: exposed: what a server says is read with all of your rights'
row mailchuterc 'host h\nsandbox on' 0 'nothing to tell'

# ---- mistakes, all of them ---------------------------------------------------------

row mailchuterc 'hst h\nport x\nhost h\naccount a b\nfrobnicate on\nxyzzy' 78 \
	"mailchuterc:1: error: unknown keyword 'hst' (did you mean 'host'?)
mailchuterc:2: error: port does not take 'x': a number from 1 to 65535
mailchuterc:4: error: 'a …' is no name for an account
mailchuterc:5: error: unknown keyword 'frobnicate'
mailchuterc:6: error: the line begins with no keyword (it is not shown, it may hold a password)"
row msmtprc 'account a\nhost h\nauth on\nuser u' 78 \
	"msmtprc:1: error: account a: auth, but no word about tls: add 'tls on' (or 'tls off', for a server on this machine)
msmtprc:3: account a: auth: differs from msmtp: CRAM-MD5, DIGEST-MD5 and NTLM are only taken by name"
row mailchuterc 'account base\nuser u@example.org\naccount x : base\nhost h' 0 \
	'nothing to tell'
row mailchuterc 'account a\nprotocol lmtp\nhost h' 78 \
	'mailchuterc:1: error: account a: protocol lmtp needs a port or a socket'

printf 'root: a@example.org\nx: |/bin/cat, b@example.org\nroot: c@example.org\n' \
	>"$work/rc/aliases"
row mailchuterc "host h\naliases $work/rc/aliases" 0 \
	'aliases:2: has no effect: x: |/bin/cat: commands are not run, skipped
aliases:3: has no effect: root: defined before, skipped'
row mailchuterc "host h\naliases $work/none" 0 \
	"mailchuterc:2: account default: aliases: has no effect: $work/none: there is no such file; until there is, mail to root goes to local_to"
row mailchuterc "host h\naliases $work" 78 \
	"mailchuterc:2: error: cannot use $work: Is a directory"
row mailchuterc 'host h\nredirect_to x' 78 \
	"mailchuterc:2: error: redirect_to does not take 'x': it has no domain"

# ---- what another one hides ----------------------------------------------------------

row mailchuterc 'host a\nhost h' 0 \
	'mailchuterc:1: host: hidden: a later line of the account counts: 2'
row mailchuterc 'defaults\ntls on\naccount a\nhost h\ntls off\naccount b : a\ntls on' 0 \
	'nothing to tell'
variables=MAILCHUTE_PORT=2525
row mailchuterc 'host h\nport 587' 0 \
	'mailchuterc:2: account default: port: hidden: the variable MAILCHUTE_PORT counts'
variables=

begin 'a hidden file'
echo 'host h' >"$work/home/.msmtprc"
echo 'host h' >"$work/home/.mailchuterc"
run config --check
check 'exit code' 0 "$status"
check_match out "^$work/home/.msmtprc: hidden: the file is not read, because there is $work/home/.mailchuterc\$" \
	"$work/out"
finish
rm "$work/home/.msmtprc" "$work/home/.mailchuterc"

begin 'a password that others can read'
printf 'host h\nauth on\ntls on\nuser u\npassword x\n' >"$work/rc/msmtprc"
chmod 644 "$work/rc/msmtprc"
run -C "$work/rc/msmtprc" config --check
check 'exit code' 78 "$status"
check_match out '/msmtprc: error: .*/msmtprc holds a password and can be read by others$' \
	"$work/out"
finish

# ---- each keyword, with a value that is none ----------------------------------------------

"$TOP_BUILDDIR/tests/lint/tables" | awk -F '\t' '$1 == "keyword" { print $2 }' \
	>"$work/keywords"
bad=$(printf 'a\001b')
while read -r keyword; do
	case $keyword in
	*password | *secret) continue ;; # any byte may be in one
	queue_store) continue ;; # is not shown, and may hold a password
	esac
	begin "$keyword with a control byte"
	printf '# 1\n%s %s\nhost h\n' "$keyword" "$bad" >"$work/rc/mailchuterc"
	chmod 600 "$work/rc/mailchuterc"
	run -C "$work/rc/mailchuterc" a@example.org
	check 'exit code' 78 "$status"
	check_match stderr "/mailchuterc:2: $keyword does not take 'a.x01b': " \
		"$work/err"
	if [ "$keyword" != from ]; then # --from is -f
		run "--$(echo "$keyword" | tr _ -)=$bad" a@example.org
		check 'exit code' 64 "$status"
		check_match stderr "option --$(echo "$keyword" | tr _ -) does not take" \
			"$work/err"
	fi
	finish
done <"$work/keywords"

# ---- for programs -----------------------------------------------------------------------

begin '--json'
printf 'host h\ntimeout 9\nhst x\n' >"$work/rc/msmtprc"
chmod 600 "$work/rc/msmtprc"
run -C "$work/rc/msmtprc" config --json --check
check 'exit code' 78 "$status"
check out '{"files":["DIR/msmtprc"],"hidden":[],"unreadable":[],"errors":1,"notes":[{"kind":"differs","file":"DIR/msmtprc","line":2,"account":"default","keyword":"timeout","text":"caps every wait, under TLS too, and over all addresses of the host together","why":"caps every wait, under TLS too, and over all addresses of the host together"},{"kind":"error","file":"DIR/msmtprc","line":3,"text":"unknown keyword '\''hst'\'' (did you mean '\''host'\''?)","why":"unknown keyword '\''hst'\'' (did you mean '\''host'\''?)"}]}' \
	"$(sed "s|$work/rc|DIR|g" "$work/out")"
finish
begin '--json of the settings'
printf 'host h\npassword geheim\n' >"$work/rc/mailchuterc"
chmod 600 "$work/rc/mailchuterc"
run -C "$work/rc/mailchuterc" config --json --port=26
check 'exit code' 0 "$status"
check_match out '"account":"default","msmtp":false,"settings":\[\{"keyword":"host","value":"h","origin":"[^"]*:1"\},\{"keyword":"port","value":"26","origin":"command line"\}' \
	"$work/out"
check_match out '\{"keyword":"password","value":"\*{8}"' "$work/out"
check_no_match out geheim "$work/out"
finish
begin 'no file at all'
run config --check
check 'exit code' 78 "$status"
check_match err 'no configuration found' "$work/err"
finish
begin 'a file that is not there'
run -C "$work/none" config --check
check 'exit code' 78 "$status"
check_match err "cannot read $work/none" "$work/err"
finish
summary
