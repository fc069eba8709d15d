#include "rpc/json/well_known_types.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <charconv>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/error.h"
#include "base/time_text.h"
#include "rpc/json/json_text.h"

namespace coupond::connect {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr std::string_view kTimestamp = "google.protobuf.Timestamp";
constexpr std::string_view kDuration = "google.protobuf.Duration";
constexpr std::int64_t kDurationSecondsMax = 315'576'000'000;  // 10,000 years
constexpr std::int32_t kNanosecondsMax = 999'999'999;
constexpr std::string_view kOutOfRange = "is out of range";
/// The path of a FieldMask that stands for all fields (https://google.aip.dev/161).
constexpr std::string_view kAllFields = "*";

/// Timestamp and Duration have the same two fields.
void SetSecondsAndNanos(std::int64_t seconds, std::int32_t nanos, Message& message) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  reflection->SetInt64(&message, type->field(0), seconds);
  reflection->SetInt32(&message, type->field(1), nanos);
}

std::expected<void, std::string> ReadFieldMask(std::string_view text, Message& message) {
  const FieldDescriptor* paths = message.GetDescriptor()->field(0);
  while (!text.empty()) {
    const std::string_view path = text.substr(0, text.find(','));
    text.remove_prefix(path.size());
    const auto snake = FieldMaskPathFromJson(path);
    const bool dangling = text == ",";
    if (!snake || snake->empty() || dangling) {
      return std::unexpected(Quoted(path) +
                             " is not a path of a field mask such as user.displayName");
    }
    message.GetReflection()->AddString(&message, paths, *snake);
    if (!text.empty()) text.remove_prefix(1);
  }
  return {};
}

std::optional<std::string> FieldMaskText(const Message& message) {
  const FieldDescriptor* paths = message.GetDescriptor()->field(0);
  const auto* reflection = message.GetReflection();
  std::string text;
  for (int i = 0; i < reflection->FieldSize(message, paths); ++i) {
    const auto camel = FieldMaskPathToJson(reflection->GetRepeatedString(message, paths, i));
    if (!camel || camel->empty()) return std::nullopt;
    if (i > 0) text.push_back(',');
    text.append(*camel);
  }
  return text;
}

}  // namespace

std::expected<void, std::string> ReadWellKnownText(std::string_view text, Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == kTimestamp) {
    const UtcTime time = TRY(ParseTime(text));
    SetSecondsAndNanos(time.seconds, time.nanoseconds, message);
    return {};
  }
  if (type == kDuration) {
    const DurationParts duration = TRY(ParseDurationJson(text));
    SetSecondsAndNanos(duration.seconds, duration.nanoseconds, message);
    return {};
  }
  return ReadFieldMask(text, message);
}

std::expected<void, std::string_view> AppendWellKnownText(const Message& message,
                                                          std::string& out) {
  const Descriptor* type = message.GetDescriptor();
  const bool is_timestamp = type->full_name() == kTimestamp;
  if (!is_timestamp && type->full_name() != kDuration) {
    const auto paths = FieldMaskText(message);
    if (!paths) return std::unexpected("holds a path that JSON cannot express");
    return AppendJsonString(*paths, out);
  }
  const auto* reflection = message.GetReflection();
  const std::int64_t seconds = reflection->GetInt64(message, type->field(0));
  const std::int32_t nanoseconds = reflection->GetInt32(message, type->field(1));
  if (is_timestamp) {
    const UtcTime time{.seconds = seconds, .nanoseconds = nanoseconds};
    if (!IsWritable(time)) return std::unexpected(kOutOfRange);
    out.push_back('"');
    AppendTime(time, out);
  } else {
    const auto duration = DurationJson({seconds, nanoseconds});
    if (!duration) return std::unexpected(kOutOfRange);
    out.append("\"").append(*duration);
  }
  out.push_back('"');
  return {};
}

