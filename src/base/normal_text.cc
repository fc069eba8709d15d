#include "base/normal_text.h"

#include <fmt/core.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "base/error.h"

namespace coupond {
namespace {

using CodePoint = utf8proc_int32_t;

constexpr CodePoint kZeroWidthNonJoiner = 0x200C;
constexpr CodePoint kZeroWidthJoiner = 0x200D;
constexpr CodePoint kByteOrderMark = 0xFEFF;
constexpr CodePoint kReplacementCharacter = 0xFFFD;

/// Decodes the first character. Returns its length in bytes, or 0 if it is not UTF-8.
std::size_t Take(std::string_view text, CodePoint& character) {
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &character);
  return length <= 0 ? 0 : static_cast<std::size_t>(length);
}

bool IsSeparatorCategory(utf8proc_category_t category) {
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

/// Reports whether the character is Unicode's White_Space: all separators, and six control
/// characters.
bool IsWhiteSpace(CodePoint character) {
  return (character >= '\t' && character <= '\r') || character == 0x85 ||
         IsSeparatorCategory(utf8proc_category(character));
}

bool IsJoiner(CodePoint character) {
  return character == kZeroWidthJoiner || character == kZeroWidthNonJoiner;
}

/// Reports whether the character is Unicode's Variation_Selector.
bool IsVariationSelector(CodePoint character) {
  return (character >= 0x180B && character <= 0x180D) || character == 0x180F ||
         (character >= 0xFE00 && character <= 0xFE0F) ||
         (character >= 0xE0100 && character <= 0xE01EF);
}

/// Reports whether the character shows nothing although Unicode calls it neither ignorable nor
/// white space: the interlinear annotation characters, the braille cell without dots, and the
/// musical null notehead.
bool ShowsNothing(CodePoint character) {
  return (character >= 0xFFF9 && character <= 0xFFFB) || character == 0x2800 ||
         character == 0x1D159;
}

/// Reports whether a joiner or a variation selector may stand beside the character.
bool IsVisible(CodePoint character) {
  return !IsWhiteSpace(character) && utf8proc_get_property(character)->ignorable == 0 &&
         !ShowsNothing(character);
}

struct NarrowRange {
  CodePoint first;
  CodePoint last;
  CodePoint ordinary;
};

/// The half-width Hangul letters, which become those of U+3131 to U+3163.
constexpr std::array kHalfwidthHangul = {
    NarrowRange{0xFFA1, 0xFFBE, 0x3131}, NarrowRange{0xFFC2, 0xFFC7, 0x314F},
    NarrowRange{0xFFCA, 0xFFCF, 0x3155}, NarrowRange{0xFFD2, 0xFFD7, 0x315B},
    NarrowRange{0xFFDA, 0xFFDC, 0x3161},
};

/// Maps the width of one character. utf8proc follows mappings to their end, also through those that
/// do not concern width. Only the half-width Hangul letters and the full-width macron have such;
/// for all others the end is one character and one step away.
CodePoint WidthMapped(CodePoint character) {
  const auto kind = utf8proc_get_property(character)->decomp_type;
  if (kind != UTF8PROC_DECOMP_TYPE_WIDE && kind != UTF8PROC_DECOMP_TYPE_NARROW) return character;
  for (const NarrowRange& range : kHalfwidthHangul) {
    if (character >= range.first && character <= range.last) {
      return range.ordinary + (character - range.first);
    }
  }
  constexpr CodePoint kFullwidthMacron = 0xFFE3;
  constexpr CodePoint kMacron = 0xAF;
  if (character == kFullwidthMacron) return kMacron;
  CodePoint ordinary = character;
  int boundary = 0;
  utf8proc_decompose_char(character, &ordinary, 1,
                          static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT),
                          &boundary);
  return ordinary;
}

constexpr const char* kUnassigned = "is not an assigned character";

/// What a text is, which decides what is done to it.
enum class TextKind {
  kName,   ///< a name or an id
  kLines,  ///< text of several lines that people read
};

/// Reports whether the character is a tab or a line break.
bool IsLayout(CodePoint character) {
  return character == '\t' || character == '\n' || character == '\r';
}

/// Decides which characters are accepted, one by one, from what comes before and after.
class CharacterCheck {
 public:
  explicit CharacterCheck(TextKind kind) : kind_(kind) {}

  /// Returns why the character is refused, or null. `ordinary` is the character with its width
  /// mapped, `next` the character after it or 0 at the end.
  const char* Refuse(CodePoint character, CodePoint ordinary, CodePoint next) {
    const char* reason = Reason(character, next);
    after_visible_ = IsVisible(character);
    after_selected_ = IsVariationSelector(character);
    CountMarks(ordinary);
    if (reason == nullptr && marks_ > kMarksInARowMax) {
      return "is one of more than 30 marks in a row; leave some out";
    }
    return reason;
  }

