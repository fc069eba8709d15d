#ifndef COUPOND_TEST_ENGINE_RULES_DECIDE_FIXTURE_H_
#define COUPOND_TEST_ENGINE_RULES_DECIDE_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "support/decided_events.h"

namespace coupond {

/// A ledger that commands at given times lead to.
class DecideTest : public ::testing::Test {
 protected:
  /// Decides a command and carries nothing out. An event is written only if it is accepted.
  Decision When(Command command, Timestamp time) {
    const Event untouched = StoreCreated{.store_id = {}, .code_key = {}, .format_version = 99};
    Event event = untouched;
    std::vector<Event> following;
    const Decision decision = Decide(ledger_, std::move(command), time, event, following);
    EXPECT_EQ(event == untouched, !std::holds_alternative<Accepted>(decision));
    if (event == untouched) {
      EXPECT_TRUE(following.empty());
    }
    return decision;
  }
  bool Accepts(Command command, Timestamp time) {
    return std::holds_alternative<Accepted>(When(std::move(command), time));
  }
  /// Returns the event of a command, which must not be refused, and does not carry it out.
  Event EventOf(Command command, Timestamp time) {
    std::vector<Event> events = test::DecidedEvents(ledger_, std::move(command), time);
    EXPECT_EQ(events.size(), 1U);
    return events.empty() ? Event{} : std::move(events.front());
  }

  /// Carries a command out; it must not be refused.
  Event Given(Command command, Timestamp time) { return GivenAll(std::move(command), time).at(0); }
  /// The same, and returns all of its events.
  std::vector<Event> GivenAll(Command command, Timestamp time) {
    std::vector<Event> events = test::DecidedEvents(ledger_, std::move(command), time);
    EXPECT_FALSE(events.empty());
    test::ApplyAll(ledger_, events, {.time = time, .sequence = last_.Next()});
    last_ = last_.Plus(events.size());
    return events;
  }

  static Decision Refused(const Refusal& refusal) { return refusal; }
  static Decision Refused(RefusalReason reason, Timestamp at = {}) { return Refusal{reason, at}; }

  /// Returns a coupon of the first campaign that the caller has, and that does not expire.
  static HeldCoupon CouponOf(std::uint64_t serial, Timestamp issued_at,
                             CouponState state = CouponState::kIssued) {
    return {.campaign = CampaignNumber(1),
            .serial = Serial(serial),
            .issued_at = issued_at,
            .state = state};
  }

  static Decision Held(std::uint64_t serial, Timestamp issued_at,
                       CouponState state = CouponState::kIssued) {
    return CouponOf(serial, issued_at, state);
  }

  /// One row of a table of refusals: what is refused at first, and what mends it.
  struct Row {
    RefusalReason refused;
    std::function<void()> mend;
    Timestamp at = {};
    std::int64_t coupons = 0;
    Sequence present = {};
  };
  /// Decides the command again and again, and mends one row after each refusal. At the end nothing
  /// is left to refuse.
  template <typename AnyCommand>
  void ExpectRefusals(const AnyCommand& command, Timestamp time, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      EXPECT_EQ(When(command, time), Refused({.reason = row.refused,
                                              .at = row.at,
                                              .coupons = row.coupons,
                                              .present = row.present}));
      row.mend();
    }
    EXPECT_TRUE(Accepts(command, time));
  }

  Ledger ledger_;
  Sequence last_;
};

}  // namespace coupond

#endif  // COUPOND_TEST_ENGINE_RULES_DECIDE_FIXTURE_H_
