#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "coupon_audit/compare/verification.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "engine/ports/view_store.h"
#include "storage/views/user_index_rows.h"
#include "storage/views/view_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/compare/index_keys.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An intact log of coupons with users, and views in which one row of the index by user is wrong;
// and indexes that are right in other ways.
namespace coupond::test {
namespace {

constexpr std::uint64_t kWinter = 4;
const std::string kTailBegin(storage::kTailBeginKey);

/// Returns another user of the same bucket.
UserDigest Neighbour(UserDigest user) { return UserDigest(user.value() + storage::kUserBuckets); }

UserCouponRow Coupon(UserDigest user, std::uint64_t sequence, std::uint64_t campaign,
                     std::uint64_t ordinal) {
  return {.user = user,
          .coupon = {.sequence = Sequence(sequence),
                     .campaign = CampaignNumber(campaign),
                     .ordinal = ordinal}};
}
UserCouponRow Coupon(const std::string& user_id, std::uint64_t sequence, std::uint64_t campaign,
                     std::uint64_t ordinal) {
  return Coupon(DigestOf(user_id), sequence, campaign, ordinal);
}
std::string TailKeyOf(std::uint64_t last) { return storage::TailKey(Sequence(last)); }
std::string TailBeginAt(std::uint64_t sequence) {
  return storage::EncodeTailBegin(Sequence(sequence));
}

/// Writes a row with these coupons.
std::function<void(PlantedStore&)> PutCoupons(const std::string& key,
                                              const std::vector<UserCouponRow>& coupons) {
  return Put(key, storage::EncodeUserCoupons(coupons));
}

/// Writes such a row instead of the one at another key.
std::function<void(PlantedStore&)> Replace(const std::string& old_key, const std::string& key,
                                           const std::vector<UserCouponRow>& coupons) {
  return [=](PlantedStore& store) {
    Remove(old_key)(store);
    PutCoupons(key, coupons)(store);
  };
}

/// All coupons with users are in the tail:
///
///   w 6   minji's, spring's 2
///   w 10  joon's, summer's 7 (9); sora's, of autumn, which is deleted
///   w 17  minji's, winter's 11 (15) and 13
void MakeViews(PlantedStore& store) {
  store.AddLimitedCampaign();
  store.MakeViews();
}

/// The same, but with the first two rows of the tail moved to the buckets.
void MakeDistributedViews(PlantedStore& store) {
  MakeViews(store);
  Remove(TailKeyOf(6))(store);
  Remove(TailKeyOf(10))(store);
  PutCoupons(BucketKeyOf("minji", 6), {Coupon("minji", 6, kSpring, 1)})(store);
  PutCoupons(BucketKeyOf("joon", 9), {Coupon("joon", 9, kSummer, 1)})(store);
  PutCoupons(BucketKeyOf("sora", 10), {Coupon("sora", 10, kAutumn, 0)})(store);
  store.PutViewRow(kTailBegin, TailBeginAt(11));
  store.CloseViews();
}

std::function<void(PlantedStore&)> AlterLatest(
    std::function<void(storage::v1::UserCouponsRow&)> change) {
  return Alter(TailKeyOf(17), std::move(change));
}

std::vector<ViewFault> TailFaults() {
  const UserCouponRow minjis = Coupon("minji", 15, kWinter, 0);
  return {
      {"RowMissing", Remove(TailKeyOf(6)), "view_row_missing at sequence 6, campaign 1"},
      {"CouponMissing", Replace(TailKeyOf(17), TailKeyOf(15), {minjis}),
       "view_row_missing at sequence 17, campaign 4"},
      {"CouponOfNobody", PutCoupons(TailKeyOf(12), {Coupon("joon", 12, kSummer, 2)}),
       "view_row_unexpected at sequence 12, campaign 2"},
      {"CouponNeverIssued", PutCoupons(TailKeyOf(18), {Coupon("joon", 18, kSummer, 3)}),
       "view_row_unexpected at sequence 18, campaign 2"},
      {"CampaignNeverCreated", PutCoupons(TailKeyOf(12), {Coupon("joon", 12, 9, 2)}),
       "view_row_unexpected at sequence 12, campaign 9"},
      {"UserOfTheSameBucket",
       PutCoupons(TailKeyOf(6), {Coupon(Neighbour(DigestOf("minji")), 6, kSpring, 1)}),
       "view_row_altered at sequence 6, campaign 1"},
      {"Campaign", PutCoupons(TailKeyOf(6), {Coupon("minji", 6, kSummer, 1)}),
       "view_row_altered at sequence 6, campaign 1"},
      {"CampaignThatIsDeleted", PutCoupons(TailKeyOf(6), {Coupon("minji", 6, kAutumn, 1)}),
       "view_row_missing at sequence 6, campaign 1"},
      {"Ordinal", PutCoupons(TailKeyOf(6), {Coupon("minji", 6, kSpring, 2)}),
       "view_row_altered at sequence 6, campaign 1"},
      {"SequenceTooLow",
       Replace(TailKeyOf(17), TailKeyOf(16), {minjis, Coupon("minji", 16, kWinter, 2)}),
       "view_row_unexpected at sequence 16, campaign 4"},
      {"SequenceTooHigh",
       Replace(TailKeyOf(17), TailKeyOf(18), {minjis, Coupon("minji", 18, kWinter, 2)}),
       "view_row_missing at sequence 17, campaign 4"},
      {"TwiceWithAnotherSequence", PutCoupons(TailKeyOf(18), {Coupon("minji", 18, kWinter, 2)}),
       "view_row_unexpected at sequence 18, campaign 4"},
      {"TwiceWithTheSameSequence", PutCoupons(TailKeyOf(15), {minjis}),
       "view_row_misplaced at sequence 17"},
      {"KeyTooLow", Move(TailKeyOf(6), TailKeyOf(5)), "view_row_misplaced at sequence 5"},
      {"KeyTooHigh", Move(TailKeyOf(6), TailKeyOf(7)), "view_row_misplaced at sequence 7"},
      {"RowUnreadable", Put(TailKeyOf(6), "no row"), "view_row_altered at sequence 6"},
      {"RowEmpty", Put(TailKeyOf(6), ""), "view_row_altered at sequence 6"},
      {"SequencesNotGrowing", AlterLatest([](auto& row) { row.set_sequence_steps(1, 0); }),
       "view_row_altered at sequence 17"},
      {"UnknownField", AlterLatest([](auto& row) {
         row.GetReflection()->MutableUnknownFields(&row)->AddVarint(99, 1);
       }),
       "view_row_altered at sequence 17"},
      {"KeyTooShort", Put("w123", "something"), "view_row_unexpected"},
      {"KeyOfNothing", Put("w", "something"), "view_row_unexpected"},
      {"TailBeginsLater", Put(kTailBegin, TailBeginAt(7)), "view_row_misplaced at sequence 6"},
      {"TailBeginsBehindTheLog", Put(kTailBegin, TailBeginAt(22)), "view_row_altered"},
      {"TailBeginsNowhere", Put(kTailBegin, ""), "view_row_altered"},
      {"TailBeginUnreadable", Put(kTailBegin, "no row"), "view_row_altered"},
  };
}

std::vector<ViewFault> BucketFaults() {
  const std::string minjis = BucketKeyOf("minji", 6);
  return {
      {"RowMissing", Remove(minjis), "view_row_missing at sequence 6, campaign 1"},
      {"CouponOfNobody", PutCoupons(BucketKeyOf("joon", 5), {Coupon("joon", 5, kSpring, 0)}),
       "view_row_unexpected at sequence 5, campaign 1"},
      {"User", PutCoupons(minjis, {Coupon(Neighbour(DigestOf("minji")), 6, kSpring, 1)}),
       "view_row_altered at sequence 6, campaign 1"},
      {"UserOfAnotherBucket", PutCoupons(minjis, {Coupon("joon", 6, kSpring, 1)}),
       "view_row_misplaced at sequence 6"},
      {"Ordinal", PutCoupons(minjis, {Coupon("minji", 6, kSpring, 0)}),
       "view_row_altered at sequence 6, campaign 1"},
      {"TwiceInABucket",
       Replace(minjis, BucketKeyOf("minji", 7),
               {Coupon("minji", 6, kSpring, 1), Coupon("minji", 7, kSpring, 1)}),
       "view_row_unexpected at sequence 7, campaign 1"},
      {"AlsoInTheTail", PutCoupons(TailKeyOf(18), {Coupon("minji", 18, kSpring, 1)}),
       "view_row_unexpected at sequence 18, campaign 1"},
      {"RowAlsoBeforeTheTail", PutCoupons(TailKeyOf(6), {Coupon("minji", 6, kSpring, 1)}),
       "view_row_misplaced at sequence 6"},
      {"RowOnlyBeforeTheTail", Move(minjis, TailKeyOf(6)), "view_row_misplaced at sequence 6"},
      {"BucketOfNobody", Move(minjis, BucketKeyOf("somebody", 6)),
       "view_row_misplaced at sequence 6"},
      {"RowReachesIntoTheTail",
       Replace(minjis, BucketKeyOf("minji", 15),
               {Coupon("minji", 6, kSpring, 1), Coupon("minji", 15, kWinter, 0)}),
       "view_row_misplaced at sequence 15"},
      {"KeyReachesIntoTheTail", Move(minjis, BucketKeyOf("minji", 11)),
       "view_row_misplaced at sequence 11"},
      {"KeyTooLow", Move(minjis, BucketKeyOf("minji", 5)), "view_row_misplaced at sequence 5"},
      {"RowsOverlap",
       [](PlantedStore& store) {
         Replace(BucketKeyOf("minji", 6), BucketKeyOf("minji", 8),
                 {Coupon("minji", 6, kSpring, 1), Coupon("minji", 8, kAutumn, 1)})(store);
         PutCoupons(BucketKeyOf("minji", 7), {Coupon("minji", 7, kAutumn, 1)})(store);
       },
       "view_row_misplaced at sequence 8"},
      {"RowUnreadable", Put(minjis, "no row"), "view_row_altered at sequence 6"},
      {"KeyTooShort", Put(minjis.substr(0, 3), "something"), "view_row_unexpected"},
      {"BucketTooHigh", Put(storage::BucketKey(storage::kUserBuckets, Sequence(6)), "something"),
       "view_row_unexpected"},
      {"TailBeginMissing", Remove(kTailBegin), "view_row_missing"},
      {"TailBeginsTooEarly", Put(kTailBegin, TailBeginAt(10)), "view_row_misplaced at sequence 10"},
      {"TailBeginsTooLate", Put(kTailBegin, TailBeginAt(18)), "view_row_misplaced at sequence 17"},
  };
}

class TailFaultTest : public testing::TestWithParam<ViewFault> {};
class BucketFaultTest : public testing::TestWithParam<ViewFault> {};

void ExpectFound(PlantedStore& store, const ViewFault& fault) {
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  fault.plant(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), fault.verdict);
}

TEST_P(TailFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  MakeViews(store);
  ExpectFound(store, GetParam());
}

TEST_P(BucketFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  MakeDistributedViews(store);
  ExpectFound(store, GetParam());
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(UserIndex, TailFaultTest, testing::ValuesIn(TailFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(UserIndex, BucketFaultTest, testing::ValuesIn(BucketFaults()),
                         kNameOfFault);

std::string DetailOn(const PlantedStore& store) {
  const auto report = audit::Verify(store.path(), [](GroupNumber, GroupNumber) {});
  return report && report->violation ? report->violation->detail : "none";
}

TEST(UserIndexAudit, AnOperatorSeesWhichCouponItIs) {
  PlantedStore store;
  MakeViews(store);
  PutCoupons(TailKeyOf(6),
             {Coupon(UserDigest(DigestOf("minji").value() % 1'024), 6, kSpring, 2)})(store);
  store.CloseViews();
  const std::string detail = DetailOn(store);
  EXPECT_TRUE(
      detail.contains("the coupon with ordinal 2 of campaign 1, of the user with digest "
                      "0000000000000"))
      << detail;
  EXPECT_TRUE(detail.contains("in the place of the coupon with ordinal 1 of campaign 1")) << detail;
}

TEST(UserIndexAudit, ACouponOfAnotherUserIsInTheirFirstBucket) {
  PlantedStore store;
  MakeViews(store);
  PutCoupons(TailKeyOf(6), {Coupon("joon", 6, kSpring, 1)})(store);
  store.CloseViews();
  const bool loser_first =
      storage::BucketOf(DigestOf("minji")) < storage::BucketOf(DigestOf("joon"));
  EXPECT_EQ(VerdictOn(store.path()), loser_first ? "view_row_missing at sequence 6, campaign 1"
                                                 : "view_row_unexpected at sequence 6, campaign 1");
}

/// As when the coupons of many writes were gathered.
TEST(UserIndexAudit, ATailThatWasGatheredIsSound) {
  PlantedStore store;
  MakeViews(store);
  for (const std::uint64_t last : {6, 10, 17}) Remove(TailKeyOf(last))(store);
  const std::vector<UserCouponRow> coupons = {
      Coupon("minji", 6, kSpring, 1), Coupon("joon", 9, kSummer, 1), Coupon("sora", 10, kAutumn, 0),
      Coupon("minji", 15, kWinter, 0), Coupon("minji", 17, kWinter, 2)};
  PutCoupons(TailKeyOf(17), coupons)(store);
  store.PutViewRow(kTailBegin, TailBeginAt(17));
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  // A bucket must not have what lies behind the tail's first coupon.
  PutCoupons(BucketKeyOf("joon", 9), {Coupon("joon", 9, kSummer, 1)})(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_misplaced at sequence 9");
}

TEST(UserIndexAudit, CouponsOfDeletedCampaignsMayBeThereOrNot) {
  PlantedStore store;
  MakeDistributedViews(store);
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  // Its row is dropped, and from another row its last coupon, which leaves the key as it was.
  store.DeleteViewRow(BucketKeyOf("sora", 10));
  Move(BucketKeyOf("joon", 9), BucketKeyOf("joon", 10))(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(UserIndexAudit, AnIndexOfNoLiveCampaignIsSound) {
  PlantedStore store;
  store.Add(At(14), {DeletedEvent(kSpring), DeletedEvent(kSummer)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  for (const std::uint64_t last : {6, 10}) store.DeleteViewRow(TailKeyOf(last));
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(UserIndexAudit, VoidedAndReturnedCouponsStayInTheIndex) {
  PlantedStore store;
  store.AddLimitedCampaign();
  store.Add(At(16),
            {ReturnedEvent(kWinter, 11, SerialRange{Serial(16), 1'024}), VoidedEvent(kWinter, 13),
             FreedEvent(VoidedEvent(kWinter, 13)),
             IssuedToOnRequestEvent(kWinter, 15, "minji", 0xB1), RedeemedEvent(kSpring, 2)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  Remove(TailKeyOf(17))(store);  // with a coupon that is returned and freed
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_missing at sequence 15, campaign 4");
}

TEST(UserIndexAudit, ARestoredStoreGoesOnWithTheOrdinalsThatFollow) {
  PlantedStore store;
  store.Add(At(14), {CreatedEvent(kWinter, "winter", 5, 11, At(14)),
                     IssuedToEvent(kWinter, 11, "minji"), RestoredEvent(5'000)});
  store.Add(At(15), {IssuedToEvent(kSpring, 5'000, "joon"), IssuedToEvent(kWinter, 5'001, "sora"),
                     RestoredEvent(9'000), IssuedToEvent(kWinter, 9'000, "joon")});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  PutCoupons(TailKeyOf(20), {Coupon("joon", 17, kSpring, 4), Coupon("sora", 18, kWinter, 2),
                             Coupon("joon", 20, kWinter, 2)})(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_altered at sequence 18, campaign 4");
}

}  // namespace
}  // namespace coupond::test
