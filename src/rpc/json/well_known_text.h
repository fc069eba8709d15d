#ifndef COUPOND_RPC_JSON_WELL_KNOWN_TEXT_H_
#define COUPOND_RPC_JSON_WELL_KNOWN_TEXT_H_

#include <expected>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

/// Timestamp, Duration and FieldMask of google.protobuf: messages that are strings in JSON.
namespace coupond::connect {

/// Fills the message, which must be empty and of one of the three types. The error is the end of a
/// sentence that begins with the field's name.
[[nodiscard]] std::expected<void, std::string> ReadWellKnownText(
    std::string_view text, google::protobuf::Message& message);

/// Appends the text in quotes. False, with nothing appended, if the message holds what the text
/// cannot say, such as a time out of range.
[[nodiscard]] bool AppendWellKnownText(const google::protobuf::Message& message, std::string& out);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_WELL_KNOWN_TEXT_H_
