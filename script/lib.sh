# shellcheck shell=bash
# Functions that the scripts share. Sourcing this changes to the project's root directory;
# $caller_directory is where the script was called.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # script/server reads it
caller_directory=$PWD
cd "$project" || exit 1

# say MESSAGE...: prints a line to standard error.
say() {
  printf '%s\n' "$*" >&2
}

# stop STATUS MESSAGE...: prints the message after the script's name, and exits.
stop() {
  local status=$1
  shift
  say "${0##*/}: $*"
  exit "$status"
}

# configure DIRECTORY CMAKE-ARGUMENT...: runs CMake if the directory has no build files yet, or has ones that the
# scripts did not make: here warnings are errors. Ninja itself runs it again after changes of the CMake files.
configure() {
  local directory=$1
  shift
  [[ -f $directory/build.ninja ]] &&
    grep -qx 'COUPOND_WARNINGS_AS_ERRORS:[A-Z]*=ON' "$directory/CMakeCache.txt" && return
  say "configuring $directory"
  local log
  log=$(mktemp)
  if ! cmake -DCOUPOND_WARNINGS_AS_ERRORS=ON "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    stop 1 "CMake could not configure $directory"
  fi
  rm -f "$log"
}

readonly not_configured=3  # the exit status of build if CMake failed

# build DIRECTORY [TARGET...]: builds the targets; prints nothing if everything is up to date. Waits for
# another build in the same directory, because ninja does not.
build() {
  local directory=$1 log lock quiet=()
  shift
  exec {lock}>"$directory/.build-lock"
  flock "$lock"
  # Looks for new sources, and runs CMake again if necessary.
  log=$(ninja -C "$directory" --quiet build.ninja 2>&1) || {
    say "$log"
    stop "$not_configured" "CMake could not configure $directory"
  }
  # Ninja has no rule for the absolute path of the file, so it does not look for new sources again, which
  # it would count as work.
  local ninja=(ninja -C "$directory" -f "$(cd "$directory" && pwd)/build.ninja")
  if ! "${ninja[@]}" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
    say "building $directory${*:+: $*}"
    [[ -t 1 ]] || quiet=(--quiet)
    "${ninja[@]}" "${quiet[@]}" "$@" >&2 || stop 1 "the build of $directory failed"
  fi
  exec {lock}>&-
}

# build_in_groups DIRECTORY [TARGET...]: like build, for a directory with COUPOND_UNITY. If grouped sources do
# not compile together, compiles each separately.
build_in_groups() {
  local status=0
  (build "$@") || status=$?
  ((status != not_configured)) || exit 1
  ((status > 0)) || return 0
  say "building $1 again, each source separately"
  cmake -DCOUPOND_UNITY=OFF "$1" >/dev/null ||
    stop 1 "CMake could not configure $1"
  build "$@"
  say "warning: sources of $1 compile alone but not in the groups of cmake/unity_groups.awk"
}

# median NUMBER...: prints the median of an odd number of numbers.
median() {
  printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

# summary: prints the last line of a script that runs tests, from $passed, $failed and $skipped.
summary() {
  local line="$passed passed, $failed failed"
  ((${skipped:-0} == 0)) || line+=", $skipped skipped"
  printf '%s\n' "$line"
}

# run_tests PRESET [CTEST-ARGUMENT...]: runs the tests. Prints the failed ones with the end of their
# output, the skipped ones with the reason, and the summary. Returns non-zero if a test failed or none
# ran. Sets $passed, $failed and $skipped.
run_tests() {
  local preset=$1 status=0 line quiet=(-Q)
  shift
  local report="$project/build/$preset/test-report.xml"
  rm -f "$report"
  passed=0 failed=0 skipped=0
  # Progress is for a terminal; elsewhere a line for each test would hide what matters.
  [[ ! -t 1 ]] || quiet=(--progress)
  ctest --preset "$preset" "${quiet[@]}" --output-junit "$report" "$@" || status=$?
  if [[ -f $report ]]; then
    while IFS= read -r line; do
      case $line in
        ok\ *) passed=$((passed + 1)) && continue ;;
        FAILED\ *) failed=$((failed + 1)) ;;
        skipped:\ *) skipped=$((skipped + 1)) ;;
      esac
      printf '%s\n' "$line"
    done < <(awk -f script/test_report.awk "$report")
  fi
  summary
  ((status == 0 && failed == 0 && passed > 0))
}

# npm_packages: installs the packages of test/system/clients/package-lock.json in build/node_modules.
npm_packages() {
  local lock=test/system/clients/package-lock.json installed=build/node_modules/.installed-lock.json
  cmp -s "$lock" "$installed" && return
  say "installing npm packages"
  mkdir -p build
  cp test/system/clients/package.json "$lock" build/
  npm ci --prefix build --include=dev --ignore-scripts --prefer-offline --no-audit --no-fund \
    --loglevel error >&2 ||
    stop 1 "npm could not install the packages"
  cp "$lock" "$installed"
}
