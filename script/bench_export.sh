#!/usr/bin/env bash
# Measures exports of a large campaign: how long one takes, what memory it costs the server, and what it
# costs those who want coupons meanwhile.
#
# Usage: script/bench_export.sh [--build DIRECTORY] [--coupons N] [--rounds N] [--seconds N]
#   --build DIRECTORY  a build that has coupond, couponctl and coupond_fill; without it, build/release is
#                      brought up to date
#   --coupons N        of the campaign that is exported (1000000)
#   --rounds N         an odd number; each measures the rate of issuing once with exports and once without (5)
#   --seconds N        how long coupons are issued each time (5)
#
# Prints the seconds, the bytes and the memory of one export in each form, then the median of the rounds'
# ratios, and a verdict: the exit status is 1 if issuing keeps less of its rate than is promised, or if the
# server's memory grows. The load generator, curl and the server share the machine's processors, so with two of
# them much of what an export costs is curl's. Everything listens on loopback. Takes about two minutes once
# built. Leaves nothing behind but the build.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/processes.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_options.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_verdict.sh"

coupons=1000000 rounds=5 seconds=5
# Of the rate of issuing, beside exports.
readonly kept_rate_min=0.8
# For one export, of whatever size: the file of a million coupons is many times as large.
readonly growth_kb_max=8192
read_options coupons:99999999 rounds:999 seconds:999 -- "$@"
use_build coupond couponctl coupond_fill
command -v curl >/dev/null || stop 1 "needs curl"

# On the disk of the build, because /tmp may be in memory.
directory=$(mktemp -d "$project/build/bench-XXXXXX")
exporting="" # process id of the client that exports beside the load
clean_up() {
  # shellcheck disable=SC2086 # empty variables must expand to nothing
  end_processes $exporting $server
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

ctl() {
  "$bin/couponctl" --server "http://$address" "$@"
}
# memory NAME: prints VmRSS or VmHWM of the server in kB.
memory() {
  awk -v name="$1:" '$1 == name { print $2 }' "/proc/$server/status"
}

# one_export NAME COMMAND...: runs a command that prints the number of bytes that it received, and prints
# what it took.
one_export() {
  local name=$1 before begin bytes growth
  shift
  echo 5 >"/proc/$server/clear_refs" # the peak becomes the present size
  before=$(memory VmRSS)
  begin=${EPOCHREALTIME/./}
  bytes=$("$@") || stop 1 "the export as $name failed"
  local us=$((${EPOCHREALTIME/./} - begin))
  growth=$(($(memory VmHWM) - before))
  awk -v name="$name" -v us="$us" -v bytes="$bytes" -v before="$before" -v growth="$growth" 'BEGIN {
      printf "%-7s %6.2f s, %4.0f MB, %5.1f MB/s; server: %d kB before, at most %d kB more\n", name, us / 1e6,
        bytes / 1e6, bytes / us, before, growth
    }'
  expect "the server's memory grows during the export as $name" "$growth" at-most "$growth_kb_max" kB
}
file() {
  curl --silent --fail --output /dev/null --write-out '%{size_download}' \
    "http://$address/campaigns/$exported/coupons.$1"
}
stream() {
  ctl --json --timeout 60s export "$exported" --format csv --output "$directory/coupons.csv" --force |
    jq .bytes
}

# issue: sets $rate to the coupons that are issued a second.
issue() {
  local report
  report=$(ctl --json load "$issued" --rate max --concurrency 64 --duration "${seconds}s" --skip-check) ||
    stop 1 "couponctl load failed: $report"
  rate=$(jq .achievedRate <<<"$report")
}
# issue_beside_exports: the same while a client exports again and again.
issue_beside_exports() {
  # The fragment, which is not sent, makes many URLs of one.
  # Line by line, because curl is ended by a signal, which loses what it has not written.
  stdbuf -oL curl --silent --fail --output /dev/null --write-out '%{time_total}\n' \
    "http://$address/campaigns/$exported/coupons.csv#[1-100000]" >>"$directory/times" &
  exporting=$!
  issue
  kill -0 "$exporting" 2>/dev/null || stop 1 "the client that exports has failed"
  end_processes "$exporting"
  exporting=""
}

say "filling a store with $coupons coupons"
timeout 600 "$bin/coupond_fill" "$directory/data" --campaigns 2 --coupons "$coupons" >"$directory/ids" ||
  stop 1 "coupond_fill failed"
start_server "$directory/log" --data-dir "$directory/data"
exported=$(head -n 1 "$directory/ids")
issued=$(sed -n 2p "$directory/ids")

printf '%d coupons, %s\n' "$coupons" "$build_directory"
one_export csv file csv
one_export jsonl file jsonl
one_export stream stream

ratios=() with=() without=()
: >"$directory/times"
for ((round = 0; round < rounds; ++round)); do
  if ((round % 2 == 0)); then
    issue && alone=$rate && issue_beside_exports && beside=$rate
  else
    issue_beside_exports && beside=$rate && issue && alone=$rate
  fi
  with+=("$beside") without+=("$alone")
  ratios+=("$(awk "BEGIN { printf \"%.3f\", $beside / $alone }")")
done
printf 'issued a second: %.0f without exports, %.0f beside one after the other; ratio %s (median of %d rounds)\n' \
  "$(median "${without[@]}")" "$(median "${with[@]}")" "$(median "${ratios[@]}")" "$rounds"
printf 'beside the load, %d exports were complete' "$(wc -l <"$directory/times")"
if [[ -s $directory/times ]]; then
  mapfile -t times <"$directory/times"
  printf ', in %.2f s each (median)' "$(median "${times[@]}")"
fi
printf '\n'
expect "what issuing keeps of its rate beside exports" "$(median "${ratios[@]}")" at-least "$kept_rate_min"
# Without one, nothing was beside the load.
expect "exports that are complete beside the load" "$(wc -l <"$directory/times")" at-least 1
stop_server || stop 1 "the server ended with status $? on SIGTERM"
verdict
