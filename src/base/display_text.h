#ifndef COUPOND_BASE_DISPLAY_TEXT_H_
#define COUPOND_BASE_DISPLAY_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h"

/// Text (UTF-8) as terminals and messages show it. Widths are in columns.
namespace coupond {

/// The most bytes of a text from outside that a message quotes.
inline constexpr std::size_t kQuotedBytesMax = 100;

/// Returns at most `bytes_max` bytes of the text, cut between characters, with "…" where it was
/// cut.
[[nodiscard]] std::string Clipped(std::string_view text, std::size_t bytes_max = kQuotedBytesMax);

/// Returns the text as messages quote it: clipped, in double quotes, nothing escaped.
[[nodiscard]] std::string Quoted(std::string_view text);

/// Reports whether the text shows nothing: every character is white space or a control character,
/// or the text is empty.
[[nodiscard]] bool IsBlank(std::string_view text);

/// Returns how many columns a terminal uses for the text: two for a Hangul syllable, and two for an
/// emoji, even one joined from several characters. A byte that is not UTF-8 counts as one column.
[[nodiscard]] std::size_t DisplayWidth(std::string_view text);

/// Returns the text made safe for a terminal: control and format characters, and bytes that are not
/// UTF-8, become '?'. Joiners, variation selectors and tags stay where they follow something
/// visible. Use this for everything that is printed and came from outside.
[[nodiscard]] std::string Printable(std::string_view text);

/// Returns the text cut to at most `columns_max` columns, between visible characters, with "…" at
/// the end if it was longer.
[[nodiscard]] std::string Shortened(std::string_view text, std::size_t columns_max);

}  // namespace coupond

#endif  // COUPOND_BASE_DISPLAY_TEXT_H_
