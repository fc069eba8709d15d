# Reads the given C++ files, and prints a line for each .cc file: the file, then every given file that it
# includes, directly or indirectly. Quoted includes are looked up beside the file and under `roots`.

BEGIN {
  root_count = split(roots, root, " ")
  for (i = 1; i < ARGC; ++i) given[ARGV[i]] = 1
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
  split($0, parts, "\"")
  beside = FILENAME
  sub(/[^\/]*$/, "", beside)
  found = (beside parts[2]) in given ? beside parts[2] : ""
  for (i = 1; found == "" && i <= root_count; ++i) {
    if ((root[i] "/" parts[2]) in given) found = root[i] "/" parts[2]
  }
  if (found != "") includes[FILENAME] = includes[FILENAME] " " found
}

function visit(file,    list, n, k) {
  if (file in seen) return
  seen[file] = 1
  printf " %s", file
  n = split(includes[file], list, " ")
  for (k = 1; k <= n; ++k) visit(list[k])
}

END {
  for (i = 1; i < ARGC; ++i) {
    if (ARGV[i] !~ /\.cc$/) continue
    for (file in seen) delete seen[file]
    printf "%s", ARGV[i]
    visit(ARGV[i])
    printf "\n"
  }
}
