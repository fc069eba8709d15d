# shellcheck shell=bash
# The verdict of those script/bench_*.sh that measure a promise. They source this after lib.sh.
#
# A limit leaves room for what differs from run to run; it is held against what one run has measured of
# itself, as a ratio or as the median of its rounds, never against a figure of another run or machine.

missed=() # the promises that this run has not kept

# expect WHAT FIGURE at-least|at-most LIMIT [UNIT]: notes a promise that was missed; also one whose figure is
# no number, because then nothing was measured.
expect() {
  local what=$1 figure=$2 bound=$3 limit=$4 unit=${5:+ $5}
  if [[ $figure =~ ^-?[0-9]+(\.[0-9]+)?$ ]] &&
    awk -v figure="$figure" -v limit="$limit" -v bound="$bound" \
      'BEGIN { exit !(bound == "at-least" ? figure >= limit : figure <= limit) }'; then
    return
  fi
  missed+=("$what: ${figure:-nothing}$unit, promised ${bound/-/ } $limit$unit")
}

# verdict: prints one line, and returns non-zero if a promise was missed.
verdict() {
  local line
  if ((${#missed[@]} == 0)); then
    printf 'verdict: kept\n'
    return
  fi
  printf -v line '%s; ' "${missed[@]}"
  printf 'verdict: MISSED: %s\n' "${line%; }"
  return 1
}
