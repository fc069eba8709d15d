#include "rpc/json/json_document.h"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory_resource>
#include <optional>
#include <span>

#include "base/display_text.h"
#include "base/hex.h"
#include "base/utf8.h"

namespace coupond::connect {
namespace {

namespace json = boost::json;

/// The most keys of an object that are searched for duplicates without sorting.
constexpr std::size_t kFewKeys = 16;
// Of a usual request, whose memory is taken at once:
constexpr std::size_t kUsualTokens = 16;
constexpr std::size_t kUsualDepth = 4;
constexpr std::size_t kUsualKeys = 8;

constexpr std::string_view kWhitespace = " \t\r\n";

struct ByteOrderMark {
  std::string_view bytes;
  std::string_view encoding;
};

// Longer marks come first: UTF-32's little-endian mark begins with that of UTF-16.
constexpr std::array kByteOrderMarks = {
    ByteOrderMark{std::string_view("\xFF\xFE\0\0", 4), "UTF-32"},
    ByteOrderMark{std::string_view("\0\0\xFE\xFF", 4), "UTF-32"},
    ByteOrderMark{"\xFF\xFE", "UTF-16"},
    ByteOrderMark{"\xFE\xFF", "UTF-16"},
};

/// Guesses the encoding from the zeros among the first bytes, which works because JSON begins with
/// an ASCII character. Returns an empty string if it is neither UTF-16 nor UTF-32.
std::string_view EncodingByZeros(std::string_view json) {
  const auto is_zero = [json](std::size_t place) {
    return place < json.size() && json[place] == '\0';
  };
  if (is_zero(0)) return is_zero(1) && is_zero(2) && !is_zero(3) ? "UTF-32" : "UTF-16";
  if (is_zero(1)) return is_zero(2) && is_zero(3) ? "UTF-32" : "UTF-16";
  return {};
}

std::optional<std::string_view> FindDuplicate(std::span<std::string_view> keys) {
  if (keys.size() <= kFewKeys) {
    for (auto key = keys.begin(); key != keys.end(); ++key) {
      if (std::find(keys.begin(), key, *key) != key) return *key;
    }
    return std::nullopt;
  }
  std::ranges::sort(keys);
  const auto found = std::ranges::adjacent_find(keys);
  if (found == keys.end()) return std::nullopt;
  return *found;
}

/// Reports whether the text before a syntax error ends with an escape such as \ud83d, which needs a
/// second one.
bool EndsWithLeadingSurrogate(std::string_view text) {
  constexpr std::size_t kEscapeBytes = 6;
  if (text.size() < kEscapeBytes) return false;
  text.remove_prefix(text.size() - kEscapeBytes);
  return text.starts_with("\\u") && (text[2] == 'd' || text[2] == 'D') &&
         std::string_view("89abAB").find(text[3]) != std::string_view::npos;
}

/// Describes an error to the client. `read` is the text before it.
std::string Reason(const json::error_code& error, std::string_view read) {
  if (error == json::error::illegal_leading_surrogate ||
      error == json::error::illegal_trailing_surrogate ||
      error == json::error::expected_utf16_escape || EndsWithLeadingSurrogate(read)) {
    return "a \\u escape is half of a surrogate pair without the other half; send the character "
           "itself, or both halves as in \\ud83d\\ude00";
  }
  return error.message();
}

}  // namespace

std::optional<std::string> NotUtf8Problem(std::string_view text) {
  const std::size_t place = ValidUtf8Length(text);
  if (place == text.size()) return std::nullopt;
  std::string problem = "byte " + std::to_string(place) + " (0x";
  AppendHex(static_cast<std::uint8_t>(text[place]), kUpperCaseHexDigits, problem);
  return problem + ") is not UTF-8; send UTF-8, not CP949 or another encoding";
}

std::optional<std::string> JsonEncodingProblem(std::string_view json) {
  if (json.starts_with("\xEF\xBB\xBF")) {
    return "the JSON begins with a byte order mark; send it in UTF-8 without one";
  }
  for (const ByteOrderMark& mark : kByteOrderMarks) {
    if (json.starts_with(mark.bytes)) {
      return "the JSON is not UTF-8 (it begins with a " + std::string(mark.encoding) +
             " byte order mark); send it in UTF-8 without one";
    }
  }
  if (const std::string_view encoding = EncodingByZeros(json); !encoding.empty()) {
    return "the JSON is not UTF-8 (it looks like " + std::string(encoding) + "); send it in UTF-8";
  }
  if (const auto problem = NotUtf8Problem(json)) return "invalid JSON: " + *problem;
  return std::nullopt;
}

std::string_view JsonKindName(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kTrue:
      return "true";
    case JsonKind::kFalse:
      return "false";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kObject:
      return "an object";
  }
  return "";
}

