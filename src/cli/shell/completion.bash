# What can follow is said by iamic itself, a word a line.
_iamic() {
	local IFS=$'\n' words=("${COMP_WORDS[@]:0:COMP_CWORD+1}") line
	COMPREPLY=()
	[ "${words[0]##*/}" = iamic-login ] && words=(iamic login "${words[@]:1}")
	while read -r line; do
		printf -v line %q "${line%%$'\t'*}"
		COMPREPLY+=("$line")
	done < <(command iamic complete -- "${words[@]:1}" 2>/dev/null)
	# A colon parts words for bash: what stands before the last one is there already.
	if [[ ${COMP_WORDS[COMP_CWORD]} == *:* ]] && declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "${COMP_WORDS[COMP_CWORD]}"
	fi
}
complete -o default -F _iamic iamic iamic-login