std::expected<DurationParts, std::string> ParseDurationJson(std::string_view text) {
  const auto wrong = [&](std::string_view reason) {
    return std::unexpected(Quoted(text) + " " + std::string(reason));
  };
  constexpr std::string_view kWrongForm = "is not a duration such as 1.5s";
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  if (rest.empty() || !IsDigit(rest.front())) return wrong(kWrongForm);
  if (rest.front() == '0' && rest.size() > 1 && IsDigit(rest[1])) {
    return wrong("begins with a zero; write it without");
  }
  DurationParts duration;
  const auto seconds = std::from_chars(rest.data(), rest.data() + rest.size(), duration.seconds);
  const bool overflow = seconds.ec != std::errc();
  rest.remove_prefix(static_cast<std::size_t>(seconds.ptr - rest.data()));
  const auto nanoseconds = TakeFraction(rest);
  if (!nanoseconds || rest != "s") return wrong(kWrongForm);
  duration.nanoseconds = *nanoseconds;
  if (overflow || duration.seconds > kDurationSecondsMax) {
    return wrong("is longer than 315576000000s");
  }
  if (negative) duration = {-duration.seconds, -duration.nanoseconds};
  return duration;
}

std::optional<std::string> DurationJson(DurationParts duration) {
  const bool negative = duration.seconds < 0 || duration.nanoseconds < 0;
  if (negative && (duration.seconds > 0 || duration.nanoseconds > 0)) return std::nullopt;
  if (duration.seconds < -kDurationSecondsMax || duration.seconds > kDurationSecondsMax ||
      duration.nanoseconds < -kNanosecondsMax || duration.nanoseconds > kNanosecondsMax) {
    return std::nullopt;
  }
  std::string text;
  if (negative) {
    text.push_back('-');
    duration = {-duration.seconds, -duration.nanoseconds};
  }
  text.append(std::to_string(duration.seconds));
  AppendFraction(duration.nanoseconds, text);
  text.push_back('s');
  return text;
}

std::optional<std::string> FieldMaskPathFromJson(std::string_view path) {
  if (path == kAllFields) return std::string(path);
  std::string snake;
  bool starts_name = true;
  for (const char c : path) {
    const bool is_upper = IsUpperCaseLetter(c);
    if (!is_upper && !IsLowerCaseLetter(c) && !IsDigit(c) && c != '.') return std::nullopt;
    if (is_upper && starts_name) return std::nullopt;
    if (is_upper) snake.push_back('_');
    snake.push_back(LowerCase(c));
    starts_name = c == '.';
  }
  return snake;
}

std::optional<std::string> FieldMaskPathToJson(std::string_view path) {
  if (path == kAllFields) return std::string(path);
  std::string camel;
  bool capital = false;
  for (const char c : path) {
    if (IsUpperCaseLetter(c) || (capital && !IsLowerCaseLetter(c))) return std::nullopt;
    if (c == '_') {
      capital = true;
    } else {
      camel.push_back(capital ? static_cast<char>(c - 'a' + 'A') : c);
      capital = false;
    }
  }
  if (capital || FieldMaskPathFromJson(camel) != path) return std::nullopt;
  return camel;
}

AnyParts AnyPartsOf(const Message& any) {
  const Descriptor* type = any.GetDescriptor();
  return {any.GetReflection()->GetString(any, type->field(0)),
          any.GetReflection()->GetString(any, type->field(1))};
}

void SetAnyParts(const AnyParts& parts, Message& any) {
  const Descriptor* type = any.GetDescriptor();
  any.GetReflection()->SetString(&any, type->field(0), parts.type_url);
  any.GetReflection()->SetString(&any, type->field(1), parts.value);
}

std::unique_ptr<Message> MakeAnyContent(std::string_view type_url) {
  if (!type_url.starts_with(kAnyUrlPrefix)) return nullptr;
  const std::string name(type_url.substr(kAnyUrlPrefix.size()));
  const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (type == nullptr) return nullptr;
  const Message* prototype = MessageFactory::generated_factory()->GetPrototype(type);
  if (prototype == nullptr) return nullptr;
  return std::unique_ptr<Message>(prototype->New());
}

}  // namespace coupond::connect
