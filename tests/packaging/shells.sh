#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion, in the shells themselves: what each offers at the end of a line.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/packaging/tools.sh
. "$TOP_SRCDIR/tests/packaging/tools.sh"
here=$TOP_SRCDIR/tests/packaging
made=$TOP_BUILDDIR/contrib/completion
tools_folder
HOME=$work
export HOME
unset XDG_CONFIG_HOME
printf 'account default\nhost a\naccount work : default\n' >.mailchuterc
printf 'account of-the-file\n' >other
: >'a file'

offer_bash() {
	bash --norc --noprofile "$here/complete.bash" "$made/mailchute" "$1"
}
offer_zsh() {
	timeout 30 zsh -f "$here/complete.zsh" "$made" "$1" "$work/offered" &&
		cat offered
}
offer_fish() {
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' -- \
		"$made/mailchute.fish" "$1" | cut -f 1
}

# offers LINE WORD...: at least these, and none of those behind "!".
offers() {
	begin "$shell: '$1'"
	"offer_$shell" "$1" >said 2>err || complain "it ended with $?"
	shift
	for word; do
		case $word in
		!*) ! grep -Fqx -e "${word#!}" said || complain "offers ${word#!}" ;;
		*) grep -Fqx -e "$word" said ||
			complain "does not offer $word but" "$(head -n 40 said)" ;;
		esac
	done
	check_empty 'what it complains of' err
	finish
}

# offers_nothing LINE
offers_nothing() {
	begin "$shell: nothing for '$1'"
	"offer_$shell" "$1" >said 2>err || complain "it ended with $?"
	check_empty 'offered' said
	finish
}

for shell in bash zsh fish; do
	tools_need "$shell" || continue
	# In bash a value that must come has its "=" with it.
	equals=
	[ "$shell" != bash ] || equals='='
	before=
	[ "$shell" != fish ] || before='--tls='
	offers 'mailchute ' config send sendmail help
	offers 'mailchute se' send sendmail !config
	offers 'mailchute --tls-st' --tls-starttls !--tls
	offers "mailchute --tls=" "${before}on" "${before}off"
	offers 'mailchute --lone-dot ' text end
	offers 'mailchute -' -t -f -C -bp !-X !-D !--password
	offers "mailchute --pass" "--passwordeval$equals" "--password-file$equals" \
		!--password
	offers 'mailchute -C ' 'other' !send
	offers 'mailchute -a ' default work !send
	offers 'mailchute -C other ' send !other
	offers 'mailchute send -' -s --subject$equals --host$equals !-t !-bp
	offers 'mailchute send --attach ' other
	offers 'mailchute send -a ' other !work
	offers 'mailchute send --account ' default work !other
	offers 'mailchute -C other send --dr' --dry-run
	offers 'mailchute sendmail -' -t -f -bp !-C !-a !--host !--host=
	offers 'mailchute sendmail -N ' never success failure delay
	offers 'mailchute bob@example.test --ho' --host$equals
	offers 'mailchute queue ' list show run hold release remove export \
		!config !other
	offers 'mailchute -C other queue re' release remove !run
	offers 'mailchute queue --' --due --watch --until-empty --json --help \
		--folder$equals !--subject$equals
	offers 'mailchute queue run --' --due --watch
	offers 'mailchute queue --folder ' other !list
	offers 'mailchute config --' --check --json !--due
	offers 'mailchute serve --' --socket$equals --listen$equals \
		--max-size$equals --idle$equals !--due
	offers 'mailchute serve --socket ' other
	offers_nothing 'mailchute queue run l'
	offers_nothing 'mailchute queue --folder other show l'
	offers 'mailchute help ' queue send !sendmail !--json
	offers 'mailchute help se' send serve !queue
	offers_nothing 'mailchute config l'
	offers_nothing 'mailchute bob@example.test se'
	offers_nothing 'mailchute -- se'
done
if command -v bash >/dev/null 2>&1; then
	shell=bash
	offers 'mailchute -C other -a ' of-the-file !work
	offers 'mailchute --file=other --account=' of-the-file !work
	offers 'mailchute --syslog=LOG_LOCAL' LOG_LOCAL0 LOG_LOCAL7 !LOG_USER
	offers 'mailchute -C a' 'a file'
fi

begin "every option of the verbs' tables is offered by every shell"
sed -n 's/^VERB_OPTION([a-z_]*, [A-Z]*, [^,]*, "\([a-z-]*\)".*/\1/p
	s/^VERB_NUMBER([a-z_]*, [^,]*, "\([a-z-]*\)".*/\1/p' \
	"$TOP_SRCDIR"/src/cmd/*.def | sort -u >options
[ "$(wc -l <options)" -gt 25 ] || complain 'too few options'
while read -r option; do
	grep -q -e "[ ']--${option}[= ']" "$made/mailchute" ||
		complain "bash: $option"
	grep -q -e "^	'\*--${option}[=[]" "$made/_mailchute" ||
		complain "zsh: $option"
	grep -q -e " -l $option " "$made/mailchute.fish" ||
		complain "fish: $option"
done <options
finish

begin 'every row of the tables is offered by every shell'
"$TOP_BUILDDIR/tests/lint/tables" | sed -n 's/^keyword	\([a-z0-9_]*\)	.*/\1/p' |
	grep -vxE 'from|password|proxy_password|oauth_client_secret|queue_store' | tr _ - >keywords
[ "$(wc -l <keywords)" -gt 25 ] || complain 'too few keywords'
while read -r keyword; do
	grep -q -e "--${keyword}[= ]" "$made/mailchute" ||
		complain "bash: $keyword"
	grep -q -e "^	'\\*--${keyword}[=[]" "$made/_mailchute" ||
		complain "zsh: $keyword"
	grep -q -e " -l $keyword " "$made/mailchute.fish" ||
		complain "fish: $keyword"
done <keywords
finish
summary
