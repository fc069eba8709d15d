#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "coupon_audit/model/log_model.h"
#include "storage/views/coupon_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/model/rule_fault.h"

// Logs that break one of the rules of batches; and beside each the nearest ones that break none.
namespace coupond::test {
namespace {

constexpr std::uint64_t kWinter = kNextCampaign;

/// Returns the n-th coupon of winter, from 0 on.
CouponIssued Wintry(std::uint64_t n) { return IssuedEvent(kWinter, kNextSerial + n); }

/// Returns a campaign, and all its coupons as one batch.
std::vector<Event> WholeBatch(std::uint32_t coupons) {
  std::vector<Event> events = {
      WinterWith([coupons](auto& winter) { winter.terms.total_coupons = coupons; }),
      BatchEvent(kWinter, coupons)};
  for (std::uint64_t n = 0; n < coupons; ++n) events.emplace_back(Wintry(n));
  return events;
}

std::vector<RuleFault> CouponFaults() {
  return {
      {"CouponMissing",
       {BatchEvent(kSpring, 1)},
       "batch_incomplete at group 7, sequence 14, campaign 1",
       {BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5)}},
      {"LastCouponMissing",
       {Winter(), BatchEvent(kWinter, 3), Wintry(0), Wintry(1)},
       "batch_incomplete at group 7, sequence 15, campaign 4",
       {Winter(), BatchEvent(kWinter, 2), Wintry(0), Wintry(1)}},
      {"CouponOfAnotherCampaign",
       {Winter(), BatchEvent(kWinter, 2), Wintry(0), IssuedEvent(kSpring, 5), Wintry(1)},
       "batch_incomplete at group 7, sequence 15, campaign 4",
       {Winter(), BatchEvent(kWinter, 2), Wintry(0), Wintry(1), IssuedEvent(kSpring, 5)}},
      {"AnotherEventAtOnce",
       {BatchEvent(kSpring, 1), VoidedEvent(kSpring, 1), IssuedEvent(kSpring, 5)},
       "batch_incomplete at group 7, sequence 14, campaign 1",
       {BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5), VoidedEvent(kSpring, 5)}},
      {"ABatchInABatch",
       {Winter(), BatchEvent(kWinter, 2), Wintry(0), BatchEvent(kWinter, 1), Wintry(1)},
       "batch_incomplete at group 7, sequence 15, campaign 4",
       {Winter(), BatchEvent(kWinter, 1), Wintry(0), BatchEvent(kWinter, 1), Wintry(1)}},
      {"DeletedMeanwhile",
       {BatchEvent(kSpring, 1), DeletedEvent(kSpring)},
       "batch_incomplete at group 7, sequence 14, campaign 1",
       {BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5), DeletedEvent(kSpring)}},
      {"TooManyCoupons", WholeBatch(10'001), "batch_size_wrong at group 7, sequence 15, campaign 4",
       WholeBatch(10'000)},
      {"MoreThanAreLeft",
       {BatchEvent(kSpring, 2), IssuedEvent(kSpring, 5), IssuedEvent(kSpring, 6)},
       "over_issue at group 7, sequence 16, campaign 1",
       {BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5)}},
      {"SameUserTwice",
       {Winter(), BatchEvent(kWinter, 2), IssuedToEvent(kWinter, 11, "minji"),
        IssuedToEvent(kWinter, 12, "minji")},
       "claim_given_twice at group 7, sequence 17, campaign 4",
       {Winter(), BatchEvent(kWinter, 2), IssuedToEvent(kWinter, 11, "minji"),
        IssuedToEvent(kWinter, 12, "joon")}},
  };
}

std::vector<RuleFault> CampaignFaults() {
  return {
      {"UnknownCampaign",
       {BatchEvent(kWinter, 1)},
       "unknown_campaign at group 7, sequence 14, campaign 4",
       {Winter(), BatchEvent(kWinter, 1), Wintry(0)}},
      {"DeletedCampaign",
       {BatchEvent(kAutumn, 1)},
       "event_after_delete at group 7, sequence 14, campaign 3",
       {BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5)}},
      {"BeforeTheStart",
       {WinterWith([](auto& winter) { winter.terms.start_time = At(kNow + 1); }),
        BatchEvent(kWinter, 1), Wintry(0)},
       "issued_before_start at group 7, sequence 15, campaign 4",
       {Winter(), BatchEvent(kWinter, 1), Wintry(0)}},
      {"AfterTheEnd",
       {UpdatedEvent(kSpring, {.end_time = At(kNow)}), BatchEvent(kSpring, 1),
        IssuedEvent(kSpring, 5)},
       "issued_after_end at group 7, sequence 15, campaign 1",
       {UpdatedEvent(kSpring, {.end_time = At(kNow + 1)}), BatchEvent(kSpring, 1),
        IssuedEvent(kSpring, 5)}},
      {"WhilePaused",
       {PausedEvent(kSpring, {.issuing = true}), BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5)},
       "issued_while_paused at group 7, sequence 15, campaign 1",
       {PausedEvent(kSpring, {.redeeming = true}), BatchEvent(kSpring, 1),
        IssuedEvent(kSpring, 5)}},
      {"WhileArchived",
       {ArchivedEvent(kSpring), BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5)},
       "issued_while_archived at group 7, sequence 15, campaign 1",
       {ArchivedEvent(kSpring), UnarchivedEvent(kSpring), BatchEvent(kSpring, 1),
        IssuedEvent(kSpring, 5)}},
  };
}

