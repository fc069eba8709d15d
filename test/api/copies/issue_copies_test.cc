#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/issue_rounds_fixture.h"
#include "counting_memcpy.h"

namespace coupond::api {
namespace {

using IssueCopiesTest = IssueRoundsFixture;

// docs/PERFORMANCE.md lists the three. The campaign's id is in the body and in the answer, so
// whoever copies one of them as a whole copies it.
TEST_F(IssueCopiesTest, ARequestAndItsAnswerAreCopiedThreeTimes) {
  const std::string campaign_id = Create();
  const std::string request = IssueRequest(campaign_id);
  RunRounds(request, R"({"success":true)");  // until all buffers have their size
  test::CountCopiesOf(campaign_id);
  RunRounds(request, R"({"success":true)");
  EXPECT_EQ(test::StopCountingCopies(), 3 * kIssues);
}

constexpr std::string_view kText = "a text that no compiler copies without a call of memcpy";

template <typename Step>
std::uint64_t CopiesIn(Step step) {
  test::CountCopiesOf(kText);
  step();
  return test::StopCountingCopies();
}

TEST(CountingMemcpy, EachCopyThatContainsTheTextCounts) {
  const std::string around = "before " + std::string(kText) + " behind";
  std::string copy;
  EXPECT_EQ(CopiesIn([&] { copy = around; }), 1U);
  EXPECT_EQ(copy, around);
  std::vector<char> characters;
  EXPECT_EQ(CopiesIn([&] { characters.assign(around.begin(), around.end()); }), 1U);
  EXPECT_TRUE(std::ranges::equal(characters, around));
  std::string moved;
  EXPECT_EQ(CopiesIn([&] { moved = std::move(copy); }), 0U);
  EXPECT_EQ(CopiesIn([&] { copy = kText.substr(1); }), 0U) << "it is not the whole text";
}

TEST(CountingMemcpy, MovingWithinABufferCounts) {
  std::string buffer = "12" + std::string(kText) + "34";
  EXPECT_EQ(CopiesIn([&] { std::memmove(&buffer[1], buffer.data(), buffer.size() - 1); }), 1U);
  EXPECT_EQ(buffer, "112" + std::string(kText) + "3");
  EXPECT_EQ(CopiesIn([&] { std::memmove(buffer.data(), &buffer[1], buffer.size() - 1); }), 1U);
  EXPECT_EQ(buffer, "12" + std::string(kText) + "33");
}

}  // namespace
}  // namespace coupond::api
