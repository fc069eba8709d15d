#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "support/builders.h"

namespace coupond {
namespace {

using test::At;

struct PlacedEvent {
  Event event;
  EventPlace place;
};

/// Draws commands so that each kind of decision comes up often.
class RandomCommands {
 public:
  explicit RandomCommands(std::uint64_t seed) : random_(seed) {}

  Command Next(Timestamp now) {
    const auto campaign = static_cast<std::uint8_t>(Below(8));
    switch (Below(20)) {
      case 0:
        return test::Create(static_cast<std::uint8_t>(Below(256)),
                            "name" + std::to_string(Below(6)), static_cast<std::int64_t>(Below(40)),
                            now.Plus(std::chrono::seconds(Below(5)) - std::chrono::seconds(1)));
      case 1:
        return DeleteCampaign{{}, "name" + std::to_string(Below(6))};
      case 2:
      case 3:
      case 4:
        return IssueCoupon{known_[campaign], test::ClaimOf(static_cast<std::uint8_t>(Below(30))),
                           "user"};
      case 5:
        return UpdateCampaign{.campaign_id = known_[campaign], .changes = Changes(now)};
      case 6:
        return SetPaused{.campaign_id = known_[campaign],
                         .activities = {.issuing = Below(2) == 0, .redeeming = Below(2) == 0},
                         .paused = Below(3) == 0};
      case 7:
        return SetArchived{.campaign_id = known_[campaign], .archived = Below(3) == 0};
      case 8:
      case 9:
      case 10:
        return RedeemCoupon{.serial = Pick(coupons_),
                            .order_ref = "order",
                            .request_id = "request",
                            .request = Request()};
      case 11:
      case 12:
        return Cancel();
      case 13:
        return VoidCoupon{
            .serial = Pick(coupons_), .return_to_pool = Below(2) == 0, .request = Request()};
      default:
        return IssueCoupon{known_[campaign], {}, {}};
    }
  }

  /// Takes note of what later commands may be about.
  void Remember(const Event& event, Sequence sequence) {
    if (const auto* created = std::get_if<CampaignCreated>(&event)) {
      known_[Below(known_.size())] = created->id;
    } else if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      coupons_[Below(coupons_.size())] = issued->serial;
    } else if (const auto* redeemed = std::get_if<CouponRedeemed>(&event)) {
      redemptions_[Below(redemptions_.size())] = {redeemed->serial, sequence};
    }
  }
  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }

 private:
  TermChanges Changes(Timestamp now) {
    TermChanges changes;
    if (Below(2) == 0) changes.total_coupons = static_cast<std::int64_t>(Below(60));
    if (Below(4) == 0) changes.name = "name" + std::to_string(Below(6));
    if (Below(4) == 0) changes.start_time = now.Plus(std::chrono::seconds(Below(3)));
    if (Below(4) == 0) {
      changes.end_time = Below(2) == 0 ? kNever : now.Plus(std::chrono::seconds(Below(5)));
    }
    return changes;
  }

  std::optional<RequestKey> Request() {
    if (Below(2) == 0) return std::nullopt;
    return test::RequestOf(static_cast<std::uint8_t>(Below(256)), Below(2));
  }
  CancelRedemption Cancel() {
    const auto [serial, sequence] = Pick(redemptions_);
    CancelRedemption command{.serial = serial, .redemption = sequence, .request = Request()};
    if (Below(4) == 0)
      command.redemption = test::RequestOf(static_cast<std::uint8_t>(Below(256))).digest;
    return command;
  }
  template <typename Values>
  const Values::value_type& Pick(const Values& values) {
    return values[Below(values.size())];
  }

  std::mt19937_64 random_;
  std::array<CampaignId, 8> known_{};
  std::array<Serial, 16> coupons_{};
  std::array<std::pair<Serial, Sequence>, 8> redemptions_{};
};

class ReplayTest : public ::testing::TestWithParam<int> {};

