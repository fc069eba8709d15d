#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/coupon_rows.h"
#include "storage/views/history_rows.h"
#include "storage/views/state_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/planted_record.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// A sound log in which users are erased, and views beside it: as they may be, and with one row that
// is wrong.
namespace coupond::test {
namespace {

std::string ErasureKeyOf(std::uint64_t sequence) { return storage::ErasureKey(Sequence(sequence)); }
std::string StatusKeyOf(std::uint64_t campaign, std::uint64_t ordinal) {
  return storage::StatusKey(CampaignNumber(campaign), ordinal);
}
std::string SomeErasure(std::uint64_t campaign, std::uint64_t serial) {
  return storage::EncodeErasure(
      {.sequence = {}, .campaign = CampaignNumber(campaign), .serials = {Serial(serial)}});
}
std::function<void(PlantedStore&)> AlterErasure(
    std::function<void(storage::v1::ErasureRow&)> change) {
  return Alter(ErasureKeyOf(14), std::move(change));
}
/// Alters the run of group 3, in which minji was.
std::function<void(PlantedStore&)> AlterRun(
    std::function<void(storage::v1::CouponRunRow&)> change) {
  return Alter(RunKeyOf(kSpring, 2), std::move(change));
}
void AddMinji(storage::v1::CouponRunRow& row) {
  auto& minji = *row.add_holders();
  minji.set_offset(1);
  minji.set_user_id("minji");
}
constexpr const char* kRunAltered = "view_row_altered at group 3, sequence 5, campaign 1";

std::vector<ViewFault> ErasureFaults() {
  return {
      {"Missing", Remove(ErasureKeyOf(14)), "view_row_missing at sequence 14, campaign 1"},
      {"OfADeletedCampaignMissing", Remove(ErasureKeyOf(15)),
       "view_row_missing at sequence 15, campaign 3"},
      {"Campaign", AlterErasure([](auto& row) { row.set_campaign_number(kSummer); }),
       "view_row_altered at sequence 14, campaign 1"},
      {"Serial", AlterErasure([](auto& row) { row.set_serials(0, 3); }),
       "view_row_altered at sequence 14, campaign 1"},
      {"SerialTooMany", AlterErasure([](auto& row) { row.add_serials(3); }),
       "view_row_altered at sequence 14, campaign 1"},
      {"Unreadable", Put(ErasureKeyOf(15), "no row"),
       "view_row_altered at sequence 15, campaign 3"},
      {"Moved", Move(ErasureKeyOf(15), ErasureKeyOf(16)),
       "view_row_missing at sequence 15, campaign 3"},
      {"TooMany", Put(ErasureKeyOf(13), SomeErasure(kSpring, 1)), "view_row_unexpected"},
      {"LastTooMany", Put(ErasureKeyOf(16), SomeErasure(kSpring, 1)), "view_row_unexpected"},
      {"KeyTooShort", Put("e123", "something"), "view_row_unexpected"},
  };
}

std::vector<ViewFault> RowFaults() {
  constexpr const char* kStatusAltered = "view_row_altered at campaign 1";
  return {
      {"TextStillThere", AlterRun(AddMinji), kRunAltered},
      {"TextOfAnother", AlterRun([](auto& row) {
         AddMinji(row);
         row.mutable_holders(0)->set_user_id("jiho");
       }),
       kRunAltered},
      {"AnothersTextMissing",
       Alter<storage::v1::CouponRunRow>(RunKeyOf(kSummer, 1),
                                        [](auto& row) { row.clear_holders(); }),
       "view_row_altered at group 4, sequence 9, campaign 2"},
      {"StatusMissing", Remove(StatusKeyOf(kSpring, 1)), "view_row_missing at campaign 1"},
      {"StatusNotFreed",
       Alter<storage::v1::CouponStatusRow>(StatusKeyOf(kSpring, 1),
                                           [](auto& row) { row.set_claim_freed(false); }),
       kStatusAltered},
      {"StatusOfAnotherState",
       Put(StatusKeyOf(kSpring, 1),
           storage::EncodeStatus(
               {.state = CouponState::kVoided, .voided_at = At(14), .claim_freed = true})),
       kStatusAltered},
      {"StatusOfACouponThatIsNotFreed",
       Put(StatusKeyOf(kSpring, 0), storage::EncodeStatus({.claim_freed = true})),
       "view_row_unexpected"},
      {"AmongThoseOfAState",
       Put(storage::StateKey(CampaignNumber(kSpring), CouponState::kVoided, 1), ""),
       "view_row_unexpected at campaign 1"},
  };
}

class ErasureRowFaultTest : public testing::TestWithParam<ViewFault> {};

TEST_P(ErasureRowFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  store.AddErasure();
  store.MakeViews();
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  GetParam().plant(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Erasures, ErasureRowFaultTest, testing::ValuesIn(ErasureFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Coupons, ErasureRowFaultTest, testing::ValuesIn(RowFaults()),
                         kNameOfFault);

/// Removes both texts from the log, which then says that it is finished.
void Finish(PlantedStore& store) {
  store.RemoveText(3, "minji");
  store.RemoveText(4, "sora");
  store.Add(At(15), {ErasureFinishedEvent(15)});
  store.WriteFiles();
}

TEST(ErasureRows, TextsMayStillBeInTheLog) {
  PlantedStore store;
  store.AddErasure();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  store.RemoveText(3, "minji");
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  store.RemoveText(4, "sora");
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ErasureRows, OfAFinishedErasureAreGone) {
  PlantedStore store;
  store.AddErasure();
  Finish(store);
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  Put(ErasureKeyOf(14), SomeErasure(kSpring, 2))(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_unexpected");
}

TEST(ErasureRows, AreThereIfItWasFinishedAfterTheCheckpoint) {
  PlantedStore store;
  store.AddErasure();
  store.MakeViews();
  Finish(store);
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  AlterRun(AddMinji)(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), kRunAltered);
}

TEST(ErasureRows, AfterTheCheckpointTextsMayBeThereOrNot) {
  PlantedStore store;
  store.MakeViews();
  store.AddErasure();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  AlterRun([](auto& row) { row.clear_holders(); })(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  Finish(store);
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  AlterRun(AddMinji)(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ErasureRows, AfterTheCheckpointTheRestOfARunIsStillCompared) {
  PlantedStore store;
  store.MakeViews();
  store.AddErasure();
  AlterRun([](auto& row) { row.mutable_holders(0)->set_user_id("jiho"); })(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), kRunAltered);
  AlterRun([](auto& row) {
    row.clear_holders();
    row.set_count(2);
  })(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), kRunAltered);
}

/// A row of the index that was written before stays; of a text that was gone there is none.
TEST(ErasureRows, TheIndexMayHaveTheCouponOrNot) {
  PlantedStore has;
  has.AddErasure();
  has.MakeViews();
  has.RemoveText(3, "minji");
  EXPECT_EQ(VerdictOn(has.path()), "sound");
  CouponIssued jiho = IssuedToEvent(kSpring, 5, "jiho");
  const std::vector<Event> with_text = {jiho, ErasedEvent(kSpring, {5})};
  jiho.user_id.clear();
  PlantedStore lacks;
  lacks.Add(At(14), {jiho, with_text[1]});
  lacks.WriteFiles();
  lacks.MakeViews();
  EXPECT_EQ(VerdictOn(lacks.path()), "sound");
  lacks.PutHolders(
      7,
      EncodeHolders({.number = {}, .first_sequence = {}, .commit_time = {}, .events = with_text}));
  EXPECT_EQ(VerdictOn(lacks.path()), "sound");
}

TEST(ErasureRows, OfCouponsInEveryStateAreCompared) {
  PlantedStore store;
  store.AddLimitedCampaign();
  store.Add(At(16), {RedeemedEvent(4, 13, "request 3"), IssuedToOnRequestEvent(4, 15, "minji", 9),
                     ErasedEvent(4, {11, 13, 15}, /*claims_freed=*/true)});
  store.Add(At(17), {CanceledEvent(4, 13, 21), RedeemedEvent(4, 15)});
  store.Add(At(18), {CanceledEvent(4, 15, 25), VoidedEvent(4, 15, "a leak")});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  Remove(StatusKeyOf(4, 2))(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_missing at campaign 4");
}

TEST(ErasureRows, GoWithTheirCampaign) {
  PlantedStore store;
  store.AddErasure();
  store.Add(At(15), {DeletedEvent(kSpring)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ErasureRows, OfTextsThatARepairHasLostMayBeThereOrNot) {
  PlantedStore store;
  store.MakeViews();
  store.RemoveText(3, "minji");
  EXPECT_EQ(VerdictOn(store.path()), "user_id_missing at group 3, sequence 6, campaign 1");
  store.Add(At(14), {RestoredEvent(100)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  AlterRun([](auto& row) { row.clear_holders(); })(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

}  // namespace
}  // namespace coupond::test
