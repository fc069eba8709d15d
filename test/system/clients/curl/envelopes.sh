# shellcheck shell=bash
# The envelopes of streams and of gRPC-Web: a byte of flags, four of length (big-endian), a message.

# envelope MESSAGE: prints an envelope with a message of less than 64 KiB.
envelope() {
  local LC_ALL=C length=${#1}
  # shellcheck disable=SC2059 # the format is made here
  printf "\\x00\\x00\\x00\\x$(printf %02x $((length / 256)))\\x$(printf %02x $((length % 256)))"
  printf '%s' "$1"
}
# open_envelopes: prints a line for each envelope of standard input, the flags in hexadecimal and the
# message.
open_envelopes() {
  local bytes length
  bytes=$(od -An -v -tx1 | tr -d ' \n')
  while ((${#bytes} >= 10)); do
    length=$((16#${bytes:2:8}))
    # shellcheck disable=SC2001 # before bash 5.2 ${} could not do this
    printf '%s %b\n' "${bytes:0:2}" "$(sed 's/../\\x&/g' <<<"${bytes:10:2*length}")"
    bytes=${bytes:10+2*length}
  done
}
