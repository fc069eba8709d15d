#include "api/refusal_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "api/reply_mapping.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using connect::Code;
using test::At;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

std::int64_t SecondsAfterAt0(const google::protobuf::Timestamp& message) {
  return message.seconds() - At(0).unix_nanoseconds() / 1'000'000'000;
}

Refusal Because(RefusalReason reason) { return {.reason = reason, .at = At(10)}; }

/// Returns the only detail of a refusal.
coupon::v1::RefusalDetail DetailOf(const connect::Error& error) {
  coupon::v1::RefusalDetail detail;
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
      {RefusalReason::kDescriptionTooLong, Code::kInvalidArgument,
       "description:", coupon::v1::REFUSAL_DESCRIPTION_TOO_LONG},
      {RefusalReason::kEndTimeTooLate, Code::kInvalidArgument,
       "end_time:", coupon::v1::REFUSAL_END_TIME_TOO_LATE},
      {RefusalReason::kCouponsPerUserOutOfRange, Code::kInvalidArgument,
       "coupons_per_user: out of range; give 1 to 1000",
       coupon::v1::REFUSAL_COUPONS_PER_USER_OUT_OF_RANGE},
      {RefusalReason::kRedeemStartTimeTooLate, Code::kInvalidArgument,
       "redeem_start_time:", coupon::v1::REFUSAL_REDEEM_START_TIME_TOO_LATE},
      {RefusalReason::kExpireTimeTooLate, Code::kInvalidArgument,
       "expire_time:", coupon::v1::REFUSAL_EXPIRE_TIME_TOO_LATE},
      {RefusalReason::kValidDurationOutOfRange, Code::kInvalidArgument,
       "valid_duration:", coupon::v1::REFUSAL_VALID_DURATION_OUT_OF_RANGE},
      {RefusalReason::kMetadataTooLarge, Code::kInvalidArgument,
       "metadata:", coupon::v1::REFUSAL_METADATA_TOO_LARGE},
      {RefusalReason::kReasonTooLong, Code::kInvalidArgument,
       "reason:", coupon::v1::REFUSAL_REASON_TOO_LONG},
      {RefusalReason::kBatchTooLarge, Code::kInvalidArgument,
       "count:", coupon::v1::REFUSAL_BATCH_TOO_LARGE},
      {RefusalReason::kNoSuchCampaign, Code::kNotFound,
       "campaign_id:", coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN},
      {RefusalReason::kCampaignArchived, Code::kFailedPrecondition, "the campaign is archived",
       coupon::v1::REFUSAL_CAMPAIGN_ARCHIVED},
      {RefusalReason::kChangedMeanwhile, Code::kAborted,
       "if_revision:", coupon::v1::REFUSAL_CHANGED_MEANWHILE},
      {RefusalReason::kStartTimeFixed, Code::kFailedPrecondition,
       "start_time:", coupon::v1::REFUSAL_START_TIME_FIXED},
      {RefusalReason::kTotalBelowIssued, Code::kFailedPrecondition,
       "total_coupons:", coupon::v1::REFUSAL_TOTAL_BELOW_ISSUED},
      {RefusalReason::kEndTimeNotAfterStart, Code::kInvalidArgument,
       "end_time:", coupon::v1::REFUSAL_END_TIME_NOT_AFTER_START},
      {RefusalReason::kExpireTimeTooEarly, Code::kFailedPrecondition, "coupons would expire before",
       coupon::v1::REFUSAL_EXPIRE_TIME_TOO_EARLY},
      {RefusalReason::kCouponsPerUserFixed, Code::kFailedPrecondition,
       "coupons_per_user:", coupon::v1::REFUSAL_COUPONS_PER_USER_FIXED},
      {RefusalReason::kNameTaken, Code::kAlreadyExists, "name:", coupon::v1::REFUSAL_NAME_TAKEN},
      {RefusalReason::kTooManyCampaigns, Code::kResourceExhausted, "",
       coupon::v1::REFUSAL_TOO_MANY_CAMPAIGNS},
      {RefusalReason::kSerialsExhausted, Code::kResourceExhausted, "",
       coupon::v1::REFUSAL_SERIALS_EXHAUSTED},
      {RefusalReason::kUserRequired, Code::kInvalidArgument, "user_id: missing",
       coupon::v1::REFUSAL_USER_REQUIRED},
      {RefusalReason::kRequestIdRequired, Code::kInvalidArgument, "request_id: missing",
       coupon::v1::REFUSAL_REQUEST_ID_REQUIRED},
      {RefusalReason::kEnded, Code::kFailedPrecondition, "campaign has ended",
       coupon::v1::REFUSAL_ENDED},
      {RefusalReason::kUserLimitReached, Code::kFailedPrecondition,
       "user has as many coupons as the campaign allows", coupon::v1::REFUSAL_USER_LIMIT_REACHED},
      {RefusalReason::kSoldOut, Code::kResourceExhausted, "no more coupons available",
       coupon::v1::REFUSAL_SOLD_OUT},
      {RefusalReason::kNotEnoughLeft, Code::kResourceExhausted, "fewer coupons are left",
       coupon::v1::REFUSAL_NOT_ENOUGH_LEFT},
      {RefusalReason::kNotStarted, Code::kFailedPrecondition, "campaign has not started yet",
       coupon::v1::REFUSAL_NOT_STARTED},
      {RefusalReason::kPaused, Code::kFailedPrecondition, "campaign is paused",
       coupon::v1::REFUSAL_PAUSED},
      {RefusalReason::kNoSuchCoupon, Code::kNotFound, "code:", coupon::v1::REFUSAL_NO_SUCH_COUPON},
      {RefusalReason::kRequestIdReused, Code::kAlreadyExists,
       "request_id:", coupon::v1::REFUSAL_REQUEST_ID_REUSED},
      {RefusalReason::kCouponVoided, Code::kFailedPrecondition, "coupon is void",
       coupon::v1::REFUSAL_COUPON_VOIDED},
      {RefusalReason::kCouponAlreadyRedeemed, Code::kFailedPrecondition,
       "coupon is already redeemed", coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED},
      {RefusalReason::kNotRedeemed, Code::kFailedPrecondition, "coupon is not redeemed",
       coupon::v1::REFUSAL_NOT_REDEEMED},
      {RefusalReason::kWrongHolder, Code::kFailedPrecondition, "user_id: missing, or not the user",
       coupon::v1::REFUSAL_WRONG_HOLDER},
      {RefusalReason::kCouponExpired, Code::kFailedPrecondition, "coupon has expired",
       coupon::v1::REFUSAL_COUPON_EXPIRED},
      {RefusalReason::kCouponNotYetValid, Code::kFailedPrecondition,
       "coupon cannot be redeemed yet", coupon::v1::REFUSAL_COUPON_NOT_YET_VALID},
      {RefusalReason::kRedeemingPaused, Code::kFailedPrecondition, "redeeming is paused",
       coupon::v1::REFUSAL_REDEEMING_PAUSED},
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
    EXPECT_EQ(error.details.front().debug,
              R"({"refusal":")" + coupon::v1::Refusal_Name(row.refusal) + R"("})");

    const connect::ReadDetails read = connect::DetailsOf(error, kErrorDomain);
    EXPECT_EQ("REFUSAL_" + read.reason, coupon::v1::Refusal_Name(row.refusal));
    EXPECT_EQ(read.domain, "coupond");
    const std::size_t colon = error.message.find(": ");
    EXPECT_EQ(read.field, colon == std::string::npos ? "" : error.message.substr(0, colon))
        << "the field that the message names";
    EXPECT_EQ(read.description, colon == std::string::npos ? "" : error.message.substr(colon + 2));
  }
  EXPECT_EQ(next, static_cast<std::uint8_t>(RefusalReason::kRedeemingPaused) + 1);
}

