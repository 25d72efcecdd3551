# SPDX-License-Identifier: GPL-3.0-or-later
# What bash would offer, one a line: bash complete.bash SCRIPT LINE
# shellcheck shell=bash disable=SC1090
source "$1" || exit
line=$2
read -ra words <<<"$line"
COMP_WORDS=()
# "=" is a word of its own (COMP_WORDBREAKS).
for word in "${words[@]}"; do
	if [[ $word == --*=* ]]; then
		COMP_WORDS+=("${word%%=*}" "=")
		[[ -z ${word#*=} ]] || COMP_WORDS+=("${word#*=}")
	else
		COMP_WORDS+=("$word")
	fi
done
[[ $line != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
[[ $(complete -p mailchute) == 'complete -F _mailchute mailchute' ]] || exit
_mailchute
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
