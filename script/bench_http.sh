# shellcheck shell=bash
# The parts of script/bench that drive the server over HTTP. script/bench sets the variables that they
# read and shows some of those that they set.
# shellcheck disable=SC2154,SC2034

readonly connection_counts=(64 256)
readonly total=50000000
readonly watch_streams=1000

ctl() {
  timeout 30 "$bin/couponctl" --server "http://$address" "$@"
}
open_campaign() {
  campaign=$(ctl --json create --name bench --total $total --start-in 1s | jq -r .campaign.id)
  [[ -n $campaign ]] || stop 1 "the campaign could not be created"
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    ! ctl issue "$campaign" >/dev/null 2>&1 || return 0
    sleep 0.05
  done
  stop 1 "the campaign did not open"
}

# write_wrk_scripts: writes what wrk sends. check_issued compares the number of its requests with the
# server's count of issued coupons at the end.
write_wrk_scripts() {
  wrk_get constant /healthz
  wrk_post issue IssueCoupon application/json "[[{\"campaignId\":\"$campaign\"}]]"
}

# drive SCRIPT CONNECTIONS SECONDS: runs wrk once, and sets $rate, $p50 and $p99.
drive() {
  run_wrk "http://$address" "$@"
  if [[ $1 == issue ]]; then
    answered=$((answered + requests))
    # Requests in flight at the end of a run may still be issued.
    unanswered=$((unanswered + $2))
  fi
}

# over_http: writes $directory/http.csv: what, connections, requests/s, p50 and p99 in microseconds.
over_http() {
  local round connections what seconds
  declare -A rates p50s p99s
  for ((round = 0; round < rounds; ++round)); do
    for connections in "${connection_counts[@]}"; do
      for what in constant issue; do
        seconds=$baseline_s
        [[ $what == constant ]] || seconds=$round_s
        drive $what "$connections" "$seconds"
        rates[$what,$connections]+=" $rate"
        p50s[$what,$connections]+=" $p50"
        p99s[$what,$connections]+=" $p99"
      done
    done
  done
  for what in constant issue; do
    for connections in "${connection_counts[@]}"; do
      # shellcheck disable=SC2086 # one word for each round
      printf '%s,%d,%d,%d,%d\n' $what "$connections" "$(median ${rates[$what,$connections]})" \
        "$(median ${p50s[$what,$connections]})" "$(median ${p99s[$what,$connections]})"
    done
  done >"$directory/http.csv"
}

# with_couponctl: measures with couponctl load, which reads every answer. Sets $ctl_rate.
with_couponctl() {
  local report
  report=$(ctl --json load "$campaign" --rate max --concurrency 64 --duration "${round_s}s" \
    --skip-check) || stop 1 "couponctl load failed"
  local issued
  issued=$(jq .issued <<<"$report")
  answered=$((answered + issued))
  ctl_rate=$(calculate "$issued / $(jq .elapsedSeconds <<<"$report")")
}

# check_issued: fails unless the server issued exactly what it answered.
check_issued() {
  # open_campaign issued one coupon.
  issued=$(ctl --json list | jq '.campaigns[0].issuedCoupons')
  ((issued > answered && issued <= answered + unanswered + 1)) ||
    stop 1 "the server issued $issued coupons, but answered $answered"
}

# bytes_per_coupon FOLDER: prints the size of a folder of the data directory, for each coupon.
bytes_per_coupon() {
  awk -v bytes="$(du -sb "$directory/data/$1" | cut -f 1)" -v coupons="$issued" \
    'BEGIN { printf "%.2f", bytes / coupons }'
}

print_http_table() {
  awk -F, '
    { rate[$1, $2] = $3; p50[$1, $2] = $4; p99[$1, $2] = $5; if (!seen[$2]++) order[++n] = $2 }
    END {
      printf "  %-14s%12s%12s%12s%18s%10s\n", "connections", "issues/s", "p50 us", "p99 us",
        "/healthz per s", "ratio"
      for (i = 1; i <= n; ++i) {
        c = order[i]
        printf "  %-14d%12d%12d%12d%18d%10.2f\n", c, rate["issue", c], p50["issue", c],
          p99["issue", c], rate["constant", c], rate["issue", c] / rate["constant", c]
      }
    }' "$directory/http.csv"
}

# begin_watching: starts the watchers, and returns when all have received their first message.
begin_watching() {
  : >"$directory/watch.log"
  "$bin/couponctl" --server "http://$address" --json watch "$campaign" --streams $watch_streams \
    >"$directory/watch.json" 2>"$directory/watch.log" &
  watchers=$!
  local tries
  for ((tries = 0; tries < 500; ++tries)); do
    ! grep -q 'streams are open' "$directory/watch.log" || return 0
    kill -0 "$watchers" 2>/dev/null || break
    sleep 0.02
  done
  stop 1 "the watchers did not start: $(cat "$directory/watch.log")"
}

# end_watching: ends the watchers, and sets $received to the messages a second that each received.
end_watching() {
  kill -TERM "$watchers"
  local status=0
  wait "$watchers" || status=$?
  watchers=""
  ((status == 0)) || stop 1 "a watcher lost its stream: $(cat "$directory/watch.log")"
  received=$(jq .messagesPerSecond.median <"$directory/watch.json")
}

# with_watchers: writes $directory/watched.csv: connections, requests/s without and with watchers, the
# ratio of the two within a round, p99 without and with watchers in microseconds, messages/s of a
# watcher. Runs with and without watchers alternate, also in their order, so that other load affects both
# alike.
with_watchers() {
  local round connections watched order
  declare -A rates p99s ratios messages
  for ((round = 0; round < watch_rounds; ++round)); do
    order="no yes"
    ((round % 2 == 0)) || order="yes no"
    for connections in "${connection_counts[@]}"; do
      declare -A now=()
      for watched in $order; do
        [[ $watched == no ]] || begin_watching
        drive issue "$connections" "$round_s"
        [[ $watched == no ]] || end_watching
        now[$watched]=$rate
        rates[$watched,$connections]+=" $rate"
        p99s[$watched,$connections]+=" $p99"
      done
      ratios[$connections]+=" $(awk "BEGIN { printf \"%.3f\", ${now[yes]} / ${now[no]} }")"
      messages[$connections]+=" $(awk "BEGIN { printf \"%.2f\", $received }")"
    done
  done
  for connections in "${connection_counts[@]}"; do
    # shellcheck disable=SC2086 # one word for each round
    printf '%d,%d,%d,%s,%d,%d,%s\n' "$connections" "$(median ${rates[no,$connections]})" \
      "$(median ${rates[yes,$connections]})" "$(median ${ratios[$connections]})" \
      "$(median ${p99s[no,$connections]})" "$(median ${p99s[yes,$connections]})" \
      "$(median ${messages[$connections]})"
  done >"$directory/watched.csv"
}

print_watched_table() {
  awk -F, '
    BEGIN {
      printf "  %-14s%12s%12s%10s%12s%12s%18s\n", "connections", "issues/s", "watched", "ratio",
        "p99 us", "watched", "messages/s each"
    }
    { printf "  %-14d%12d%12d%10.2f%12d%12d%18.2f\n", $1, $2, $3, $4, $5, $6, $7 }
  ' "$directory/watched.csv"
}
