# shellcheck shell=bash
# Functions that the clients' `run` scripts share. script/e2e starts each script with a server of its
# own, whose COUPOND_ADDRESS and COUPOND_PID it sets. The scripts print lines "ok NAME", "FAILED NAME:
# WHY" or "skipped: NAME because WHY".
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../../script/lib.sh"

: "${COUPOND_ADDRESS:?is set by script/e2e}" "${COUPOND_PID:?is set by script/e2e}"
# shellcheck disable=SC2034 # the clients read it
url=http://$COUPOND_ADDRESS

# check NAME COMMAND...: prints "ok" if the command succeeds, otherwise "FAILED" with its output.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok %s\n' "$name"
  else
    printf 'FAILED %s: %s\n' "$name" "$(tr '\0\r\n' '   ' <<<"$output" | cut -c 1-600)"
  fi
}
# contains TEXT PATTERN...: prints the text; fails unless it contains the patterns in this order.
contains() {
  local text=$1 pattern
  printf '%s' "$text"
  shift
  pattern=$(printf '.*%s' "$@")
  [[ ${text//[$'\r\n']/ } =~ $pattern ]]
}
# skip NAME WHY: reports that the client was skipped, and exits.
skip() {
  printf 'skipped: %s because %s\n' "$1" "$2"
  exit 0
}
# need_program NAME PROGRAM...: skips the client if a program is not installed.
need_program() {
  local name=$1 program
  shift
  for program in "$@"; do
    command -v "$program" >/dev/null || skip "$name" "$program is not installed"
  done
}
# need_version NAME WHAT HAVE LEAST: skips the client if the version is too old.
need_version() {
  [[ $(printf '%s\n' "$3" "$4" | sort -V | head -n 1) == "$4" ]] ||
    skip "$1" "$2 is $3 and it needs $4"
}
# need_node NAME: skips the client without Node, and installs the packages of package.json in
# build/node_modules.
need_node() {
  need_program "$1" node npm
  need_version "$1" node "$(node -p process.versions.node)" 20.0
  npm_packages
}
