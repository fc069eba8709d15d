#ifndef COUPOND_BASE_UTF8_H_
#define COUPOND_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

/// UTF-8 (RFC 3629). Well-formed text has no overlong forms, no surrogates and nothing above
/// U+10FFFF.
namespace coupond {

/// Reports whether the byte can only occur inside a character.
[[nodiscard]] constexpr bool IsUtf8Continuation(char byte) {
  return (static_cast<std::uint8_t>(byte) & 0xC0) == 0x80;
}

/// Returns the length in bytes of the first character of `text`, which must not be empty; 0 if it
/// is not well-formed.
[[nodiscard]] std::size_t FirstUtf8Length(std::string_view text);

/// Returns the length in bytes of the longest well-formed prefix of the text, which is all of it if
/// the text is well-formed.
[[nodiscard]] std::size_t ValidUtf8Length(std::string_view text);

/// Reports whether all of the text is well-formed.
[[nodiscard]] inline bool IsUtf8(std::string_view text) {
  return ValidUtf8Length(text) == text.size();
}

}  // namespace coupond

#endif  // COUPOND_BASE_UTF8_H_
