# shellcheck shell=bash
# Compares `couponctl load` with wrk for script/bench --compare: both send the same requests to nginx, which
# answers with a constant, so that what differs is the generator. script/bench sets the variables that this
# reads.
# shellcheck disable=SC2154,SC2034

# wrk_like_load: writes a script that sends what `couponctl load` sends.
wrk_like_load() {
  wrk_post like-load IssueCoupon application/proto "\"\\010\\036$campaign\""
  printf 'wrk.headers["%s"] = "1"\n' Connect-Protocol-Version Coupond-Strict >>"$directory/like-load.lua"
}
# constant_by_load CONNECTIONS: lets `couponctl load` send its requests to nginx, as fast as possible; sets
# $figure to the answers a second.
constant_by_load() {
  local report before begin
  before=$(nginx_ticks) begin=${EPOCHREALTIME/./}
  report=$(timeout 30 "$bin/couponctl" --server "http://127.0.0.1:$nginx_protobuf_port" --json load \
    "$campaign" --rate max --concurrency "$1" --duration "${round_s}s" --skip-check) ||
    stop 1 "couponctl load failed against nginx: $report"
  # shellcheck disable=SC2046 # three words
  add_limit load "$1" "$before" "$begin" \
    $(jq -r '.generator | "\(.wasLimit) \(.busyShare) \(.waitedForProcessorShare)"' <<<"$report")
  jq -e '.sent > 0 and .issued == .sent' <<<"$report" >/dev/null ||
    stop 1 "couponctl load cannot read nginx's answers: $report"
  figure=$(jq .achievedRate <<<"$report")
}
# constant_by_wrk CONNECTIONS: lets wrk send the same requests to nginx.
constant_by_wrk() {
  local before begin
  before=$(nginx_ticks) begin=${EPOCHREALTIME/./}
  run_wrk "http://127.0.0.1:$nginx_protobuf_port" like-load "$1" "$round_s"
  add_limit wrk "$1" "$before" "$begin"
  figure=$rate
}
# nginx_ticks: prints the processor time that nginx has had, in ticks.
nginx_ticks() {
  awk '{ print $14 + $15 }' "/proc/$nginx/stat"
}
# add_limit GENERATOR CONNECTIONS TICKS-BEFORE BEGIN FIGURE...: appends to $directory/limits: generator,
# connections, the part of the time that nginx was busy, figures.
add_limit() {
  local IFS='|' share
  share=$(awk "BEGIN { print ($(nginx_ticks) - $3) / $(getconf CLK_TCK) * 1e6 / (${EPOCHREALTIME/./} - $4) }")
  printf '%s\n' "$1|$2|$share|${*:5}" >>"$directory/limits"
}

# limits_list: prints who was the limit while `couponctl load` and wrk drove nginx.
limits_list() {
  local connections
  for connections in 256 64; do
    awk -v connections="$connections" -v rounds="$rounds" \
      -v said="$(grep -c "^load|$connections|[^|]*|true|" "$directory/limits" || true)" \
      -v busy="$(median_share load "$connections" 5)" -v waited="$(median_share load "$connections" 6)" \
      -v nginx="$(median_share load "$connections" 3)" -v nginx_wrk="$(median_share wrk "$connections" 3)" '
      BEGIN {
        printf "- %d connections: `couponctl load` said in %d of %d rounds that it was the limit. Its thread was\n" \
          "  busy %.0f%% of the time and waited for a processor %.0f%%; nginx was busy %.0f%%, under wrk %.0f%%\n",
          connections, said, rounds, busy, waited, nginx, nginx_wrk
      }'
  done
}
# median_share GENERATOR CONNECTIONS FIELD: prints the median of a field of $directory/limits in percent.
median_share() {
  # shellcheck disable=SC2046 # one word for each round
  median $(awk -F '|' -v generator="$1" -v connections="$2" -v field="$3" \
    '$1 == generator && $2 == connections { print 100 * $field }' "$directory/limits")
}
