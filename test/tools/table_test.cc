#include "couponctl/table.h"

#include <gtest/gtest.h>

namespace coupond::ctl {
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
  EXPECT_EQ(table.Text(2), "  A      B\n  x\n");
  EXPECT_EQ(table.Text(0, false), "x\n");
}

TEST(Table, CellsCannotSteerTheTerminal) {
  Table table({{.title = ""}});
  table.AddRow({"a\x1b[2Jb\nc\xff"});
  EXPECT_EQ(table.Text(), "a?[2Jb?c?\n");
}

}  // namespace
}  // namespace coupond::ctl
