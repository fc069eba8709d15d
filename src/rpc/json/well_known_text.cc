#include "rpc/json/well_known_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>

#include "base/display_text.h"
#include "rpc/json/duration_text.h"
#include "rpc/json/field_mask_text.h"
#include "rpc/json/json_text.h"
#include "rpc/json/timestamp_text.h"

namespace coupond::connect {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kTimestamp = "google.protobuf.Timestamp";
constexpr std::string_view kDuration = "google.protobuf.Duration";

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

bool AppendFieldMask(const Message& message, std::string& out) {
  const FieldDescriptor* paths = message.GetDescriptor()->field(0);
  const auto* reflection = message.GetReflection();
  std::string text;
  for (int i = 0; i < reflection->FieldSize(message, paths); ++i) {
    const auto camel = FieldMaskPathToJson(reflection->GetRepeatedString(message, paths, i));
    if (!camel || camel->empty()) return false;
    if (i > 0) text.push_back(',');
    text.append(*camel);
  }
  return AppendJsonString(text, out);
}

}  // namespace

std::expected<void, std::string> ReadWellKnownText(std::string_view text, Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == kTimestamp) {
    auto moment = ParseTimestamp(text);
    if (!moment) return std::unexpected(std::move(moment.error()));
    SetSecondsAndNanos(moment->seconds, moment->nanos, message);
    return {};
  }
  if (type == kDuration) {
    auto duration = ParseDuration(text);
    if (!duration) return std::unexpected(std::move(duration.error()));
    SetSecondsAndNanos(duration->seconds, duration->nanos, message);
    return {};
  }
  return ReadFieldMask(text, message);
}

bool AppendWellKnownText(const Message& message, std::string& out) {
  const auto* type = message.GetDescriptor();
  const bool is_timestamp = type->full_name() == kTimestamp;
  if (!is_timestamp && type->full_name() != kDuration) return AppendFieldMask(message, out);
  const auto* reflection = message.GetReflection();
  const std::int64_t seconds = reflection->GetInt64(message, type->field(0));
  const std::int32_t nanos = reflection->GetInt32(message, type->field(1));
  out.push_back('"');
  const bool appended =
      is_timestamp ? AppendTimestamp({seconds, nanos}, out) : AppendDuration({seconds, nanos}, out);
  if (!appended) {
    out.pop_back();
    return false;
  }
  out.push_back('"');
  return true;
}

}  // namespace coupond::connect
