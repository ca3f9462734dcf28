# 'iamic use' sets AWS_PROFILE in this shell; all else is the program's. For bash, and for zsh.
iamic() {
	local word statements
	if [ "${1-}" != use ]; then
		command iamic "$@"
		return
	fi
	shift
	for word in "$@"; do
		case $word in
		--) break ;;
		--help | --version)
			command iamic use "$@"
			return
			;;
		esac
	done
	statements=$(command iamic use --shell bash "$@") || return
	eval "$statements"
}
