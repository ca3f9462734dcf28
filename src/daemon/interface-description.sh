#!/bin/sh
# Makes a C string of the interface file, which GetInterfaceDescription answers with.
printf 'static const char interface_description[] =\n'
sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/\t"&\\n"/' "$1"
printf ';\n'
