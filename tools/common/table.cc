#include "common/table.h"

#include <algorithm>

#include "base/check.h"
#include "base/display_text.h"

namespace coupond::tools {
namespace {

constexpr std::size_t kColumnGap = 2;
/// The minimum width of a cut column. Less would say nothing.
constexpr std::size_t kCutColumnsMin = 8;

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

std::vector<std::size_t> Table::Widths(const Layout& layout) const {
  std::vector<std::size_t> widths;
  std::size_t line = layout.indent + kColumnGap * (columns_.size() - 1);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = std::max(columns_[i].width_min, DisplayWidth(columns_[i].title));
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
    line += width;
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].may_be_cut || !layout.columns_max || line <= *layout.columns_max) continue;
    const std::size_t least = std::min(widths[i], kCutColumnsMin);
    const std::size_t cut = std::min(line - *layout.columns_max, widths[i] - least);
    widths[i] -= cut;
    line -= cut;
  }
  return widths;
}

std::string Table::Text(const Layout& layout) const {
  const std::vector<std::size_t> widths = Widths(layout);
  std::string text;
  const auto append_line = [&](const std::vector<std::string>& cells) {
    std::string line(layout.indent, ' ');
    for (std::size_t i = 0; i < cells.size(); ++i) {
      AppendCell(line, Shortened(cells[i], widths[i]), columns_[i].align, widths[i],
                 i + 1 == cells.size());
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  std::vector<std::string> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) titles.push_back(column.title);
  const bool titled = std::ranges::any_of(titles, [](const auto& t) { return !t.empty(); });
  if (layout.with_titles && titled) append_line(titles);
  for (const auto& row : rows_) append_line(row);
  return text;
}

}  // namespace coupond::tools
