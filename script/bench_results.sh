# shellcheck shell=bash
# Prints what script/bench --compare has measured, and writes it to a file. script/bench sets the variables
# that this reads.
# shellcheck disable=SC2154

# results_table: prints the table of `compared`, with what was measured.
results_table() {
  awk -F '|' -v claims="$claims" -v coupons="$many_coupons" -v campaigns="$many_campaigns" '
    function grouped(number,  text) {
      for (text = ""; length(number) > 3; number = substr(number, 1, length(number) - 3))
        text = "," substr(number, length(number) - 2) text
      return number text
    }
    NR == FNR { ratio[$1] = $2; next }
    FNR == 1 {
      if ("get" in ratio) ratio["small-reads"] = ratio["get"] < ratio["list"] ? ratio["get"] : ratio["list"]
      print "| figure | now | at least | aim |\n|---|---|---|---|"
    }
    NF > 1 {
      sub("@claims", grouped(claims), $2)
      sub("@coupons", grouped(coupons), $2)
      sub("@campaigns", grouped(campaigns), $2)
      sub("/healthz", "`&`", $2)
      peer = $1 == "redis" ? "redis-server" : $1 == "listing" ? "curl" : "nginx"
      now = peer " is not installed"
      if ($1 in ratio) now = sprintf("%.2f", ratio[$1])
      if ($1 == "start") now = sprintf("%.2f s", ratio[$1])
      if ($1 == "memory") now = sprintf("%.1f B", ratio[$1])
      printf "| %s | %s | %s | %s |\n", $2, now, $3, $4
    }' "$directory/measured" <(printf '%s' "$compared")
}

# short_of: prints a line for each figure that is less good than it should be at least.
short_of() {
  results_table | awk -F ' [|] ' -v rows="$compared" '
    BEGIN {
      count = split(rows, row, "\n")
      for (i = 1; i <= count; ++i) if (row[i] != "") { split(row[i], part, "|"); less[++n] = part[5] == "less" }
    }
    NR <= 2 || $2 !~ /^[0-9]/ { next }
    {
      sub(/^[|] /, "", $1)
      if (less[NR - 2] ? $2 + 0 > $3 + 0 : $2 + 0 < $3 + 0)
        printf "- %s: %s, which should be at least as good as %s\n", $1, $2, $3
    }'
}

# medians_table: prints the medians that the ratios were made of.
medians_table() {
  awk -F '|' '
    BEGIN {
      split("issue-nginx-256|issue-nginx-64|sold-out|load-wrk-256|load-wrk-64|redis|postgresql|protobuf|" \
            "new-user|already-issued|get|list|p50|p999|engine|engine-claims|listing|campaigns", key, "|")
      split("JSON issues/s, nginx answers/s, 256 connections|the same, 64 connections|" \
            "sold out/s, nginx answers/s, 256|" \
            "nginx answers/s to `couponctl load`, to wrk, 256|the same, 64|" \
            "issues/s, Redis with its AOF synced always, 64|issues/s, PostgreSQL with one hot row, 64|" \
            "protobuf issues/s, JSON issues/s, 256|issues/s with a new user_id, without, 256|" \
            "already issued/s, sold out/s, 256|" \
            "GetCampaign of 10 coupons/s, `/healthz`/s, 256|ListCampaigns of 10/s, `/healthz`/s, 256|" \
            "p50 at 1,000/s, median fdatasync (µs)|p99.9 at half the maximum, median fdatasync (µs)|" \
            "engine issues/s, log ceiling/s|with a claim each issues/s, log ceiling/s|" \
            "issues/s while a client lists, without, 256|issues/s over many campaigns, over one, 256",
            text, "|")
      print "| A, B | median A | median B | median of A / B |\n|---|---|---|---|"
    }
    { a[$1] = $3; b[$1] = $4; ratio[$1] = $2 }
    END {
      for (i = 1; i in key; ++i)
        if (key[i] in a)
          printf "| %s | %.0f | %.0f | %.2f |\n", text[i], a[key[i]], b[key[i]], ratio[key[i]]
    }' "$directory/measured"
}

# version_of COMMAND...: prints the first line of what a program says of its version.
version_of() {
  command -v "$1" >/dev/null || return 0
  { "$@" 2>&1 || true; } | sed -n '1s/^/- /p'
}

describe_machine() {
  printf -- '- %s\n' "$(date -u '+%Y-%m-%d %H:%M UTC'), \`script/bench $arguments\`"
  printf -- '- coupond %s\n' "$(git describe --always --dirty 2>/dev/null || printf 'of unknown revision')"
  printf -- '- %s cores (%s), %s GB, Linux %s, the data on %s; load average before the run %s\n' "$(nproc)" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
    "$(awk '/^MemTotal/ { printf "%.0f", $2 / 1e6 }' /proc/meminfo)" "$(uname -r)" \
    "$(findmnt -no FSTYPE -T "$directory")" "$load_average"
  version_of g++ --version
  version_of wrk -v
  version_of nginx -v
  version_of redis-server --version
  version_of "$postgres_programs/postgres" --version
}

# warn_if_busy: prints a sentence if other work kept more than half of a core busy.
warn_if_busy() {
  awk -v load="${load_average%% *}" 'BEGIN {
    if (load > 0.5) print "\n**Other work ran on the machine, so these figures mean little.** Repeat it when the " \
      "load average is\nclose to 0."
  }'
}

# write_results: prints the results, and writes them to $results_file.
write_results() {
  local short
  short=$(short_of)
  {
    printf '# Results of script/bench --compare\n\n'
    printf 'Written by the script. Client and servers share the machine, all on loopback; every coupon is '
    printf 'on disk\nbefore its answer. Each figure is the median of %d rounds in which A and B took turns, ' "$rounds"
    printf '%d s each.\n[docs/PERFORMANCE.md](../docs/PERFORMANCE.md) says what each one is.\n\n' "$round_s"
    describe_machine
    warn_if_busy
    printf '\n'
    results_table
    if [[ -n $short ]]; then
      printf '\nNot reached ([why](../docs/PERFORMANCE.md#what-holds-it-back)):\n\n%s\n' "$short"
    fi
    if ((${#missing_peers[@]} > 0)); then
      printf '\nNot measured, because not installed: %s. "script/bench --compare --install" installs them.\n' \
        "${missing_peers[*]}"
    fi
    printf '\nWhat the ratios are made of:\n\n'
    medians_table
    if [[ -s $directory/limits ]]; then
      printf '\nWho was the limit while nginx was driven:\n\n'
      limits_list
    fi
    printf '\nWake-ups:\n\n'
    sed 's/^/- /' "$directory/wake-ups"
  } >"$results_file"
  results_table
  say "$(cat "$directory/wake-ups")"
  say "medians, wake-ups, machine and versions: $results_file"
  if ((${#missing_peers[@]} > 0)); then
    say "not installed: ${missing_peers[*]}; script/bench --compare --install installs them"
  fi
}
