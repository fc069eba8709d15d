# shellcheck shell=bash
# script/bench --compare: coupond beside nginx, Redis and PostgreSQL, and beside the disk and itself.
#
# Every figure is the ratio of two measurements, which take turns: first A then B, then B then A, for an
# odd number of rounds. The median of the rounds' ratios counts, so what else the machine does meanwhile
# distorts both alike. script/bench sets the variables that this reads.
# shellcheck disable=SC2154,SC2034

# The table: key, figure, at least, aim, and whether more or less is better. @NAME is a number.
readonly compared='
issue-nginx-256|durable issue JSON / nginx POST constant, 256 connections|0.90|1.0|more
issue-nginx-64|the same, 64 connections|0.75|0.9|more
protobuf|durable issue protobuf / JSON, 256|1.1|1.15|more
new-user|issue with a new user_id / anonymous, 256|0.93|0.97|more
already-issued|already issued (same user_id again) / sold out, 256|0.95|1.0|more
sold-out|sold out / nginx POST constant, 256|1.0|1.15|more
load-wrk-256|couponctl load / wrk, each against nginx POST constant, 256 connections|1.0|1.1|more
load-wrk-64|couponctl load / wrk, the same, 64 connections|1.0|1.1|more
redis|issue / Redis AOF always, 64 connections|1.3|1.8|more
small-reads|GetCampaignStatus-like small reads (GetCampaign of <= 10 coupons, ListCampaigns page) / /healthz, 256|0.6|0.8|more
p50|p50 at 1,000/s, constant arrival / median fdatasync|1.6|1.3|less
p999|p99.9 at half the maximum rate / median fdatasync|20|12|less
engine|engine in process, 1,024 in flight / log ceiling|0.8|0.9|more
engine-claims|with a claim each|0.6|0.75|more
listing|issues/s while one client lists @coupons coupons in a loop / without|0.85|0.9|more
campaigns|issues/s over @campaigns campaigns / over one|0.9|1.0|more
start|start with @claims claims|3 s|1.5 s|less
memory|resident memory per claim|27 B|20 B|less
'

# Each prints nothing and sets $figure.
answers() { # SCRIPT CONNECTIONS: answers a second
  run_wrk "http://$address" "$1" "$2" "$round_s"
  figure=$rate
  [[ $1 != issue && $1 != issue-protobuf && $1 != issue-numbered && $1 != issue-user ]] || {
    answered=$((answered + requests))
    unanswered=$((unanswered + $2))
  }
}
arrivals() { # RATE CONNECTIONS PERCENTILE: its latency at a constant arrival rate, in microseconds
  local report
  # With a ramp, so that opening the connections at once is not part of the latencies.
  report=$(ctl --json load "$campaign" --rate "$1" --concurrency "$2" --duration "${round_s}s" --ramp 500ms \
    --skip-check) || stop 1 "couponctl load failed: $report"
  answered=$((answered + $(jq .issued <<<"$report")))
  figure=$(jq ".latencyMs.\"$3\" * 1000" <<<"$report")
}
fdatasync() { # the median of an append of 4 KiB with its fdatasync, in microseconds
  in_process fdatasync 60 --benchmark_filter=^Fdatasync
  figure=$(jq '.benchmarks[0].median_us' "$directory/fdatasync.json")
}
while_listing() { # answers a second to issues in another campaign, while a client lists the first one
  curl --silent --fail --output /dev/null -H 'Content-Type: application/json' \
    -d "{\"campaignId\":\"$listed\"}" "http://$address/GetCampaign?again=[1-100000]" &
  beside=$!
  answers issue-beside 256
  kill -0 "$beside" 2>/dev/null || stop 1 "the client that lists the coupons has failed"
  end_processes "$beside"
  beside=""
}

