# shellcheck shell=bash
# Reads the options of those script/bench_*.sh that are run on their own, and finds the build that they
# measure. They source this after lib.sh.

build_directory="" # that of --build; empty if build/release is to be measured

# read_options NAME:MOST... -- ARGUMENT...: reads the script's arguments: --build DIRECTORY, and for each NAME
# --NAME N with a number from 1 to MOST. N becomes the value of the variable NAME, which has its default
# before. There must be one for rounds. --help prints the script's head.
read_options() {
  local numbers=() number most
  while [[ $1 != -- ]]; do
    numbers+=("$1")
    shift
  done
  shift
  while (($# > 0)); do
    most=""
    for number in "${numbers[@]}"; do
      [[ $1 != "--${number%:*}" ]] || most=${number#*:}
    done
    case $1 in
      --help | -h) sed -n '2,/^set /{/^# \{0,1\}/s///p}' "${project:?}/script/${0##*/}" && exit ;;
      --build) ;;
      *) [[ -n $most ]] || stop 2 "does not know $1; see the top of $0" ;;
    esac
    [[ $# -gt 1 && -n $2 ]] || stop 2 "$1 needs a value"
    if [[ -z $most ]]; then
      build_directory=$2
    else
      [[ $2 =~ ^[1-9][0-9]{0,8}$ && $2 -le $most ]] || stop 2 "\"$2\" is not a number from 1 to $most"
      printf -v "${1#--}" '%d' "$2"
    fi
    shift 2
  done
  # shellcheck disable=SC2154 # the script's
  ((rounds % 2 == 1)) || stop 2 "--rounds must be odd, for the median"
}

# use_build TARGET...: sets $bin to where the programs of the build are. Without --build, builds them first.
use_build() {
  if [[ -z $build_directory ]]; then
    build_directory=build/release
    script/bootstrap build
    configure build/release --preset release
    build build/release "$@"
  fi
  # shellcheck disable=SC2034 # the scripts and processes.sh read it
  bin=$(cd "$build_directory/bin" 2>/dev/null && pwd) || stop 2 "there is no $build_directory/bin"
  mkdir -p build # for what the scripts keep while they run
}
