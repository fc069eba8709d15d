#ifndef COUPOND_TEST_ENGINE_RULES_DECIDE_FIXTURE_H_
#define COUPOND_TEST_ENGINE_RULES_DECIDE_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"

namespace coupond {

/// A ledger that commands at given times lead to.
class DecideTest : public ::testing::Test {
 protected:
  Decision When(Command command, Timestamp time) {
    return Decide(ledger_, std::move(command), time);
  }

  /// Carries a command out; it must not be refused.
  Event Given(Command command, Timestamp time) {
    const Decision decision = Decide(ledger_, std::move(command), time);
    EXPECT_TRUE(std::holds_alternative<Event>(decision));
    last_ = last_.Next();
    Apply(ledger_, std::get<Event>(decision), {.time = time, .sequence = last_});
    return std::get<Event>(decision);
  }

  static Decision Refused(RefusalReason reason, Timestamp at = {}) { return Refusal{reason, at}; }

  /// One row of a table of refusals: what is refused at first, and what mends it.
  struct Row {
    RefusalReason refused;
    std::function<void()> mend;
  };
  /// Decides the command again and again, and mends one row after each refusal. At the end nothing
  /// is left to refuse.
  template <typename AnyCommand>
  void ExpectRefusals(const AnyCommand& command, Timestamp time, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      EXPECT_EQ(When(command, time), Refused(row.refused));
      row.mend();
    }
    EXPECT_TRUE(std::holds_alternative<Event>(When(command, time)));
  }

  Ledger ledger_;
  Sequence last_;
};

}  // namespace coupond

#endif  // COUPOND_TEST_ENGINE_RULES_DECIDE_FIXTURE_H_
