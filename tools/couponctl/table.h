#ifndef COUPOND_TOOLS_COUPONCTL_TABLE_H_
#define COUPOND_TOOLS_COUPONCTL_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text in columns that line up on a terminal, also when it holds characters of double width.
namespace coupond::ctl {

/// How many columns a terminal uses for the text (UTF-8): Hangul syllables take two. A byte that is
/// not UTF-8 counts as one.
[[nodiscard]] std::size_t DisplayWidth(std::string_view text);

/// The text without what could steer a terminal: control characters, and bytes that are not UTF-8,
/// become '?'. What a server sent is printed only through this.
[[nodiscard]] std::string Printable(std::string_view text);

/// The text (UTF-8), in at most so many columns; if it was longer, it ends with "…".
[[nodiscard]] std::string Shortened(std::string_view text, std::size_t columns_max);

/// Rows of cells. The cells are made printable; columns are as wide as their widest cell.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    std::size_t width_min = 0;  ///< makes several tables line up with each other
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void AddRow(std::vector<std::string> cells);
  /// The titles (unless all are empty) and the rows, each line with its newline. `indent` spaces
  /// stand before each line.
  [[nodiscard]] std::string Text(std::size_t indent = 0, bool with_titles = true) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_TABLE_H_