TEST(RefusalMapping, AnErrorHasTheSequenceItRestsOnIfAny) {
  const Refusal taken = Because(RefusalReason::kNameTaken);
  EXPECT_FALSE(DetailOf(RefusalError(taken)).has_sequence());
  EXPECT_EQ(DetailOf(RefusalError(taken, Sequence(41))).sequence(), 41U);
}

TEST(RefusalMapping, AnErrorTellsHowTheCallerCanGoOn) {
  const struct {
    Refusal refusal;
    const char* fact;
    const char* message;
  } rows[] = {
      {{.reason = RefusalReason::kTotalBelowIssued, .coupons = 17},
       "issued",
       "total_coupons: below the 17 coupons already issued; give at least 17"},
      {{.reason = RefusalReason::kNotEnoughLeft, .coupons = 17},
       "left",
       "fewer coupons are left (17) than the batch needs; ask for fewer, or set allow_partial"},
      {{.reason = RefusalReason::kChangedMeanwhile, .present = Sequence(17)},
       "revision",
       "if_revision: the campaign now has revision 17; read it again"},
      {{.reason = RefusalReason::kCouponAlreadyRedeemed, .present = Sequence(17)},
       "redemption",
       "coupon is already redeemed (redemption 17)"},
      {{.reason = RefusalReason::kNotRedeemed, .present = Sequence(17)},
       "redemption",
       "coupon is not redeemed by the redemption that is named, but by redemption 17"},
  };
  for (const auto& row : rows) {
    const connect::Error error = RefusalError(row.refusal, Sequence(41));
    EXPECT_EQ(error.message, row.message);
    EXPECT_THAT(connect::DetailsOf(error).facts, ElementsAre(Pair(row.fact, "17")));
  }
  const connect::Error never = RefusalError({.reason = RefusalReason::kNotRedeemed});
  EXPECT_EQ(never.message, "coupon is not redeemed");
  EXPECT_THAT(connect::DetailsOf(never).facts, IsEmpty());
}

