#include "common/table.h"

#include <gtest/gtest.h>

namespace coupond::tools {
namespace {

TEST(Table, ColumnsLineUpAcrossWidths) {
  Table table({{.title = "CODE"}, {.title = "N", .align = Table::Align::kRight}});
  table.AddRow({"가1", "1"});
  table.AddRow({"abcdef", "1000"});
  EXPECT_EQ(table.Text(),
            "CODE       N\n"
            "가1        1\n"
            "abcdef  1000\n");
}

TEST(Table, LinesEndWithoutSpaces) {
  Table table({{.title = "A", .width_min = 5}, {.title = "B"}});
  table.AddRow({"x", ""});
  EXPECT_EQ(table.Text({.indent = 2}), "  A      B\n  x\n");
  EXPECT_EQ(table.Text({.with_titles = false}), "x\n");
}

TEST(Table, CutsLongCellsThatMayBeCutToTheTerminal) {
  Table table({{.title = "ID"}, {.title = "NAME", .may_be_cut = true}, {.title = "N"}});
  table.AddRow({"1234", "여름 할인 캠페인", "5"});
  EXPECT_EQ(table.Text(),
            "ID    NAME              N\n"
            "1234  여름 할인 캠페인  5\n");
  EXPECT_EQ(table.Text({.columns_max = 25}), table.Text());
  EXPECT_EQ(table.Text({.columns_max = 20}),
            "ID    NAME         N\n"
            "1234  여름 할인 …  5\n");
  // A part of the name remains, and the columns that may not be cut remain whole.
  EXPECT_EQ(table.Text({.columns_max = 10}),
            "ID    NAME      N\n"
            "1234  여름 할…  5\n");
}

TEST(Table, CellsCannotControlTheTerminal) {
  Table table({{.title = ""}});
  table.AddRow({"a\x1b[2Jb\nc\xff"});
  EXPECT_EQ(table.Text(), "a?[2Jb?c?\n");
}

}  // namespace
}  // namespace coupond::tools
