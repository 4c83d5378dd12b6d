#!/usr/bin/env bash
# Compares what the files of src/without_... define with what the files that they stand in for define, so that the build
# without pictures or oneDNN cannot lose a function unseen. usage: stand_ins.sh LIST, object files one per line.
set -euo pipefail

defined() { nm -C --defined-only -g "$1" | awk '$2 ~ /[TBDR]/' | cut -d' ' -f3- | sort; }

status=0 seen=0
while IFS= read -r object; do
  [[ $object == */without_*/* ]] || continue
  name=${object##*/without_}
  name=${name#*/}
  stands_for=$(grep -v /without_ "$1" | grep "/src/$name$" || true)
  [[ -n $stands_for ]] || { echo "$name stands in for nothing"; status=1; continue; }
  difference=$(diff <(defined "$stands_for") <(defined "$object") || true)
  [[ -z $difference ]] || { printf '%s (>: only in the stand-in)\n%s\n' "$name" "$difference"; status=1; }
  seen=$((seen + 1))
done <"$1"
echo "$seen stand-ins compared"
exit $((seen > 0 ? status : 1))
