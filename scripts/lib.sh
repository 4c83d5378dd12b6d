# Shared by the scripts beside it, which source it; plain POSIX shell.

# fail MESSAGE [STATUS]: one line on standard error, then exit.
fail() {
  # shellcheck disable=SC2154  # each script names itself
  echo "$script: $1" >&2
  exit "${2:-1}"
}

say() {
  echo "== $1"
}

# as_root COMMAND...: runs it directly, or through sudo where needed.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "packages are missing and neither root nor sudo is at hand; run as root: apt-get install $missing"
  fi
}

# missing_packages NAME...: those of NAME that are not installed, on one line.
missing_packages() {
  for package in "$@"; do
    # shellcheck disable=SC2016  # the braces are dpkg-query's
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=absent
    [ "$state" = installed ] || printf '%s ' "$package"
  done
}

# install_missing NAME...: installs those that are missing; does not touch apt when none is.
install_missing() {
  command -v dpkg-query >/dev/null 2>&1 ||
    fail "this is not a Debian system; install the equivalents of scripts/packages.txt and run cmake --preset release"
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  say "installing: $missing"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update </dev/null ||
    say "apt-get update failed; trying with the package lists at hand"
  # shellcheck disable=SC2086  # one word per package
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold install $missing </dev/null ||
    fail "the packages could not be installed; check the network, then run as root: apt-get install $missing"
}

# Everything that building and testing need.
install_packages() {
  # shellcheck disable=SC2046  # one word per package
  install_missing $(grep -v '^#' scripts/packages.txt)
}

# How many compilers fit: a core each, and 2 GB of memory each, for LibTorch's headers are large.
parallel_jobs() {
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ { print int($2 / 2000000) }' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  [ "$memory" -lt "$cores" ] && cores=$memory
  echo "$cores"
}

# build PRESET [TARGET...]: configures and builds in build/PRESET.
build() {
  preset=$1
  shift
  say "configuring build/$preset"
  mkdir -p build
  cmake --preset "$preset" >"build/configure-$preset.log" 2>&1 </dev/null || {
    cat "build/configure-$preset.log" >&2
    fail "cmake could not configure build/$preset; its messages stand above"
  }
  say "building build/$preset"
  # shellcheck disable=SC2046,SC2086  # words on purpose
  cmake --build "build/$preset" -j "$(parallel_jobs)" $(for target in "$@"; do echo "--target $target"; done) </dev/null ||
    fail "the build failed; the compiler's messages stand above"
}
