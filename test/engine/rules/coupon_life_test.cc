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
using test::Freeing;
using test::Issue;
using test::IssueTo;
using test::Redeem;
using test::Return;
using test::Void;

enum class Action : std::uint8_t { kRedeem, kCancel, kVoid, kReturn, kVoidFreeing, kReturnFreeing };
constexpr std::size_t kActions = 6;

/// The state of a coupon, and whether its claim is free.
enum class Condition : std::uint8_t {
  kIssued,
  kRedeemed,
  kVoided,
  kReturned,
  kExpired,
  kVoidedFreed,
  kReturnedFreed,
};
constexpr std::size_t kConditions = 7;

CouponState StateOf(Condition condition) {
  switch (condition) {
    case Condition::kIssued:
    case Condition::kRedeemed:
    case Condition::kVoided:
    case Condition::kReturned:
    case Condition::kExpired:
      return static_cast<CouponState>(condition);
    case Condition::kVoidedFreed:
      return CouponState::kVoided;
    case Condition::kReturnedFreed:
      break;
  }
  return CouponState::kReturned;
}

bool IsFreed(Condition condition) {
  return condition == Condition::kVoidedFreed || condition == Condition::kReturnedFreed;
}

/// What a command leads to, nothing to do, or a refusal.
using Outcome = std::variant<Condition, Unchanged, RefusalReason>;

constexpr Outcome kRedeemed = Condition::kRedeemed;
constexpr Outcome kVoided = Condition::kVoided;
constexpr Outcome kReturned = Condition::kReturned;
constexpr Outcome kVoidedFreed = Condition::kVoidedFreed;
constexpr Outcome kReturnedFreed = Condition::kReturnedFreed;
constexpr Outcome kIsSo = Unchanged{};
constexpr Outcome kIsVoided = RefusalReason::kCouponVoided;
constexpr Outcome kIsRedeemed = RefusalReason::kCouponAlreadyRedeemed;
constexpr Outcome kNotRedeemed = RefusalReason::kNotRedeemed;
constexpr Outcome kIsExpired = RefusalReason::kCouponExpired;

/// By condition and action, each in the order of its enumeration. A cancel names the coupon's
/// latest redemption.
constexpr std::array<std::array<Outcome, kActions>, kConditions> kLife = {{
    {kRedeemed, kNotRedeemed, kVoided, kReturned, kVoidedFreed, kReturnedFreed},
    {kIsRedeemed, Condition::kIssued, kIsRedeemed, kIsRedeemed, kIsRedeemed, kIsRedeemed},
    {kIsVoided, kIsVoided, kIsSo, kReturned, kVoidedFreed, kReturnedFreed},
    {kIsVoided, kIsVoided, kIsVoided, kIsSo, kIsVoided, kReturnedFreed},
    {kIsExpired, kNotRedeemed, kVoided, kReturned, kVoidedFreed, kReturnedFreed},
    {kIsVoided, kIsVoided, kIsSo, kReturnedFreed, kIsSo, kReturnedFreed},
    {kIsVoided, kIsVoided, kIsVoided, kIsSo, kIsVoided, kIsSo},
}};

const Outcome& OutcomeOf(Condition condition, Action action) {
  return kLife.at(static_cast<std::size_t>(condition)).at(static_cast<std::size_t>(action));
}

