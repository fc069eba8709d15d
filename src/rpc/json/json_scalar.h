#ifndef COUPOND_RPC_JSON_JSON_SCALAR_H_
#define COUPOND_RPC_JSON_JSON_SCALAR_H_

#include <expected>
#include <string>
#include <string_view>

#include "rpc/json/json_document.h"
#include "rpc/json/json_format.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

/// Reads one JSON value into one field: numbers, bools, strings, bytes and enums. The errors
/// complete a sentence that begins with the field's name.
namespace coupond::connect {

/// Sets the field, or appends to it if it is repeated. The field must not be of a message type.
[[nodiscard]] std::expected<void, std::string> ReadScalar(const FieldTable& table,
                                                          const JsonToken& value,
                                                          google::protobuf::Message& message);

/// Sets the key of a map's entry. Numbers must be in canonical form, so that different texts are
/// different keys.
[[nodiscard]] std::expected<void, std::string> ReadMapKey(
    const google::protobuf::FieldDescriptor* key, std::string_view text,
    google::protobuf::Message& entry);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_SCALAR_H_
