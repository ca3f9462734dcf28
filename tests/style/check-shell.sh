#!/bin/sh
# The scripts pass shellcheck, and call no function that they lack: bash finds that out when it gets there.
set -eu
cd "$1"

main()
{
	status=0
	grep -rlE '^#!/(usr/bin/env bash|bin/bash|bin/sh)' .ci packaging tests | sort >"$scratch"
	while read -r script; do
		shellcheck "$script" || status=1
		check_calls "$script" || status=1
	done <"$scratch"
	return $status
}

# Functions are known by the underscore in their names; "key = value" is a line of some here-document.
check_calls()
{
	grep -vE '^\s*\w+ = ' "$1" | grep -oE '^\s*((if|!|elif|while) )*[a-z]+(_[a-z]+)+( |$)' | awk '{ print $NF }' |
		sort -u | while read -r name; do
		grep -qE "^$name\(\)" "$1" || echo "$1: $name: no such function"
	done | grep . && return 1
	return 0
}

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
main
