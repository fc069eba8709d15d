// The small text forms within requests: times, durations, field masks, base64, numbers, strings,
// UUIDs, and names in their normal form. What is read can be written, and is read back equal; if a
// form is canonical, the text is the same.
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/display_text.h"
#include "base/normal_text.h"
#include "base/time_text.h"
#include "engine/rules/ids.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_document.h"
#include "rpc/json/json_text.h"
#include "rpc/json/well_known_types.h"

namespace coupond::fuzz {
namespace {

void CheckTimestamp(std::string_view text) {
  const auto moment = ParseTime(text);
  if (!moment) return Require(!moment.error().empty(), "a refusal says why");
  Require(IsWritable(*moment), "a time that was read can be written");
  std::string written;
  AppendTime(*moment, written);
  Require(ParseTime(written) == *moment, "a time is read back equal", written);
  // In its own offset, the text has the same time of day.
  if (text.ends_with('Z')) {
    Require(written.substr(0, 19) ==
                std::string(text.substr(0, 10)) + "T" + std::string(text.substr(11, 8)),
            "UTC is written as it was read", written);
  }
}

void CheckDuration(std::string_view text) {
  const auto duration = connect::ParseDurationJson(text);
  if (!duration) return Require(!duration.error().empty(), "a refusal says why");
  const auto written = connect::DurationJson(*duration);
  Require(written.has_value(), "a duration that was read can be written");
  Require(connect::ParseDurationJson(*written) == *duration, "a duration is read back equal",
          *written);
}

void CheckFieldMask(std::string_view text) {
  if (const auto snake = connect::FieldMaskPathFromJson(text)) {
    Require(connect::FieldMaskPathToJson(*snake) == text, "a path goes back to the same JSON",
            *snake);
  }
  if (const auto camel = connect::FieldMaskPathToJson(text)) {
    Require(connect::FieldMaskPathFromJson(*camel) == text, "a path's JSON goes back to it",
            *camel);
  }
}

void CheckBase64(std::string_view text) {
  std::string encoded;
  connect::AppendBase64(text, connect::Base64Padding::kPadded, encoded);
  Require(connect::DecodeBase64(encoded) == text, "bytes are read back equal");

  const auto bytes = connect::DecodeBase64(text);
  if (!bytes) return;
  std::string standard(text.substr(0, text.find('=')));
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  std::string written;
  connect::AppendBase64(*bytes, connect::Base64Padding::kUnpadded, written);
  Require(written == standard, "no two texts of an alphabet are the same bytes", written);
}

template <std::integral T>
void CheckInteger(std::string_view text) {
  const auto value = connect::ParseJsonInteger<T>(text);
  if (!value) return Require(!value.error().empty(), "a refusal says why");
  std::string written;
  connect::AppendJsonNumber(*value, written);
  Require(connect::ParseJsonInteger<T>(written) == *value, "a number is read back equal", written);
  if (connect::IsCanonicalInteger(text)) {
    Require(written == text, "a whole number has one text", written);
  }
  // Every type that can represent the number reads the same value.
  const auto as_double = connect::ParseJsonFloat<double>(text);
  Require(as_double.has_value() && *as_double == static_cast<double>(*value),
          "a whole number is the same as a double", written);
}

template <std::floating_point T>
void CheckFloat(std::string_view text) {
  const auto value = connect::ParseJsonFloat<T>(text);
  if (!value) return Require(!value.error().empty(), "a refusal says why");
  Require(std::isfinite(*value), "a number is finite");
  std::string written;
  connect::AppendJsonNumber(*value, written);
  Require(connect::ParseJsonFloat<T>(written) == *value, "a number is read back equal", written);
  Require(std::strtod(std::string(text).c_str(), nullptr) == *value || !std::same_as<T, double>,
          "a double is the one that C reads", written);
}

void CheckNumber(std::string_view text) {
  CheckInteger<std::int32_t>(text);
  CheckInteger<std::int64_t>(text);
  CheckInteger<std::uint32_t>(text);
  CheckInteger<std::uint64_t>(text);
  CheckFloat<float>(text);
  CheckFloat<double>(text);
}

void CheckString(std::string_view text) {
  std::string json;
  const bool is_utf8 = IsUtf8(text);
  Require(connect::AppendJsonString(text, json).has_value() == is_utf8,
          "what is UTF-8 can be written");
  if (is_utf8) {
    connect::JsonDocument document;
    Require(document.Parse(json).has_value(), "a written string is JSON", json);
    Require(document.At(0).kind == connect::JsonKind::kString && document.At(0).text == text,
            "a string is read back equal", json);
  } else {
    Require(json.empty(), "what cannot be written leaves nothing");
  }

  std::string lossy;
  connect::AppendJsonStringLossy(text, lossy);
  Require(connect::JsonDocument().Parse(lossy).has_value(), "a lossy string is JSON", lossy);

  constexpr std::size_t kClippedBytes = 5;
  const std::string clipped = Clipped(text, kClippedBytes);
  Require(clipped.size() <= kClippedBytes + std::string_view("…").size(),
          "a clipped text is short");
  Require(!is_utf8 || IsUtf8(clipped), "clipping does not cut a character", clipped);
}

void CheckUuid(std::string_view text) {
  const auto uuid = ParseUuid(text);
  if (!uuid) return;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  Require(FormatUuid(*uuid) == lower, "a UUID is written as it was read", FormatUuid(*uuid));
}

/// Returns utf8proc's own normalisation of valid UTF-8.
std::string Normalized(std::string_view text, utf8proc_option_t form) {
  utf8proc_uint8_t* out = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form);
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &out, options);
  Require(size >= 0, "valid UTF-8 can be normalised");
  std::string normalized(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  std::free(out);
  return normalized;
}

/// Returns the normal form; nullopt if the text is refused.
std::optional<std::string> NormalOf(const std::string& text) {
  const auto normal = NormalForm(text);
  if (normal) return normal->value_or(text);
  Require(!normal.error().empty(), "a refusal says why");
  return std::nullopt;
}

void CheckNormalForm(std::string_view bytes) {
  const std::string text(bytes);
  const auto normal = NormalOf(text);
  if (!IsUtf8(text)) return Require(!normal, "what is not UTF-8 is refused");
  Require(NormalOf(Normalized(text, UTF8PROC_DECOMPOSE)) == normal,
          "composed and decomposed are the same", text);
  Require(NormalOf("\xE3\x80\x80" + text + "\n") == normal, "blanks at the ends do not matter",
          text);
  if (!normal) return;
  Require(NormalOf(*normal) == normal, "the normal form is a fixed point", *normal);
  Require(!NormalForm(*normal)->has_value(), "a text in normal form is seen to be", *normal);
  Require(Normalized(*normal, UTF8PROC_COMPOSE) == *normal, "the normal form is NFC", *normal);
  Require(TrimmedText(*normal) == *normal, "the normal form is trimmed", *normal);
}

constexpr std::array kChecks = {CheckTimestamp, CheckDuration, CheckFieldMask, CheckBase64,
                                CheckNumber,    CheckString,   CheckUuid,      CheckNormalForm};

}  // namespace

void FuzzTextForms(std::string_view bytes) {
  Input input(bytes);
  const auto check = kChecks[input.Choose(kChecks.size())];
  check(input.rest());
}

}  // namespace coupond::fuzz
