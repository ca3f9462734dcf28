#!/bin/sh
# Every C file is as clang-format (14, Debian 12's) leaves it.
set -eu
cd "$1"
find src include tests -name 'build*' -prune -o -name '*.[ch]' -print | sort |
	xargs -r clang-format --dry-run -Werror --style=file
