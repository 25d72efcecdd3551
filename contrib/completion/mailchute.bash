
# The accounts of the configuration: a FILE that was given, else those in use.
_mailchute_accounts() {
	local file
	for file in "${1-}" "$HOME/.mailchuterc" \
		"${XDG_CONFIG_HOME:-$HOME/.config}/mailchute/config" \
		"$HOME/.msmtprc" "${XDG_CONFIG_HOME:-$HOME/.config}/msmtp/config" \
		/etc/mailchuterc /etc/msmtprc; do
		[[ -r $file && -f $file ]] || continue
		sed -n 's/^[[:blank:]]*account[[:blank:]]\{1,\}\([^:[:blank:]]*\).*/\1/p' \
			"$file"
		[[ $file != "${1-}" ]] || break
	done 2>/dev/null
}

# The words before the cursor: sets scope to the verb, "sendmail" behind the
# fence, "mailchute" before the first operand, "common" behind it; file; and
# first, while the verb has no word yet.
_mailchute_look() {
	local at word
	for ((at = 1; at < COMP_CWORD; at++)); do
		word=${COMP_WORDS[at]}
		case $word in
		--) [[ $scope == sendmail ]] || scope=common ;;
		--*)
			if [[ ${COMP_WORDS[at + 1]-} == = ]]; then
				[[ $word != --file ]] || file=${COMP_WORDS[at + 2]-}
				((at += 2))
			elif _mailchute_takes "$word"; then
				[[ $word != --file ]] || file=${COMP_WORDS[at + 1]-}
				((at++))
			fi
			;;
		-?*)
			if _mailchute_takes "$word"; then
				[[ $word != -C ]] || file=${COMP_WORDS[at + 1]-}
				((at++))
			fi
			;;
		*)
			first=
			[[ $scope == mailchute ]] || continue
			scope=common
			[[ " $_mailchute_verbs " != *" $word "* ]] ||
				{ scope=$word && first=yes; }
			;;
		esac
	done
}

_mailchute_takes() {
	_mailchute_has_value "$scope" "$1" ||
		{ [[ $scope != sendmail ]] && _mailchute_has_value common "$1"; }
}

# What fits OPTION's value, for the word at the cursor.
_mailchute_value() {
	local REPLY=
	if _mailchute_has_value "$scope" "$1"; then
		_mailchute_values "$scope" "$1"
	elif [[ $scope != sendmail ]]; then
		_mailchute_values common "$1"
	fi
	case $REPLY in
	@file)
		compopt -o filenames 2>/dev/null
		_mailchute_reply -f
		;;
	@account) _mailchute_reply -W "$(_mailchute_accounts "$file")" ;;
	*) _mailchute_reply -W "$REPLY" ;;
	esac
}

_mailchute_reply() {
	local line
	while IFS= read -r line; do
		COMPREPLY+=("$line")
	done < <(compgen "$@" -- "$current")
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

_mailchute() {
	local current=${COMP_WORDS[COMP_CWORD]} scope=mailchute file='' first='' REPLY list
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	_mailchute_look
	# "--name=value" is three words to bash.
	if [[ $current == = ]]; then
		current=
		_mailchute_value "$before"
		return
	elif [[ $before == = && $COMP_CWORD -ge 3 ]]; then
		_mailchute_value "${COMP_WORDS[COMP_CWORD - 2]}"
		return
	elif [[ $before == -?* ]] && _mailchute_takes "$before"; then
		_mailchute_value "$before"
		return
	fi
	if [[ $current == -* ]]; then
		_mailchute_options "$scope"
		list=$REPLY
		[[ $scope == sendmail || $scope == common ]] ||
			{ _mailchute_options common && list+=" $REPLY"; }
		_mailchute_reply -W "$list"
	elif [[ $scope == mailchute ]]; then
		_mailchute_reply -W "$_mailchute_verbs"
	elif [[ $first ]]; then
		_mailchute_words "$scope"
		[[ -z $REPLY ]] || _mailchute_reply -W "$REPLY"
	fi
}

complete -F _mailchute mailchute
