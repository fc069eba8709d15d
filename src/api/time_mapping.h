#ifndef COUPOND_API_TIME_MAPPING_H_
#define COUPOND_API_TIME_MAPPING_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/mapped.h"
#include "engine/rules/timestamp.h"

namespace google::protobuf {
class Duration;
class Timestamp;
}  // namespace google::protobuf

/// Maps the times of requests to the engine's, and the engine's to text. Any thread.
namespace coupond::api {

/// Returns a time for messages, such as "2026-05-01T09:00:00Z".
[[nodiscard]] std::string FormatTimestamp(Timestamp time);

/// Returns nullopt if the message is not set. Times that the engine cannot represent become the
/// earliest or latest that it can, but not kNever; the rules then refuse them. `field` is the name
/// in errors.
[[nodiscard]] Mapped<std::optional<Timestamp>> MapTime(std::string_view field, bool is_set,
                                                       const google::protobuf::Timestamp& message);

/// Durations that the engine cannot represent become the longest or most negative that it can, but
/// not kUnlimited; the rules then refuse them.
[[nodiscard]] Mapped<std::chrono::nanoseconds> MapDuration(
    std::string_view field, const google::protobuf::Duration& message);

}  // namespace coupond::api

#endif  // COUPOND_API_TIME_MAPPING_H_
