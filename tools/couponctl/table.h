#ifndef COUPOND_TOOLS_COUPONCTL_TABLE_H_
#define COUPOND_TOOLS_COUPONCTL_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

/// Text in columns that line up on a terminal, also when it holds characters of double width.
namespace coupond::ctl {

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
