#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide_fixture.h"
#include "support/builders.h"

// Every state of a coupon with every command, and walks through them at random.
namespace coupond {
namespace {

using test::At;
using test::Cancel;
using test::Create;
using test::Issue;
using test::Redeem;
using test::Return;
using test::Void;

enum class Action : std::uint8_t { kRedeem, kCancel, kVoid, kReturn };
constexpr std::size_t kActions = 4;
constexpr std::size_t kStates = 4;

/// The state that a command leads to, nothing to do, or a refusal.
using Outcome = std::variant<CouponState, Unchanged, RefusalReason>;

constexpr Outcome kIsVoided = RefusalReason::kCouponVoided;
constexpr Outcome kIsRedeemed = RefusalReason::kCouponAlreadyRedeemed;
constexpr Outcome kNotRedeemed = RefusalReason::kNotRedeemed;

/// By state and action, each in the order of its enumeration. A cancel names the coupon's latest
/// redemption.
constexpr std::array<std::array<Outcome, kActions>, kStates> kLife = {{
    {CouponState::kRedeemed, kNotRedeemed, CouponState::kVoided, CouponState::kReturned},
    {kIsRedeemed, CouponState::kIssued, kIsRedeemed, kIsRedeemed},
    {kIsVoided, kIsVoided, Unchanged{}, CouponState::kReturned},
    {kIsVoided, kIsVoided, kIsVoided, Unchanged{}},
}};

const Outcome& OutcomeOf(CouponState state, Action action) {
  return kLife.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(action));
}

class CouponLifeTest : public DecideTest {
 protected:
  struct Coupon {
    std::uint64_t serial = 0;
    CouponState state = CouponState::kIssued;
    Sequence redemption = {};  // the latest
  };

  static Command CommandOf(Action action, const Coupon& coupon) {
    switch (action) {
      case Action::kRedeem:
        return Redeem(coupon.serial);
      case Action::kCancel:
        return Cancel(coupon.serial, coupon.redemption);
      case Action::kVoid:
        return Void(coupon.serial);
      case Action::kReturn:
        break;
    }
    return Return(coupon.serial);
  }

  /// Decides the action, which must have the outcome of the table, and carries it out.
  void Do(Action action, Coupon& coupon, Timestamp time) {
    const Outcome& expected = OutcomeOf(coupon.state, action);
    const Command command = CommandOf(action, coupon);
    if (const auto* reason = std::get_if<RefusalReason>(&expected)) {
      ASSERT_EQ(When(command, time), Refused(*reason));
    } else if (std::holds_alternative<Unchanged>(expected)) {
      ASSERT_EQ(When(command, time), Decision(Unchanged{}));
    } else {
      ASSERT_TRUE(std::holds_alternative<Event>(When(command, time)));
      Given(command, time);
      coupon.state = std::get<CouponState>(expected);
      if (coupon.state == CouponState::kRedeemed) coupon.redemption = last_;
    }
    ASSERT_EQ(ledger_.FindIssued(Serial(coupon.serial))->state(), coupon.state);
  }
};

TEST_F(CouponLifeTest, EveryStateAnswersEveryCommandAsTheTableSays) {
  // What leads to each state, in the order of their enumeration.
  const std::array<std::vector<Action>, kStates> ways = {{
      {Action::kRedeem, Action::kCancel},
      {Action::kRedeem},
      {Action::kVoid},
      {Action::kReturn},
  }};
  Given(Create(1, "one", 100, At(0)), At(0));
  for (std::size_t state = 0; state < kStates; ++state) {
    for (std::size_t action = 0; action < kActions; ++action) {
      SCOPED_TRACE("state " + std::to_string(state) + ", action " + std::to_string(action));
      const Event issued = Given(Issue(1), At(1));
      Coupon coupon{.serial = std::get<CouponIssued>(issued).serial.value()};
      for (const Action step : ways.at(state)) Do(step, coupon, At(2));
      ASSERT_EQ(coupon.state, static_cast<CouponState>(state));
      Do(static_cast<Action>(action), coupon, At(3));
    }
  }
}

TEST_F(CouponLifeTest, TheCampaignCountsItsCouponsByState) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  constexpr std::int64_t kTotal = 20;
  Given(Create(1, "one", kTotal, At(0)), At(0));
  std::vector<Coupon> coupons;
  for (int step = 0; step < 5'000; ++step) {
    const LedgerCampaign& campaign = *ledger_.Find(test::Id(1));
    if (random() % 8 == 0 && campaign.issued_coupons < kTotal) {
      const Event issued = Given(Issue(1), At(step));
      coupons.push_back({.serial = std::get<CouponIssued>(issued).serial.value()});
    } else if (!coupons.empty()) {
      // Seldom what is final, or all would soon be.
      const std::uint64_t action = random() % 20;
      const std::uint64_t place =
          coupons.size() - 1 - random() % std::min<std::size_t>(coupons.size(), 2 * kTotal);
      Do(static_cast<Action>(action < kActions ? action : action % 2), coupons[place], At(step));
    }
    if (HasFatalFailure()) return;
    const auto count = [&coupons](CouponState state) {
      return std::ranges::count(coupons, state, &Coupon::state);
    };
    ASSERT_EQ(campaign.redeemed_coupons, count(CouponState::kRedeemed));
    ASSERT_EQ(campaign.voided_coupons, count(CouponState::kVoided));
    ASSERT_EQ(campaign.returned_coupons, count(CouponState::kReturned));
    ASSERT_EQ(campaign.issued_coupons + campaign.returned_coupons, std::ssize(coupons));
    ASSERT_LE(campaign.issued_coupons, kTotal);
    ASSERT_EQ(campaign.sold_out_at.has_value(), campaign.issued_coupons == kTotal);
  }
  for (Coupon& coupon : coupons) {
    if (coupon.state == CouponState::kIssued) Do(Action::kReturn, coupon, At(5'000));
  }
}

}  // namespace
}  // namespace coupond
