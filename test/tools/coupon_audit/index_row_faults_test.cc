#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "coupon_audit/compare/verification.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "engine/codes/user_digest.h"
#include "engine/ports/view_store.h"
#include "storage/views/stored_view_rows.h"
#include "storage/views/user_index.h"
#include "storage/views/user_index_rows.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"
#include "tools/coupon_audit/altered_views.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An intact log of coupons with users, and views in which one row of the index by user is wrong;
// and indexes that are right in other ways.
namespace coupond::test {
namespace {

constexpr std::uint64_t kWinter = 4;
const std::string kTailBegin(storage::kTailBeginKey);

UserDigest DigestOf(const std::string& user_id) {
  return UserDigests(PlantedIdentity().code_key).Of(user_id);
}
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
std::string TailKeyOf(std::uint64_t first) { return storage::TailKey(Sequence(first)); }
std::string BucketKeyOf(const std::string& user_id, std::uint64_t first) {
  return storage::BucketKey(storage::BucketOf(DigestOf(user_id)), Sequence(first));
}
std::string TailBeginAt(std::uint64_t sequence) {
  return storage::EncodeTailBegin(Sequence(sequence));
}

/// Writes a row with these coupons.
std::function<void(PlantedStore&)> PutCoupons(const std::string& key,
                                              const std::vector<UserCouponRow>& coupons) {
  return Put(key, storage::EncodeUserCoupons(coupons));
}

/// All coupons with users are in the tail:
///
///   w 6   minji's, spring's 2
///   w 9   joon's, summer's 7; sora's, of autumn, which is deleted
///   w 15  minji's, winter's 11 and 13 (17)
void MakeViews(PlantedStore& store) {
  store.AddLimitedCampaign();
  store.MakeViews();
}

/// The same, but with the first two rows of the tail moved to the buckets.
void MakeDistributedViews(PlantedStore& store) {
  MakeViews(store);
  Remove(TailKeyOf(6))(store);
  Remove(TailKeyOf(9))(store);
  PutCoupons(BucketKeyOf("minji", 6), {Coupon("minji", 6, kSpring, 1)})(store);
  PutCoupons(BucketKeyOf("joon", 9), {Coupon("joon", 9, kSummer, 1)})(store);
  PutCoupons(BucketKeyOf("sora", 10), {Coupon("sora", 10, kAutumn, 0)})(store);
  store.PutViewRow(kTailBegin, TailBeginAt(11));
  store.CloseViews();
}

std::function<void(PlantedStore&)> AlterLatest(
    std::function<void(storage::v1::UserCouponsRow&)> change) {
  return Alter(TailKeyOf(15), std::move(change));
}

std::vector<ViewFault> TailFaults() {
  const UserCouponRow minjis = Coupon("minji", 15, kWinter, 0);
  return {
      {"RowMissing", Remove(TailKeyOf(6)), "view_row_missing at sequence 6, campaign 1"},
      {"CouponMissing", PutCoupons(TailKeyOf(15), {minjis}),
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
      {"SequenceTooLow", PutCoupons(TailKeyOf(15), {minjis, Coupon("minji", 16, kWinter, 2)}),
       "view_row_unexpected at sequence 16, campaign 4"},
      {"SequenceTooHigh", PutCoupons(TailKeyOf(15), {minjis, Coupon("minji", 18, kWinter, 2)}),
       "view_row_missing at sequence 17, campaign 4"},
      {"TwiceWithAnotherSequence", PutCoupons(TailKeyOf(18), {Coupon("minji", 18, kWinter, 2)}),
       "view_row_unexpected at sequence 18, campaign 4"},
      {"TwiceWithTheSameSequence", PutCoupons(TailKeyOf(17), {Coupon("minji", 17, kWinter, 2)}),
       "view_row_misplaced at sequence 17"},
      {"KeyTooLow", Move(TailKeyOf(6), TailKeyOf(5)), "view_row_misplaced at sequence 5"},
      {"KeyTooHigh", Move(TailKeyOf(6), TailKeyOf(7)), "view_row_misplaced at sequence 7"},
      {"RowUnreadable", Put(TailKeyOf(6), "no row"), "view_row_altered at sequence 6"},
      {"RowEmpty", Put(TailKeyOf(6), ""), "view_row_altered at sequence 6"},
      {"SequencesNotGrowing", AlterLatest([](auto& row) { row.set_sequence_steps(1, 0); }),
       "view_row_altered at sequence 15"},
      {"UnknownField", AlterLatest([](auto& row) {
         row.GetReflection()->MutableUnknownFields(&row)->AddVarint(99, 1);
       }),
       "view_row_altered at sequence 15"},
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
       PutCoupons(minjis, {Coupon("minji", 6, kSpring, 1), Coupon("minji", 7, kSpring, 1)}),
       "view_row_unexpected at sequence 7, campaign 1"},
      {"AlsoInTheTail", PutCoupons(TailKeyOf(18), {Coupon("minji", 18, kSpring, 1)}),
       "view_row_unexpected at sequence 18, campaign 1"},
      {"RowAlsoBeforeTheTail", PutCoupons(TailKeyOf(6), {Coupon("minji", 6, kSpring, 1)}),
       "view_row_misplaced at sequence 6"},
      {"RowOnlyBeforeTheTail", Move(minjis, TailKeyOf(6)), "view_row_misplaced at sequence 6"},
      {"BucketOfNobody", Move(minjis, BucketKeyOf("somebody", 6)),
       "view_row_misplaced at sequence 6"},
      {"RowReachesIntoTheTail",
       PutCoupons(minjis, {Coupon("minji", 6, kSpring, 1), Coupon("minji", 15, kWinter, 0)}),
       "view_row_misplaced at sequence 6"},
      {"KeyTooHigh", Move(minjis, BucketKeyOf("minji", 7)), "view_row_misplaced at sequence 7"},
      {"RowsOverlap",
       [](PlantedStore& store) {
         PutCoupons(BucketKeyOf("minji", 6),
                    {Coupon("minji", 6, kSpring, 1), Coupon("minji", 8, kAutumn, 1)})(store);
         PutCoupons(BucketKeyOf("minji", 7), {Coupon("minji", 7, kAutumn, 1)})(store);
       },
       "view_row_misplaced at sequence 7"},
      {"RowUnreadable", Put(minjis, "no row"), "view_row_altered at sequence 6"},
      {"KeyTooShort", Put(minjis.substr(0, 3), "something"), "view_row_unexpected"},
      {"BucketTooHigh", Put(storage::BucketKey(storage::kUserBuckets, Sequence(6)), "something"),
       "view_row_unexpected"},
      {"TailBeginMissing", Remove(kTailBegin), "view_row_missing"},
      {"TailBeginsTooEarly", Put(kTailBegin, TailBeginAt(10)), "view_row_misplaced at sequence 10"},
      {"TailBeginsTooLate", Put(kTailBegin, TailBeginAt(16)), "view_row_misplaced at sequence 15"},
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

TEST(UserIndexAudit, ACouponUnderAnotherUserIsFoundInTheFirstOfTheirBuckets) {
  PlantedStore store;
  MakeViews(store);
  PutCoupons(TailKeyOf(6), {Coupon("joon", 6, kSpring, 1)})(store);
  store.CloseViews();
  const bool loser_first =
      storage::BucketOf(DigestOf("minji")) < storage::BucketOf(DigestOf("joon"));
  EXPECT_EQ(VerdictOn(store.path()), loser_first ? "view_row_missing at sequence 6, campaign 1"
                                                 : "view_row_unexpected at sequence 6, campaign 1");
}

TEST(UserIndexAudit, CouponsOfDeletedCampaignsMayBeThereOrNot) {
  PlantedStore store;
  MakeDistributedViews(store);
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  // Its row is dropped, and from another row its first coupon, which leaves the key as it was.
  store.DeleteViewRow(BucketKeyOf("sora", 10));
  Move(BucketKeyOf("joon", 9), BucketKeyOf("joon", 8))(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(UserIndexAudit, AnIndexOfNoLiveCampaignIsSound) {
  PlantedStore store;
  store.Add(At(14), {DeletedEvent(kSpring), DeletedEvent(kSummer)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  for (const std::uint64_t first : {6, 9}) store.DeleteViewRow(TailKeyOf(first));
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(UserIndexAudit, CouponsThatWereVoidedFreedOrReturnedStayInTheIndex) {
  PlantedStore store;
  store.AddLimitedCampaign();
  store.Add(At(16),
            {ReturnedEvent(kWinter, 11, SerialRange{Serial(16), 1'024}), VoidedEvent(kWinter, 13),
             FreedEvent(VoidedEvent(kWinter, 13)),
             IssuedToOnRequestEvent(kWinter, 15, "minji", 0xB1), RedeemedEvent(kSpring, 2)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  Remove(TailKeyOf(15))(store);  // with a coupon that is returned and freed
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
  PutCoupons(TailKeyOf(17), {Coupon("joon", 17, kSpring, 4), Coupon("sora", 18, kWinter, 2),
                             Coupon("joon", 20, kWinter, 2)})(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), "view_row_altered at sequence 18, campaign 4");
}

/// Two groups of two campaigns' coupons, each of which fills the tail, and one more.
class LargeUserIndexTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kCoupons = storage::UserIndex::kTailCouponsMax + 16;
  static constexpr std::uint64_t kThursday = 4;
  static constexpr std::uint64_t kFriday = 5;

  LargeUserIndexTest() {
    constexpr std::uint64_t kTotal = 2 * kCoupons;
    store_.Add(At(14), {CreatedEvent(kThursday, "thursday", kTotal, 11, At(14)),
                        CreatedEvent(kFriday, "friday", kTotal, 11 + kTotal, At(14))});
    for (int group = 0; group < 2; ++group) Issue(kCoupons);
    Issue(100);
    store_.WriteFiles();
  }

  void Issue(std::uint64_t count) {
    std::vector<Event> events;
    for (std::uint64_t i = 0; i < count; ++i, ++issued_) {
      const std::uint64_t campaign = issued_ % 2 == 0 ? kThursday : kFriday;
      const std::uint64_t first_serial = campaign == kThursday ? 11 : 11 + 2 * kCoupons;
      events.push_back(IssuedToEvent(campaign, first_serial + issued_ / 2,
                                     "user " + std::to_string(issued_ / 2)));
    }
    store_.Add(At(15), events);
  }
  /// Returns how many coupons are in the buckets.
  [[nodiscard]] std::size_t CouponsInBuckets() const {
    const auto rows = storage::StoredViewRows::Open(store_.path() / "views");
    std::size_t coupons = 0;
    const storage::KeyRange range = storage::AllBuckets();
    auto row = (*rows)->From(range.first);
    for (; row.Valid() && row.key() < range.end; row.Next()) {
      coupons += storage::DecodeUserCoupons(row.value())->size();
    }
    return coupons;
  }
  /// Compacts all buckets, as RocksDB does now and then with some of them.
  void Compact() const {
    const auto db = storage::OpenViewDatabase(store_.path() / "views", nullptr);
    ASSERT_TRUE(db.has_value());
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const storage::KeyRange range = storage::AllBuckets();
    const rocksdb::Slice first(range.first);
    const rocksdb::Slice end(range.end);
    ASSERT_TRUE((*db)->CompactRange(options, &first, &end).ok());
  }

  PlantedStore store_;
  std::uint64_t issued_ = 0;
};

TEST_F(LargeUserIndexTest, ADistributedIndexIsComparedBeforeAndAfterACompaction) {
  store_.Add(At(16), {DeletedEvent(kFriday)});
  store_.WriteFiles();
  store_.MakeViews();
  EXPECT_EQ(VerdictOn(store_.path()), "sound");
  ASSERT_EQ(CouponsInBuckets(), 2 * kCoupons + 3);
  Compact();
  ASSERT_EQ(CouponsInBuckets(), kCoupons + 2);
  EXPECT_EQ(VerdictOn(store_.path()), "sound");
}

TEST_F(LargeUserIndexTest, OneCouponThatIsMissingAmongManyIsNamed) {
  store_.MakeViews();
  ASSERT_EQ(VerdictOn(store_.path()), "sound");
  // The second distribution; its first coupon is thursday's.
  const std::uint64_t first = kBaseEvents + 2 + kCoupons + 1;
  const std::string user_id = "user " + std::to_string(kCoupons / 2);
  Alter<storage::v1::UserCouponsRow>(BucketKeyOf(user_id, first), [](auto& row) {
    row.mutable_users()->erase(row.users().begin());
    const std::uint64_t step = row.sequence_steps(0);
    row.mutable_sequence_steps()->erase(row.sequence_steps().begin());
    row.set_sequence_steps(0, row.sequence_steps(0) + step);
    row.mutable_campaign_numbers()->erase(row.campaign_numbers().begin());
    row.mutable_ordinals()->erase(row.ordinals().begin());
  })(store_);
  store_.CloseViews();
  EXPECT_EQ(VerdictOn(store_.path()), "view_row_missing at sequence " + std::to_string(first) +
                                          ", campaign " + std::to_string(kThursday));
}

}  // namespace
}  // namespace coupond::test
