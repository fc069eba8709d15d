#ifndef COUPOND_RPC_JSON_JSON_WRITER_H_
#define COUPOND_RPC_JSON_JSON_WRITER_H_

#include <expected>
#include <string>

#include "rpc/json/json_format.h"

namespace google::protobuf {
class Message;
}

/// Protobuf messages as JSON: lowerCamelCase names, 64-bit integers as strings, enums by name.
/// Fields without presence (plain scalars, repeated fields, maps) are written even when they hold
/// the default, so that a reader sees "success":false; fields with presence only when they are set.
///
/// The message must be of the format's type. What cannot be written is a bug of whoever made the
/// message: strings that are not UTF-8, times out of range, an Any of an unknown type. The error
/// names the field; what had been appended is taken away again.
namespace coupond::connect {

[[nodiscard]] std::expected<void, std::string> WriteJson(const JsonFormat& format,
                                                         const google::protobuf::Message& message,
                                                         std::string& out);

/// Writes the message with one repeated field last and left open, ready for more elements from
/// WriteJsonElements and then kJsonListEnd: {"other":1,"elements":[{},{}
[[nodiscard]] std::expected<void, std::string> WriteJsonOpenList(
    const JsonFormat& format, const google::protobuf::Message& message, int repeated_field_number,
    std::string& out);

/// Appends the elements of the repeated field, each with a comma before it, and nothing else of the
/// message.
[[nodiscard]] std::expected<void, std::string> WriteJsonElements(
    const JsonFormat& format, const google::protobuf::Message& message, int repeated_field_number,
    std::string& out);

inline constexpr char kJsonListEnd[] = "]}";

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_WRITER_H_
