#include "api/reply_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "support/builders.h"

namespace coupond::api {
namespace {

using connect::Code;
using test::At;
using testing::StartsWith;

google::protobuf::Timestamp TimestampOf(std::int64_t unix_nanoseconds) {
  google::protobuf::Timestamp message;
  SetTimestamp(Timestamp::FromUnixNanoseconds(unix_nanoseconds), message);
  return message;
}

TEST(ReplyMapping, NanosCountForwardBeforeAndAfter1970) {
  const struct {
    std::int64_t unix_nanoseconds;
    std::int64_t seconds;
    std::int32_t nanos;
  } rows[] = {
      {0, 0, 0},
      {1, 0, 1},
      {1'999'999'999, 1, 999'999'999},
      {-1, -1, 999'999'999},
      {-1'000'000'000, -1, 0},
      {-1'000'000'001, -2, 999'999'999},
      {std::numeric_limits<std::int64_t>::max(), 9'223'372'036, 854'775'807},
      {std::numeric_limits<std::int64_t>::min(), -9'223'372'037, 145'224'192},
  };
  for (const auto& row : rows) {
    const auto message = TimestampOf(row.unix_nanoseconds);
    EXPECT_EQ(message.seconds(), row.seconds) << row.unix_nanoseconds;
    EXPECT_EQ(message.nanos(), row.nanos) << row.unix_nanoseconds;
  }
}

TEST(ReplyMapping, ACampaignRowBecomesACampaignMessage) {
  coupon::v1::Campaign message;
  SetCampaign({.number = CampaignNumber(3),
               .id = test::Id(9),
               .name = "설날",
               .total_coupons = 100'000'000,
               .issued_coupons = 99'999'999,
               .start_time = test::At(5),
               .created_at = test::At(1),
               .first_serial = Serial(77)},
              message);
  EXPECT_EQ(message.id(), FormatUuid(test::Id(9).bytes));
  EXPECT_EQ(message.name(), "설날");
  EXPECT_EQ(message.total_coupons(), 100'000'000);
  EXPECT_EQ(message.issued_coupons(), 99'999'999);
  EXPECT_EQ(message.start_time().seconds() - message.created_at().seconds(), 4);
}

TEST(ReplyMapping, ACouponRowBecomesACouponMessage) {
  const CouponCodec codec(CodeKey{});
  coupon::v1::Coupon message;
  SetCoupon({.ordinal = 0, .serial = Serial(5), .issued_at = test::At(0), .user_id = {}}, codec,
            "some campaign", message);
  EXPECT_EQ(message.code(), codec.Encode(Serial(5)));
  EXPECT_EQ(message.campaign_id(), "some campaign");
  EXPECT_FALSE(message.has_user_id()) << "an anonymous coupon has no user, not an empty one";

  SetCoupon({.ordinal = 0, .serial = Serial(5), .issued_at = test::At(0), .user_id = "민수"}, codec,
            "some campaign", message);
  EXPECT_EQ(message.user_id(), "민수");
}

Refusal Because(RefusalReason reason) { return {.reason = reason, .start_time = At(10)}; }

/// Returns the only detail of a refusal.
coupon::v1::RefusalDetail DetailOf(const connect::Error& error) {
  coupon::v1::RefusalDetail detail;
  EXPECT_EQ(error.details.size(), 1U);
  if (error.details.empty()) return detail;
  EXPECT_EQ(error.details.front().type, "coupon.v1.RefusalDetail");
  EXPECT_TRUE(detail.ParseFromString(error.details.front().value));
  return detail;
}

TEST(ReplyMapping, EveryReasonHasItsCodeAndNamesItsField) {
  const struct {
    RefusalReason reason;
    Code code;
    const char* begins;
    coupon::v1::Refusal refusal;
  } rows[] = {
      {RefusalReason::kNameEmpty, Code::kInvalidArgument, "name: missing or blank",
       coupon::v1::REFUSAL_NAME_EMPTY},
      {RefusalReason::kNameTooLong, Code::kInvalidArgument,
       "name:", coupon::v1::REFUSAL_NAME_TOO_LONG},
      {RefusalReason::kTotalTooSmall, Code::kInvalidArgument,
       "total_coupons:", coupon::v1::REFUSAL_TOTAL_TOO_SMALL},
      {RefusalReason::kTotalTooLarge, Code::kInvalidArgument,
       "total_coupons:", coupon::v1::REFUSAL_TOTAL_TOO_LARGE},
      {RefusalReason::kStartTimeMissing, Code::kInvalidArgument,
       "start_time:", coupon::v1::REFUSAL_START_TIME_MISSING},
      {RefusalReason::kStartTimeInPast, Code::kInvalidArgument,
       "start_time:", coupon::v1::REFUSAL_START_TIME_IN_PAST},
      {RefusalReason::kStartTimeTooLate, Code::kInvalidArgument,
       "start_time:", coupon::v1::REFUSAL_START_TIME_TOO_LATE},
      {RefusalReason::kNameTaken, Code::kAlreadyExists, "name:", coupon::v1::REFUSAL_NAME_TAKEN},
      {RefusalReason::kTooManyCampaigns, Code::kResourceExhausted, "",
       coupon::v1::REFUSAL_TOO_MANY_CAMPAIGNS},
      {RefusalReason::kSerialsExhausted, Code::kResourceExhausted, "",
       coupon::v1::REFUSAL_SERIALS_EXHAUSTED},
      {RefusalReason::kNoSuchCampaign, Code::kNotFound,
       "campaign_id:", coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN},
      {RefusalReason::kNotStarted, Code::kFailedPrecondition, "campaign has not started yet",
       coupon::v1::REFUSAL_NOT_STARTED},
      {RefusalReason::kSoldOut, Code::kResourceExhausted, "no more coupons available",
       coupon::v1::REFUSAL_SOLD_OUT},
  };
  std::uint8_t next = 0;
  for (const auto& row : rows) {
    // In the order of the enum, so that none is left out.
    EXPECT_EQ(static_cast<std::uint8_t>(row.reason), next++);
    const connect::Error error = RefusalError(Because(row.reason));
    EXPECT_EQ(error.code, row.code);
    EXPECT_FALSE(error.message.empty());
    EXPECT_THAT(error.message, StartsWith(row.begins));
    EXPECT_EQ(DetailOf(error).refusal(), row.refusal);
  }
  EXPECT_EQ(next, static_cast<std::uint8_t>(RefusalReason::kSoldOut) + 1);
}

TEST(ReplyMapping, AnErrorHasTheSequenceItRestsOnIfAny) {
  const Refusal taken = Because(RefusalReason::kNameTaken);
  EXPECT_FALSE(DetailOf(RefusalError(taken)).has_sequence());
  EXPECT_EQ(DetailOf(RefusalError(taken, Sequence(41))).sequence(), 41U);
}

TEST(ReplyMapping, NotStartedIsAnAnswerWithTheWaitRoundedUp) {
  const struct {
    std::chrono::nanoseconds before;
    std::int64_t wait_ms;
  } rows[] = {{std::chrono::nanoseconds(1), 1},
              {std::chrono::milliseconds(1), 1},
              {std::chrono::nanoseconds(1'000'001), 2},
              {std::chrono::hours(24), 86'400'000}};
  for (const auto& row : rows) {
    coupon::v1::IssueCouponResponse response;
    ASSERT_TRUE(
        SetIssueRefusal(Because(RefusalReason::kNotStarted), At(10).Plus(-row.before), response));
    EXPECT_FALSE(response.success());
    EXPECT_EQ(response.error(), "campaign has not started yet");
    EXPECT_EQ(response.refusal(), coupon::v1::REFUSAL_NOT_STARTED);
    EXPECT_EQ(response.start_time().seconds() * 1'000'000'000, At(10).unix_nanoseconds());
    EXPECT_EQ(response.wait_ms(), row.wait_ms);
  }
}

TEST(ReplyMapping, SoldOutIsAnAnswerWithoutTimes) {
  coupon::v1::IssueCouponResponse response;
  ASSERT_TRUE(SetIssueRefusal(Because(RefusalReason::kSoldOut), At(11), response));
  EXPECT_EQ(response.error(), "no more coupons available");
  EXPECT_EQ(response.refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  EXPECT_FALSE(response.has_start_time());
  EXPECT_FALSE(response.has_wait_ms());
}

TEST(ReplyMapping, OtherRefusalsOfAnIssueAreErrors) {
  coupon::v1::IssueCouponResponse response;
  EXPECT_FALSE(SetIssueRefusal(Because(RefusalReason::kNoSuchCampaign), At(11), response));
}

TEST(ReplyMapping, NothingDeletedHasTheWordingOfTheApi) {
  coupon::v1::DeleteCampaignResponse response;
  SetNothingDeleted(response);
  EXPECT_FALSE(response.success());
  EXPECT_EQ(response.message(), "No such campaign exists");
  EXPECT_EQ(response.refusal(), coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN);
}

TEST(ReplyMapping, UnavailableHasRetryAfterAndOtherErrorsAreInternal) {
  const connect::Error busy = OperatingError({ErrorCode::kUnavailable, "too busy"});
  EXPECT_EQ(busy.code, Code::kUnavailable);
  EXPECT_EQ(busy.message, "too busy");
  ASSERT_EQ(busy.headers.size(), 1U);
  EXPECT_EQ(busy.headers.front().first, "Retry-After");
  const connect::Error broken = OperatingError({ErrorCode::kIo, "cannot read"});
  EXPECT_EQ(broken.code, Code::kInternal);
  EXPECT_TRUE(broken.headers.empty());
}

}  // namespace
}  // namespace coupond::api
