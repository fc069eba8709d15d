# Reads a JUnit file of ctest, and prints a line for each test: "ok NAME", "skipped: NAME because
# REASON", or "FAILED NAME" followed by the last lines of its output, indented. A program that ran many
# tests has a line for each that passed.

function unescape(text) {
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&quot;/, "\"", text)
  gsub(/&apos;/, "'", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

# Returns the value of an attribute of the current line.
function attribute(key,    text) {
  text = $0
  if (!sub(".* " key "=\"", "", text)) return ""
  sub(/".*/, "", text)
  return unescape(text)
}

# Returns the reason that the test gave: the lines after "FILE:LINE: Skipped" in its output.
function reason(    i, text) {
  for (i = 1; i <= count && output[i] !~ /: Skipped$/; ++i) continue
  for (++i; i <= count && output[i] != "" && output[i] !~ /^\[/; ++i) {
    text = text (text == "" ? "" : " ") output[i]
  }
  return text == "" ? "it gave no reason" : text
}

# Returns how many tests the program says that have passed, or 1.
function passed(    i, words) {
  for (i = 1; i <= count; ++i) {
    if (output[i] ~ /^\[  PASSED  \] [0-9]+ tests?\./) {
      split(output[i], words, " ")
      return words[4] > 0 ? words[4] : 1
    }
  }
  return 1
}

function end_of_test(    i) {
  # ctest also marks a test as skipped if its program is missing; that is a failure.
  if (status == "run") {
    for (i = passed(); i > 0; --i) print "ok " name
  } else if (status == "disabled") {
    print "skipped: " name " because it is disabled"
  } else if (skip_mark ~ /^SKIP_/) {
    print "skipped: " name " because " reason()
  } else {
    print "FAILED " name
    for (i = (count > 30 ? count - 29 : 1); i <= count; ++i) print "    " output[i]
  }
}

/<testcase / {
  name = attribute("name")
  status = attribute("status")
  skip_mark = ""
  count = 0
}
/<skipped / { skip_mark = attribute("message") }
/<system-out>/ { in_output = 1; sub(/.*<system-out>/, "") }
in_output {
  if (sub(/<\/system-out>.*/, "")) in_output = 0
  output[++count] = unescape($0)
}
/<\/testcase>/ && !in_output { end_of_test() }
