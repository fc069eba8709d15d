# shellcheck shell=bash
# Starts the programs of this client: servers, and proxies in front of them with the configurations of
# docs/OPERATIONS.md, but other addresses and shorter times. All of them end with the script.

source script/processes.sh
directory=$(mktemp -d)
declare -A pids
clean_up() {
  local name
  for name in "${!pids[@]}"; do end "$name" KILL || true; done
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# run_as NAME COMMAND...: runs the command in the background, with its output in $directory/NAME.log.
run_as() {
  local name=$1
  shift
  "$@" </dev/null >"$directory/$name.log" 2>&1 &
  pids[$name]=$!
}
# end NAME SIGNAL: ends the program and returns its exit status. Not for a subshell, which cannot wait
# for it.
end() {
  local status=0 pid=${pids[$1]:-}
  [[ -n $pid ]] || return 0
  kill "-$2" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || status=$?
  unset "pids[$1]"
  return "$status"
}
# until_true SECONDS COMMAND...: repeats the command until it succeeds; fails after that time.
until_true() {
  local give_up=$((${EPOCHREALTIME/./} + $1 * 1000000))
  shift
  until "$@" >/dev/null 2>&1; do
    ((${EPOCHREALTIME/./} < give_up)) || return 1
    sleep 0.02
  done
}
# free_ports COUNT: prints ports that no other program is likely to take soon.
free_ports() {
  local port count=$1 taken=" "
  while ((count > 0)); do
    port=$((RANDOM % 20000 + 10000))
    [[ $taken != *" $port "* ]] || continue
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
    taken+="$port "
    printf '%d\n' "$port"
    count=$((count - 1))
  done
}
# block LANGUAGE HEADING: prints the blocks in this language of a section of docs/OPERATIONS.md, without
# those of the sections below it.
block() {
  awk -v language="$1" -v heading="$2" '/^##+ / { inside = $0 == heading }
    inside && $0 == "```" { printing = 0 }
    printing
    inside && $0 == "```" language { printing = 1 }' docs/OPERATIONS.md
}
readonly behind_a_proxy="## Behind a proxy or balancer" through_a_socket="### Through a socket"

# documented_flags HEADING: prints the flags of the section's command, one a line, without --listen.
documented_flags() {
  block sh "$1" | sed 's/\\$//' | tr -s ' ' '\n' |
    sed -e '/^$/d' -e '/^coupond$/d' -e '/^--listen$/,+1d'
}

# start_coupond NAME PORT FLAG...: starts a server. A second start with this name uses the same data.
start_coupond() {
  local name=$1 port=$2
  shift 2
  start_server "$directory/$name.log" --listen "127.0.0.1:$port" --data-dir "$directory/$name" "$@"
  pids[$name]=$server
}
# start_nginx HTTP-PORT HTTPS-PORT PLAIN-PORT UPSTREAM-PORT SOCKET-PORT: uses the documented configuration
# on the first two ports, on the third one with nothing but coupond's address, and on the last one with the
# upstream's socket, $directory/http.sock.
start_nginx() {
  local certificate=$directory/certificate.pem key=$directory/key.pem
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=coupons.example.com -out "$certificate" -keyout "$key" 2>/dev/null
  {
    printf '%s\n' 'daemon off;' 'master_process off;' "pid $directory/nginx.pid;" \
      "error_log $directory/nginx.errors;" 'events {}' 'http {' "access_log off;"
    local place
    for place in client_body proxy fastcgi uwsgi scgi; do
      printf '%s_temp_path %s/nginx.%s;\n' "$place" "$directory" "$place"
    done
    block nginx "$behind_a_proxy" |
      sed -e "s|listen 80;|listen 127.0.0.1:$1;|" -e "s|listen 443|listen 127.0.0.1:$2|" \
        -e "s|/etc/ssl/.*\.pem|$certificate|" -e "s|/etc/ssl/.*\.key|$key|" \
        -e "s|127\.0\.0\.1:8080|127.0.0.1:$4|" -e "s|proxy_read_timeout 60s|proxy_read_timeout 8s|"
    printf '%s\n' 'server {' "listen 127.0.0.1:$3;" 'proxy_read_timeout 8s;' \
      "location / { proxy_pass http://127.0.0.1:$4; }" '}'
    block nginx "$through_a_socket" | sed -e 's|^upstream coupond |upstream socket |' \
      -e "s|unix:/run/coupond/http.sock|unix:$directory/http.sock|"
    block nginx "$behind_a_proxy" | sed -n '/^server {/,/^}/p' |
      sed -e "s|listen 80;|listen 127.0.0.1:$5;|" -e '/listen 443/d' -e '/ssl_certificate/d' \
        -e 's|http://coupond;|http://socket;|'
    printf '%s\n' '}'
  } >"$directory/nginx.conf"
  run_as nginx nginx -e "$directory/nginx.errors" -p "$directory" -c "$directory/nginx.conf"
}
# start_caddy HTTP-PORT HTTPS-PORT UPSTREAM-PORT: uses the documented configuration.
start_caddy() {
  local address=coupons.example.com
  {
    printf '%s\n' '{' 'admin off' 'local_certs' 'skip_install_trust' 'auto_https disable_redirects' \
      "http_port $1" "https_port $2" '}'
    block caddyfile "$behind_a_proxy" |
      sed -e "s|^$address, .*{|https://$address:$2, http://$address:$1, http://127.0.0.1:$1 {\nbind 127.0.0.1|" \
        -e "s|127\.0\.0\.1:8080|127.0.0.1:$3|" -e "s|read_timeout 60s|read_timeout 8s|"
  } >"$directory/Caddyfile"
  run_as caddy env XDG_DATA_HOME="$directory/caddy" XDG_CONFIG_HOME="$directory/caddy" HOME="$directory" \
    caddy run --adapter caddyfile --config "$directory/Caddyfile"
}
