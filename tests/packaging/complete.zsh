# SPDX-License-Identifier: GPL-3.0-or-later
# What zsh would offer, one a line: zsh -f complete.zsh FOLDER LINE FILE
# An interactive zsh on a pseudo-terminal is asked; its compadd is replaced by
# one that also writes what matched to FILE.
zmodload zsh/zpty || exit
folder=$1 text=$2 file=$3
zpty shell zsh -f -i
tell() {
	zpty -w shell "$1"
}
tell 'PS1= RPS1= PROMPT_EOL_MARK=; stty -echo cols 300; unset zle_bracketed_paste'
tell "fpath=(${(q)folder} \$fpath); autoload -Uz compinit; compinit -D -u"
tell "compadd() {
	local -a matched
	[[ \" \$* \" != *' -'[OAD]' '* ]] || { builtin compadd \"\$@\"; return }
	builtin compadd -O matched \"\$@\"
	(( ! \$#matched )) || print -rl -- \$matched >>${(q)file}
	builtin compadd \"\$@\"
}"
tell "finished() {
	compstate[insert]= compstate[list]=
	: >${(q)file}.done
}
comppostfuncs=(finished); bindkey '^I' complete-word; print RE''ADY"
while zpty -r shell line && [[ $line != *READY* ]]; do
done
: >$file
rm -f $file.done
zpty -w -n shell "$text"$'\t'
integer tries=200
until [[ -e $file.done ]] || (( ! tries-- )); do
	sleep 0.05
	zpty -r -t shell line
done
zpty -d shell
(( tries > 0 ))
