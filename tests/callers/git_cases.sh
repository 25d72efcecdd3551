# SPDX-License-Identifier: GPL-3.0-or-later
# git send-email with mailchute as its sendmail.  Runs inside the sandbox:
#	sh git_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
caller_is 'git send-email' git-email

repo=$work/repo
HOME=$client/home
export HOME
git_quiet() {
	git "$@" >"$work/git" 2>&1 || complain "git $1: $(cat "$work/git")"
}

begin 'a repository with two patches'
git_quiet init -q "$repo"
cd "$repo" || exit
git_quiet config user.name 'Alice Müller'
git_quiet config user.email alice@example.test
git_quiet config sendemail.confirm never
git_quiet config sendemail.suppresscc all
printf 'one\n' >file
git_quiet add file
git_quiet commit -q -m 'file: begin'
printf 'one\n.\n..\nFrom here\n\nGrüße\ttab  \n' >file
git_quiet commit -q -a -m 'file: dots, and a line that begins with From

A body with ümlauts, and a dot alone:
.
and more.'
# 997 and the sign in front: as long as a line may be.
awk 'BEGIN { for (i = 0; i < 997; i++) printf "x"; print "" }' >>file
git_quiet commit -q -a -m 'file: a long line'
git_quiet format-patch -q -2 --thread -o "$work/patches"
finish

# series NAME OPTION...: both patches arrive, as format-patch wrote them.
series() {
	begin "$1"
	shift
	caller_mark
	git send-email --to=bob@example.test "$@" \
		"$work/patches" >"$work/git" 2>"$work/git.err" </dev/null ||
		complain "git send-email: $(cat "$work/git" "$work/git.err")"
	check_empty stderr "$work/git.err"
	caller_logged
	check 'messages in the log' 2 \
		"$(grep -c ' exitcode=EX_OK' "$client/log")"
	series_arrived=0
	while [ $series_arrived -lt 2 ] && postfix_take bob; do
		series_arrived=$((series_arrived + 1))
		series_subject=$(grep '^Subject: ' "$postfix/arrived.head")
		series_patch=$(grep -lF "$series_subject" "$work"/patches/*)
		caller_body "$series_patch" >"$work/m/body"
		check_same body "$work/m/body" "$postfix/arrived.body"
		check_match Message-ID "^Message-I[Dd]: $(grep -i \
			'^message-id:' "$series_patch" | cut -d' ' -f2)" \
			"$postfix/arrived.head"
		check_match From '^From: .*<alice@example\.test>' \
			"$postfix/arrived.head"
		check_match 'header' '^X-Mailer: git-send-email ' \
			"$postfix/arrived.head"
		check_match 'envelope sender' \
			'^Return-Path: <alice@example\.test>' \
			"$postfix/arrived"
	done
	finish
}

series '--smtp-server: a link named sendmail' --smtp-server="$client/bin/sendmail"
series '--sendmail-cmd: with a profile' \
	--sendmail-cmd="$MAILCHUTE -C $client/profile"
series '--sendmail-cmd: behind the fence' \
	--sendmail-cmd="$MAILCHUTE -C $client/profile sendmail"
series '--envelope-sender' --smtp-server="$client/bin/sendmail" \
	--envelope-sender=alice@example.test
git_quiet config sendemail.sendmailCmd "$MAILCHUTE -C $client/profile -i"
series 'sendemail.sendmailCmd in git config'
git_quiet config --unset sendemail.sendmailCmd

begin 'Bcc and Cc'
caller_mark
git send-email --smtp-server="$client/bin/sendmail" --suppress-cc=all \
	--to=bob@example.test --cc=carol@example.test \
	--bcc=rcpt1@example.test "$work"/patches/0001-* \
	>"$work/git" 2>"$work/git.err" </dev/null ||
	complain "git send-email: $(cat "$work/git" "$work/git.err")"
for mailbox in bob carol rcpt1; do
	postfix_take $mailbox || continue
	check_no_match "Bcc for $mailbox" 'Bcc|rcpt1@.*,' "$postfix/arrived.head"
done
finish

begin 'a refused recipient stops the series'
git send-email --smtp-server="$client/bin/sendmail" \
	--to=nobody@example.test "$work/patches" \
	>"$work/git" 2>"$work/git.err" </dev/null &&
	complain 'git send-email was content'
check_match stderr 'nobody@example\.test.*550 5\.1\.1' "$work/git.err"
postfix_empty || complain 'something arrived'
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
