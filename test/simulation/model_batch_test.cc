#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "simulation/model_fixture.h"

// The model must know itself what it expects of a batch, not learn it from the engine.
namespace coupond::test {
namespace {

constexpr std::uint8_t kKim = 7;
constexpr std::uint8_t kLee = 8;

class ModelBatchTest : public ModelTest {
 protected:
  static BatchIssueCoupons Batch(const std::vector<std::uint8_t>& users) {
    BatchIssueCoupons batch{.campaign_id = Id(1)};
    std::uint8_t number = 0;
    for (const std::uint8_t user : users) {
      IssueCoupon& asked = batch.users.emplace_back(IssueTo(1, user));
      asked.request_key = ClaimOf(user);
      asked.request_key->bytes[1] = ++number;
    }
    return batch;
  }
  static BatchIssueCoupons Partial(const std::vector<std::uint8_t>& users) {
    BatchIssueCoupons batch = Batch(users);
    batch.allow_partial = true;
    return batch;
  }
  /// Returns each coupon's serial, with a minus if it is old; 0 for none.
  static std::vector<int> SerialsOf(const ModelOutcome& outcome) {
    std::vector<int> serials;
    for (const BatchResult& result : outcome.results) {
      const int serial = result.coupon ? static_cast<int>(result.coupon->serial.value()) : 0;
      serials.push_back(result.is_new ? serial : -serial);
    }
    return serials;
  }
};

TEST_F(ModelBatchTest, IsRefusedInTheDocumentedOrder) {
  CreateCampaign create = Create(2, "two", 2, At(10));
  create.coupons_per_user = 2;
  create.user_required = true;
  create.request = RequestOf(1);
  model_.Judge(create, At(0));
  model_.Judge(IssueOnRequest(2, 21, kKim), At(11));
  model_.Judge(IssueOnRequest(2, 22, kKim), At(11));
  model_.Judge(Pause(2), At(12));
  model_.Judge(Archive(2), At(13));
  BatchIssueCoupons batch = Batch({kKim, kLee, 9});
  batch.anonymous = 10'001;
  batch.campaign_id = Id(9);
  batch.request = RequestOf(1, 5);
  for (IssueCoupon& user : batch.users) user.request_key.reset();
  ExpectRefusals(
      batch, At(14),
      {
          {RefusalReason::kBatchTooLarge, [&] { batch.anonymous = 1; }},
          {RefusalReason::kNoSuchCampaign, [&] { batch.campaign_id = Id(2); }},
          {RefusalReason::kRequestIdReused, [&] { batch.request = RequestOf(2); }},
          {RefusalReason::kUserRequired, [&] { batch.anonymous = 0; }},
          {RefusalReason::kRequestIdRequired, [&] { batch.users = Batch({kKim, kLee, 9}).users; }},
          {RefusalReason::kEnded, [&] { model_.Judge(Unarchive(2), At(14)); }},
          {RefusalReason::kUserLimitReached,
           [&] { model_.Judge(Update(2, {.coupons_per_user = 3}), At(14)); }},
          {RefusalReason::kSoldOut, [&] { model_.Judge(Update(2, {.total_coupons = 4}), At(14)); }},
          {RefusalReason::kNotEnoughLeft,
           [&] { model_.Judge(Update(2, {.total_coupons = 5}), At(14)); }},
          {RefusalReason::kPaused, [&] { model_.Judge(Resume(2), At(14)); }},
      });
}

TEST_F(ModelBatchTest, IsAnEventAndThoseOfItsCoupons) {
  BatchIssueCoupons batch = Batch({kKim, kLee});
  batch.request = RequestOf(1);
  EXPECT_EQ(RefusalOf(batch, At(9)), RefusalReason::kNotStarted);
  const ModelOutcome outcome = model_.Judge(batch, At(10));
  EXPECT_EQ(outcome.kind, Kind::kBatch);
  EXPECT_EQ(outcome.sequence, Sequence(3));
  EXPECT_EQ(outcome.event, Event(BatchIssued{CampaignNumber(1), 2, RequestOf(1)}));
  EXPECT_EQ(outcome.following,
            (std::vector<Event>{CouponIssued{CampaignNumber(1), Serial(1), ClaimOf(kKim)},
                                CouponIssued{CampaignNumber(1), Serial(2), ClaimOf(kLee)}}));
  EXPECT_EQ(SerialsOf(outcome), (std::vector<int>{1, 2}));
  EXPECT_EQ(model_.last_sequence(), Sequence(5));
  const ModelOutcome again = model_.Judge(batch, At(11));
  EXPECT_EQ(again.kind, Kind::kRepeated);
  EXPECT_EQ(again.sequence, Sequence(3));
}

TEST_F(ModelBatchTest, InPartTheFirstOnesGetThePlaces) {
  const ModelOutcome outcome = model_.Judge(Partial({kKim, kKim, kLee, 9, kKim}), At(10));
  EXPECT_EQ(SerialsOf(outcome), (std::vector<int>{1, -1, 2, 0, -1}));
  EXPECT_EQ(outcome.results[3].refusal, (Refusal{RefusalReason::kSoldOut, At(10)}));
}

TEST_F(ModelBatchTest, ThatGivesOutNothingLeavesNothing) {
  model_.Judge(Batch({kKim, kLee}), At(10));
  const Sequence last = model_.last_sequence();
  BatchIssueCoupons batch = Partial({9, kKim});
  batch.request = RequestOf(1);
  const ModelOutcome outcome = model_.Judge(batch, At(11));
  EXPECT_EQ(outcome.kind, Kind::kUnchanged);
  EXPECT_EQ(outcome.sequence, last);
  EXPECT_EQ(model_.last_sequence(), last);
  EXPECT_EQ(SerialsOf(outcome), (std::vector<int>{0, -1}));
  EXPECT_TRUE(model_.requests().empty());
}

TEST_F(ModelBatchTest, TheLimitCountsWithinIt) {
  model_.Judge(Update(1, {.total_coupons = 9, .coupons_per_user = 2}), At(0));
  EXPECT_EQ(RefusalOf(Batch({kKim, kKim, kKim}), At(10)), RefusalReason::kUserLimitReached);
  const ModelOutcome outcome = model_.Judge(Partial({kKim, kKim, kKim, kLee}), At(10));
  EXPECT_EQ(SerialsOf(outcome), (std::vector<int>{1, 2, -2, 3}));
  EXPECT_EQ(outcome.results[2].refusal, Refusal{RefusalReason::kUserLimitReached});
}

}  // namespace
}  // namespace coupond::test
