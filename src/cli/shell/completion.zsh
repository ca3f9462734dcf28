#compdef iamic iamic-login
# What can follow is said by iamic itself: a word a line, and a tab before what it means, or what zsh knows better.
_iamic() {
	local -a called lines values displays
	local line typed=
	called=("${(@Q)words[2,CURRENT-1]}")
	[[ ${words[1]:t} == iamic-login ]] && called=(login "${called[@]}")
	# What fits the word that is typed is chosen by zsh itself, which may be set to be lenient.
	[[ $PREFIX == [-/]* ]] && typed=${PREFIX/=*/=}
	lines=("${(@f)$(command iamic complete -- "${called[@]}" "$typed" 2>/dev/null)}")
	for line in $lines; do
		case $line in
		$'\tfiles') _files ;;
		$'\tcommand '*)
			shift ${line#* } words
			((CURRENT -= ${line#* }))
			_normal
			;;
		*)
			values+=("${line%%$'\t'*}")
			displays+=("${line/$'\t'/  -- }")
			;;
		esac
	done
	compadd -l -d displays -a -- values
}
if ((${+functions[compdef]})); then
	compdef _iamic iamic iamic-login
else
	print -u2 "iamic: completion in zsh needs compinit: put 'autoload -Uz compinit && compinit' above it in ~/.zshrc"
fi
[[ ${funcstack[1]-} != _iamic ]] || _iamic "$@" # it is a file that zsh has just found in its fpath
