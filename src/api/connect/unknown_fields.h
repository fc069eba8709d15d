#ifndef COUPOND_API_CONNECT_UNKNOWN_FIELDS_H_
#define COUPOND_API_CONNECT_UNKNOWN_FIELDS_H_

#include <optional>
#include <string>
#include <string_view>

#include "api/connect/json_format.h"
#include "api/connect/strictness.h"

namespace google::protobuf {
class Message;
}

/// Fields that a message does not have. A misspelled field must not count as an absent one, because
/// absent fields switch protections off.
namespace coupond::connect {

/// Reports why a member of a JSON object that is none of the message's fields cannot be ignored:
/// "unknown field; did you mean userId?". A name that differs from a known one only in case or
/// underscores is refused whatever the strictness, because it can only be a mistake.
[[nodiscard]] std::optional<std::string> UnknownFieldProblem(const MessageTable& table,
                                                             std::string_view name,
                                                             const Strictness& strictness);

/// Finds a field that a message read from protobuf's binary form had and its type has not, in the
/// message, in those within it, and in what Any fields hold if its type is known. Returns what to
/// tell the client, "field 99: unknown", or nullopt.
[[nodiscard]] std::optional<std::string> FindUnknownField(const MessageTable& table,
                                                          const google::protobuf::Message& message);

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_UNKNOWN_FIELDS_H_
