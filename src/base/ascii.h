#ifndef COUPOND_BASE_ASCII_H_
#define COUPOND_BASE_ASCII_H_

#include <string_view>

/// ASCII characters, and the syntax that lists and parameters in header fields share.
namespace coupond {

[[nodiscard]] constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool IsLowerCaseLetter(char c) { return c >= 'a' && c <= 'z'; }
[[nodiscard]] constexpr bool IsUpperCaseLetter(char c) { return c >= 'A' && c <= 'Z'; }

/// Returns the lower-case form of an ASCII letter, and every other character unchanged.
[[nodiscard]] constexpr char LowerCase(char c) {
  return IsUpperCaseLetter(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool IsLetter(char c) { return IsLowerCaseLetter(LowerCase(c)); }

/// Compares two texts, ignoring the case of ASCII letters.
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

/// Returns the text without the spaces and tabs around it.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

/// Removes the first element of a list, and the separator after it, from the front of `text`.
/// Returns the element, trimmed. The text is empty after the last element.
[[nodiscard]] std::string_view TakeUntil(char separator, std::string_view& text);

}  // namespace coupond

#endif  // COUPOND_BASE_ASCII_H_
