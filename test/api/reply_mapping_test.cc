#include "api/reply_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "rpc/connect/standard_details.h"
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

/// Returns a campaign that runs from At(5) to At(50), with one coupon left.
Campaign Example() {
  return {.number = CampaignNumber(3),
          .id = test::Id(9),
          .terms = {.name = "설날",
                    .total_coupons = 100'000'000,
                    .start_time = At(5),
                    .end_time = At(50),
                    .description = "a\nb",
                    .metadata = {{.key = "k", .value = "v"}, {.key = "l", .value = ""}}},
          .serials = SerialRanges({.first = Serial(77), .count = 100'000'000}),
          .issued_coupons = 99'999'999,
          .created_at = At(1),
          .revision = Sequence(12)};
}

std::int64_t SecondsAfterAt0(const google::protobuf::Timestamp& message) {
  return message.seconds() - At(0).unix_nanoseconds() / 1'000'000'000;
}

TEST(ReplyMapping, ACampaignBecomesACampaignMessage) {
  coupon::v1::Campaign message;
  SetCampaign(Example(), At(10), message);
  EXPECT_EQ(message.id(), FormatUuid(test::Id(9).bytes));
  EXPECT_EQ(message.name(), "설날");
  EXPECT_EQ(message.total_coupons(), 100'000'000);
  EXPECT_EQ(message.issued_coupons(), 99'999'999);
  EXPECT_EQ(SecondsAfterAt0(message.start_time()), 5);
  EXPECT_EQ(SecondsAfterAt0(message.created_at()), 1);
  EXPECT_EQ(message.description(), "a\nb");
  EXPECT_EQ(SecondsAfterAt0(message.end_time()), 50);
  EXPECT_EQ(message.state(), coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(message.revision(), 12U);
  EXPECT_FALSE(message.issuing_paused());
  EXPECT_FALSE(message.redeeming_paused());
  EXPECT_FALSE(message.has_sold_out_at());
  ASSERT_EQ(message.metadata_size(), 2);
  EXPECT_EQ(message.metadata(0).key(), "k");
  EXPECT_EQ(message.metadata(0).value(), "v");
  EXPECT_EQ(message.metadata(1).key(), "l");
  EXPECT_FALSE(message.has_archived_at());
}

TEST(ReplyMapping, WhatACampaignMayHaveIsShownIfItHasIt) {
  Campaign campaign = Example();
  campaign.terms.end_time = kNever;
  campaign.paused = {.issuing = false, .redeeming = true};
  campaign.issued_coupons = 100'000'000;
  campaign.sold_out_at = At(20);
  campaign.archived_at = At(30);
  campaign.redeemed_coupons = 3;
  campaign.voided_coupons = 4;
  campaign.returned_coupons = 4'000'000'000;
  coupon::v1::Campaign message;
  SetCampaign(campaign, At(40), message);
  EXPECT_FALSE(message.has_end_time());
  EXPECT_FALSE(message.issuing_paused());
  EXPECT_TRUE(message.redeeming_paused());
  EXPECT_EQ(message.redeemed_coupons(), 3);
  EXPECT_EQ(message.voided_coupons(), 4);
  EXPECT_EQ(message.returned_coupons(), 4'000'000'000);
  EXPECT_EQ(SecondsAfterAt0(message.sold_out_at()), 20);
  EXPECT_EQ(SecondsAfterAt0(message.archived_at()), 30);
}

TEST(ReplyMapping, TheStateIsThatOfTheTime) {
  const Campaign open = Example();
  Campaign paused = open;
  paused.paused.issuing = true;
  Campaign sold_out = open;
  sold_out.issued_coupons = sold_out.terms.total_coupons;
  Campaign archived = open;
  archived.archived_at = At(2);
  const struct {
    const Campaign& campaign;
    Timestamp time;
    coupon::v1::CampaignState state;
  } rows[] = {
      {open, At(4), coupon::v1::CAMPAIGN_STATE_SCHEDULED},
      {open, At(5), coupon::v1::CAMPAIGN_STATE_OPEN},
      {open, At(50), coupon::v1::CAMPAIGN_STATE_ENDED},
      {paused, At(4), coupon::v1::CAMPAIGN_STATE_SCHEDULED},
      {paused, At(5), coupon::v1::CAMPAIGN_STATE_PAUSED},
      {sold_out, At(5), coupon::v1::CAMPAIGN_STATE_SOLD_OUT},
      {archived, At(5), coupon::v1::CAMPAIGN_STATE_ARCHIVED},
  };
  for (const auto& row : rows) {
    coupon::v1::Campaign message;
    SetCampaign(row.campaign, row.time, message);
    EXPECT_EQ(message.state(), row.state);
    coupon::v1::GetCampaignStatusResponse status;
    SetStatus(row.campaign, row.time, Sequence(1), status);
    EXPECT_EQ(status.state(), row.state);
  }
}

TEST(ReplyMapping, AStatusHasFiguresAndNoTexts) {
  Campaign campaign = Example();
  campaign.sold_out_at = At(20);
  coupon::v1::GetCampaignStatusResponse status;
  SetStatus(campaign, At(10), Sequence(99), status);
  EXPECT_FALSE(status.has_server_time());
  EXPECT_EQ(status.campaign_id(), FormatUuid(test::Id(9).bytes));
  EXPECT_EQ(status.total_coupons(), 100'000'000);
  EXPECT_EQ(status.issued_coupons(), 99'999'999);
  EXPECT_EQ(SecondsAfterAt0(status.start_time()), 5);
  EXPECT_EQ(SecondsAfterAt0(status.end_time()), 50);
  EXPECT_EQ(SecondsAfterAt0(status.sold_out_at()), 20);
  EXPECT_EQ(status.sequence(), 99U);
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
  EXPECT_EQ(message.state(), coupon::v1::COUPON_STATE_ISSUED);
  EXPECT_FALSE(message.has_redemption());
  EXPECT_FALSE(message.has_voided_at());
  EXPECT_FALSE(message.has_void_reason());
}

TEST(ReplyMapping, ACouponHasWhatBecameOfIt) {
  const CouponCodec codec(CodeKey{});
  CouponRow row{.ordinal = 0, .serial = Serial(5), .issued_at = test::At(0), .user_id = {}};
  row.status = {.state = CouponState::kRedeemed,
                .redemption = Redemption{.sequence = Sequence(52),
                                         .redeemed_at = At(3),
                                         .order_ref = "4711",
                                         .redeemed_by = "till",
                                         .request_id = "r1"}};
  coupon::v1::Coupon redeemed;
  SetCoupon(row, codec, "some campaign", redeemed);
  EXPECT_EQ(redeemed.state(), coupon::v1::COUPON_STATE_REDEEMED);
  EXPECT_EQ(redeemed.redemption().sequence(), 52U);
  EXPECT_EQ(SecondsAfterAt0(redeemed.redemption().redeemed_at()), 3);
  EXPECT_EQ(redeemed.redemption().order_ref(), "4711");
  EXPECT_EQ(redeemed.redemption().redeemed_by(), "till");
  EXPECT_EQ(redeemed.redemption().request_id(), "r1");
  for (const auto& [state, shown] :
       {std::pair(CouponState::kVoided, coupon::v1::COUPON_STATE_VOIDED),
        std::pair(CouponState::kReturned, coupon::v1::COUPON_STATE_RETURNED)}) {
    row.status = {.state = state, .voided_at = At(4), .void_reason = "lost"};
    coupon::v1::Coupon voided;
    SetCoupon(row, codec, "some campaign", voided);
    EXPECT_EQ(voided.state(), shown);
    EXPECT_FALSE(voided.has_redemption());
    EXPECT_EQ(SecondsAfterAt0(voided.voided_at()), 4);
    EXPECT_EQ(voided.void_reason(), "lost");
  }
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
      {RefusalReason::kDescriptionTooLong, Code::kInvalidArgument,
       "description:", coupon::v1::REFUSAL_DESCRIPTION_TOO_LONG},
      {RefusalReason::kEndTimeTooLate, Code::kInvalidArgument,
       "end_time:", coupon::v1::REFUSAL_END_TIME_TOO_LATE},
      {RefusalReason::kMetadataTooLarge, Code::kInvalidArgument,
       "metadata:", coupon::v1::REFUSAL_METADATA_TOO_LARGE},
      {RefusalReason::kReasonTooLong, Code::kInvalidArgument,
       "reason:", coupon::v1::REFUSAL_REASON_TOO_LONG},
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
      {RefusalReason::kNameTaken, Code::kAlreadyExists, "name:", coupon::v1::REFUSAL_NAME_TAKEN},
      {RefusalReason::kTooManyCampaigns, Code::kResourceExhausted, "",
       coupon::v1::REFUSAL_TOO_MANY_CAMPAIGNS},
      {RefusalReason::kSerialsExhausted, Code::kResourceExhausted, "",
       coupon::v1::REFUSAL_SERIALS_EXHAUSTED},
      {RefusalReason::kEnded, Code::kFailedPrecondition, "campaign has ended",
       coupon::v1::REFUSAL_ENDED},
      {RefusalReason::kSoldOut, Code::kResourceExhausted, "no more coupons available",
       coupon::v1::REFUSAL_SOLD_OUT},
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
    EXPECT_EQ(response.retry_ms(), row.wait_ms);
  }
}

TEST(ReplyMapping, SoldOutAndEndedSaySinceWhenAndInviteNoRetry) {
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

TEST(ReplyMapping, APausedCampaignsCallersAreSpreadOut) {
  std::set<std::int64_t> retries;
  for (int group = 0; group < 1'000; ++group) {
    coupon::v1::IssueCouponResponse response;
    const Timestamp time = At(11).Plus(std::chrono::microseconds(300 * group));
    ASSERT_TRUE(SetIssueRefusal(Because(RefusalReason::kPaused), time, response));
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

TEST(ReplyMapping, CallersThatWereRefusedTogetherAreSpreadOut) {
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

TEST(ReplyMapping, AStartInThatIsRefusedIsTheField) {
  for (const RefusalReason reason :
       {RefusalReason::kStartTimeInPast, RefusalReason::kStartTimeTooLate}) {
    EXPECT_EQ(StartInRefusalError(Because(reason), Sequence(1)).field, "start_in");
  }
  EXPECT_EQ(StartInRefusalError(Because(RefusalReason::kNameTaken), Sequence(1)).field, "name");
}

}  // namespace
}  // namespace coupond::api
