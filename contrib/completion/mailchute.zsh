
# The accounts of the configuration: a file that was given, else those in use.
_mailchute_accounts() {
	local file given=${opt_args[-C]:-${opt_args[--file]}}
	local -a accounts
	for file in "$given" ~/.mailchuterc \
		${XDG_CONFIG_HOME:-~/.config}/mailchute/config \
		~/.msmtprc ${XDG_CONFIG_HOME:-~/.config}/msmtp/config \
		/etc/mailchuterc /etc/msmtprc; do
		[[ -r $file && -f $file ]] || continue
		accounts+=(${(f)"$(sed -n \
			's/^[[:blank:]]*account[[:blank:]]\{1,\}\([^:[:blank:]]*\).*/\1/p' \
			$file)"})
		[[ $file != $given ]] || break
	done
	compadd -a accounts
}

_mailchute() {
	local context curcontext=$curcontext state state_descr line scope
	typeset -A opt_args
	_arguments -C -S -A "-*" $_mailchute_options_common \
		$_mailchute_options_mailchute '1: :->first' '*:: :->rest'
	case $state in
	first)
		# Behind "--" there are addresses only.
		((${words[(i)--]} < CURRENT)) ||
			_describe -t verbs verb _mailchute_verbs
		;;
	rest)
		scope=$line[1]
		if [[ $scope == sendmail ]]; then
			_arguments -S $_mailchute_options_sendmail \
				'*:address: '
		elif ((${(P)#${:-_mailchute_words_$scope}})); then
			_arguments -S ${(P)${:-_mailchute_options_$scope}} \
				"1:word:{_describe word _mailchute_words_$scope}" \
				'*:word: '
		elif ((${(P)#${:-_mailchute_options_$scope}})); then
			_arguments -S ${(P)${:-_mailchute_options_$scope}} \
				'*:word: '
		else
			_arguments -S $_mailchute_options_common '*:word: '
		fi
		;;
	esac
}

_mailchute "$@"