 private:
  [[nodiscard]] const char* Reason(CodePoint character, CodePoint next) const {
    if (kind_ == TextKind::kLines && IsLayout(character)) return nullptr;
    const utf8proc_property_t& property = *utf8proc_get_property(character);
    switch (property.category) {
      case UTF8PROC_CATEGORY_CC:
        return "is a control character; remove it";
      case UTF8PROC_CATEGORY_ZL:
      case UTF8PROC_CATEGORY_ZP:
        return "is a line separator; remove it";
      case UTF8PROC_CATEGORY_CN:
        return kUnassigned;
      default:
        break;
    }
    if (character == kReplacementCharacter) {
      return "stands for a character that was lost when the text was converted; send the text in "
             "UTF-8";
    }
    if (IsVariationSelector(character)) {
      return after_visible_ ? nullptr
                            : "is a variation selector without a visible character right before "
                              "it; remove it";
    }
    if (IsJoiner(character)) {
      const bool between = (after_visible_ || after_selected_) && next != 0 && IsVisible(next);
      return between ? nullptr
                     : "is an invisible joiner that does not stand between two visible characters; "
                       "remove it";
    }
    if (character == kByteOrderMark) return "is a byte order mark, which is invisible; remove it";
    if (property.ignorable != 0 || ShowsNothing(character)) return "is invisible; remove it";
    return nullptr;
  }

  /// Counts marks in the decomposed form, so that composed and decomposed texts count alike.
  void CountMarks(CodePoint character) {
    // The longest canonical decomposition.
    std::array<CodePoint, 4> parts{};
    int boundary = 0;
    const auto count = utf8proc_decompose_char(
        character, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &boundary);
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      const auto part = parts.at(static_cast<std::size_t>(i));
      marks_ = utf8proc_get_property(part)->combining_class != 0 ? marks_ + 1 : 0;
    }
  }

  const TextKind kind_;
  bool after_visible_ = false;
  /// Whether the last character was a variation selector after a visible character.
  bool after_selected_ = false;
  std::size_t marks_ = 0;  ///< in a row, this character included
  static_assert(kMarksInARowMax == 30, "the message says so");
};

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

void AppendUtf8(CodePoint character, std::string& out) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const auto length = utf8proc_encode_char(character, bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

/// Checks every character and, of a name, maps its width. `place` is the position of the character
/// before `text`.
std::expected<std::string, std::string> ReadCharacters(TextKind kind, std::string_view text,
                                                       std::size_t place) {
  std::string mapped;
  mapped.reserve(text.size());
  CharacterCheck check(kind);
  CodePoint next = 0;
  std::size_t length = Take(text, next);
  while (length != 0) {
    const CodePoint character = next;
    text.remove_prefix(length);
    next = 0;
    length = text.empty() ? 0 : Take(text, next);
    ++place;
    const CodePoint ordinary = kind == TextKind::kName ? WidthMapped(character) : character;
    if (const char* reason = check.Refuse(character, ordinary, next)) {
      auto refusal = fmt::format("U+{:04X} at character {} {}",
                                 static_cast<std::uint32_t>(character), place, reason);
      if (std::string_view(reason) == kUnassigned) {
        refusal += fmt::format(" of Unicode {}; remove it", NormalFormUnicodeVersion());
      }
      return std::unexpected(std::move(refusal));
    }
    AppendUtf8(ordinary, mapped);
  }
  if (!text.empty()) return std::unexpected("is not UTF-8");
  return mapped;
}

/// Returns the NFC of valid UTF-8.
std::string Composed(const std::string& text) {
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  utf8proc_uint8_t* composed = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &composed, kOptions);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  if (length < 0) throw std::bad_alloc();  // everything else was checked before
  return {reinterpret_cast<const char*>(composed), static_cast<std::size_t>(length)};
}

bool IsPlainAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return byte >= ' ' && byte <= '~'; });
}

std::expected<std::optional<std::string>, std::string> NormalFormOf(TextKind kind,
                                                                    std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::string_view trimmed = TrimmedText(text);
  if (IsPlainAscii(trimmed)) {
    if (trimmed.size() == text.size()) return std::nullopt;
    return std::string(trimmed);
  }
  const auto blanks = static_cast<std::size_t>(trimmed.data() - text.data());
  const std::string read =
      TRY(ReadCharacters(kind, trimmed, CountCharacters(text.substr(0, blanks))));
  std::string normal = Composed(read);
  if (normal == text) return std::nullopt;
  return normal;
}

}  // namespace

std::string_view TrimmedText(std::string_view text) {
  CodePoint character = 0;
  while (!text.empty()) {
    const std::size_t length = Take(text, character);
    if (length == 0 || !IsWhiteSpace(character)) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    const std::size_t length = Take(text.substr(start), character);
    if (length != text.size() - start || !IsWhiteSpace(character)) break;
    text.remove_suffix(length);
  }
  return text;
}

std::expected<std::optional<std::string>, std::string> NormalForm(std::string_view text) {
  return NormalFormOf(TextKind::kName, text);
}

std::expected<std::optional<std::string>, std::string> NormalFormOfLines(std::string_view text) {
  return NormalFormOf(TextKind::kLines, text);
}

std::string_view NormalFormUnicodeVersion() { return utf8proc_unicode_version(); }

}  // namespace coupond
