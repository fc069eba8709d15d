#include "base/csv.h"

#include <gtest/gtest.h>

#include <string>

namespace coupond {
namespace {

TEST(CsvRecord, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(CsvRecord({"a", "", "b c", "가나"}), "a,,b c,가나\r\n");
  EXPECT_EQ(CsvRecord({"a,b", "say \"hi\"", "two\nlines", "cr\rhere"}),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"cr\rhere\"\r\n");
  EXPECT_EQ(CsvRecord({"\""}), "\"\"\"\"\r\n");
}

TEST(UnlessFormula, PutsAnApostropheBeforeAFormula) {
  for (const char* text :
       {"=1+1", "+82 10", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"}) {
    EXPECT_EQ(UnlessFormula(text), "'" + std::string(text));
  }
}

TEST(UnlessFormula, LeavesOtherTextsAsTheyAre) {
  for (const char* text : {"", "kim", "a=b", "1-2", "'=1", "김", "\"=1\""}) {
    EXPECT_EQ(UnlessFormula(text), text);
  }
}

}  // namespace
}  // namespace coupond
