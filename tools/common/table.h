#ifndef COUPOND_TOOLS_COMMON_TABLE_H_
#define COUPOND_TOOLS_COMMON_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// Text in columns that line up on a terminal, even with characters of double width.
namespace coupond::tools {

/// Rows of cells. The cells are made printable; columns are as wide as their widest cell.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    std::size_t width_min = 0;  ///< makes several tables line up with each other
    bool may_be_cut = false;    ///< whether cells end with "…" where space is short
  };
  struct Layout {
    std::size_t indent = 0;  ///< spaces before each line
    bool with_titles = true;
    /// The maximum width of a line, which only columns that may not be cut exceed. Leave it out for
    /// output that is not a terminal, so that programs get the whole text.
    std::optional<std::size_t> columns_max = std::nullopt;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds a row, which must have as many cells as there are columns.
  void AddRow(std::vector<std::string> cells);
  /// Returns the titles (unless all are empty) and the rows, each line with its newline.
  [[nodiscard]] std::string Text(const Layout& layout) const;
  [[nodiscard]] std::string Text() const { return Text(Layout()); }

 private:
  [[nodiscard]] std::vector<std::size_t> Widths(const Layout& layout) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace coupond::tools

#endif  // COUPOND_TOOLS_COMMON_TABLE_H_
