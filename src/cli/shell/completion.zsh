#compdef iamic iamic-login
# What can follow is said by iamic itself: a word a line, and a tab before what it means.
_iamic() {
	local -a lines displays values called
	local line
	called=("${(@)words[2,CURRENT]}")
	[[ ${words[1]:t} == iamic-login ]] && called=(login "${called[@]}")
	lines=("${(@f)$(command iamic complete -- "${called[@]}" 2>/dev/null)}")
	for line in $lines; do
		values+=("${line%%$'\t'*}")
		displays+=("${line/$'\t'/  -- }")
	done
	if (($#values)); then
		compadd -l -d displays -a -- values
	else
		_files
	fi
}
compdef _iamic iamic iamic-login
