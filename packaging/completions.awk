# Turns the lines of read_options into a completion for a shell. Set shell to bash, zsh or fish, and program
# to the program's name.

BEGIN { FS = "\t" }

{
  path = $2 == "-" ? "" : $2
  if (!(path in seen)) {
    seen[path] = 1
    paths[++path_count] = path
  }
}

$1 == "command" {
  commands[path] = commands[path] " " $3
  described_commands[path] = described_commands[path] " " Quote(ZshName($3) ":" $4)
  if (shell == "fish") {
    fish = fish "complete -c " program " -n " Quote("__" Function() "_at " Quote(path)) " -f -a " $3 " -d " \
        Quote($4) "\n"
  }
}

$1 == "argument" {
  # The names of directories: the help says no more than that these are texts.
  if (!(path in arguments) && $3 ~ /^(DIR|BACKUP|NEW)$/) arguments[path] = "DIR"
}

$1 == "option" {
  count = split($3, names, ",")
  for (i = 1; i <= count; i++) {
    options[path] = options[path] " " names[i]
    described_options[path] = described_options[path] " " Quote(ZshName(names[i]) ":" $5)
    if ($4 != "-") values = values Entry("/" path " " names[i], ValueOf($4))
  }
  if (shell == "fish") AddFishOption(names, count, $4, $5)
}

END {
  print (shell == "zsh" ? "#compdef " program "\n" : "") "# Completion of " program " for " shell \
      ", made from its --help by packaging/make_completions."
  if (shell == "bash") WriteBash()
  if (shell == "zsh") WriteZsh()
  if (shell == "fish") WriteFish()
}