// A '#' in a text stands for the number, which only errors tell.
TEST(RefusalMapping, NoMessageHasAPlaceLeftForANumber) {
  for (auto reason = RefusalReason::kNameEmpty; reason <= RefusalReason::kRedeemingPaused;
       reason = static_cast<RefusalReason>(static_cast<int>(reason) + 1)) {
    const Refusal refusal = Because(reason);
    const connect::Error error = RefusalError(refusal);
    EXPECT_THAT(error.message, Not(HasSubstr("#")));
    const connect::Error elsewhere = RefusalErrorIn("other", refusal);
    EXPECT_THAT(elsewhere.message, AllOf(StartsWith("other: "), Not(HasSubstr("#"))));
    EXPECT_EQ(elsewhere.field, "other");
    EXPECT_EQ(elsewhere.message.substr(std::string_view("other: ").size()),
              error.field.empty() ? error.message : error.message.substr(error.field.size() + 2));
    // The texts themselves, because these answers tell no number.
    coupon::v1::BatchIssueResult result;
    SetBatchRefusal(reason, result);
    EXPECT_EQ(result.error().contains('#'), !error.facts.empty()) << result.error();
    coupon::v1::IssueCouponResponse response;
    if (SetIssueRefusal(refusal, At(0), response)) {
      EXPECT_THAT(response.error(), Not(HasSubstr("#")));
    }
  }
}

TEST(RefusalMapping, NotStartedIsAnAnswerWithTheWaitRoundedUp) {
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
    EXPECT_EQ(response.retry_ms(), row.wait_ms);
  }
}

