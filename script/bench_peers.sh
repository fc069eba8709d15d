# shellcheck shell=bash
# Runs nginx, Redis and PostgreSQL for script/bench --compare, each on loopback and below $directory, and
# measures how much of the same work each does. script/bench sets the variables that this reads.
# shellcheck disable=SC2154

peers=() # process ids of those that run
missing_peers=()
readonly postgres_programs=/usr/lib/postgresql/15/bin

# end_peers: ends those that run. PostgreSQL has children, which end with it only if it is asked to end.
end_peers() {
  local pid tries
  ((${#peers[@]} > 0)) || return 0
  kill -INT "${peers[@]}" 2>/dev/null || true
  for pid in "${peers[@]}"; do
    for ((tries = 0; tries < 100; ++tries)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.05
    done
  done
  end_processes "${peers[@]}"
  peers=()
}

# free_port: prints a port that no other program is likely to take soon.
free_port() {
  local port
  while true; do
    port=$((RANDOM % 20000 + 10000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%d' "$port"
}

# until_ready NAME COMMAND...: repeats the command until it succeeds, for at most 10 s.
until_ready() {
  local name=$1 tries
  shift
  for ((tries = 0; tries < 200; ++tries)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.05
  done
  cat "$directory/$name.log" >&2
  stop 1 "$name did not start, or was not ready within 10 s"
}
listens() {
  (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# is_missing NAME PROGRAM: tells whether the program is not installed, and remembers the name.
is_missing() {
  ! command -v "$2" >/dev/null || return 1
  missing_peers+=("$1")
}

# start_peers: starts those that are installed.
start_peers() {
  nginx_port="" redis_port="" postgres_directory=""
  is_missing nginx nginx || start_nginx
  is_missing redis-server redis-server || start_redis
  is_missing postgresql "$postgres_programs/initdb" || start_postgres
}

# start_nginx: one process, which answers every request with a constant: $json_answer on one port,
# $protobuf_answer on the other.
start_nginx() {
  nginx_port=$(free_port)
  nginx_protobuf_port=$(free_port)
  # shellcheck disable=SC2016 # a variable of nginx
  {
    printf '%s\n' 'daemon off;' 'master_process off;' "pid $directory/nginx.pid;" \
      'worker_rlimit_nofile 8192;' 'events { worker_connections 8000; }' 'http {' 'access_log off;' \
      'keepalive_requests 1000000000;' 'geo $dollar { default "$"; }'
    local place
    for place in client_body proxy fastcgi uwsgi scgi; do
      printf '%s_temp_path %s/nginx.%s;\n' "$place" "$directory" "$place"
    done
    nginx_answers "$nginx_port" application/json "$json_answer"
    nginx_answers "$nginx_protobuf_port" application/proto "$protobuf_answer"
    printf '}\n'
  } >"$directory/nginx.conf"
  nginx -e "$directory/nginx.errors" -p "$directory" -c "$directory/nginx.conf" </dev/null \
    >"$directory/nginx.log" 2>&1 &
  nginx=$!
  peers+=("$nginx")
  until_ready nginx listens "$nginx_port"
}
# nginx_answers PORT CONTENT-TYPE BODY: prints the configuration of a server that always answers with BODY.
nginx_answers() {
  local body=$3
  body=${body//\\/\\\\}
  body=${body//\'/\\\'}
  body=${body//\$/\$\{dollar\}} # nginx has no other way to say it
  printf 'server {\nlisten 127.0.0.1:%d;\ndefault_type %s;\n' "$1" "$2"
  printf "location / { return 200 '%s'; }\n}\n" "$body"
}
# nginx_constant CONNECTIONS: posts the same requests to nginx; sets $figure to its answers a second.
nginx_constant() {
  run_wrk "http://127.0.0.1:$nginx_port" issue "$1" "$round_s"
  figure=$rate
}

# start_redis: every command is synced before it is answered.
start_redis() {
  redis_port=$(free_port)
  mkdir "$directory/redis"
  redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$directory/redis" --save '' \
    --appendonly yes --appendfsync always </dev/null >"$directory/redis.log" 2>&1 &
  peers+=($!)
  until_ready redis redis-cli -p "$redis_port" ping
  # Issues as long as there are coupons, and keeps who got which.
  redis_script=$(redis-cli -p "$redis_port" script load "local issued = redis.call('INCR', KEYS[1])
    if issued > tonumber(ARGV[1]) then return 0 end
    redis.call('RPUSH', KEYS[2], issued)
    return issued")
}
# redis_issue CONNECTIONS: sets $figure to the coupons that Redis issues a second.
redis_issue() {
  local row
  row=$(timeout $((round_s * 10 + 30)) redis-benchmark -p "$redis_port" -c "$1" -n $((round_s * 40000)) \
    --csv EVALSHA "$redis_script" 2 issued coupons 1000000000 2>"$directory/redis-benchmark.log" |
    tail -n 1) || stop 1 "redis-benchmark failed"
  figure=$(awk -F '","' '{ printf "%.0f", $2 }' <<<"$row")
  ((figure > 0)) || stop 1 "redis-benchmark printed no rate: $row $(cat "$directory/redis-benchmark.log")"
}

# as_postgres COMMAND...: PostgreSQL does not run as root.
as_postgres() {
  if ((EUID == 0)); then
    setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else
    "$@"
  fi
}
# start_postgres: a cluster of its own, on a socket in its folder alone. A commit waits for the disk, as
# is the default.
start_postgres() {
  postgres_directory=$directory/postgres
  mkdir -m 700 "$postgres_directory"
  chmod 711 "$directory"
  ((EUID != 0)) || chown postgres: "$postgres_directory"
  local log=$directory/postgres.log
  (cd "$postgres_directory" && as_postgres "$postgres_programs/initdb" -D "$postgres_directory/data" \
    -U postgres -A trust) >"$log" 2>&1 || {
    cat "$log" >&2
    stop 1 "initdb failed; as root, the user postgres must be able to reach $directory"
  }
  # As a function in the background it would be a child of a child, so it is spelled out.
  local command=("$postgres_programs/postgres" -D "$postgres_directory/data" -k "$postgres_directory"
    -c listen_addresses= -c max_connections=100)
  ((EUID != 0)) || command=(setpriv --reuid=postgres --regid=postgres --clear-groups "${command[@]}")
  "${command[@]}" </dev/null >>"$log" 2>&1 &
  peers+=($!)
  until_ready postgres psql_here -c 'SELECT 1'
  psql_here -c 'CREATE TABLE campaign (id int PRIMARY KEY, total bigint, issued bigint)' \
    -c 'CREATE TABLE coupon (campaign int, ordinal bigint, PRIMARY KEY (campaign, ordinal))' \
    -c 'INSERT INTO campaign VALUES (1, 1000000000, 0)' >/dev/null || stop 1 "psql failed"
  cat >"$directory/issue.sql" <<'SQL'
WITH taken AS (UPDATE campaign SET issued = issued + 1 WHERE id = 1 AND issued < total RETURNING issued)
INSERT INTO coupon SELECT 1, issued FROM taken;
SQL
}
psql_here() {
  "$postgres_programs/psql" -q -h "$postgres_directory" -U postgres "$@"
}
# postgres_issue CONNECTIONS: sets $figure to the coupons that PostgreSQL issues a second.
postgres_issue() {
  local report
  report=$(timeout $((round_s + 30)) "$postgres_programs/pgbench" -n -h "$postgres_directory" \
    -U postgres -c "$1" -T "$round_s" -f "$directory/issue.sql" postgres 2>&1) ||
    stop 1 "pgbench failed: $report"
  figure=$(awk '$1 == "tps" { printf "%.0f", $3 }' <<<"$report")
}
