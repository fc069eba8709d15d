#include "base/error.h"

#include <gtest/gtest.h>

#include <memory>

namespace coupond {
namespace {

Result<std::unique_ptr<int>> Make(bool fail) {
  if (fail) return MakeError(ErrorCode::kIo, "broken");
  return std::make_unique<int>(7);
}

Status Check(bool fail) {
  if (fail) return MakeError(ErrorCode::kNoSpace, "full");
  return {};
}

Result<int> Use(bool make_fails, bool check_fails) {
  const std::unique_ptr<int> made = TRY(Make(make_fails));
  TRY(Check(check_fails));
  return *made + 1;
}

TEST(Try, ReturnsTheValue) { EXPECT_EQ(Use(false, false), 8); }

TEST(Try, LeavesTheFunctionWithTheFirstError) {
  EXPECT_EQ(Use(true, true).error().code, ErrorCode::kIo);
  EXPECT_EQ(Use(false, true).error().message, "full");
}

}  // namespace
}  // namespace coupond
