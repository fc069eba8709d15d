# Divides the sources of each target into groups that are compiled as one file.
#
# Usage: awk -v groups_of=10 -f unity_groups.awk LIST
#
# LIST has lines "TARGET SOURCE"; the output has lines "TARGET SOURCE GROUP". No two sources of a group
# clash: a name that one declares in an anonymous namespace, or takes from another namespace, does not
# occur by itself in another or its header (as a member, qualified, or in a string it may), and a macro's
# name does not occur at all. Declarations are expected as clang-format lays them out: those of a
# namespace begin in the first column.

# Returns the name that a line declares in the first column, or nothing.
function declared(line,    words, count) {
  gsub(/\[\[[a-z_:]+\]\]/, "", line)
  while (gsub(/<[^<>]*>/, "", line)) continue
  if (line ~ /^(template|namespace|return|public|private|protected|static_assert|extern "C")/) return ""
  if (line ~ /^using [A-Za-z_0-9:]+;/) sub(/;.*/, "", line)
  else if (line ~ /^(struct|class|enum|union)/) sub(/ *(final)? *[:{;].*/, "", line)
  else if (!sub(/ *[=({;[].*/, "", line)) return ""
  if (line ~ /:/ && line !~ /^using /) {
    # A member that is defined outside its class.
    count = split(line, words, /[^A-Za-z_0-9:~]+/)
    if (words[count] ~ /::/) return ""
  }
  count = split(line, words, /[^A-Za-z_0-9]+/)
  if (words[count] ~ /^(operator|TEST|TEST_F|TEST_P|TYPED_TEST|INSTANTIATE_TEST_SUITE_P|BENCHMARK|void|auto|)$/) return ""
  return words[count]
}

# Notes the words of a line, and which of them are names by themselves.
function read_words(source, line,    words, count, i) {
  count = split(line, words, /[^A-Za-z_0-9]+/)
  for (i = 1; i <= count; ++i) has_word[source, words[i]] = 1
  gsub(/'(\\.|[^'\\])'|"([^"\\]|\\.)*"|(\.|->|::)[A-Za-z_0-9]+/, " ", line)
  count = split(line, words, /[^A-Za-z_0-9]+/)
  for (i = 1; i <= count; ++i) has_name[source, words[i]] = 1
}

function read_source(source,    line, name, anonymous, words, header) {
  is_read[source] = 1
  anonymous = 0
  while ((getline line <source) > 0) {
    if (line ~ /^namespace \{/) anonymous = 1
    else if (line ~ /^\}  \/\/ namespace$/) anonymous = 0
    sub(/ *\/\/.*/, "", line)
    read_words(source, line)
    if (line ~ /^#define /) {
      split(line, words, /[^A-Za-z_0-9]+/)
      macros[source] = macros[source] " " words[3]
    } else if (line ~ /^[A-Za-z\[]/ && (name = declared(line)) != "") {
      if (line ~ /^using [A-Za-z_0-9:]+;/) {
        used_names[source] = used_names[source] " " name
        used_from[source, name] = line
      } else if (anonymous || name == "main") local_names[source] = local_names[source] " " name
    }
  }
  close(source)
  # Its own header may use names as well.
  header = source
  sub(/\.cc$/, ".h", header)
  while ((getline line <header) > 0) {
    sub(/ *\/\/.*/, "", line)
    read_words(source, line)
  }
  close(header)
}

# Reports whether one of a's own names occurs in b.
function disturbs(a, b,    list, count, i) {
  count = split(local_names[a], list, " ")
  for (i = 1; i <= count; ++i) if ((b, list[i]) in has_name) return 1
  count = split(used_names[a], list, " ")
  for (i = 1; i <= count; ++i) {
    if ((b, list[i]) in has_name && used_from[a, list[i]] != used_from[b, list[i]]) return 1
  }
  count = split(macros[a], list, " ")
  for (i = 1; i <= count; ++i) if ((b, list[i]) in has_word) return 1
  return 0
}

# Reports whether two sources cannot be in one group.
function clash(a, b) {
  return disturbs(a, b) || disturbs(b, a)
}

# Returns the first group of the target that has room for the source, and puts it there.
function place(target, source,    group, i, fits) {
  for (group = 1;; ++group) {
    fits = size[target, group] < groups_of
    for (i = 1; fits && i <= size[target, group]; ++i) {
      if (clash(source, member[target, group, i])) fits = 0
    }
    if (fits) break
  }
  member[target, group, ++size[target, group]] = source
  return group
}

{
  if (!($2 in is_read)) read_source($2)
  print $1, $2, place($1, $2)
}
