# shellcheck shell=bash
# What the scripts share. A script sources this first; it is then in the project's root directory,
# and $caller_directory is where it was called.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # script/server reads it
caller_directory=$PWD
cd "$project" || exit 1

say() {
  printf '%s\n' "$*" >&2
}

# stop STATUS MESSAGE...
stop() {
  local status=$1
  shift
  say "${0##*/}: $*"
  exit "$status"
}

# configure DIRECTORY CMAKE-ARGUMENT...: does so when the directory has no build files yet; later
# changes of the CMake files are seen by ninja itself.
configure() {
  local directory=$1
  shift
  [[ -f $directory/build.ninja ]] && return
  say "configuring $directory"
  local log
  log=$(mktemp)
  if ! cmake "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    stop 1 "CMake could not configure $directory"
  fi
  rm -f "$log"
}

# build DIRECTORY [TARGET...]: says nothing when everything is up to date.
build() {
  local directory=$1
  shift
  if ninja -C "$directory" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
    return
  fi
  say "building $directory${*:+: $*}"
  local quiet=()
  [[ -t 1 ]] || quiet=(--quiet)
  ninja -C "$directory" "${quiet[@]}" "$@" >&2 || stop 1 "the build of $directory failed"
}

# count_tests JUNIT-FILE: sets passed, failed and skipped from what ctest wrote. The report calls a
# test skipped whose program is missing; that one failed.
count_tests() {
  local report=$1 all=0
  passed=0 failed=0 skipped=0
  [[ -f $report ]] || return 0
  all=$(grep -c '^\s<testcase ' "$report") || true
  passed=$(grep -c '^\s<testcase .* status="run">' "$report") || true
  skipped=$(grep -cE '^\s<testcase .* status="disabled">|^\s\s<skipped message="SKIP_' "$report") || true
  failed=$((all - passed - skipped))
}

# summary: the one line that says how the tests went.
summary() {
  local line="$passed passed, $failed failed"
  ((skipped == 0)) || line+=", $skipped skipped"
  printf '%s\n' "$line"
}

# run_tests PRESET [CTEST-ARGUMENT...]: runs them, prints the summary, and returns non-zero when one
# failed or none ran.
run_tests() {
  local preset=$1 status=0
  shift
  local report="$project/build/$preset/test-report.xml"
  rm -f "$report"
  ctest --preset "$preset" --output-junit "$report" "$@" || status=$?
  count_tests "$report"
  summary
  ((status == 0 && passed > 0))
}

# npm_packages: those that test/system/clients/package-lock.json names, in build/node_modules.
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
