#!/usr/bin/env bash
# Measures what readers of events get, and what they cost those who want coupons: how long after its commit
# an event reaches a thousand readers while a thousand coupons are issued a second, and the rate of issuing
# as fast as possible with and without them.
#
# Usage: script/bench_events.sh [--build DIRECTORY] [--readers N] [--rounds N] [--seconds N]
#   --build DIRECTORY  a build that has coupond, couponctl and coupond_event_readers; without it,
#                      build/release is brought up to date
#   --readers N        on connections of their own, at most 2000 (1000)
#   --rounds N         an odd number; each measures when events arrive, and the rate of issuing once with
#                      readers and once without (5)
#   --seconds N        how long coupons are issued each time (5)
#
# Prints the time from an event's commit to its arrival, of the first event in each message: the median, the
# 99th percentile and the maximum, each of them the median of the rounds'; then the median of the rounds'
# ratios; and a verdict: the exit status is 1 if events arrive later than is promised, or if readers cost
# those who want coupons more. The readers, the load generator and the server share the machine's processors.
# Everything listens on loopback. Takes about three minutes once built. Leaves nothing behind but the build.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/processes.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_options.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_verdict.sh"

readers=1000 rounds=5 seconds=5
# Promised for a thousand readers.
readonly issues_a_second=1000 lag_ms_max=1000
# Of the rate of issuing, beside readers.
readonly kept_rate_min=0.9
# Of issues_a_second; with less than that, events would have been few.
readonly reached_rate_min=950
read_options readers:2000 rounds:999 seconds:999 -- "$@"
use_build coupond couponctl coupond_event_readers
ulimit -n "$(ulimit -Hn)"

# On the disk of the build, because /tmp may be in memory.
directory=$(mktemp -d "$project/build/bench-XXXXXX")
reading="" # process id of the readers
clean_up() {
  # shellcheck disable=SC2086 # empty variables must expand to nothing
  end_processes $reading $server
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

ctl() {
  "$bin/couponctl" --server "http://$address" "$@"
}

head_sequence() {
  ctl --json info | jq -r .headSequence
}

# begin_reading SECONDS: starts the readers at the end of the log, which becomes $head.
begin_reading() {
  head=$(head_sequence)
  "$bin/coupond_event_readers" "${address##*:}" "$readers" "$1" "$((head + 1))" >"$directory/figures" &
  reading=$!
  # Until all are connected.
  for ((tries = 0; tries < 500; ++tries)); do
    (($(find "/proc/$server/fd" -lname 'socket:*' | wc -l) < readers)) || return 0
    sleep 0.02
  done
  stop 1 "the readers have not connected within 10 s"
}
end_reading() {
  wait "$reading" || stop 1 "the readers have failed"
  reading=""
}

# issue RATE: sets $rate to the coupons that are issued a second.
issue() {
  local report
  report=$(ctl --json load "$campaign" --rate "$1" --concurrency 64 --duration "${seconds}s" --skip-check) ||
    stop 1 "couponctl load failed: $report"
  rate=$(jq .achievedRate <<<"$report")
}
issue_beside_readers() {
  begin_reading "$((seconds + 3))"
  issue max
  end_reading
}

start_server "$directory/log" --data-dir "$directory/data"
campaign=$(ctl --json create --name events --total 100000000 --start-in 0s | jq -r .campaign.id)

# measure_lag: lets readers read what a constant rate makes, and adds one figure to each of the lists.
measure_lag() {
  local issued
  begin_reading "$((seconds + 3))"
  issue "$issues_a_second"
  end_reading
  issued=$(($(head_sequence) - head))
  rates+=("$rate")
  medians+=("$(jq .lagMedianMs "$directory/figures")")
  p99s+=("$(jq .lagP99Ms "$directory/figures")")
  maxima+=("$(jq .lagMaxMs "$directory/figures")")
  # Events that have not arrived have no lag.
  arrived+=("$(jq --argjson issued "$issued" '.events / .readers / $issued * 1000 | floor / 1000' \
    "$directory/figures")")
}

rates=() medians=() p99s=() maxima=() arrived=()
for ((round = 0; round < rounds; ++round)); do
  measure_lag
done
printf '%d readers while %.0f coupons are issued a second, %s (medians of %d rounds):\n' "$readers" \
  "$(median "${rates[@]}")" "$build_directory" "$rounds"
printf '  an event arrives after %d ms (median), %d ms (p99), %d ms (maximum); ' \
  "$(median "${medians[@]}")" "$(median "${p99s[@]}")" "$(median "${maxima[@]}")"
jq -r --argjson seconds "$seconds" '"\(.messages / .readers / $seconds * 10 | round / 10) messages/s to each, "
  + "\(.bytes / $seconds / 1e6 | round) MB/s in the last round"' "$directory/figures"
expect "coupons issued a second while events are read" "$(median "${rates[@]}")" at-least "$reached_rate_min"
expect "the share of the events that reach each reader" "$(median "${arrived[@]}")" at-least 1
expect "the time until the last reader has an event" "$(median "${maxima[@]}")" at-most "$lag_ms_max" ms

ratios=() with=() without=()
for ((round = 0; round < rounds; ++round)); do
  if ((round % 2 == 0)); then
    issue max && alone=$rate && issue_beside_readers && beside=$rate
  else
    issue_beside_readers && beside=$rate && issue max && alone=$rate
  fi
  with+=("$beside") without+=("$alone")
  ratios+=("$(awk "BEGIN { printf \"%.3f\", $beside / $alone }")")
done
printf 'issued a second: %.0f without readers, %.0f with %d; ratio %s (median of %d rounds: %s)\n' \
  "$(median "${without[@]}")" "$(median "${with[@]}")" "$readers" "$(median "${ratios[@]}")" "$rounds" \
  "${ratios[*]}"
jq -r '"  meanwhile \(.events) events in \(.messages) messages reached the readers"' "$directory/figures"
expect "what issuing keeps of its rate beside readers" "$(median "${ratios[@]}")" at-least "$kept_rate_min"
stop_server || stop 1 "the server ended with status $? on SIGTERM"
verdict
