#ifndef COUPOND_API_CONNECT_TEXT_ENCODING_H_
#define COUPOND_API_CONNECT_TEXT_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

/// What to tell a client whose text is in another encoding than UTF-8. For texts that could not be
/// read: the texts of most requests are fine and are not looked at here.
namespace coupond::connect {

/// Reports the first byte that is not UTF-8: "byte 17 (0xB1) is not UTF-8; send UTF-8, not CP949 or
/// another encoding". Bytes are counted from 0. Returns nullopt if the text is well-formed.
[[nodiscard]] std::optional<std::string> NotUtf8Problem(std::string_view text);

/// The same for a JSON text, which may also begin with a byte order mark (RFC 8259, section 8.1:
/// none may be sent) or be in UTF-16 or UTF-32, which its zeros give away.
[[nodiscard]] std::optional<std::string> JsonEncodingProblem(std::string_view json);

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_TEXT_ENCODING_H_
