#include "couponctl/table.h"

#include <utf8proc.h>

#include <algorithm>

#include "engine/rules/check.h"

namespace coupond::ctl {
namespace {

constexpr std::size_t kColumnGap = 2;

struct Character {
  utf8proc_int32_t code_point = -1;  ///< negative: not UTF-8
  std::size_t bytes = 1;
};

// The character that the text (not empty) begins with.
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

void AppendCell(std::string& line, const std::string& cell, Table::Align align, std::size_t width,
                bool last) {
  const std::size_t padding = width - DisplayWidth(cell);
  if (align == Table::Align::kRight) line.append(padding, ' ');
  line += cell;
  if (last) return;
  if (align == Table::Align::kLeft) line.append(padding, ' ');
  line.append(kColumnGap, ' ');
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    width += character.code_point < 0
                 ? 1
                 : static_cast<std::size_t>(utf8proc_charwidth(character.code_point));
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (character.code_point < 0 || SteersTerminal(character.code_point)) {
      printable += '?';
    } else {
      printable += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return printable;
}

std::string Shortened(std::string_view text, std::size_t columns_max) {
  if (DisplayWidth(text) <= columns_max) return std::string(text);
  std::string shortened;
  std::size_t columns_left = columns_max;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, FirstCharacter(text).bytes);
    // One column is for the dots.
    if (DisplayWidth(character) + 1 > columns_left) break;
    columns_left -= DisplayWidth(character);
    shortened += character;
    text.remove_prefix(character.size());
  }
  return columns_left > 0 ? shortened + "…" : shortened;
}

void Table::AddRow(std::vector<std::string> cells) {
  COUPOND_CHECK(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Text(std::size_t indent, bool with_titles) const {
  std::vector<std::size_t> widths;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = std::max(columns_[i].width_min, DisplayWidth(columns_[i].title));
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
    titles.push_back(columns_[i].title);
  }
  std::string text;
  const auto append_line = [&](const std::vector<std::string>& cells) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < cells.size(); ++i) {
      AppendCell(line, cells[i], columns_[i].align, widths[i], i + 1 == cells.size());
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  const bool titled = std::ranges::any_of(titles, [](const auto& t) { return !t.empty(); });
  if (with_titles && titled) append_line(titles);
  for (const auto& row : rows_) append_line(row);
  return text;
}

}  // namespace coupond::ctl
