#!/usr/bin/env bash
# Measures what slow TLS handshakes cost those who want coupons: the rate of issuing over TLS while thousands of
# connections are in a handshake that never ends, beside the rate without them.
#
# Usage: script/bench_tls_flood.sh [--build DIRECTORY] [--handshakes N] [--rounds N] [--seconds N]
#   --build DIRECTORY  a build that has coupond and couponctl; without it, build/release is brought up to date
#   --handshakes N     at most 9000 (5000)
#   --rounds N         an odd number; each measures the rate of issuing once with slow handshakes and once
#                      without, in turns (5)
#   --seconds N        how long coupons are issued each time (5)
#
# A connection whose handshake takes longer than a request's head may is closed by the server, and opened again
# at once. Prints the median of the rounds' ratios. Everything listens on loopback. Takes a minute and a half once
# built. Leaves nothing behind but the build.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/processes.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_options.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bench_wrk.sh"

readonly connections=64
handshakes=5000 rounds=5 seconds=5
read_options handshakes:9999 rounds:999 seconds:999 -- "$@"
((handshakes <= 9000)) || stop 2 "--handshakes must be at most 9000, because the server has 10000 connections"
use_build coupond couponctl
for program in wrk jq openssl python3; do
  command -v "$program" >/dev/null || stop 1 "needs $program"
done
readonly files=$((handshakes + 2000))
ulimit -n "$files" 2>/dev/null || stop 1 "needs $files open files at a time, more than \"ulimit -Hn\" allows"

# On the disk of the build, because /tmp may be in memory.
directory=$(mktemp -d "$project/build/bench-XXXXXX")
flood="" # process id of the client with the slow handshakes
clean_up() {
  # shellcheck disable=SC2086 # empty variables must expand to nothing
  end_processes $flood $server
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 -keyout "$directory/key.pem" -out "$directory/cert.pem" \
  2>"$directory/openssl.log" ||
  stop 1 "openssl could not make a certificate: $(cat "$directory/openssl.log")"
start_server "$directory/log" --data-dir "$directory/data" --tls-cert "$directory/cert.pem" \
  --tls-key "$directory/key.pem"
campaign=$("$bin/couponctl" --server "https://$address" --ca-file "$directory/cert.pem" --json create --name bench \
  --total 50000000 --start-in 0s | jq -r .campaign.id)
wrk_post issue IssueCoupon application/json "[[{\"campaignId\":\"$campaign\"}]]"

# open_sockets: prints the number of the server's sockets.
open_sockets() {
  # find complains of those that are closed while it looks.
  { find "/proc/$server/fd" -lname 'socket:*' 2>/dev/null || true; } | wc -l
}
# begin_flood: returns once all handshakes are open.
begin_flood() {
  local tries
  mkfifo "$directory/end-$round"
  python3 bench/slow_handshakes.py "${address##*:}" "$handshakes" <"$directory/end-$round" \
    >"$directory/flood-$round" &
  flood=$!
  exec 4>"$directory/end-$round"
  for ((tries = 0; tries < 300; ++tries)); do
    ! (($(open_sockets) > handshakes)) || return 0
    kill -0 "$flood" 2>/dev/null || break
    sleep 0.1
  done
  stop 1 "the slow handshakes could not be opened"
}
end_flood() {
  exec 4>&-
  wait "$flood" || stop 1 "the client with the slow handshakes failed"
  flood=""
}

with=() without=() ratios=() begun=0
for ((round = 0; round < rounds; ++round)); do
  if ((round % 2 == 1)); then
    run_wrk "https://$address" issue "$connections" "$seconds" && without+=("$rate")
  fi
  begin_flood
  run_wrk "https://$address" issue "$connections" "$seconds" && with+=("$rate")
  end_flood
  begun=$((begun + $(sed -n 's/ handshakes were begun//p' "$directory/flood-$round")))
  if ((round % 2 == 0)); then
    run_wrk "https://$address" issue "$connections" "$seconds" && without+=("$rate")
  fi
  ratios+=("$(awk "BEGIN { printf \"%.3f\", ${with[-1]} / ${without[-1]} }")")
done
printf 'issued over TLS a second: %d without, %d beside %d slow handshakes; ratio %s (median of %d rounds: %s)\n' \
  "$(median "${without[@]}")" "$(median "${with[@]}")" "$handshakes" "$(median "${ratios[@]}")" "$rounds" \
  "${ratios[*]}"
printf '%d handshakes were begun in all\n' "$begun"
stop_server || stop 1 "the server ended with status $? on SIGTERM"
