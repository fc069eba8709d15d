# Turns the help of one command, as CLI11 writes it, into the lines that read_options describes.
# Set path to the command.

BEGIN {
  OFS = "\t"
  column = 31  # where descriptions begin
}

/^ *Options:$/ { section = "option"; next }
/^Positionals:$/ { section = "argument"; next }
/^Subcommands:$/ { section = "command"; next }
/^$/ { section = ""; next }

# A description that did not fit behind its name.
section != "" && substr($0, 1, column - 1) ~ /^ +$/ {
  description = $0
  sub(/^ +/, "", description)
  Finish(description)
  next
}

section == "option" && /^ +-/ { Begin() }
section == "argument" && /^  [^ ]/ { Begin() }
section == "command" && /^  [^ ]/ {
  description = $0
  sub(/^ +[^ ]+ +/, "", description)
  print "command", path, $1, description
}

END { Finish("") }

# Begins an option or an argument; options of a group are indented by two more columns.
function Begin(    indent, ends, head, at) {
  Finish("")
  match($0, /^ +/)
  indent = RLENGTH
  at = column + indent - 2
  ends = indent + length($1)
  kind = section
  name = $1
  head = substr($0, ends + 1, at - 1 - ends)
  # Without a kind of value, nothing but blanks lies before the description.
  value = (ends < at - 1 && head ~ /^ *$/) ? "-" : $2
  if (value == "" || value ~ /^(Needs:|Excludes:|REQUIRED|\(Env)/) value = "-"
  if (match(value, /\{.*\}/)) value = substr(value, RSTART, RLENGTH)
  sub(/=.*/, "", value)
  gsub(/ /, "", value)
  pending = 1
  if (length($0) >= at && substr($0, at - 1, 1) == " ") text = substr($0, at); else text = ""
}

# Prints the option or argument that has been begun.
function Finish(more) {
  if (!pending) return
  pending = 0
  print kind, path, name, value, (more != "" ? more : text)
}
