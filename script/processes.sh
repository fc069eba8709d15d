# shellcheck shell=bash
# Starts and stops the built coupond for other scripts, which source this after lib.sh and call
# `end_processes` in their trap for EXIT.

server=""  # process id of the server that start_server started last; empty once it has ended
address="" # HOST:PORT that it listens on, or unix:PATH

# start_server LOG FLAG...: starts coupond out of $bin, by default the release build's, with these flags,
# on a free port unless they contain --listen, and returns when it is ready. Sets $server and $address. The
# server's output goes to the file LOG.
start_server() {
  local log=$1 listen=(--listen 127.0.0.1:0) tries
  shift
  [[ " $* " != *" --listen "* ]] || listen=()
  : >"$log" # must exist before the loop reads it
  "${bin:-${project:?}/build/release/bin}/coupond" "${listen[@]}" "$@" </dev/null >/dev/null 2>"$log" &
  server=$!
  for ((tries = 0; tries < 6000; ++tries)); do
    address=$(sed -nE 's|.*ready on (https?://)?([^ ]*) .*|\2|p' "$log")
    [[ -z $address ]] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.02
  done
  cat "$log" >&2
  stop 1 "the server did not start, or was not ready within two minutes"
}

# stop_server: stops the server with SIGTERM and returns its exit status.
stop_server() {
  local status=0
  kill -TERM "$server"
  wait "$server" || status=$?
  server=""
  return "$status"
}

# kill_server: ends the server as a crash would.
kill_server() {
  { kill -KILL "$server" && wait "$server"; } 2>/dev/null || true
  server=""
}

# end_processes PID...: kills those that still run. Each must be a child of the script.
end_processes() {
  local pid
  for pid in "$@"; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}
