#ifndef COUPOND_STORAGE_FORMAT_EVENT_MESSAGES_H_
#define COUPOND_STORAGE_FORMAT_EVENT_MESSAGES_H_

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "storage/format/commit_record.h"

namespace coupond::storage::v1 {
class Event;
}
namespace google::protobuf {
class Message;
}

/// Single events and the messages of commit_group.proto, in which event_codec.h writes groups of
/// them.
namespace coupond::storage {

[[nodiscard]] inline std::unexpected<Error> Undecodable(std::string_view fault) {
  return MakeError(ErrorCode::kLogUndecodable, std::string(fault));
}

/// Reports whether a message has fields that this version does not know.
[[nodiscard]] bool HasUnknownFields(const google::protobuf::Message& message);

/// Appends the fields of the message of the event's kind, in the order of their numbers. Returns
/// the field of v1::Event that holds such a message.
int WriteEvent(const Event& event, std::string& fields);

/// Makes `event` the one that the message, of a record in `format`, holds; in format 2, without the
/// user_id of an issued coupon. Fields of the other format are refused. After an error the event's
/// value is undefined.
[[nodiscard]] Status ReadEvent(const v1::Event& from, RecordFormat format, Event& event);

/// What the id of a key takes up in the message of an event.
inline constexpr std::size_t kKeyFieldBytes = 10;

/// Appends the key of an event to its message, behind the field of its kind, which is `kind`.
/// Appends nothing for no key.
void WriteKey(KeyId key, int kind, std::string& out);

/// Returns the key of the event in the message, of a record in `format`. Refuses one that the event
/// cannot have.
[[nodiscard]] Result<KeyId> ReadKey(const v1::Event& from, RecordFormat format);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_EVENT_MESSAGES_H_
