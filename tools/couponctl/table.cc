#include "couponctl/table.h"

#include <algorithm>

#include "base/display_text.h"
#include "engine/rules/check.h"

namespace coupond::ctl {
namespace {

constexpr std::size_t kColumnGap = 2;

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
