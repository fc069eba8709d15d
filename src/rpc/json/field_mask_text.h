#ifndef COUPOND_RPC_JSON_FIELD_MASK_TEXT_H_
#define COUPOND_RPC_JSON_FIELD_MASK_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

/// One path of a google.protobuf.FieldMask: "start_time" in the message, "startTime" in JSON.
namespace coupond::connect {

/// "user.displayName" → "user.display_name". Nothing unless the path is made of lowerCamelCase
/// names and points.
[[nodiscard]] std::optional<std::string> FieldMaskPathFromJson(std::string_view path);

/// "user.display_name" → "user.displayName". Nothing if the way back would not give the same path.
[[nodiscard]] std::optional<std::string> FieldMaskPathToJson(std::string_view path);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_FIELD_MASK_TEXT_H_