# Returns what completes a value: "file", "directory", words, or nothing.
function ValueOf(kind) {
  if (kind ~ /^(FILE|PATH)/) return "file"
  if (kind == "DIR") return "directory"
  if (kind !~ /^\{/) return ""
  gsub(/[{}]/, "", kind)
  gsub(/,/, " ", kind)
  return "words " kind
}

# Returns the text in single quotes, as all three shells read it.
function Quote(text) {
  if (shell == "fish") gsub(/\\/, "\\\\", text)
  gsub(/'/, shell == "fish" ? "\\'" : "'\\''", text)
  return "'" text "'"
}

function ZshName(name) {
  gsub(/:/, "\\:", name)
  return name
}

function Function(    name) {
  name = program
  gsub(/-/, "_", name)
  return name
}

# Returns an entry of an associative array of bash or zsh.
function Entry(key, value) {
  if (shell == "zsh") return "    " Quote(key) " " Quote(value) "\n"
  return "    [" Quote(key) "]=" Quote(value) "\n"
}

# Writes a table from the places of commands to what they have. Neither shell takes an empty key, so each
# place has a "/" in front.
function WriteTable(name, table,    i) {
  printf "  local -A %s\n  %s=(\n", name, name
  for (i = 1; i <= path_count; i++) {
    if (table[paths[i]] != "") printf "%s", Entry("/" paths[i], substr(table[paths[i]], 2))
  }
  print "  )"
}

function WriteTables(    at) {
  WriteTable("commands_of", commands)
  WriteTable("options_of", options)
  print "  local -A argument_of\n  argument_of=("
  for (at in arguments) printf "%s", Entry("/" at, "directory")
  printf "  )\n  local -A value_of\n  value_of=(\n%s  )\n", values
}

# Writes the part that goes through the words before the current one, "before", and finds the command,
# "place", and the option whose value is being written, "option". Its names are special in neither shell.
function WriteWalk() {
  print "  local place=/ option= word at"
  print "  for word in \"${before[@]}\"; do"
  print "    if [[ -n $option ]]; then"
  print "      if [[ $word != = ]]; then option=; fi"
  print "      continue"
  print "    fi"
  print "    if [[ $word == -* ]]; then"
  print "      at=$place"
  print "      while :; do"
  print "        if [[ -n ${value_of[$at $word]+set} ]]; then option=\"$at $word\"; fi"
  print "        if [[ -n $option || $at == / ]]; then break; fi"
  print "        if [[ $at == *' '* ]]; then at=${at% *}; else at=/; fi"
  print "      done"
  print "    elif [[ \" ${commands_of[$place]-} \" == *\" $word \"* ]]; then"
  print "      if [[ $place == / ]]; then place=/$word; else place=\"$place $word\"; fi"
  print "    fi"
  print "  done"
}

function WriteBash() {
  print "_" Function() "() {"
  WriteTables()
  print "  local current=${COMP_WORDS[COMP_CWORD]} before=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")"
  print "  COMPREPLY=()"
  print "  if [[ $current == = ]]; then"
  print "    before+=(=) current="
  print "  fi"
  WriteWalk()
  print "  local value=${argument_of[$place]-} choices=${commands_of[$place]-}"
  print "  if [[ -n $option ]]; then"
  print "    value=${value_of[$option]} choices="
  print "  elif [[ $current == -* ]]; then"
  print "    value= choices="
  print "    at=$place"
  print "    while :; do"
  print "      choices+=\" ${options_of[$at]-}\""
  print "      if [[ $at == / ]]; then break; fi"
  print "      if [[ $at == *' '* ]]; then at=${at% *}; else at=/; fi"
  print "    done"
  print "  fi"
  print "  local reply"
  print "  case $value in"
  print "    file | directory)"
  print "      compopt -o filenames 2>/dev/null"
  print "      while IFS= read -r reply; do COMPREPLY+=(\"$reply\"); done < <("
  print "        compgen -A \"$value\" -- \"$current\")"
  print "      return"
  print "      ;;"
  print "    words*) choices=${value#words } ;;"
  print "  esac"
  print "  while IFS= read -r reply; do COMPREPLY+=(\"$reply\"); done < <("
  print "    compgen -W \"$choices\" -- \"$current\" | sort -u)"
  print "}"
  print "complete -F _" Function() " " program
}

function WriteZsh(    i) {
  print "_" Function() "() {"
  WriteTables()
  print "  local current=$PREFIX"
  print "  local -a before=(\"${(@)words[2,CURRENT-1]}\") found"
  # zsh keeps --option=VALUE as one word.
  print "  if [[ $current == --*=* ]]; then"
  print "    before+=(\"${current%%=*}\")"
  print "    compset -P '*='"
  print "  fi"
  WriteWalk()
  print "  local value=${argument_of[$place]-}"
  print "  if [[ -n $option ]]; then"
  print "    value=${value_of[$option]}"
  print "  elif [[ $current == -* ]]; then"
  print "    at=$place"
  print "    while :; do"
  print "      case $at in"
  for (i = 1; i <= path_count; i++) {
    print "        " Quote("/" paths[i]) ") found+=(" substr(described_options[paths[i]], 2) ") ;;"
  }
  print "      esac"
  print "      if [[ $at == / ]]; then break; fi"
  print "      if [[ $at == *' '* ]]; then at=${at% *}; else at=/; fi"
  print "    done"
  print "    _describe -t options option found"
  print "    return"
  print "  else"
  print "    case $place in"
  for (i = 1; i <= path_count; i++) {
    if (commands[paths[i]] == "") continue
    print "      " Quote("/" paths[i]) ") found=(" substr(described_commands[paths[i]], 2) ") ;;"
  }
  print "    esac"
  print "    if (( ${#found} )); then"
  print "      _describe -t commands command found"
  print "      return"
  print "    fi"
  print "  fi"
  print "  case $value in"
  print "    file) _files ;;"
  print "    directory) _files -/ ;;"
  print "    words*) compadd -- ${=value#words } ;;"
  print "    *) _message value ;;"
  print "  esac"
  print "}"
  print "_" Function() " \"$@\""
}

function AddFishOption(names, count, kind, description,    i, line, value) {
  line = "complete -c " program
  if (path != "") line = line " -n " Quote("__" Function() "_at " Quote(path) " below")
  for (i = 1; i <= count; i++) {
    if (names[i] ~ /^--/) line = line " -l " substr(names[i], 3); else line = line " -s " substr(names[i], 2)
  }
  value = ValueOf(kind)
  if (kind == "-") {
    line = line " -f"
  } else if (value == "file") {
    line = line " -r -F"
  } else if (value == "directory") {
    line = line " -x -a " Quote("(__fish_complete_directories)")
  } else {
    sub(/^words ?/, "", value)
    line = line " -x" (value == "" ? "" : " -a " Quote(value))
  }
  fish = fish line " -d " Quote(description) "\n"
}

function WriteFish(    i, at) {
  print "# Succeeds at this command, or, with a second argument, at this or one below it."
  print "function __" Function() "_at"
  printf "  set -l known"
  for (i = 1; i <= path_count; i++) if (paths[i] != "") printf " %s", Quote(paths[i])
  print ""
  print "  set -l path ''"
  print "  for word in (commandline -opc)[2..-1]"
  print "    set -l next (string trim -- \"$path $word\")"
  print "    if contains -- $next $known"
  print "      set path $next"
  print "    end"
  print "  end"
  print "  test \"$path\" = \"$argv[1]\"; and return"
  print "  set -q argv[2]; and string match -q -- \"$argv[1] *\" $path"
  print "end"
  for (at in arguments) {
    fish = fish "complete -c " program " -n " Quote("__" Function() "_at " Quote(at)) \
        " -f -a " Quote("(__fish_complete_directories)") "\n"
  }
  printf "complete -c %s -f\n%s", program, fish
}
