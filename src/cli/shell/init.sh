# 'iamic use' sets AWS_PROFILE in this shell; all else is the program's. For bash, and for zsh.
iamic() {
	if [ "${1-}" != use ]; then
		command iamic "$@"
		return
	fi
	shift
	case " $* " in
	*" --help "* | *" --version "*)
		command iamic use "$@"
		return
		;;
	esac
	local statements
	statements=$(command iamic use --shell bash "$@") || return
	eval "$statements"
}
