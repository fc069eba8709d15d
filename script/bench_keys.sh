#!/usr/bin/env bash
# Measures what a key costs those who want coupons: the rate of issuing with an issuer's key, beside a server
# without a keys file.
#
# Usage: script/bench_keys.sh [--build DIRECTORY] [--rounds N] [--seconds N]
#   --build DIRECTORY  a build that has coupond and couponctl; without it, build/release is brought up to date
#   --rounds N         an odd number; each measures the rate of issuing once with a key and once without, in
#                      turns (7)
#   --seconds N        how long coupons are issued each time (4)
#
# Prints the median of the rounds' ratios, at 64 and at 256 connections. The servers run beside each other,
# each with a store of its own; only one is asked at a time. Everything listens on loopback. Takes about four
# minutes once built. Leaves nothing behind but the build.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/processes.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_options.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_wrk.sh"

rounds=7 seconds=4
read_options rounds:999 seconds:999 -- "$@"
use_build coupond couponctl
command -v wrk >/dev/null || stop 1 "needs wrk"
command -v jq >/dev/null || stop 1 "needs jq"

# On the disk of the build, because /tmp may be in memory.
directory=$(mktemp -d "$project/build/bench-XXXXXX")
open_server="" # process id of the server without keys
clean_up() {
  # shellcheck disable=SC2086 # empty variables must expand to nothing
  end_processes $open_server $server
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# new_campaign ADDRESS: prints the id of a campaign that is open at once.
new_campaign() {
  "$bin/couponctl" --server "http://$1" --json create --name bench --total 50000000 --start-in 0s |
    jq -r .campaign.id
}
# new_key ROLE: prints a key.
new_key() {
  "$bin/couponctl" keys new --role "$1" --file "$directory/keys.toml" --json | jq -r .key
}

start_server "$directory/open.log" --data-dir "$directory/open"
open_server=$server open_address=$address server=""
campaign=$(new_campaign "$open_address")
wrk_post open IssueCoupon application/json "[[{\"campaignId\":\"$campaign\"}]]"

admin=$(new_key admin) issuer=$(new_key issuer)
start_server "$directory/keys.log" --data-dir "$directory/keys" --keys-file "$directory/keys.toml"
campaign=$(COUPOND_KEY=$admin new_campaign "$address")
wrk_post keys IssueCoupon application/json "[[{\"campaignId\":\"$campaign\"}]]"
printf 'wrk.headers["Authorization"] = "Bearer %s"\n' "$issuer" >>"$directory/keys.lua"

printf '%-12s%14s%14s%10s   %s\n' connections 'with a key/s' 'without/s' ratio rounds
for connections in 64 256; do
  with=() without=() ratios=()
  for ((round = 0; round < rounds; ++round)); do
    if ((round % 2 == 0)); then
      run_wrk "http://$address" keys "$connections" "$seconds" && with+=("$rate")
      run_wrk "http://$open_address" open "$connections" "$seconds" && without+=("$rate")
    else
      run_wrk "http://$open_address" open "$connections" "$seconds" && without+=("$rate")
      run_wrk "http://$address" keys "$connections" "$seconds" && with+=("$rate")
    fi
    ratios+=("$(awk "BEGIN { printf \"%.3f\", ${with[-1]} / ${without[-1]} }")")
  done
  printf '%-12d%14d%14d%10s   %s\n' "$connections" "$(median "${with[@]}")" "$(median "${without[@]}")" \
    "$(median "${ratios[@]}")" "${ratios[*]}"
done
stop_server || stop 1 "the server ended with status $? on SIGTERM"
