#ifndef COUPOND_BASE_NORMAL_TEXT_H_
#define COUPOND_BASE_NORMAL_TEXT_H_

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// The normal form of names and ids that people type: texts that look the same become the same
/// bytes.
///
/// Any thread. The character data are utf8proc's, of one version of Unicode
/// (NormalFormUnicodeVersion).
namespace coupond {

/// The most combining marks in a row. More are refused: no script needs them (see the Stream-Safe
/// Text Format in UAX #15), and putting them in order takes quadratic time.
inline constexpr std::size_t kMarksInARowMax = 30;

/// Returns the normal form of `text`, or nullopt if the text is in normal form already; plain ASCII
/// allocates nothing. In this order:
///
///   1. White space at the ends (Unicode's White_Space) is trimmed. What is left may be empty.
///   2. Full-width and half-width characters become the ordinary ones (the compatibility mappings
///      <wide> and <narrow>, one step, and no others).
///   3. Canonical composition (NFC, UAX #15).
///
/// Refuses characters that cannot be seen or have no meaning, with a message that names the
/// character and its position in the text as it was sent: control characters, line and paragraph
/// separators, unassigned code points (noncharacters too), U+FFFD, and invisible characters
/// (Default_Ignorable_Code_Point and a few more). Accepted although invisible are ZWJ and ZWNJ
/// between two visible characters, and one variation selector right after a visible character,
/// because emoji and some scripts need them. Private-use characters are accepted as they are.
///
/// Idempotent. Takes time linear in the length, except for runs of marks, which are bounded;
/// callers bound the length.
[[nodiscard]] std::expected<std::optional<std::string>, std::string> NormalForm(
    std::string_view text);

/// Does the same for text of several lines that people read, such as a description: tabs and line
/// breaks (U+000A, U+000D) inside are accepted as well, and step 2 is left out.
[[nodiscard]] std::expected<std::optional<std::string>, std::string> NormalFormOfLines(
    std::string_view text);

/// Returns the text without white space at its ends. Bytes that are not UTF-8 are not white space.
[[nodiscard]] std::string_view TrimmedText(std::string_view text);

/// Returns the version of Unicode that the character data are from, such as "15.0.0".
[[nodiscard]] std::string_view NormalFormUnicodeVersion();

}  // namespace coupond

#endif  // COUPOND_BASE_NORMAL_TEXT_H_
