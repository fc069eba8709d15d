#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/history_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An intact log in which campaigns sell out and are deleted, and views in which one of the rows is
// wrong that are kept for ever.
namespace coupond::test {
namespace {

std::string ErasedKeyOf(std::uint64_t campaign) {
  return storage::ErasedCampaignKey(CampaignNumber(campaign));
}
std::string SoldOutKeyOf(std::uint64_t sequence) { return storage::SoldOutKey(Sequence(sequence)); }

/// Adds two groups:
///
///   group 7  At(14), from sequence 14 on: spring's total becomes 4, so that it is sold out; its 4
///            is returned; 5 is issued, the last one
///   group 8  At(15), from sequence 17 on: summer is deleted
void AddHistory(PlantedStore& store) {
  store.Add(At(14), {UpdatedEvent(kSpring, {.total_coupons = 4}), ReturnedEvent(kSpring, 4),
                     IssuedEvent(kSpring, 5)});
  store.Add(At(15), {DeletedEvent(kSummer)});
  store.WriteFiles();
}

std::vector<ViewFault> ErasedFaults() {
  return {
      {"Missing", Remove(ErasedKeyOf(kAutumn)),
       "view_row_missing at group 5, sequence 11, campaign 3"},
      {"FirstMissing", Remove(ErasedKeyOf(kSummer)),
       "view_row_missing at group 8, sequence 17, campaign 2"},
      {"Id",
       Put(ErasedKeyOf(kAutumn), storage::EncodeErasedCampaign(Id(static_cast<std::uint8_t>(2)))),
       "view_row_altered at group 5, sequence 11, campaign 3"},
      {"Unreadable", Put(ErasedKeyOf(kAutumn), "no row"),
       "view_row_altered at group 5, sequence 11, campaign 3"},
      {"OfALiveCampaign", Put(ErasedKeyOf(kSpring), storage::EncodeErasedCampaign(Id(1))),
       "view_row_unexpected"},
      {"OfNoCampaign", Put(ErasedKeyOf(4), storage::EncodeErasedCampaign(Id(4))),
       "view_row_unexpected"},
      {"KeyTooLong", Put(ErasedKeyOf(kAutumn) + "x", "something"), "view_row_unexpected"},
  };
}

std::vector<ViewFault> SoldOutFaults() {
  return {
      {"ByIssueMissing", Remove(SoldOutKeyOf(12)), "view_row_missing at sequence 12, campaign 2"},
      {"ByUpdateMissing", Remove(SoldOutKeyOf(14)), "view_row_missing at sequence 14, campaign 1"},
      {"AgainMissing", Remove(SoldOutKeyOf(16)), "view_row_missing at sequence 16, campaign 1"},
      {"Campaign",
       Alter<storage::v1::SoldOutRow>(SoldOutKeyOf(14),
                                      [](auto& row) { row.set_campaign_number(kSummer); }),
       "view_row_altered at sequence 14, campaign 1"},
      {"Unreadable", Put(SoldOutKeyOf(14), "no row"),
       "view_row_altered at sequence 14, campaign 1"},
      {"Moved", Move(SoldOutKeyOf(14), SoldOutKeyOf(15)),
       "view_row_missing at sequence 14, campaign 1"},
      {"TooMany", Put(SoldOutKeyOf(13), storage::EncodeSoldOut(CampaignNumber(kSpring))),
       "view_row_unexpected"},
      {"LastTooMany", Put(SoldOutKeyOf(17), storage::EncodeSoldOut(CampaignNumber(kSpring))),
       "view_row_unexpected"},
      {"KeyTooShort", Put("o123", "something"), "view_row_unexpected"},
  };
}

class HistoryRowFaultTest : public testing::TestWithParam<ViewFault> {};

TEST_P(HistoryRowFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  AddHistory(store);
  store.MakeViews();
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  GetParam().plant(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(ErasedCampaigns, HistoryRowFaultTest, testing::ValuesIn(ErasedFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(SoldOuts, HistoryRowFaultTest, testing::ValuesIn(SoldOutFaults()),
                         kNameOfFault);

/// What came after the checkpoint is not expected yet.
TEST(HistoryRows, AreComparedAsTheyWereAtTheCheckpoint) {
  PlantedStore store;
  store.MakeViews();
  AddHistory(store);
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

}  // namespace
}  // namespace coupond::test