class CouponLifeTest : public DecideTest {
 protected:
  struct Coupon {
    std::uint64_t serial = 0;
    Condition condition = Condition::kIssued;
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
        return Return(coupon.serial);
      case Action::kVoidFreeing:
        return Freeing(Void(coupon.serial));
      case Action::kReturnFreeing:
        break;
    }
    return Freeing(Return(coupon.serial));
  }

  [[nodiscard]] Condition ConditionAt(const Coupon& coupon, Timestamp time) const {
    const bool is_over = coupon.condition == Condition::kIssued && time >= expire_time_;
    return is_over ? Condition::kExpired : coupon.condition;
  }

  Coupon GivenACoupon(std::uint8_t holder, Timestamp time) {
    const Event issued = Given(IssueTo(1, holder), time);
    return {.serial = std::get<CouponIssued>(issued).serial.value()};
  }

  /// Decides the action, which must have the outcome of the table, and carries it out.
  void Do(Action action, Coupon& coupon, Timestamp time) {
    const Outcome& expected = OutcomeOf(ConditionAt(coupon, time), action);
    const Command command = CommandOf(action, coupon);
    if (const auto* reason = std::get_if<RefusalReason>(&expected)) {
      const Timestamp since = expected == kIsExpired ? expire_time_ : Timestamp();
      const Sequence present = expected == kIsRedeemed ? coupon.redemption : Sequence();
      ASSERT_EQ(When(command, time), Refused({.reason = *reason, .at = since, .present = present}));
    } else if (std::holds_alternative<Unchanged>(expected)) {
      ASSERT_EQ(When(command, time), Decision(Unchanged{}));
    } else {
      ASSERT_TRUE(Accepts(command, time));
      Given(command, time);
      coupon.condition = std::get<Condition>(expected);
      if (coupon.condition == Condition::kRedeemed) coupon.redemption = last_;
    }
    const IssuedCoupon issued = *ledger_.FindIssued(Serial(coupon.serial));
    ASSERT_EQ(issued.state(), StateOf(coupon.condition));
    ASSERT_EQ(issued.campaign.states.IsClaimFreed(issued.ordinal), IsFreed(coupon.condition));
  }

  Timestamp expire_time_ = kNever;
};

TEST_F(CouponLifeTest, EveryStateAnswersEveryCommandAsTheTableSays) {
  // What leads to each condition, in the order of their enumeration.
  const std::array<std::vector<Action>, kConditions> ways = {{
      {Action::kRedeem, Action::kCancel},
      {Action::kRedeem},
      {Action::kVoid},
      {Action::kReturn},
      {Action::kRedeem, Action::kCancel},
      {Action::kVoidFreeing},
      {Action::kReturn, Action::kReturnFreeing},
  }};
  expire_time_ = At(10);
  CreateCampaign create = Create(1, "one", 1'000, At(0));
  create.expire_time = expire_time_;
  Given(create, At(0));
  std::uint8_t holder = 0;
  for (const Timestamp time : {At(9), At(10)}) {
    for (std::size_t condition = 0; condition < kConditions; ++condition) {
      for (std::size_t action = 0; action < kActions; ++action) {
        SCOPED_TRACE("condition " + std::to_string(condition) + ", action " +
                     std::to_string(action) + ", at " + std::to_string(time.unix_nanoseconds()));
        Coupon coupon = GivenACoupon(++holder, At(1));
        for (const Action step : ways.at(condition)) Do(step, coupon, At(2));
        Do(static_cast<Action>(action), coupon, time);
        if (HasFatalFailure()) return;
        // Only whose claim was freed gets another coupon, and nobody one that has expired.
        if (IsFreed(coupon.condition) && time >= expire_time_) {
          EXPECT_EQ(When(IssueTo(1, holder), time), Refused(RefusalReason::kEnded, expire_time_));
        } else if (IsFreed(coupon.condition)) {
          EXPECT_TRUE(Accepts(IssueTo(1, holder), time));
        } else {
          HeldCoupon held = CouponOf(coupon.serial, At(1), StateOf(ConditionAt(coupon, time)));
          held.expire_time = expire_time_;
          EXPECT_EQ(When(IssueTo(1, holder), time), Decision(held));
        }
      }
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
      const std::uint64_t action = random() % 30;
      const std::uint64_t place =
          coupons.size() - 1 - random() % std::min<std::size_t>(coupons.size(), 2 * kTotal);
      Do(static_cast<Action>(action < kActions ? action : action % 2), coupons[place], At(step));
    }
    if (HasFatalFailure()) return;
    const auto count = [&coupons](CouponState state) {
      return std::ranges::count(coupons, state,
                                [](const Coupon& coupon) { return StateOf(coupon.condition); });
    };
    ASSERT_EQ(campaign.redeemed_coupons, count(CouponState::kRedeemed));
    ASSERT_EQ(campaign.voided_coupons, count(CouponState::kVoided));
    ASSERT_EQ(campaign.returned_coupons, count(CouponState::kReturned));
    ASSERT_EQ(campaign.issued_coupons + campaign.returned_coupons, std::ssize(coupons));
    ASSERT_LE(campaign.issued_coupons, kTotal);
    ASSERT_EQ(campaign.sold_out_at.has_value(), campaign.issued_coupons == kTotal);
  }
  for (Coupon& coupon : coupons) {
    if (coupon.condition == Condition::kIssued) Do(Action::kReturn, coupon, At(5'000));
  }
}

}  // namespace
}  // namespace coupond
