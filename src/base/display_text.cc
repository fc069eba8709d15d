#include "base/display_text.h"

#include <utf8proc.h>

#include <algorithm>

namespace coupond {
namespace {

constexpr utf8proc_int32_t kZeroWidthNonJoiner = 0x200C;
constexpr utf8proc_int32_t kZeroWidthJoiner = 0x200D;
constexpr utf8proc_int32_t kEmojiSelector = 0xFE0F;
/// The flag that tag characters turn into that of a region, such as England's.
constexpr utf8proc_int32_t kBlackFlag = 0x1F3F4;

struct Character {
  utf8proc_int32_t code_point = -1;  ///< negative: not UTF-8
  std::size_t bytes = 1;
};

/// Returns the character that the text (not empty) begins with.
Character FirstCharacter(std::string_view text) {
  Character character;
  const utf8proc_ssize_t bytes = utf8proc_iterate(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &character.code_point);
  if (bytes > 0) {
    character.bytes = static_cast<std::size_t>(bytes);
  } else {
    character.code_point = -1;
  }
  return character;
}

/// Reports whether it is a letter that joins a Hangul syllable which another one has begun, and so
/// takes no columns of its own.
bool IsHangulVowelOrFinal(utf8proc_int32_t code_point) {
  const auto bound = utf8proc_get_property(code_point)->boundclass;
  return bound == UTF8PROC_BOUNDCLASS_V || bound == UTF8PROC_BOUNDCLASS_T;
}

/// What a reader takes for one character, such as an emoji that is joined of several.
struct Cluster {
  std::size_t bytes = 0;
  std::size_t columns = 0;
};

/// Returns the cluster that the text (not empty) begins with.
Cluster FirstCluster(std::string_view text) {
  const Character first = FirstCharacter(text);
  if (first.code_point < 0) return {.bytes = 1, .columns = 1};
  Cluster cluster{.bytes = first.bytes,
                  .columns = static_cast<std::size_t>(utf8proc_charwidth(first.code_point))};
  const auto bound = utf8proc_get_property(first.code_point)->boundclass;
  bool picture = bound == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
                 bound == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR;
  bool joined = false;
  utf8proc_int32_t state = 0;
  utf8proc_int32_t before = first.code_point;
  while (cluster.bytes < text.size()) {
    const Character next = FirstCharacter(text.substr(cluster.bytes));
    if (next.code_point < 0 || utf8proc_grapheme_break_stateful(before, next.code_point, &state)) {
      break;
    }
    cluster.bytes += next.bytes;
    if (!IsHangulVowelOrFinal(next.code_point)) {
      cluster.columns += static_cast<std::size_t>(utf8proc_charwidth(next.code_point));
    }
    picture = picture || next.code_point == kEmojiSelector;
    joined = true;
    before = next.code_point;
  }
  if (picture && joined) cluster.columns = 2;
  return cluster;
}

bool SteersTerminal(utf8proc_int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

bool IsVisible(Character character) {
  return character.code_point >= 0 && !SteersTerminal(character.code_point);
}

bool IsTag(utf8proc_int32_t code_point) { return code_point >= 0xE0020 && code_point <= 0xE007F; }

/// Reports whether a format character belongs to what is visible around it. `before` is what was
/// kept before it, or negative; `rest` is what follows.
bool BelongsToNeighbours(utf8proc_int32_t code_point, utf8proc_int32_t before,
                         std::string_view rest) {
  if (code_point == kZeroWidthJoiner || code_point == kZeroWidthNonJoiner) {
    return before >= 0 && !SteersTerminal(before) && before != ' ' && !rest.empty() &&
           IsVisible(FirstCharacter(rest));
  }
  return IsTag(code_point) && (before == kBlackFlag || IsTag(before));
}

}  // namespace

std::string Clipped(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  while (end > 0 && IsUtf8Continuation(text[end])) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string Quoted(std::string_view text) { return "\"" + Clipped(text) + "\""; }

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (character.code_point < 0) return false;
    const utf8proc_category_t category = utf8proc_category(character.code_point);
    if (category != UTF8PROC_CATEGORY_ZS && category != UTF8PROC_CATEGORY_ZL &&
        category != UTF8PROC_CATEGORY_ZP && category != UTF8PROC_CATEGORY_CC) {
      return false;
    }
    text.remove_prefix(character.bytes);
  }
  return true;
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Cluster cluster = FirstCluster(text);
    width += cluster.columns;
    text.remove_prefix(cluster.bytes);
  }
  return width;
}

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  utf8proc_int32_t before = -1;
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    const std::string_view bytes = text.substr(0, character.bytes);
    text.remove_prefix(character.bytes);
    if (IsVisible(character) || BelongsToNeighbours(character.code_point, before, text)) {
      printable += bytes;
      before = character.code_point;
    } else {
      printable += '?';
      before = -1;
    }
  }
  return printable;
}

std::string Shortened(std::string_view text, std::size_t columns_max) {
  if (DisplayWidth(text) <= columns_max) return std::string(text);
  std::string shortened;
  std::size_t columns_left = columns_max;
  while (!text.empty()) {
    const Cluster cluster = FirstCluster(text);
    // One column is for the ellipsis.
    if (cluster.columns + 1 > columns_left) break;
    columns_left -= cluster.columns;
    shortened += text.substr(0, cluster.bytes);
    text.remove_prefix(cluster.bytes);
  }
  return columns_left > 0 ? shortened + "…" : shortened;
}

}  // namespace coupond
