# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# What the same situation ends with elsewhere: the table of
# mailchute-migrate(7), measured.  Runs inside the sandbox:
#	sh elsewhere_cases.sh FOLDER-OF-THIS-FILE elsewhere-PROGRAM
# The sink refuses no@…, and puts off later@….
set -u
lib=$1/../lib
page=$1/../../man/mailchute-migrate.7
peer=${2#elsewhere-}
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"
work=/run/test
mkdir -p "$work/home"
chmod 755 "$work"
cd "$work" || exit
umask 022

cat >script <<'END'
RCPT to no@* : reply "550 5.1.1 no such user"
RCPT to later@* : reply "450 4.2.1 not now"
END
mkdir mail
"$TOP_BUILDDIR/tests/sink/sink" --clear=0 --port-file=ports --script=script \
	--maildir=mail --lifetime=300 >sink.out 2>&1 &
sink_pid=$!
tries=100
until [ -s ports ]; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || bail "no sink: $(cat sink.out)"
	sleep 0.1
done
# shellcheck disable=SC1091
. ./ports

# ---- a program each: peer_setup PORT, peer_queue, peer ARGUMENT... -----------

queue=
unknown=-Y
case $peer in
postfix)
	peer_setup() {
		sandbox_user postfix 970
		sandbox_user postdrop 971
		queue=/var/spool/postfix/maildrop
		mkdir -p "$queue" /var/spool/postfix/public /var/lib/postfix
		chown postfix:postdrop "$queue" /var/spool/postfix/public
		chmod 730 "$queue"
		printf '%s\n' 'compatibility_level = 3.6' \
			'myhostname = here.example' 'mydestination =' \
			"relayhost = [127.0.0.1]:$1" 'alias_maps =' \
			>/etc/postfix/main.cf
		: >/etc/postfix/master.cf
	}
	;;
exim)
	peer_setup() {
		sandbox_user Debian-exim 975
		queue=$work/exim
		mkdir -p "$queue" exim.log
		chown Debian-exim "$queue" exim.log
		cat >/etc/exim4/exim4.conf <<-END
			primary_hostname = here.example
			spool_directory = $queue
			log_file_path = $work/exim.log/%slog
			keep_environment =
			local_interfaces = 127.0.0.1
			check_spool_space = 0
			check_spool_inodes = 0
			begin routers
			out:
			  driver = manualroute
			  self = send
			  route_list = * 127.0.0.1
			  transport = out
			begin transports
			out:
			  driver = smtp
			  port = $1
			  allow_localhost
			  hosts_avoid_tls = *
		END
	}
	;;
