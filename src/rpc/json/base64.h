#ifndef COUPOND_RPC_JSON_BASE64_H_
#define COUPOND_RPC_JSON_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

/// Base64 (RFC 4648). Writing uses the standard alphabet. Reading accepts the standard or the
/// URL-safe alphabet, padded or not, and refuses everything else: other characters, a mixture of
/// the two alphabets, wrong padding, and last characters whose unused bits are not zero.
namespace coupond::connect {

enum class Base64Padding { kPadded, kUnpadded };

void AppendBase64(std::string_view bytes, Base64Padding padding, std::string& out);

/// Returns the bytes, or nullopt if the text is not base64.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_BASE64_H_
