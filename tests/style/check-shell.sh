#!/bin/sh
# The scripts pass shellcheck.
set -eu
cd "$1"
grep -rlE '^#!/(usr/bin/env bash|bin/bash|bin/sh)' .ci packaging tests | sort | xargs -r shellcheck