sendmail)
	# As callers meet it: the program that hands over to a daemon, which
	# the sink is.
	peer_setup() {
		sandbox_user smmsp 976
		queue=/var/spool/clientmqueue
		mkdir -p "$queue" /etc/mail
		chown smmsp:smmsp "$queue"
		chmod 770 "$queue"
		echo 'hosts files' >switch
		cat >submit.mc <<-END
			include(\`/usr/share/sendmail/cf/m4/cf.m4')
			define(\`__OSTYPE__', \`')
			define(\`confDOMAIN_NAME', \`here.example')
			define(\`confDONT_INIT_GROUPS', \`True')
			define(\`RELAY_MAILER_ARGS', \`TCP \$h $1')
			define(\`confSERVICE_SWITCH_FILE', \`$work/switch')
			FEATURE(\`msp', \`[127.0.0.1]')
		END
		(cd /usr/share/sendmail/cf/m4 && m4 "$work/submit.mc") \
			>/etc/mail/submit.cf 2>m4.out || bail "m4: $(cat m4.out)"
	}
	peer() {
		/usr/libexec/sendmail/sendmail -Ac "$@"
	}
	;;
dma)
	peer_setup() {
		sandbox_user mail 8 2>/dev/null
		queue=/var/spool/dma
		mkdir -p "$queue" /etc/dma
		chmod 777 "$queue"
		printf '%s\n' 'SMARTHOST 127.0.0.1' "PORT $1" \
			'MAILNAME here.example' >/etc/dma/dma.conf
		: >/etc/dma/auth.conf
		chmod g-s /usr/sbin/dma
	}
	peer() {
		dma "$@"
	}
	;;
nullmailer)
	peer_setup() {
		queue=/var/spool/nullmailer
		mkdir -p "$queue/queue" "$queue/tmp" /etc/nullmailer
		chmod -R 777 "$queue"
		echo "127.0.0.1 smtp --port=$1" >/etc/nullmailer/remotes
		echo here.example >/etc/mailname
	}
	;;
ssmtp)
	peer_setup() {
		mkdir -p /etc/ssmtp
		printf '%s\n' "mailhub=127.0.0.1:$1" 'hostname=here.example' \
			'FromLineOverride=YES' >/etc/ssmtp/ssmtp.conf
	}
	peer() {
		ssmtp "$@"
	}
	;;
msmtp)
	peer_setup() {
		printf '%s\n' 'account default' 'host 127.0.0.1' "port $1" \
			'from a@x.example' >home/.msmtprc
		chmod 600 home/.msmtprc
	}
	peer() {
		msmtp "$@"
	}
	;;
mailchute)
	peer_setup() {
		printf '%s\n' 'account default' 'host 127.0.0.1' "port $1" \
			'tls off' 'queue off' 'syslog off' 'from a@x.example' \
			>home/.mailchuterc
		chmod 600 home/.mailchuterc
		ln -sf "$MAILCHUTE" /usr/sbin/sendmail
	}
	;;
curl | swaks)
	peer_setup() {
		port=$1
		unknown=--unknown
	}
	;;
esac
case $peer in
postfix | exim | nullmailer | mailchute)
	peer() {
		/usr/sbin/sendmail "$@"
	}
	;;
# Recipients are words of an option of theirs.
curl)
	peer() {
		for word; do
			shift
			case $word in
			-*) set -- "$@" "$word" ;;
			*) set -- "$@" --mail-rcpt "$word" ;;
			esac
		done
		curl -s -S --mail-from a@x.example -T - \
			"smtp://127.0.0.1:$port" "$@"
	}
	;;
swaks)
	peer() {
		for word; do
			shift
			case $word in
			-*) set -- "$@" "$word" ;;
			*) to=${to:+$to,}$word ;;
			esac
		done
		swaks --server 127.0.0.1 --port "$port" --from a@x.example \
			--data - ${to:+--to "$to"} "$@"
	}
	;;
esac

# ---- what it ends with -----------------------------------------------------

# ended ARGUMENT...: the exit code for a message without recipients in it.
ended() {
	status=0
	to=
	printf 'From: a@x.example\nSubject: s\n\nbody\n' >message
	HOME=$work/home LOGNAME=root peer "$@" <message >>said 2>&1 || status=$?
	echo "$status"
}

# Its queue, or what of it comes first, on a disk without room.
fill() {
	set -- "$queue" "$(stat -c '%a %u:%g' "$queue")"
	mount -t tmpfs -o size=16k tmpfs "$1" || bail 'no disk to fill'
	chmod "${2% *}" "$1"
	chown "${2#* }" "$1"
	for name in input msglog db queue tmp; do
		mkdir -p "$1/$name"
		chmod "${2% *}" "$1/$name"
		chown "${2#* }" "$1/$name"
	done
	head -c 100000 /dev/zero >"$1/.full" 2>/dev/null || :
}

# measure: its row, from "no recipient" to "disk full".
measure() {
	peer_setup "$clear_port"
	case $peer in
	curl | swaks) none=- ;;
	*) none=$(ended -t) ;;
	esac
	two=$(ended yes@x.example no@x.example)
	got=$(cat mail/*.envelope 2>/dev/null | grep -c '^to yes@')
	# A daemon of its own, or a process that goes on by itself.
	[ -z "$queue" ] || [ "$peer" = sendmail ] || got=later
	later=$(ended later@x.example)
	word=$(ended "$unknown" yes@x.example)
	full=-
	down=$two
	if [ -n "$queue" ]; then
		fill
		full=$(ended yes@x.example)
		down=0
	else
		kill "$sink_pid"
		wait "$sink_pid" 2>/dev/null
		down=$(ended yes@x.example)
	fi
	echo "$none $two $got $later $down $word $full"
}

# page_row: the same of the page.
page_row() {
	awk -v peer="$peer" '
		/^\.\\" elsewhere/ { inside = !inside }
		inside && $1 == ".It" && tolower($2) == peer {
			row = ""
			for (i = 3; i <= NF; i++)
				if ($(i - 1) == "Ta")
					row = row " " $i
			print substr(row, 2)
		}' "$page"
}

begin "$peer ends as the page says"
measure >measured
row=$(tail -n 1 measured)
check 'no recipient, one of two, who got it, later, no server, option, disk' \
	"$(page_row)" "$row"
[ "$(page_row)" = "$row" ] || sed 's/^/# /' said
finish
kill "$sink_pid" 2>/dev/null
summary
