#ifndef COUPOND_RPC_JSON_JSON_WRITER_H_
#define COUPOND_RPC_JSON_JSON_WRITER_H_

#include <expected>
#include <string>

#include "rpc/json/json_format.h"

namespace google::protobuf {
class Message;
}

/// Writes protobuf messages as JSON: lowerCamelCase names, 64-bit integers as strings, enums by
/// name. Fields without presence (plain scalars, repeated fields, maps) are written even when they
/// have the default value, so that a reader sees "success":false; fields with presence only when
/// set.
///
/// The message must be of the format's type. A message that cannot be written is a bug of its
/// maker: a string that is not UTF-8, a time out of range, an Any of an unknown type. The error
/// names the field; nothing has been appended then.
namespace coupond::connect {

/// Appends the message.
[[nodiscard]] std::expected<void, std::string> WriteJson(const JsonFormat& format,
                                                         const google::protobuf::Message& message,
                                                         std::string& out);

/// Appends the message with one repeated field last and left open, {"other":1,"elements":[{},{}, to
/// be continued by WriteJsonElements and ended by kJsonListEnd.
[[nodiscard]] std::expected<void, std::string> WriteJsonOpenList(
    const JsonFormat& format, const google::protobuf::Message& message, int repeated_field_number,
    std::string& out);

/// Appends only the elements of the repeated field, each with a comma before it.
[[nodiscard]] std::expected<void, std::string> WriteJsonElements(
    const JsonFormat& format, const google::protobuf::Message& message, int repeated_field_number,
    std::string& out);

inline constexpr char kJsonListEnd[] = "]}";

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_WRITER_H_
