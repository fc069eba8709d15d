#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <variant>

#include "engine/rules/decide_fixture.h"
#include "support/builders.h"

// Every state of a campaign with every command.
namespace coupond {
namespace {

using test::At;

enum class State : std::uint8_t { kScheduled, kOpen, kPaused, kSoldOut, kEnded, kArchived };
constexpr std::array<const char*, 6> kStates = {"Scheduled", "Open",  "Paused",
                                                "SoldOut",   "Ended", "Archived"};
enum class Action : std::uint8_t {
  kIssue,
  kRedeem,
  kUpdate,
  kPause,
  kResume,
  kArchive,
  kUnarchive,
  kDelete
};
constexpr std::array<const char*, 8> kActions = {"Issue",  "Redeem",  "Update",    "Pause",
                                                 "Resume", "Archive", "Unarchive", "Delete"};

/// An event, nothing to do, or a refusal.
using Outcome = std::variant<Accepted, Unchanged, RefusalReason>;

constexpr Outcome kYes = Accepted{};
constexpr Outcome kIsSo = Unchanged{};
constexpr Outcome kNotStarted = RefusalReason::kNotStarted;
constexpr Outcome kPaused = RefusalReason::kPaused;
constexpr Outcome kSoldOut = RefusalReason::kSoldOut;
constexpr Outcome kEnded = RefusalReason::kEnded;
constexpr Outcome kArchived = RefusalReason::kCampaignArchived;
/// A campaign that has not begun has issued nothing, so there is nothing to redeem.
constexpr Outcome kNone = RefusalReason::kNoSuchCoupon;

/// By state and action, each in the order of its enumeration.
constexpr std::array<std::array<Outcome, kActions.size()>, kStates.size()> kLife = {{
    {kNotStarted, kNone, kYes, kYes, kIsSo, kYes, kIsSo, kYes},
    {kYes, kYes, kYes, kYes, kIsSo, kYes, kIsSo, kYes},
    {kPaused, kYes, kYes, kIsSo, kYes, kYes, kIsSo, kYes},
    {kSoldOut, kYes, kYes, kYes, kIsSo, kYes, kIsSo, kYes},
    {kEnded, kYes, kYes, kYes, kIsSo, kYes, kIsSo, kYes},
    {kEnded, kYes, kArchived, kArchived, kArchived, kIsSo, kYes, kYes},
}};

class CampaignLifeTest : public DecideTest,
                         public testing::WithParamInterface<std::tuple<State, Action>> {
 protected:
  /// Brings the campaign into the state by At(10). Returns the serial of its coupon: of the one
  /// that it would issue, if it has not begun.
  std::uint64_t Bring(State state) {
    const Timestamp start = state == State::kScheduled ? At(100) : At(0);
    Given(test::Create(1, "one", state == State::kSoldOut ? 1 : 10, start), At(0));
    if (state == State::kScheduled) return ledger_.Find(test::Id(1))->serials.At(0).value();
    const Event issued = Given(test::Issue(1), At(1));
    if (state == State::kPaused) Given(test::Pause(1), At(2));
    if (state == State::kEnded) Given(test::Update(1, {.end_time = At(5)}), At(2));
    if (state == State::kArchived) Given(test::Archive(1), At(2));
    return std::get<CouponIssued>(issued).serial.value();
  }
  static Command CommandOf(Action action, std::uint64_t serial) {
    switch (action) {
      case Action::kIssue:
        return test::Issue(1);
      case Action::kRedeem:
        return test::Redeem(serial);
      case Action::kUpdate:
        return test::Update(1, {.description = "changed"});
      case Action::kPause:
        return test::Pause(1);
      case Action::kResume:
        return test::Resume(1);
      case Action::kArchive:
        return test::Archive(1);
      case Action::kUnarchive:
        return test::Unarchive(1);
      case Action::kDelete:
        break;
    }
    return test::Delete(1);
  }
  static std::optional<Outcome> OutcomeOf(const Decision& decision) {
    if (std::holds_alternative<Accepted>(decision)) return kYes;
    if (std::holds_alternative<Unchanged>(decision)) return kIsSo;
    if (const auto* refusal = std::get_if<Refusal>(&decision)) return refusal->reason;
    return std::nullopt;
  }
};

TEST_P(CampaignLifeTest, AnswersAsTheTableSays) {
  const auto [state, action] = GetParam();
  const std::uint64_t serial = Bring(state);
  const Outcome& expected =
      kLife.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(action));
  const auto outcome = OutcomeOf(When(CommandOf(action, serial), At(10)));
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->index(), expected.index());
  if (const auto* reason = std::get_if<RefusalReason>(&expected)) {
    EXPECT_EQ(std::get<RefusalReason>(*outcome), *reason);
  }
}

INSTANTIATE_TEST_SUITE_P(
    States, CampaignLifeTest,
    testing::Combine(testing::Values(State::kScheduled, State::kOpen, State::kPaused,
                                     State::kSoldOut, State::kEnded, State::kArchived),
                     testing::Values(Action::kIssue, Action::kRedeem, Action::kUpdate,
                                     Action::kPause, Action::kResume, Action::kArchive,
                                     Action::kUnarchive, Action::kDelete)),
    [](const testing::TestParamInfo<std::tuple<State, Action>>& info) {
      return std::string(kStates.at(static_cast<std::size_t>(std::get<0>(info.param)))) +
             kActions.at(static_cast<std::size_t>(std::get<1>(info.param)));
    });

TEST_F(DecideTest, APauseOfRedeemingIsForItAlone) {
  Given(test::Create(1, "one", 10, At(0)), At(0));
  const Event issued = Given(test::Issue(1), At(1));
  const std::uint64_t serial = std::get<CouponIssued>(issued).serial.value();
  Given(test::Pause(1, {.issuing = false, .redeeming = true}), At(2));
  EXPECT_TRUE(Accepts(test::Issue(1), At(3)));
  EXPECT_TRUE(std::holds_alternative<Refusal>(When(test::Redeem(serial), At(3))));
}

}  // namespace
}  // namespace coupond
