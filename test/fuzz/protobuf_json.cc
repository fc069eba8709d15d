#include "fuzz/protobuf_json.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/ascii.h"
#include "base/time_text.h"
#include "fuzz/invariant.h"
#include "rpc/json/json_document.h"
#include "rpc/json/json_reader.h"

namespace coupond::fuzz {
namespace {

using connect::JsonDocument;
using connect::JsonKind;
using google::protobuf::Message;

constexpr std::string_view kBlanks = " \t\r\n";
/// The middle of two floats never has more digits.
constexpr int kMiddleDigits = 120;

/// Contents of a document's strings that the two parsers are known to read differently.
struct Peculiarities {
  bool small_letters_in_time = false;
  bool two_capitals = false;
};

void LookAtString(std::string_view text, Peculiarities& found) {
  if (text.find_first_of("tz") != std::string_view::npos && ParseTime(text)) {
    found.small_letters_in_time = true;
  }
  const auto both_capital = [](char a, char b) {
    return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z';
  };
  if (std::ranges::adjacent_find(text, both_capital) != text.end()) found.two_capitals = true;
}

Peculiarities PeculiaritiesOf(const std::string& json) {
  JsonDocument document;
  Require(document.Parse(json).has_value(), "what is accepted is JSON", json);
  Peculiarities found;
  for (std::uint32_t place = 0; place < document.At(0).end; ++place) {
    const connect::JsonToken& token = document.At(place);
    if (token.kind == JsonKind::kString) LookAtString(token.text, found);
  }
  return found;
}

/// Returns the position after the string that begins at `quote`.
std::size_t EndOfString(std::string_view json, std::size_t quote) {
  std::size_t at = quote + 1;
  while (json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return at + 1;
}

/// Returns the number, or what protobuf's parser reads instead:
///   - it loses the sign of a zero that is written as a whole number: -0 becomes 0
///   - it reads a float through a double, and so rounds twice: a number that is closer to the
///   middle
///     of two floats than doubles can tell becomes the middle
std::string ReadableNumber(std::string_view number) {
  std::string text(number);
  if (text == "-0") return "0";
  const double wide = std::strtod(text.c_str(), nullptr);
  if (std::strtof(text.c_str(), nullptr) == static_cast<float>(wide)) return text;
  // All digits, because the shortest text may lie on the other side of the middle.
  std::array<char, kMiddleDigits + 20> middle;
  const auto written = std::to_chars(middle.data(), middle.data() + middle.size(), wide,
                                     std::chars_format::scientific, kMiddleDigits);
  return {middle.data(), written.ptr};
}

/// Returns the JSON with numbers as above, and with a name for fields without one: protobuf's
/// parser ignores unknown fields, but not one without a name.
std::string WithoutStumblingBlocks(std::string_view json) {
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    const bool is_string = json[at] == '"';
    const bool is_number = json[at] == '-' || IsDigit(json[at]);
    std::size_t end = at + 1;
    if (is_string) end = EndOfString(json, at);
    if (is_number) end = std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
    const std::size_t after = json.find_first_not_of(kBlanks, end);
    const bool is_empty_name =
        is_string && end == at + 2 && after != std::string_view::npos && json[after] == ':';
    if (is_empty_name) {
      out += "\"unnamed\"";
    } else if (is_number) {
      out += ReadableNumber(json.substr(at, end - at));
    } else {
      out += json.substr(at, end - at);
    }
    at = end;
  }
  return out;
}

bool IsKnownRefusal(std::string_view reason, const std::string& json) {
  // Protobuf's parser reads the numbers even of fields that it ignores.
  if (reason.find("Number exceeds the range of double") != std::string_view::npos) return true;
  // RFC 3339 allows small letters t and z; protobuf's parser does not.
  return reason.find("Invalid time format") != std::string_view::npos &&
         PeculiaritiesOf(json).small_letters_in_time;
}

/// Describes how the two messages differ, apart from known differences.
std::string NewDifference(const std::string& json, const Message& ours, const Message& theirs) {
  if (DifferenceOf(ours, theirs).empty()) return {};
  // Protobuf's parser reads two capitals in the path of a field mask as one word: "aBC" as a_bc,
  // which should be a_b_c.
  const bool two_capitals = PeculiaritiesOf(json).two_capitals;
  return DifferenceOf(ours, theirs, two_capitals ? FieldMasks::kIgnored : FieldMasks::kCompared);
}

void RequireTheSame(const MessageType& type, const std::string& json, const Message& ours) {
  google::protobuf::util::JsonParseOptions options;
  // If ours accepts it strictly, theirs must accept it without ignoring anything.
  const std::unique_ptr<Message> strictly = type.New();
  const bool has_unknown =
      !connect::ReadJson(type.format, json, *strictly, {.refuses_unknown = true});
  Require(has_unknown || DifferenceOf(ours, *strictly).empty(), "strictness changes no meaning",
          json);
  options.ignore_unknown_fields = has_unknown;
  const std::unique_ptr<Message> theirs = type.New();
  const auto status = google::protobuf::util::JsonStringToMessage(json, theirs.get(), options);
  if (!status.ok()) {
    return Require(IsKnownRefusal(status.ToString(), json), "protobuf accepts what ours accepts",
                   json + "\n" + status.ToString());
  }
  const std::string difference = NewDifference(json, ours, *theirs);
  Require(difference.empty(), "protobuf reads the same as ours", json + "\n" + difference);
}

}  // namespace

void RequireProtobufReadsTheSame(const MessageType& type, const std::string& json,
                                 const Message& ours) {
  const std::string readable = WithoutStumblingBlocks(json);
  if (readable == json) return RequireTheSame(type, json, ours);
  const std::unique_ptr<Message> ours_readable = type.New();
  // The new name may clash with another field's.
  if (!connect::ReadJson(type.format, readable, *ours_readable)) return;
  RequireTheSame(type, readable, *ours_readable);
}

}  // namespace coupond::fuzz
