#ifndef COUPOND_RPC_JSON_WELL_KNOWN_TYPES_H_
#define COUPOND_RPC_JSON_WELL_KNOWN_TYPES_H_

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

/// The types of google.protobuf that have a JSON form of their own: Timestamp, Duration and
/// FieldMask are strings, Any is the message inside it. Source:
/// https://protobuf.dev/programming-guides/json/
namespace coupond::connect {

/// Reads a Timestamp, Duration or FieldMask into an empty message. The error completes a sentence
/// that begins with the field's name.
[[nodiscard]] std::expected<void, std::string> ReadWellKnownText(
    std::string_view text, google::protobuf::Message& message);

/// Appends a Timestamp, Duration or FieldMask as a JSON string. Fails, without appending anything,
/// if JSON cannot express the message, such as a time out of range. The error completes a sentence
/// that begins with the field's name.
[[nodiscard]] std::expected<void, std::string_view> AppendWellKnownText(
    const google::protobuf::Message& message, std::string& out);

/// The value of a google.protobuf.Duration.
struct DurationParts {
  std::int64_t seconds = 0;      ///< at most 315,576,000,000 either way
  std::int32_t nanoseconds = 0;  ///< less than a second, of the same sign as `seconds`

  friend bool operator==(const DurationParts&, const DurationParts&) = default;
};

/// Reads a duration such as "-1.500s": seconds with 0 to 9 digits after the point, and an "s". The
/// error quotes the text and says what is wrong.
[[nodiscard]] std::expected<DurationParts, std::string> ParseDurationJson(std::string_view text);

/// Returns the text of a duration with 0, 3, 6 or 9 digits after the point, or nullopt if it is out
/// of range or the signs differ.
[[nodiscard]] std::optional<std::string> DurationJson(DurationParts duration);

/// Converts one path of a FieldMask: "user.displayName" becomes "user.display_name". Returns
/// nullopt unless the path consists of lowerCamelCase names and points, or is "*", which stays.
[[nodiscard]] std::optional<std::string> FieldMaskPathFromJson(std::string_view path);

/// Converts back: "user.display_name" becomes "user.displayName". Returns nullopt if
/// FieldMaskPathFromJson would not give the same path again.
[[nodiscard]] std::optional<std::string> FieldMaskPathToJson(std::string_view path);

/// What the URL of an Any's type begins with. The type's full name follows.
inline constexpr std::string_view kAnyUrlPrefix = "type.googleapis.com/";

/// The two fields of an Any, a message of any type.
struct AnyParts {
  std::string type_url;
  std::string value;  ///< the message in the binary format
};

[[nodiscard]] AnyParts AnyPartsOf(const google::protobuf::Message& any);
void SetAnyParts(const AnyParts& parts, google::protobuf::Message& any);

/// Returns an empty message of the type that the URL names, or null if the type is not known: its
/// generated code must be linked into the program, and the URL begin with kAnyUrlPrefix.
[[nodiscard]] std::unique_ptr<google::protobuf::Message> MakeAnyContent(std::string_view type_url);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_WELL_KNOWN_TYPES_H_