TEST(RefusalMapping, SoldOutAndEndedSaySinceWhenAndInviteNoRetry) {
  coupon::v1::IssueCouponResponse sold_out;
  ASSERT_TRUE(SetIssueRefusal(Because(RefusalReason::kSoldOut), At(11), sold_out));
  EXPECT_EQ(sold_out.error(), "no more coupons available");
  EXPECT_EQ(sold_out.refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  EXPECT_EQ(SecondsAfterAt0(sold_out.sold_out_at()), 10);
  EXPECT_EQ(SecondsAfterAt0(sold_out.server_time()), 11);
  coupon::v1::IssueCouponResponse ended;
  ASSERT_TRUE(SetIssueRefusal(Because(RefusalReason::kEnded), At(11), ended));
  EXPECT_EQ(ended.error(), "campaign has ended");
  EXPECT_EQ(ended.refusal(), coupon::v1::REFUSAL_ENDED);
  EXPECT_EQ(SecondsAfterAt0(ended.end_time()), 10);
  EXPECT_EQ(SecondsAfterAt0(ended.server_time()), 11);
  for (const auto& response : {sold_out, ended}) {
    EXPECT_FALSE(response.has_start_time());
    EXPECT_FALSE(response.has_wait_ms());
    EXPECT_FALSE(response.has_retry_ms());
  }
}

TEST(RefusalMapping, APausedCampaignsCallersAreSpreadOut) {
  std::set<std::int64_t> retries;
  // All of them are refused at once.
  for (int caller = 0; caller < 1'000; ++caller) {
    coupon::v1::IssueCouponResponse response;
    ASSERT_TRUE(SetIssueRefusal(Because(RefusalReason::kPaused), At(11), response));
    EXPECT_EQ(response.refusal(), coupon::v1::REFUSAL_PAUSED);
    EXPECT_FALSE(response.has_wait_ms());
    EXPECT_GE(response.retry_ms(), 1'000);
    EXPECT_LE(response.retry_ms(), 3'000);
    retries.insert(response.retry_ms());
  }
  EXPECT_GT(retries.size(), 700U) << "of the 787 that 1,000 random ones would be";
  EXPECT_LT(*retries.begin(), 1'050);
  EXPECT_GT(*retries.rbegin(), 2'950);
}

TEST(RefusalMapping, WhatTheCallerCannotWaitForInvitesNoRetry) {
  for (const auto& [reason, refusal] :
       {std::pair(RefusalReason::kUserRequired, coupon::v1::REFUSAL_USER_REQUIRED),
        std::pair(RefusalReason::kUserLimitReached, coupon::v1::REFUSAL_USER_LIMIT_REACHED)}) {
    coupon::v1::IssueCouponResponse response;
    ASSERT_TRUE(SetIssueRefusal(Because(reason), At(11), response));
    EXPECT_FALSE(response.success());
    EXPECT_EQ(response.refusal(), refusal);
    EXPECT_EQ(response.error(), RefusalError(Because(reason)).message);
    EXPECT_EQ(SecondsAfterAt0(response.server_time()), 11);
    EXPECT_FALSE(response.has_retry_ms());
  }
}

TEST(RefusalMapping, OtherRefusalsOfAnIssueAreErrors) {
  for (const RefusalReason reason :
       {RefusalReason::kNoSuchCampaign, RefusalReason::kRequestIdRequired}) {
    coupon::v1::IssueCouponResponse response;
    EXPECT_FALSE(SetIssueRefusal(Because(reason), At(11), response));
  }
}

TEST(RefusalMapping, ARefusedRedemptionSaysWhenThatChanges) {
  const struct {
    RefusalReason reason;
    const char* error;
    coupon::v1::Refusal refusal;
  } rows[] = {
      {RefusalReason::kCouponExpired, "coupon expired at 2023-11-14T22:13:30Z",
       coupon::v1::REFUSAL_COUPON_EXPIRED},
      {RefusalReason::kCouponNotYetValid, "coupon cannot be redeemed before 2023-11-14T22:13:30Z",
       coupon::v1::REFUSAL_COUPON_NOT_YET_VALID},
      {RefusalReason::kRedeemingPaused, "redeeming is paused",
       coupon::v1::REFUSAL_REDEEMING_PAUSED},
  };
  for (const auto& row : rows) {
    coupon::v1::RedeemCouponResponse response;
    SetRedeemRefusal(Because(row.reason), At(9), response);
    EXPECT_FALSE(response.success());
    EXPECT_EQ(response.error(), row.error);
    EXPECT_EQ(response.refusal(), row.refusal);
    EXPECT_EQ(response.has_redeem_start_time(), row.reason == RefusalReason::kCouponNotYetValid);
    EXPECT_EQ(response.has_retry_ms(), row.reason != RefusalReason::kCouponExpired);
  }
}

TEST(RefusalMapping, RedeemingStartsAfterTheWaitRoundedUp) {
  coupon::v1::RedeemCouponResponse response;
  const Timestamp time = At(10).Plus(-std::chrono::nanoseconds(1'000'001));
  SetRedeemRefusal(Because(RefusalReason::kCouponNotYetValid), time, response);
  EXPECT_EQ(SecondsAfterAt0(response.redeem_start_time()), 10);
  EXPECT_EQ(response.retry_ms(), 2);
}

TEST(RefusalMapping, WhoRedeemsDuringAPauseIsSpreadOut) {
  std::set<std::int64_t> retries;
  for (int caller = 0; caller < 1'000; ++caller) {
    coupon::v1::RedeemCouponResponse response;
    SetRedeemRefusal(Because(RefusalReason::kRedeemingPaused), At(11), response);
    EXPECT_GE(response.retry_ms(), 1'000);
    EXPECT_LE(response.retry_ms(), 3'000);
    retries.insert(response.retry_ms());
  }
  EXPECT_GT(retries.size(), 700U) << "of the 787 that 1,000 random ones would be";
}

TEST(RefusalMapping, NothingDeletedHasTheWordingOfTheApi) {
  coupon::v1::DeleteCampaignResponse response;
  SetNothingDeleted(response);
  EXPECT_FALSE(response.success());
  EXPECT_EQ(response.message(), "No such campaign exists");
  EXPECT_EQ(response.refusal(), coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN);
}

TEST(RefusalMapping, OnlyUnavailableHasRetryAfter) {
  for (const auto& [code, reason] : {std::pair{ErrorCode::kUnavailable, "SHUTTING_DOWN"},
                                     {ErrorCode::kOverloaded, "OVERLOADED"},
                                     {ErrorCode::kFenced, "STORE_FENCED"},
                                     {ErrorCode::kOutcomeUnknown, "OUTCOME_UNKNOWN"}}) {
    const connect::Error error = OperatingError({code, "why"});
    EXPECT_EQ(error.code, Code::kUnavailable);
    EXPECT_EQ(error.message, "why");
    const connect::ReadDetails read = connect::DetailsOf(error);
    EXPECT_EQ(read.reason, reason);
    EXPECT_TRUE(read.retry_delay);
  }
  const connect::Error broken = OperatingError({ErrorCode::kIo, "cannot read"});
  EXPECT_EQ(broken.code, Code::kInternal);
  EXPECT_EQ(connect::DetailsOf(broken).reason, "INTERNAL");
  EXPECT_FALSE(broken.retry_delay);
}

TEST(RefusalMapping, CallersThatWereRefusedTogetherAreSpreadOut) {
  std::set<std::chrono::milliseconds> delays;
  for (int i = 0; i < 1'000; ++i) {
    const auto delay = OperatingError({ErrorCode::kOverloaded, "busy"}).retry_delay;
    ASSERT_TRUE(delay);
    EXPECT_GE(*delay, std::chrono::seconds(1));
    EXPECT_LE(*delay, std::chrono::seconds(3));
    delays.insert(*delay);
  }
  EXPECT_GT(delays.size(), 700U);
}

TEST(RefusalMapping, AStartInThatIsRefusedIsTheField) {
  for (const RefusalReason reason :
       {RefusalReason::kStartTimeInPast, RefusalReason::kStartTimeTooLate}) {
    EXPECT_EQ(OfStartIn(RefusalError(Because(reason))).field, "start_in");
  }
  EXPECT_EQ(OfStartIn(RefusalError(Because(RefusalReason::kNameTaken))).field, "name");
}

}  // namespace
}  // namespace coupond::api
