#!/bin/sh
# Installs a build into a folder of its own and starts the program there, with its stand-ins for unused libraries and
# without. usage: installed.sh CMAKE BUILD
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$1" --install "$2" --prefix "$place" >/dev/null
program=$place/bin/atelier

fail() {
  echo "installed.sh: $1" >&2
  exit 1
}

LD_TRACE_LOADED_OBJECTS=1 "$program" >"$place/loaded"
grep -q libtorch_cpu "$place/loaded" || fail "the loader does not say what it loads"
! grep libgdal "$place/loaded" || fail "the installed program loads what nothing calls"
LD_BIND_NOW=1 "$program" --version
rm -rf "$place/lib"
LD_BIND_NOW=1 "$program" --version
