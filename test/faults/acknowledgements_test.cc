#include "faults/acknowledgements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"

// The fault tests are only as good as this comparison: these tests make up the replies of a broken
// server.
namespace coupond::test {
namespace {

using testing::Contains;
using testing::StartsWith;

class AcknowledgementsTest : public testing::Test {
 protected:
  /// Acknowledges a campaign of one coupon, whose coupon may be in the log.
  AcknowledgementsTest() {
    Tell(Create(1, "one", 1, At(0)), 2, Done{.start_time = At(0)});
    events_.emplace_back(StoreCreated{});
    events_.emplace_back(CampaignCreated{CampaignNumber(1), Id(1), "one", 1, At(0), Serial(1)});
  }
  void Tell(const Command& command, std::uint64_t sequence, const Reply::Outcome& outcome) {
    const Reply reply{.time = At(0), .sequence = Sequence(sequence), .outcome = outcome};
    told_.Add({&command, 1}, {&reply, 1});
  }
  void LogTheCoupon() {
    events_.emplace_back(CouponIssued{CampaignNumber(1), Serial(1), std::nullopt, ""});
  }
  [[nodiscard]] std::vector<std::string> Faults() const {
    const FakeEventLog log({CommitGroup{.number = GroupNumber(1),
                                        .first_sequence = Sequence(1),
                                        .commit_time = At(0),
                                        .events = events_}});
    return told_.Compare(log, FakeViewStore());
  }

  Acknowledgements told_;
  std::vector<Event> events_;
};

TEST_F(AcknowledgementsTest, SoldOutThatRestsOnALostCouponIsFound) {
  Tell(Issue(1), 3, Refusal{.reason = RefusalReason::kSoldOut, .start_time = {}});
  EXPECT_THAT(Faults(), Contains(StartsWith("LOST: sequence 3")));
}

TEST_F(AcknowledgementsTest, SoldOutWhileThereIsACouponIsFound) {
  Tell(Issue(1), 2, Refusal{.reason = RefusalReason::kSoldOut, .start_time = {}});
  EXPECT_THAT(Faults(), Contains(StartsWith("WRONG REPLY")));
}

TEST_F(AcknowledgementsTest, WhatWasDeniedMustNotBeInTheLog) {
  LogTheCoupon();
  Tell(Issue(1), 2, Unavailable{.outcome_unknown = false});
  EXPECT_THAT(Faults(), Contains(StartsWith("UNASKED: sequence 3")));
}

TEST_F(AcknowledgementsTest, UnansweredCommandsMayBeInTheLog) {
  LogTheCoupon();
  Tell(Issue(1), 2, Unavailable{.outcome_unknown = true});
  Tell(Issue(1), 3, Refusal{.reason = RefusalReason::kSoldOut, .start_time = {}});
  EXPECT_THAT(Faults(), testing::Each(StartsWith("VIEWS")));
}

TEST_F(AcknowledgementsTest, ViewsWithoutTheCouponsAreFound) {
  EXPECT_THAT(Faults(), Contains(StartsWith("VIEWS have other coupons of campaign 1")));
}

}  // namespace
}  // namespace coupond::test