TEST_P(ReplayTest, ReplayingTheEventsGivesAnEqualLedger) {
  const std::uint64_t seed = GetParam() == 0 ? std::random_device{}() : GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomCommands commands(seed);
  Ledger ledger;
  std::vector<PlacedEvent> log;
  for (int step = 0; step < 20'000; ++step) {
    const Timestamp now = At(step / 100);
    const Decision decision = Decide(ledger, commands.Next(now), now);
    if (const auto* event = std::get_if<Event>(&decision)) {
      const EventPlace place{.time = now, .sequence = Sequence(log.size() + 1)};
      Apply(ledger, *event, place);
      log.push_back({*event, place});
      commands.Remember(*event, place.sequence);
    }
  }
  // Or the kinds would never have met.
  for (const std::size_t kind :
       {Event(CouponRedeemed{}).index(), Event(RedemptionCanceled{}).index(),
        Event(CouponVoided{}).index()}) {
    ASSERT_GT(
        std::ranges::count(log, kind, [](const PlacedEvent& entry) { return entry.event.index(); }),
        50);
  }

  Ledger replayed;
  for (const PlacedEvent& entry : log) Apply(replayed, entry.event, entry.place);
  EXPECT_EQ(replayed.Digest(), ledger.Digest());

  // The digest must notice a difference: leave one event out.
  Ledger other;
  const std::size_t left_out = commands.Below(log.size());
  for (std::size_t i = 0; i < log.size(); ++i) {
    if (i != left_out) Apply(other, log[i].event, log[i].place);
  }
  const bool matters = [&] {
    // An event of a campaign that was deleted later leaves no trace in the ledger.
    const auto* issued = std::get_if<CouponIssued>(&log[left_out].event);
    return issued != nullptr && ledger.Find(issued->campaign) != nullptr;
  }();
  if (matters) {
    EXPECT_NE(other.Digest(), ledger.Digest());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReplayTest, ::testing::Values(0, 1, 2, 3, 4, 5));

TEST(LedgerDigest, SeesCountersClaimsTermsAndCoupons) {
  Ledger ledger;
  std::vector<std::uint64_t> digests = {ledger.Digest()};
  const auto apply = [&](const Event& event) {
    Apply(ledger, event, {.time = At(1), .sequence = Sequence(digests.size())});
    digests.push_back(ledger.Digest());
  };
  apply(CampaignCreated{CampaignNumber(1), test::Id(1), {"a", 5, At(0)}, Serial(1)});
  apply(CouponIssued{CampaignNumber(1), Serial(1), {}, {}});
  apply(CouponIssued{CampaignNumber(1), Serial(2), test::ClaimOf(1), {}});
  apply(CampaignUpdated{CampaignNumber(1), {.name = "b"}, {}});
  apply(CampaignUpdated{CampaignNumber(1), {.end_time = At(9)}, {}});
  apply(CampaignUpdated{
      CampaignNumber(1), {.total_coupons = 6}, SerialRange{.first = Serial(6), .count = 1}});
  const auto redeem = [&](std::uint64_t serial) {
    apply(CouponRedeemed{CampaignNumber(1), Serial(serial), {}, {}, {}, {}});
    return Sequence(digests.size() - 1);
  };
  const auto cancel = [&](std::uint64_t serial, Sequence redemption) {
    apply(RedemptionCanceled{CampaignNumber(1), Serial(serial), redemption, {}, {}});
  };
  const Sequence first = redeem(1);
  const Sequence second = redeem(2);
  cancel(1, first);
  redeem(1);
  cancel(2, second);
  // As before but for the request.
  apply(CouponRedeemed{CampaignNumber(1), Serial(2), {}, {}, {}, test::RequestOf(1)});
  cancel(2, Sequence(digests.size() - 1));
  apply(CouponVoided{CampaignNumber(1), Serial(2), false, {}, {}, {}});
  apply(CouponVoided{CampaignNumber(1), Serial(2), true, {}, {}, {}});
  apply(CampaignPaused{CampaignNumber(1), {.issuing = true}, {}});
  apply(CampaignPaused{CampaignNumber(1), {.redeeming = true}, {}});
  apply(CampaignArchived{CampaignNumber(1)});
  apply(CampaignDeleted{CampaignNumber(1)});
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::adjacent_find(digests.begin(), digests.end()), digests.end());
}

}  // namespace
}  // namespace coupond
