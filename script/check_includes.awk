# The reading part of check_includes, which sets layers, libraries, standard and impure.

BEGIN {
  count = split(layers, words, /[ \n]+/)
  for (i = 1; i <= count; ++i) if (words[i] != "") fields[++field_count] = words[i]
  for (i = 1; i <= field_count; i += 3) {
    project_of[fields[i]] = fields[i + 1]
    libraries_of[fields[i]] = fields[i + 2]
  }
  count = split(standard, words, /[ \n]+/)
  for (i = 1; i <= count; ++i) is_standard[words[i]] = 1
  count = split(impure, words, /[ \n]+/)
  for (i = 1; i <= count; ++i) is_impure[words[i]] = 1
}

function report(reason) {
  printf "%s:%d: %s\n", FILENAME, FNR, reason
  failed = 1
}

# Whether the path is in one of the folders, or begins with one of the prefixes that end in a slash
# or name a file.
function matches(path, list,    parts, n, k) {
  n = split(list, parts, ",")
  for (k = 1; k <= n; ++k) {
    if (parts[k] != "-" && index(path, parts[k]) == 1) return 1
  }
  return 0
}

function in_folders(path, list,    parts, n, k) {
  n = split(list, parts, ",")
  for (k = 1; k <= n; ++k) {
    if (index(path, parts[k] "/") == 1) return 1
  }
  return 0
}

FNR == 1 {
  layer = FILENAME
  sub(/\/[^\/]*$/, "", layer)
  if (!(layer in project_of)) layer = ""
  # What lies right in src puts the program together, and may include all.
  if (layer == "" && FILENAME !~ /^src\/[^\/]*$/) report("belongs to no layer")
}

/^[ \t]*#[ \t]*include/ {
  line = $0
  sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
  quoted = substr(line, 1, 1) == "\""
  if (!quoted && substr(line, 1, 1) != "<") {
    report("an include of a macro cannot be checked")
    next
  }
  path = substr(line, 2)
  sub(/[">].*$/, "", path)
  if (path ~ /(^|\/)\.\.?\//) {
    report("includes are written relative to src: " path)
    next
  }
  if (quoted && path ~ /^(support|test|bench)\//) {
    report("src does not include what belongs to tests: " path)
    next
  }
  if (layer == "") next
  if (quoted || path ~ /^(base|engine|storage|api|coupon|coupond|grpc)\//) check_project()
  else check_library()
}

function check_project(    own) {
  own = substr(layer, length("src/") + 1)
  if (!in_folders(path, own) && !in_folders(path, project_of[layer])) {
    report(own " may not include " path)
  }
}

function check_library() {
  if (libraries_of[layer] == "std") {
    if (!(path in is_standard)) report("rules include only the standard library, not " path)
    else if (path in is_impure) report("rules have no I/O, threads, clocks or chance: " path)
  } else if (matches(path, libraries) && !matches(path, libraries_of[layer])) {
    report(substr(layer, length("src/") + 1) " may not include " path)
  }
}

END { exit failed }
