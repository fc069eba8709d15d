# Reads the sources for script/check_includes, which sets rooms, libraries, standard and impure.

BEGIN {
  count = split(rooms, words, /[ \n]+/)
  for (i = 1; i <= count; ++i) if (words[i] != "") fields[++field_count] = words[i]
  for (i = 1; i <= field_count; i += 2) libraries_of[fields[i]] = fields[i + 1]
  count = split(standard, words, /[ \n]+/)
  for (i = 1; i <= count; ++i) is_standard[words[i]] = 1
  count = split(impure, words, /[ \n]+/)
  for (i = 1; i <= count; ++i) is_impure[words[i]] = 1
}

function report(reason) {
  printf "%s:%d: %s\n", FILENAME, FNR, reason
  failed = 1
}

# Returns whether the path begins with one of the prefixes.
function matches(path, list,    parts, n, k) {
  if (list == "*") return 1
  n = split(list, parts, ",")
  for (k = 1; k <= n; ++k) if (parts[k] != "-" && index(path, parts[k]) == 1) return 1
  return 0
}

# Sets room to the innermost listed folder that the file is in.
FNR == 1 {
  is_rule = FILENAME ~ /^src\/engine\/rules\//
  room = FILENAME
  do {
    if (!sub(/\/[^\/]*$/, "", room)) room = ""
  } while (room != "" && !(room in libraries_of))
  if (room == "") report("is in no room of script/check_includes")
}

/^[ \t]*#[ \t]*include/ {
  path = $0
  sub(/^[ \t]*#[ \t]*include[ \t]*/, "", path)
  if (path !~ /^["<]/) {
    report("an include by a macro cannot be checked")
    next
  }
  path = substr(path, 2)
  sub(/[">].*$/, "", path)
  if (path ~ /(^|\/)\.\.?\//) {
    report("include by the path below src or tools, not by a relative one: " path)
  } else if (path ~ /^(support|test|bench|system|simulation|faults|fuzz)\//) {
    report("only tests may include " path)
  } else if (is_rule) {
    if (path in is_impure) {
      report("rules use no I/O, threads, clocks or randomness: " path)
    } else if (!(path in is_standard) && path !~ /^engine\/rules\// && path != "base/check.h" &&
               path != "base/hex.h") {
      report("rules include only the standard library, not " path)
    }
  } else if (room != "" && matches(path, libraries) && !matches(path, libraries_of[room])) {
    report(room " may not include " path)
  }
}

END { exit failed }
