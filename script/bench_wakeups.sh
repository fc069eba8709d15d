# shellcheck shell=bash
# Counts the wake-ups of threads for each commit group of a server under load: with them a group pays for
# the threads that it passes through. script/bench sets the variables that this reads.
# shellcheck disable=SC2154,SC2034

# The system calls that are counted, with perf's filter. A write of eight bytes is one to an eventfd, which
# wakes a worker that waits in epoll_wait; epoll_ctl registers a connection.
readonly counted_calls='
futex|syscalls:sys_enter_futex|
eventfd|syscalls:sys_enter_write|count == 8
epoll_ctl|syscalls:sys_enter_epoll_ctl|
epoll_wait|syscalls:sys_enter_epoll_wait|
recvfrom|syscalls:sys_enter_recvfrom|
sendto|syscalls:sys_enter_sendto|
'

# count_wake_ups: prints a line for each number of connections, or why it could not count.
count_wake_ups() {
  local connections events=() name event filter groups issued
  if ! perf stat -e syscalls:sys_enter_futex true >/dev/null 2>&1; then
    printf 'wake-ups were not counted: that needs root and perf with its tracepoints (linux-perf)\n'
    return
  fi
  while IFS='|' read -r name event filter; do
    [[ -n $name ]] || continue
    events+=(-e "$event")
    [[ -z $filter ]] || events+=(--filter "$filter")
  done <<<"$counted_calls"
  for connections in 64 256; do
    rm -rf "$directory/woken"
    start_server "$directory/woken.log" --data-dir "$directory/woken"
    open_campaign
    wrk_post woken IssueCoupon application/json "[[{\"campaignId\":\"$campaign\"}]]"
    perf stat -x '|' -o "$directory/calls" "${events[@]}" -p "$server" 2>/dev/null &
    beside=$!
    sleep 0.3
    run_wrk "http://$address" woken "$connections" "$round_s"
    kill -INT "$beside"
    wait "$beside" || true
    beside=""
    issued=$requests
    stop_server || stop 1 "the server ended with status $? on SIGTERM"
    groups=$("$bin/coupon-audit" verify --json "$directory/woken" | jq .groups) ||
      stop 1 "coupon-audit failed"
    awk -F '|' -v connections="$connections" -v groups="$groups" -v issued="$issued" '
      NR == FNR { if ($2 != "") name[$2] = $1; next }
      $3 in name { line = line sprintf(", %s %.2f", name[$3], $1 / groups) }
      END {
        printf "%d connections, %.0f issues in a group; system calls of the server for each group: %s\n",
          connections, issued / groups, substr(line, 3)
      }' <(printf '%s' "$counted_calls") "$directory/calls"
  done
}
