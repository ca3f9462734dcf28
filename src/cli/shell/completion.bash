# What can follow is said by iamic itself: a word a line, and a tab before what it means, or what bash knows better.
_iamic() {
	local words starts kept quote line
	_iamic_words
	[ "${words[0]##*/}" = iamic-login ] && words=(iamic login "${words[@]:1}")
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		$'\tfiles') compopt -o default ;;
		$'\tcommand '*) _iamic_command "${line#* }" ;;
		*) _iamic_reply "${line%%$'\t'*}" ;;
		esac
	done < <(command iamic complete -- "${words[@]:1}" 2>/dev/null)
}
# The words up to the cursor without their quotes, which bash's own have still, and parted at blanks alone; of the last
# one what bash will not replace, and the quote that is open.
_iamic_words() {
	local text=${COMP_LINE:0:COMP_POINT} is_between=1 char i
	words=() starts=() kept='' quote=''
	for ((i = 0; i < ${#text}; i++)); do
		char=${text:i:1}
		if [[ ! $quote && $char == [[:blank:]] ]]; then
			is_between=1
			continue
		elif [[ $is_between ]]; then
			words+=('') starts+=("$i") kept='' is_between=''
		fi
		case $quote$char in
		[\"\']) quote=$char kept=${words[-1]} ;;
		\"\" | \'\') quote='' ;;
		\\ | \"\\) i=$((i + 1)) words[-1]+=${text:i:1} ;;
		*)
			words[-1]+=$char
			[[ $quote || $COMP_WORDBREAKS != *"$char"* ]] || kept=${words[-1]%@} # which it takes along
			;;
		esac
	done
	if [[ $is_between ]]; then words+=(''); fi
}
_iamic_reply() {
	local rest=${1#"$kept"}
	case $quote in
	\') rest=${rest//\'/\'\\\'\'} ;;
	\") rest=${rest//\\/\\\\} rest=${rest//\"/\\\"} rest=${rest//\$/\\\$} rest=${rest//\`/\\\`} ;;
	*) printf -v rest %q "$rest" ;;
	esac
	COMPREPLY+=("$rest")
}
# Another program's words, from word $1 on; what bash itself has no completion for is a command, then files.
_iamic_command() {
	local rest=$COMP_LINE i
	if declare -F _command_offset >/dev/null; then
		for ((i = 0; ${#COMP_LINE} - ${#rest} <= starts[$1]; i++)); do rest=${rest#*"${COMP_WORDS[i]}"}; done
		_command_offset $((i - 1))
	elif ((${#words[@]} == $1 + 1)); then
		mapfile -t COMPREPLY < <(compgen -c -- "${words[-1]}")
	else
		compopt -o default
	fi
}
complete -F _iamic iamic iamic-login
