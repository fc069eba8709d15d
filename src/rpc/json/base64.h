#ifndef COUPOND_RPC_JSON_BASE64_H_
#define COUPOND_RPC_JSON_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

/// Base64 as RFC 4648 has it. Writing uses the standard alphabet; reading takes the standard or the
/// URL-safe one, padded or not, and refuses everything else: other characters, a mixture of the two
/// alphabets, wrong padding, and last characters whose unused bits are not zero.
namespace coupond::connect {

enum class Base64Padding { kPadded, kUnpadded };

void AppendBase64(std::string_view bytes, Base64Padding padding, std::string& out);

[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_BASE64_H_
