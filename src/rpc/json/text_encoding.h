#ifndef COUPOND_RPC_JSON_TEXT_ENCODING_H_
#define COUPOND_RPC_JSON_TEXT_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

/// Error texts for clients that send text in an encoding other than UTF-8. Call these only after a
/// text could not be read; most requests are well-formed and never get here.
namespace coupond::connect {

/// Returns a description of the first byte that is not UTF-8: "byte 17 (0xB1) is not UTF-8; send
/// UTF-8, not CP949 or another encoding". Bytes are counted from 0. Returns nullopt if the text is
/// well-formed.
[[nodiscard]] std::optional<std::string> NotUtf8Problem(std::string_view text);

/// Returns the same for a JSON text, which may also begin with a byte order mark (forbidden by RFC
/// 8259, section 8.1) or be in UTF-16 or UTF-32, recognisable by its zero bytes.
[[nodiscard]] std::optional<std::string> JsonEncodingProblem(std::string_view json);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_TEXT_ENCODING_H_
