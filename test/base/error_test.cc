#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

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

TEST(Try, ReturnsTheFirstErrorFromTheFunction) {
  EXPECT_EQ(Use(true, true).error().code, ErrorCode::kIo);
  EXPECT_EQ(Use(false, true).error().message, "full");
}

TEST(DescribeThrown, ReturnsTheMessageOfAnyException) {
  const auto describe = [](const auto& exception) {
    try {
      throw exception;
    } catch (...) {
      return DescribeThrown();
    }
  };
  EXPECT_EQ(describe(std::runtime_error("no memory")), "no memory");
  EXPECT_EQ(describe(7), "an exception of an unknown kind");
}

/// Returns the names of all codes.
std::set<std::string> CodeNames() {
  std::set<std::string> names;
  for (std::uint8_t code = 0; ErrorCodeName(ErrorCode{code}) != "unknown"; ++code) {
    names.emplace(ErrorCodeName(ErrorCode{code}));
  }
  return names;
}

/// Returns the names in the table of docs/OPERATIONS.md, "When the start is refused".
std::set<std::string> DocumentedNames() {
  std::set<std::string> names;
  std::ifstream document(COUPOND_OPERATIONS_DOCUMENT);
  bool in_section = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("## ")) in_section = line == "## When the start is refused";
    if (!in_section || !line.starts_with("| `")) continue;
    const std::string cell = line.substr(2, line.find(" |") - 2);
    for (std::size_t begin = 0; (begin = cell.find('`', begin)) != std::string::npos;) {
      const std::size_t end = cell.find('`', begin + 1);
      names.insert(cell.substr(begin + 1, end - begin - 1));
      begin = end + 1;
    }
  }
  return names;
}

TEST(ErrorCode, EveryReasonToRefuseAStartIsDocumented) {
  std::set<std::string> expected = CodeNames();
  for (const char* name : {"unavailable", "overloaded", "fenced", "outcome_unknown"}) {
    EXPECT_EQ(expected.erase(name), 1U) << "only calls fail with this one";
  }
  EXPECT_THAT(DocumentedNames(), testing::ContainerEq(expected));
}

}  // namespace
}  // namespace coupond
