#include "api/reply_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "support/builders.h"

namespace coupond::service {
namespace {

namespace api = coupon::v1;

using connect::Code;
using test::At;
using testing::StartsWith;

Refusal Because(RefusalReason reason) { return {.reason = reason, .start_time = At(10)}; }

/// The one detail that a refusal has.
api::RefusalDetail DetailOf(const connect::Error& error) {
  api::RefusalDetail detail;
  EXPECT_EQ(error.details.size(), 1U);
  if (error.details.empty()) return detail;
  EXPECT_EQ(error.details.front().type, "coupon.v1.RefusalDetail");
  EXPECT_TRUE(detail.ParseFromString(error.details.front().value));
  return detail;
}

TEST(RefusalMapping, EveryReasonHasItsCodeAndNamesItsField) {
  const struct {
    RefusalReason reason;
    Code code;
    const char* begins;
    api::Refusal refusal;
  } rows[] = {
      {RefusalReason::kNameEmpty, Code::kInvalidArgument, "name: missing or blank",
       api::REFUSAL_NAME_EMPTY},
      {RefusalReason::kNameTooLong, Code::kInvalidArgument, "name:", api::REFUSAL_NAME_TOO_LONG},
      {RefusalReason::kTotalTooSmall, Code::kInvalidArgument,
       "total_coupons:", api::REFUSAL_TOTAL_TOO_SMALL},
      {RefusalReason::kTotalTooLarge, Code::kInvalidArgument,
       "total_coupons:", api::REFUSAL_TOTAL_TOO_LARGE},
      {RefusalReason::kStartTimeMissing, Code::kInvalidArgument,
       "start_time:", api::REFUSAL_START_TIME_MISSING},
      {RefusalReason::kStartTimeInPast, Code::kInvalidArgument,
       "start_time:", api::REFUSAL_START_TIME_IN_PAST},
      {RefusalReason::kStartTimeTooLate, Code::kInvalidArgument,
       "start_time:", api::REFUSAL_START_TIME_TOO_LATE},
      {RefusalReason::kNameTaken, Code::kAlreadyExists, "name:", api::REFUSAL_NAME_TAKEN},
      {RefusalReason::kTooManyCampaigns, Code::kResourceExhausted, "",
       api::REFUSAL_TOO_MANY_CAMPAIGNS},
      {RefusalReason::kSerialsExhausted, Code::kResourceExhausted, "",
       api::REFUSAL_SERIALS_EXHAUSTED},
      {RefusalReason::kNoSuchCampaign, Code::kNotFound,
       "campaign_id:", api::REFUSAL_NO_SUCH_CAMPAIGN},
      {RefusalReason::kNotStarted, Code::kFailedPrecondition, "campaign has not started yet",
       api::REFUSAL_NOT_STARTED},
      {RefusalReason::kSoldOut, Code::kResourceExhausted, "no more coupons available",
       api::REFUSAL_SOLD_OUT},
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

TEST(RefusalMapping, AnErrorHasTheSequenceThatItRestsOnIfAny) {
  const Refusal taken = Because(RefusalReason::kNameTaken);
  EXPECT_FALSE(DetailOf(RefusalError(taken)).has_sequence());
  EXPECT_EQ(DetailOf(RefusalError(taken, Sequence(41))).sequence(), 41U);
}

TEST(RefusalMapping, NotStartedIsAnAnswerWithTheTimeToWaitRoundedUp) {
  const struct {
    std::chrono::nanoseconds before;
    std::int64_t wait_ms;
  } rows[] = {{std::chrono::nanoseconds(1), 1},
              {std::chrono::milliseconds(1), 1},
              {std::chrono::nanoseconds(1'000'001), 2},
              {std::chrono::hours(24), 86'400'000}};
  for (const auto& row : rows) {
    api::IssueCouponResponse response;
    ASSERT_TRUE(
        SetIssueRefusal(Because(RefusalReason::kNotStarted), At(10).Plus(-row.before), response));
    EXPECT_FALSE(response.success());
    EXPECT_EQ(response.error(), "campaign has not started yet");
    EXPECT_EQ(response.refusal(), api::REFUSAL_NOT_STARTED);
    EXPECT_EQ(response.start_time().seconds() * 1'000'000'000, At(10).unix_nanoseconds());
    EXPECT_EQ(response.wait_ms(), row.wait_ms);
  }
}

TEST(RefusalMapping, SoldOutIsAnAnswerWithoutTimes) {
  api::IssueCouponResponse response;
  ASSERT_TRUE(SetIssueRefusal(Because(RefusalReason::kSoldOut), At(11), response));
  EXPECT_EQ(response.error(), "no more coupons available");
  EXPECT_EQ(response.refusal(), api::REFUSAL_SOLD_OUT);
  EXPECT_FALSE(response.has_start_time());
  EXPECT_FALSE(response.has_wait_ms());
}

TEST(RefusalMapping, OtherRefusalsOfAnIssueAreErrors) {
  api::IssueCouponResponse response;
  EXPECT_FALSE(SetIssueRefusal(Because(RefusalReason::kNoSuchCampaign), At(11), response));
}

TEST(RefusalMapping, NothingDeletedIsSaidInTheWordsOfTheApi) {
  api::DeleteCampaignResponse response;
  SetNothingDeleted(response);
  EXPECT_FALSE(response.success());
  EXPECT_EQ(response.message(), "No such campaign exists");
  EXPECT_EQ(response.refusal(), api::REFUSAL_NO_SUCH_CAMPAIGN);
}

TEST(RefusalMapping, UnavailableSaysWhenToComeBackAndOtherErrorsAreInternal) {
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
}  // namespace coupond::service
