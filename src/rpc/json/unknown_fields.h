#ifndef COUPOND_RPC_JSON_UNKNOWN_FIELDS_H_
#define COUPOND_RPC_JSON_UNKNOWN_FIELDS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rpc/json/json_format.h"
#include "rpc/json/json_reader.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

/// Detection of fields that a message does not have, and advice on which known name was probably
/// meant. A misspelled field must not count as an absent one, because leaving a field out may
/// switch a protection off.
namespace coupond::connect {

/// Returns the text to append after an unknown name: "; did you mean userId?" or, if no known name
/// is near and there are few of them, "; known are: campaignId, userId". May be empty.
/// base/nearest_name.h defines "near".
[[nodiscard]] std::string NameAdvice(std::string_view name,
                                     std::span<const std::string_view> known);

/// Returns the name as error messages quote it: unchanged if it looks like a name; otherwise in
/// quotes, with control characters escaped. Long names are cut.
[[nodiscard]] std::string QuotedName(std::string_view name);

/// Returns the reason why a member of a JSON object that matches none of the message's fields
/// cannot be ignored ("unknown field; did you mean userId?"), or nullopt if it can. A name that
/// differs from a known one only in case or underscores is refused regardless of the strictness,
/// because it can only be a mistake.
[[nodiscard]] std::optional<std::string> UnknownFieldProblem(const MessageTable& table,
                                                             std::string_view name,
                                                             const Strictness& strictness);

/// Finds a field that is present in a message read from the binary protobuf format but missing from
/// the message's type. Searches nested messages too, and the contents of Any fields whose type is
/// known. Returns the error text for the client, "field 99: unknown", or nullopt.
[[nodiscard]] std::optional<std::string> FindUnknownField(const MessageTable& table,
                                                          const google::protobuf::Message& message);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_UNKNOWN_FIELDS_H_