/// Receives what Boost.JSON's parser finds. The names and signatures are the parser's.
class JsonDocument::Builder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  Builder(JsonDocument& document, std::string_view json) : document_(document), json_(json) {
    open_.reserve(kUsualDepth);
    keys_.reserve(kUsualKeys);
  }

  [[nodiscard]] const std::optional<std::string>& duplicate_key() const { return duplicate_key_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return Open(JsonKind::kObject); }
  bool on_array_begin(json::error_code&) { return Open(JsonKind::kArray); }
  bool on_array_end(std::size_t, json::error_code&) { return Close(); }
  bool on_object_end(std::size_t, json::error_code& error) {
    CheckKeys();
    // Any error stops the parser; duplicate_key_ says which one it was.
    if (duplicate_key_) error = json::error::syntax;
    return Close() && !duplicate_key_;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return Grow(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    return AddText(JsonKind::kString, part);
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return Grow(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    return AddText(JsonKind::kString, part);
  }
  bool on_number_part(json::string_view part, json::error_code&) { return Grow(part); }
  bool on_int64(std::int64_t, json::string_view part, json::error_code&) { return Number(part); }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code&) { return Number(part); }
  bool on_double(double, json::string_view part, json::error_code&) { return Number(part); }
  bool on_bool(bool value, json::error_code&) {
    return Add(value ? JsonKind::kTrue : JsonKind::kFalse, {});
  }
  bool on_null(json::error_code&) { return Add(JsonKind::kNull, {}); }
  bool on_comment_part(json::string_view, json::error_code&) { return false; }
  bool on_comment(json::string_view, json::error_code&) { return false; }

 private:
  bool Number(json::string_view part) { return AddText(JsonKind::kNumber, part); }

  /// Notes a part of a text that goes on.
  bool Grow(json::string_view part) {
    // No string is longer without its escapes than with them, so the text is never reallocated.
    document_.text_.reserve(json_.size());
    document_.text_.append(part.data(), part.size());
    return true;
  }

  /// Adds a text with its last part, which is the whole of it and stands in the JSON itself, unless
  /// there are escapes.
  bool AddText(JsonKind kind, json::string_view part) {
    if (document_.text_.size() == text_start_ && IsInJson(part)) {
      return Add(kind, {part.data(), part.size()});
    }
    Grow(part);
    const auto text = std::string_view(document_.text_).substr(text_start_);
    text_start_ = document_.text_.size();
    return Add(kind, text);
  }

  [[nodiscard]] bool IsInJson(json::string_view part) const {
    const std::less_equal<const char*> not_after;
    return not_after(json_.data(), part.data()) &&
           not_after(part.data() + part.size(), json_.data() + json_.size());
  }

  bool Add(JsonKind kind, std::string_view text) {
    const auto end = static_cast<std::uint32_t>(document_.tokens_.size() + 1);
    document_.tokens_.push_back({kind, end, text});
    return true;
  }

  bool Open(JsonKind kind) {
    open_.push_back(static_cast<std::uint32_t>(document_.tokens_.size()));
    return Add(kind, {});
  }

  bool Close() {
    document_.tokens_[open_.back()].end = static_cast<std::uint32_t>(document_.tokens_.size());
    open_.pop_back();
    return true;
  }

  void CheckKeys() {
    keys_.clear();
    for (std::uint32_t key = open_.back() + 1; key < document_.tokens_.size();) {
      keys_.push_back(document_.tokens_[key].text);
      key = document_.tokens_[key + 1].end;
    }
    if (const auto found = FindDuplicate(keys_)) duplicate_key_ = Clipped(*found);
  }

  JsonDocument& document_;
  const std::string_view json_;
  std::size_t text_start_ = 0;
  std::array<std::byte, 512> space_;
  std::pmr::monotonic_buffer_resource memory_{space_.data(), space_.size()};
  std::pmr::vector<std::uint32_t> open_{&memory_};     ///< the open arrays and objects
  std::pmr::vector<std::string_view> keys_{&memory_};  ///< the keys of one object, to be checked
  std::optional<std::string> duplicate_key_;
};

std::expected<void, std::string> JsonDocument::Parse(std::string_view json_text) {
  if (json_text.find_first_not_of(kWhitespace) == std::string_view::npos) {
    return std::unexpected("the JSON body is empty; an empty message is {}");
  }
  tokens_.clear();
  tokens_.reserve(kUsualTokens);
  text_.clear();

  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::basic_parser<Builder> parser(options, *this, json_text);
  json::error_code error;
  const std::size_t parsed = parser.write_some(false, json_text.data(), json_text.size(), error);
  if (const auto& key = parser.handler().duplicate_key()) {
    return std::unexpected("invalid JSON: the key " + Quoted(*key) +
                           " appears twice in one object");
  }
  if (error == json::error::too_deep) {
    return std::unexpected("the JSON is nested more than " + std::to_string(kJsonDepthMax) +
                           " levels deep");
  }
  const bool extra = json_text.find_first_not_of(kWhitespace, parsed) != std::string_view::npos;
  if (error || extra) {
    if (auto problem = JsonEncodingProblem(json_text)) return std::unexpected(*std::move(problem));
    return std::unexpected(
        "invalid JSON at byte " + std::to_string(parsed) + ": " +
        (error ? Reason(error, json_text.substr(0, parsed)) : "text after the end"));
  }
  return {};
}

}  // namespace coupond::connect
