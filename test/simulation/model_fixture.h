#ifndef COUPOND_TEST_SIMULATION_MODEL_FIXTURE_H_
#define COUPOND_TEST_SIMULATION_MODEL_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "support/builders.h"
#include "support/model.h"

namespace coupond::test {

/// The model with a campaign of two coupons, which starts at second 10.
class ModelTest : public ::testing::Test {
 protected:
  using Kind = ModelOutcome::Kind;

  ModelTest() { EXPECT_EQ(model_.Judge(Create(1, "one", 2, At(10)), At(0)).kind, Kind::kCreated); }

  /// One row of a table of refusals: what is refused at first, and what mends it.
  struct Row {
    RefusalReason refused;
    std::function<void()> mend;
  };
  /// Judges the command again and again, and mends one row after each refusal.
  template <typename AnyCommand>
  void ExpectRefusals(const AnyCommand& command, Timestamp time, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      EXPECT_EQ(Describe(RefusalOf(command, time)), Describe(row.refused));
      row.mend();
    }
    EXPECT_TRUE(model_.Judge(command, time).has_event());
  }

  RefusalReason RefusalOf(const Command& command, Timestamp time) {
    const ModelOutcome outcome = model_.Judge(command, time);
    EXPECT_EQ(outcome.kind, Kind::kRefused) << Describe(outcome);
    return outcome.reason;
  }

  Model model_{Sequence(1)};
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SIMULATION_MODEL_FIXTURE_H_
