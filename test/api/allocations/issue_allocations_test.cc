#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "api/issue_rounds_fixture.h"
#include "counting_new.h"

namespace coupond::api {
namespace {

class AllocationsTest : public IssueRoundsFixture {
 protected:
  void ExpectFourForEachIssue(const std::string& campaign_id);
};

// The four: the exchange, the call, the campaign's id in the decoded message, and the body.
void AllocationsTest::ExpectFourForEachIssue(const std::string& campaign_id) {
  const std::string request = IssueRequest(campaign_id);
  RunRounds(request, R"({"success":true)");  // until all buffers have their size
  const std::uint64_t worker = test::AllocationsOf("http-worker");
  const std::uint64_t sequencer = test::AllocationsOf("sequencer");
  const std::uint64_t groups = log_.appended();
  RunRounds(request, R"({"success":true)");
  // A little more for the worker's timers.
  EXPECT_LE(test::AllocationsOf("http-worker") - worker, 4 * kIssues + kIssues / 100);
  // The group and its events, and what hands it on.
  EXPECT_LE(test::AllocationsOf("sequencer") - sequencer, 4 * (log_.appended() - groups));
}

TEST_F(AllocationsTest, AnAnonymousIssueNeedsFourAllocations) { ExpectFourForEachIssue(Create()); }

// The time is written once for all coupons of a group.
TEST_F(AllocationsTest, ACouponThatExpiresNeedsNoMore) {
  ExpectFourForEachIssue(Create(R"(,"expireTime":"2100-01-01T00:00:00Z")"));
}

}  // namespace
}  // namespace coupond::api
