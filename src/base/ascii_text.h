#ifndef COUPOND_BASE_ASCII_TEXT_H_
#define COUPOND_BASE_ASCII_TEXT_H_

#include <string_view>

/// The little that is needed to read the values of header fields.
namespace coupond::connect {

[[nodiscard]] constexpr char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Compares without regard to the case of ASCII letters.
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

/// Without the spaces and tabs around it.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

/// Takes what stands before the next separator off the front, and the separator; gives it back
/// trimmed. At the end the text is empty.
[[nodiscard]] std::string_view TakeUntil(char separator, std::string_view& text);

}  // namespace coupond::connect

#endif  // COUPOND_BASE_ASCII_TEXT_H_
