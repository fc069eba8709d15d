#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/ledger.h"
#include "engine/rules/random_commands.h"
#include "support/builders.h"
#include "support/decided_events.h"

namespace coupond {
namespace {

using test::At;

struct PlacedEvent {
  Event event;
  EventPlace place;
};

class ReplayTest : public ::testing::TestWithParam<int> {};

TEST_P(ReplayTest, ReplayingTheEventsGivesAnEqualLedger) {
  const std::uint64_t seed = GetParam() == 0 ? std::random_device{}() : GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::RandomCommands commands(seed);
  Ledger ledger;
  std::vector<PlacedEvent> log;
  for (int step = 0; step < 100'000; ++step) {
    const Timestamp now = At(step / 500);
    for (Event& event : test::DecidedEvents(ledger, commands.Next(now), now)) {
      const EventPlace place{.time = now, .sequence = Sequence(log.size() + 1)};
      Apply(ledger, event, place);
      commands.Remember(event, place.sequence);
      log.push_back({std::move(event), place});
    }
  }
  // Or the kinds would never have met.
  for (const std::size_t kind :
       {Event(CouponRedeemed{}).index(), Event(RedemptionCanceled{}).index(),
        Event(CouponVoided{}).index(), Event(BatchIssued{}).index(), Event(UserErased{}).index(),
        Event(ErasureFinished{}).index()}) {
    ASSERT_GT(
        std::ranges::count(log, kind, [](const PlacedEvent& entry) { return entry.event.index(); }),
        50)
        << "kind " << kind;
  }
  const auto has_freed = [](const PlacedEvent& entry) {
    const auto* voided = std::get_if<CouponVoided>(&entry.event);
    return voided != nullptr && voided->claim_freed;
  };
  const auto counts = [](const PlacedEvent& entry) {
    const auto* issued = std::get_if<CouponIssued>(&entry.event);
    return issued != nullptr && issued->CountsAgainstLimit();
  };
  ASSERT_GT(std::ranges::count_if(log, has_freed), 50);
  ASSERT_GT(std::ranges::count_if(log, counts), 50);

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

TEST(LedgerDigest, SeesRequestsOfCampaigns) {
  std::vector<std::uint64_t> digests;
  for (const bool on_creation : {false, true}) {
    for (const bool on_update : {false, true}) {
      const auto request = [](bool has_one, std::uint8_t id) {
        return has_one ? std::optional(test::RequestOf(id)) : std::nullopt;
      };
      Ledger ledger;
      Apply(
          ledger,
          CampaignCreated{
              CampaignNumber(1), test::Id(1), {"a", 5, At(0)}, Serial(1), request(on_creation, 1)},
          {.time = At(1), .sequence = Sequence(1)});
      Apply(ledger,
            CampaignUpdated{CampaignNumber(1), {.end_time = At(9)}, {}, request(on_update, 2)},
            {.time = At(1), .sequence = Sequence(2)});
      digests.push_back(ledger.Digest());
    }
  }
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::adjacent_find(digests.begin(), digests.end()), digests.end());
}

TEST(LedgerDigest, SeesWhetherAUserHasHadACoupon) {
  const auto digest = [](const CouponIssued& issued) {
    Ledger ledger;
    Apply(ledger, CampaignCreated{CampaignNumber(1), test::Id(1), {"a", 5, At(0)}, Serial(1)}, {});
    Apply(ledger, issued, {.time = At(1), .sequence = Sequence(2)});
    return ledger.Digest();
  };
  EXPECT_NE(digest({CampaignNumber(1), Serial(1), test::ClaimOf(1)}),
            digest({CampaignNumber(1), Serial(1), {}, test::ClaimOf(1)}));
}

TEST(LedgerDigest, SeesCountersClaimsTermsAndCoupons) {
  Ledger ledger;
  std::vector<std::uint64_t> digests = {ledger.Digest()};
  const auto apply = [&](const Event& event) {
    Apply(ledger, event, {.time = At(1), .sequence = Sequence(digests.size())});
    digests.push_back(ledger.Digest());
  };
  apply(CampaignCreated{CampaignNumber(1), test::Id(1), {"a", 5, At(0)}, Serial(1)});
  apply(CouponIssued{CampaignNumber(1), Serial(1)});
  apply(CouponIssued{CampaignNumber(1), Serial(2), test::ClaimOf(1)});
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
  const CouponVoided freeing{.campaign = CampaignNumber(1),
                             .serial = Serial(2),
                             .returned = true,
                             .reason = {},
                             .added_serials = {},
                             .request = {},
                             .claim_freed = true};
  apply(freeing);
  for (const TermChanges& terms :
       {TermChanges{.coupons_per_user = 2}, TermChanges{.user_required = true},
        TermChanges{.redeem_start_time = At(3)}, TermChanges{.expire_time = At(90)},
        TermChanges{.valid_duration = std::chrono::seconds(60)},
        TermChanges{.redeem_by_holder_only = true}}) {
    apply(CampaignUpdated{CampaignNumber(1), terms, {}});
  }
  apply(CouponIssued{CampaignNumber(1), Serial(3), test::ClaimOf(1), test::ClaimOf(2)});
  apply(CouponIssued{CampaignNumber(1), Serial(4), test::ClaimOf(1), test::ClaimOf(3)});
  apply(CampaignPaused{CampaignNumber(1), {.issuing = true}, {}});
  apply(CampaignPaused{CampaignNumber(1), {.redeeming = true}, {}});
  apply(CampaignArchived{CampaignNumber(1)});
  apply(CampaignDeleted{CampaignNumber(1)});
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::adjacent_find(digests.begin(), digests.end()), digests.end());
}

}  // namespace
}  // namespace coupond
