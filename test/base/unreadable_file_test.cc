#include "base/unreadable_file.h"

#include <gtest/gtest.h>

namespace coupond {
namespace {

TEST(UnreadableFile, IsExplainedInTheWordsOfTheSystem) {
  EXPECT_EQ(WhyUnreadable("/nowhere/at.all"), "No such file or directory");
  EXPECT_EQ(WhyUnreadable("/"), "Is a directory");
  EXPECT_EQ(WhyUnreadable("/dev/null"), "it is not a regular file");
  EXPECT_EQ(WhyUnreadable("/proc/self/cmdline"), "it cannot be read");
}

}  // namespace
}  // namespace coupond