std::vector<RuleFault> RequestFaults() {
  return {
      {"SameRequestTwice",
       {Winter(), BatchEvent(kWinter, 1, "a"), Wintry(0), BatchEvent(kWinter, 1, "a"), Wintry(1)},
       "request_carried_out_twice at group 7, sequence 17, campaign 4",
       {Winter(), BatchEvent(kWinter, 1, "a"), Wintry(0), BatchEvent(kWinter, 1, "b"), Wintry(1)}},
      {"RequestOfARedemption",
       {RedeemedEvent(kSpring, 1, "a"), BatchEvent(kSpring, 1, "a"), IssuedEvent(kSpring, 5)},
       "request_carried_out_twice at group 7, sequence 15, campaign 1",
       {RedeemedEvent(kSpring, 1, "a"), BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5)}},
      {"RedemptionWithItsRequest",
       {BatchEvent(kSpring, 1, "a"), IssuedEvent(kSpring, 5), RedeemedEvent(kSpring, 5, "a")},
       "request_carried_out_twice at group 7, sequence 16, campaign 1",
       {BatchEvent(kSpring, 1, "a"), IssuedEvent(kSpring, 5), RedeemedEvent(kSpring, 5, "b")}},
  };
}

class BatchFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(BatchFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(BatchFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Coupons, BatchFaultTest, testing::ValuesIn(CouponFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Campaigns, BatchFaultTest, testing::ValuesIn(CampaignFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Requests, BatchFaultTest, testing::ValuesIn(RequestFaults()),
                         kNameOfFault);

TEST(BatchFault, CouponsInTheNextGroupAreNotTheBatchs) {
  PlantedStore store;
  store.Add(At(14), {BatchEvent(kSpring, 1)});
  store.Add(At(14), {IssuedEvent(kSpring, 5)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "batch_incomplete at group 7, sequence 14, campaign 1");
}

TEST(BatchFault, ABatchOfNothingIsFound) {
  audit::LogModel model;
  ASSERT_EQ(NameOf(model.Take(PlantedIdentity(), kMoment)), "sound");
  ASSERT_EQ(NameOf(model.Take(CreatedEvent(kSpring, "spring", 5, 1, At(10)), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Take(BatchEvent(kSpring, 0), kMoment)), "batch_size_wrong");
  EXPECT_EQ(NameOf(model.Finish()), "sound");
  EXPECT_EQ(NameOf(model.Take(BatchEvent(kSpring, 1), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Finish()), "batch_incomplete");
  EXPECT_EQ(NameOf(model.Take(IssuedEvent(kSpring, 1), kMoment)), "sound");
  EXPECT_EQ(NameOf(model.Finish()), "sound");
}

/// The model, the ledger and the views, each by code of its own.
TEST(BatchFault, AllThreeKeepTheRequest) {
  PlantedStore store;
  store.Add(At(14), {Winter(), BatchEvent(kWinter, 3, "a"), IssuedToEvent(kWinter, 11, "minji"),
                     Wintry(1), IssuedToEvent(kWinter, 13, "joon"), IssuedEvent(kSpring, 5)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  Remove(storage::RequestKeyOf(RequestKeyFor("a").digest))(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_missing at sequence 15");
}

}  // namespace
}  // namespace coupond::test
