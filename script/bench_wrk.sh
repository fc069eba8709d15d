# shellcheck shell=bash
# What wrk sends in script/bench and bench/growth, and how it is run. Before this is used, $directory
# must exist.
# shellcheck disable=SC2154,SC2034

# calculate EXPRESSION: prints its value, rounded to an integer.
calculate() {
  awk "BEGIN { printf \"%.0f\", $1 }"
}

# What wrk reports at the end: requests, microseconds, errors, p50 and p99 in microseconds. It does not
# look into the answers, which would slow it down.
readonly wrk_report='
  function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
  end'

# wrk_get NAME PATH: writes a script that always sends the same GET.
wrk_get() {
  printf 'wrk.path = "%s"\n%s\n' "$2" "$wrk_report" >"$directory/$1.lua"
}
# wrk_post NAME METHOD CONTENT-TYPE BODY: writes a script that always calls the method with the same
# body, an expression of Lua.
wrk_post() {
  {
    printf 'wrk.method = "POST"\nwrk.path = "/coupon.v1.CouponService/%s"\n' "$2"
    printf 'wrk.headers["Content-Type"] = "%s"\nwrk.body = %s\n%s\n' "$3" "$4" "$wrk_report"
  } >"$directory/$1.lua"
}
# wrk_post_numbered NAME FIELDS BODY: writes a script that asks for a coupon with another number of 12
# digits each time, also in the next run. FIELDS are more header fields. The number replaces the @ in one
# of the two.
wrk_post_numbered() {
  local fields=$2 body=$3 length
  length=${body/@/000000000000}
  cat >"$directory/$1.lua" <<LUA
local request_text = "POST /coupon.v1.CouponService/IssueCoupon HTTP/1.1\r\n" ..
  "Host: $address\r\nContent-Type: application/json\r\n$fields" ..
  "Content-Length: ${#length}\r\n\r\n" .. [[$body]]
local head, tail = request_text:match("^(.*)@(.*)$")
local number = 100000000000 + os.time() % 80000 * 1000000
request = function()
  number = number + 1
  return head .. number .. tail
end
$wrk_report
LUA
}
# wrk_post_any NAME IDS: writes a script that asks for a coupon of one of the campaigns whose ids are in
# the file, drawn anew each time. No two requests have the same text, even if ids are repeated.
wrk_post_any() {
  cat >"$directory/$1.lua" <<LUA
local requests = {}
for id in io.lines("$2") do
  local body = '{"campaignId":"' .. id .. '"}'
  requests[#requests + 1] = "POST /coupon.v1.CouponService/IssueCoupon HTTP/1.1\r\n" ..
    "Host: $address\r\nContent-Type: application/json\r\n" ..
    "X-Number: " .. 1000000 + #requests .. "\r\n" ..
    "Content-Length: " .. #body .. "\r\n\r\n" .. body
end
request = function() return requests[math.random(#requests)] end
$wrk_report
LUA
}

# run_wrk URL SCRIPT CONNECTIONS SECONDS: runs wrk once, and sets $rate, $p50, $p99 and $requests.
run_wrk() {
  local result duration_us errors
  result=$(timeout $(($4 + 10)) wrk -t1 -c"$3" -d"$4s" -s "$directory/$2.lua" "$1" |
    grep '^result ') || stop 1 "wrk failed"
  read -r _ requests duration_us errors p50 p99 <<<"$result"
  ((errors == 0)) || stop 1 "$errors of $requests requests failed"
  rate=$(calculate "$requests * 1e6 / $duration_us")
}