# pair KEY A B: measures A and B in turn, and appends to $directory/measured: key, median of the ratios
# A/B, medians of A and of B.
pair() {
  local key=$1 round one other a b as=() bs=() ratios=()
  for ((round = 0; round < rounds; ++round)); do
    # shellcheck disable=SC2086 # commands with their arguments
    if ((round % 2 == 0)); then
      $2 && a=$figure && $3 && b=$figure
    else
      $3 && b=$figure && $2 && a=$figure
    fi
    as+=("$a") bs+=("$b") ratios+=("$(awk "BEGIN { printf \"%.4f\", $a / $b }")")
  done
  measured "$key" "$(median "${ratios[@]}")" "$(median "${as[@]}")" "$(median "${bs[@]}")"
}
measured() {
  local IFS='|'
  printf '%s\n' "$*" >>"$directory/measured"
  say "measured: $1"
}

# new_campaign NAME TOTAL: prints the id of a campaign that is open at once.
new_campaign() {
  ctl --json create --name "$1" --total "$2" --start-in 0s | jq -r .campaign.id
}

# compare_requests: nginx and Redis with the same requests, and coupond's answers with each other.
compare_requests() {
  local sold_out held small number
  start_server "$directory/server.log" --data-dir "$directory/data"
  open_campaign
  sold_out=$(new_campaign "sold out" 1) held=$(new_campaign "held" 10) small=$(new_campaign "small" 1000)
  ctl issue "$sold_out" >/dev/null
  ctl issue "$held" --user-id someone >/dev/null
  for ((number = 0; number < 10; ++number)); do
    ctl issue "$small" >/dev/null
    new_campaign "campaign $number" 1000 >/dev/null
  done
  wrk_get constant /healthz
  wrk_post issue IssueCoupon application/json "[[{\"campaignId\":\"$campaign\"}]]"
  wrk_post issue-protobuf IssueCoupon application/proto "\"\\010\\036$campaign\""
  wrk_post_numbered issue-user '' "{\"campaignId\":\"$campaign\",\"userId\":\"user-@\"}"
  # wrk makes as long a request as for a user, so that only the server's work differs.
  wrk_post_numbered issue-numbered 'X-Number: number-of-request-@\r\n' "{\"campaignId\":\"$campaign\"}"
  wrk_post sold-out IssueCoupon application/json "[[{\"campaignId\":\"$sold_out\"}]]"
  wrk_post held IssueCoupon application/json "[[{\"campaignId\":\"$held\",\"userId\":\"someone\"}]]"
  wrk_post small IssueCoupon application/json "[[{\"campaignId\":\"$small\"}]]"
  wrk_post get GetCampaign application/json "[[{\"campaignId\":\"$small\"}]]"
  wrk_post list ListCampaigns application/json '[[{"pageSize":10}]]'

  read_answers
  start_peers
  if [[ -n $nginx_port ]]; then
    pair issue-nginx-256 "answers issue 256" "nginx_constant 256"
    pair issue-nginx-64 "answers issue 64" "nginx_constant 64"
    pair sold-out "answers sold-out 256" "nginx_constant 256"
    wrk_like_load
    pair load-wrk-256 "constant_by_load 256" "constant_by_wrk 256"
    pair load-wrk-64 "constant_by_load 64" "constant_by_wrk 64"
  fi
  [[ -z $redis_port ]] || pair redis "answers issue 64" "redis_issue 64"
  [[ -z $postgres_directory ]] || pair postgresql "answers issue 64" "postgres_issue 64"
  end_peers
  pair protobuf "answers issue-protobuf 256" "answers issue 256"
  pair new-user "answers issue-user 256" "answers issue-numbered 256"
  pair already-issued "answers held 256" "answers sold-out 256"
  pair get "answers get 256" "answers constant 256"
  pair list "answers list 256" "answers constant 256"
  compare_latency
  check_issued
  stop_server || stop 1 "the server ended with status $? on SIGTERM"
}

# read_answers: sets $json_answer and $protobuf_answer to what the server answers to an IssueCoupon.
read_answers() {
  local LC_ALL=C # lengths are in bytes
  json_answer=$(answer_to application/json "{\"campaignId\":\"$campaign\"}")
  # Without the mark at its end, a last byte that is a newline would be lost. None is 0.
  protobuf_answer=$(answer_to application/proto $'\n\x24'"$campaign" && printf .)
  protobuf_answer=${protobuf_answer%.}
  answered=$((answered + 2))
}
# answer_to CONTENT-TYPE BODY: prints the body of the server's answer to an IssueCoupon, byte for byte.
answer_to() {
  local line
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'POST /coupon.v1.CouponService/IssueCoupon HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n' "$address" >&3
  printf 'Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s' "$1" ${#2} "$2" >&3
  while IFS= read -r line <&3 && [[ $line != $'\r' ]]; do :; done
  cat <&3
  exec 3>&-
}

# compare_latency: latencies at constant arrival rates, in units of the disk's.
compare_latency() {
  local maximum
  pair p50 "arrivals 1000 64 p50" fdatasync
  maximum=$(ctl --json load "$campaign" --rate max --concurrency 256 --duration "${round_s}s" --skip-check)
  answered=$((answered + $(jq .issued <<<"$maximum")))
  half_rate=$(jq '.achievedRate / 2 | floor' <<<"$maximum")
  pair p999 "arrivals $half_rate 256 p99.9" fdatasync
}

# compare_engine: the engine in one process, in units of what RocksDB alone does with the same bytes.
compare_engine() {
  local aggregate=median kind key
  ((rounds > 1)) || aggregate=iteration
  in_process engine 240 --benchmark_repetitions="$rounds" \
    --benchmark_filter='^Engine(Anonymous/in_flight:1024|WithClaims)/.*issues:(1000000|500000)/'
  for kind in Anonymous WithClaims; do
    key=engine
    [[ $kind == Anonymous ]] || key=engine-claims
    # shellcheck disable=SC2046 # three words
    measured $key $(jq -r --arg name "Engine$kind" --arg aggregate $aggregate '.benchmarks[] |
      select(.name | startswith($name)) | select((.aggregate_name // .run_type) == $aggregate) |
      "\(.of_ceiling) \(.items_per_second) \(.ceiling_per_second)"' "$directory/engine.json")
  done
}

# compare_many: many coupons and many campaigns in one store.
compare_many() {
  local other
  timeout 300 "$bin/coupond_fill" "$directory/many" --campaigns "$many_campaigns" \
    --coupons "$many_coupons" >"$directory/ids" || stop 1 "coupond_fill failed"
  start_server "$directory/many.log" --data-dir "$directory/many"
  listed=$(head -n 1 "$directory/ids")
  other=$(sed -n 2p "$directory/ids")
  wrk_post issue-beside IssueCoupon application/json "[[{\"campaignId\":\"$other\"}]]"
  # wrk draws from as many requests, so that only the server's work differs.
  sed "s/.*/$other/" "$directory/ids" >"$directory/one-id"
  wrk_post_any issue-one "$directory/one-id"
  wrk_post_any issue-any "$directory/ids"
  if command -v curl >/dev/null; then
    pair listing while_listing "answers issue-beside 256"
  else
    missing_peers+=(curl)
  fi
  pair campaigns "answers issue-any 256" "answers issue-one 256"
  stop_server || stop 1 "the server ended with status $? on SIGTERM"
  rm -rf "$directory/many"
}

# resident: prints the server's resident memory in bytes.
resident() {
  awk '$1 == "VmRSS:" { print $2 * 1024 }' "/proc/$server/status"
}

# compare_start: how long a start with many claims takes, and how much memory each claim.
compare_start() {
  local round begin empty seconds=() bytes=()
  start_server "$directory/empty.log" --data-dir "$directory/empty"
  empty=$(resident)
  stop_server || true
  timeout 600 "$bin/coupond_fill" "$directory/claims" --claims "$claims" >/dev/null ||
    stop 1 "coupond_fill failed"
  for ((round = 0; round < rounds; ++round)); do
    begin=${EPOCHREALTIME/./}
    start_server "$directory/claims.log" --data-dir "$directory/claims"
    seconds+=("$(awk "BEGIN { print (${EPOCHREALTIME/./} - $begin) / 1e6 }")")
    bytes+=("$(awk "BEGIN { print ($(resident) - $empty) / $claims }")")
    stop_server || true
  done
  measured start "$(median "${seconds[@]}")" "" ""
  measured memory "$(median "${bytes[@]}")" "" ""
  rm -rf "$directory/claims" "$directory/empty"
}

# compare: measures everything and writes the results.
compare() {
  results_file=$project/bench/RESULTS.md
  rounds=5 round_s=3 many_campaigns=100000 many_coupons=1000000 claims=10000000
  if $quick; then
    results_file=$project/build/RESULTS.md
    rounds=1 round_s=1 many_campaigns=10000 many_coupons=200000 claims=500000
  fi
  : >"$directory/measured"
  : >"$directory/limits"
  compare_engine
  compare_requests
  compare_many
  compare_start
  count_wake_ups >"$directory/wake-ups"
  write_results
}
