#!/bin/sh
# Makes a C string of a text file: c-string.sh NAME FILE. (Strings are limited to 64 KiB by C compilers we know.)
printf 'static const char %s[] =\n' "$1"
sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/\t"&\\n"/' "$2"
printf ';\n'
