#include "api/reply_mapping.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "base/check.h"
#include "engine/rules/ids.h"

namespace coupond::api {
namespace {

using connect::Code;

struct RefusalText {
  RefusalReason reason;
  Code code;
  const char* message;
  coupon::v1::Refusal refusal;
};

constexpr std::array kRefusalTexts = {
    RefusalText{RefusalReason::kNameEmpty, Code::kInvalidArgument,
                "name: missing or blank; give 1 to 200 characters", coupon::v1::REFUSAL_NAME_EMPTY},
    RefusalText{RefusalReason::kNameTooLong, Code::kInvalidArgument,
                "name: too long; give 1 to 200 characters", coupon::v1::REFUSAL_NAME_TOO_LONG},
    RefusalText{RefusalReason::kTotalTooSmall, Code::kInvalidArgument,
                "total_coupons: too small; give 1 to 100000000",
                coupon::v1::REFUSAL_TOTAL_TOO_SMALL},
    RefusalText{RefusalReason::kTotalTooLarge, Code::kInvalidArgument,
                "total_coupons: too large; give 1 to 100000000",
                coupon::v1::REFUSAL_TOTAL_TOO_LARGE},
    RefusalText{RefusalReason::kStartTimeMissing, Code::kInvalidArgument,
                "start_time: missing; give a time such as \"2026-12-01T10:00:00+09:00\", "
                "or start_in",
                coupon::v1::REFUSAL_START_TIME_MISSING},
    RefusalText{RefusalReason::kStartTimeInPast, Code::kInvalidArgument,
                "start_time: in the past; give the present or a later time",
                coupon::v1::REFUSAL_START_TIME_IN_PAST},
    RefusalText{RefusalReason::kStartTimeTooLate, Code::kInvalidArgument,
                "start_time: too late; give a time before the year 2200",
                coupon::v1::REFUSAL_START_TIME_TOO_LATE},
    RefusalText{RefusalReason::kNameTaken, Code::kAlreadyExists,
                "name: another campaign has this name; choose another or delete that campaign",
                coupon::v1::REFUSAL_NAME_TAKEN},
    RefusalText{RefusalReason::kTooManyCampaigns, Code::kResourceExhausted,
                "too many campaigns; delete some", coupon::v1::REFUSAL_TOO_MANY_CAMPAIGNS},
    RefusalText{RefusalReason::kSerialsExhausted, Code::kResourceExhausted,
                "all serial numbers of this store are used up; start a new store",
                coupon::v1::REFUSAL_SERIALS_EXHAUSTED},
    RefusalText{RefusalReason::kNoSuchCampaign, Code::kNotFound,
                "campaign_id: there is no such campaign", coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN},
    RefusalText{RefusalReason::kNotStarted, Code::kFailedPrecondition,
                "campaign has not started yet", coupon::v1::REFUSAL_NOT_STARTED},
    RefusalText{RefusalReason::kSoldOut, Code::kResourceExhausted, "no more coupons available",
                coupon::v1::REFUSAL_SOLD_OUT},
};

const RefusalText& TextOf(RefusalReason reason) {
  const auto* found = std::ranges::find(kRefusalTexts, reason, &RefusalText::reason);
  COUPOND_CHECK(found != kRefusalTexts.end());
  return *found;
}

}  // namespace

void SetTimestamp(Timestamp time, google::protobuf::Timestamp& message) {
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  std::int64_t seconds = time.unix_nanoseconds() / kNanosecondsPerSecond;
  std::int64_t nanos = time.unix_nanoseconds() % kNanosecondsPerSecond;
  if (nanos < 0) {  // before 1970; nanos counts forward there too
    --seconds;
    nanos += kNanosecondsPerSecond;
  }
  message.set_seconds(seconds);
  message.set_nanos(static_cast<std::int32_t>(nanos));
}

void SetCampaign(const CampaignRow& row, coupon::v1::Campaign& message) {
  message.set_id(FormatUuid(row.id.bytes));
  message.set_name(row.name);
  message.set_total_coupons(static_cast<std::int32_t>(row.total_coupons));
  message.set_issued_coupons(static_cast<std::int32_t>(row.issued_coupons));
  SetTimestamp(row.start_time, *message.mutable_start_time());
  SetTimestamp(row.created_at, *message.mutable_created_at());
}

void SetCoupon(CouponRow row, const CouponCodec& codec, std::string campaign_id,
               coupon::v1::Coupon& message) {
  codec.EncodeTo(*message.mutable_code(), row.serial);
  message.set_campaign_id(std::move(campaign_id));
  SetTimestamp(row.issued_at, *message.mutable_issued_at());
  if (!row.user_id.empty()) message.set_user_id(std::move(row.user_id));
}

connect::Error RefusalError(const Refusal& refusal, std::optional<Sequence> sequence) {
  const RefusalText& text = TextOf(refusal.reason);
  coupon::v1::RefusalDetail detail;
  detail.set_refusal(text.refusal);
  if (sequence) detail.set_sequence(sequence->value());
  connect::Error error{.code = text.code, .message = text.message};
  error.AddDetail(detail);
  return error;
}

connect::Error StartInRefusalError(const Refusal& refusal, Sequence sequence) {
  connect::Error error = RefusalError(refusal, sequence);
  if (refusal.reason == RefusalReason::kStartTimeInPast) {
    error.message = "start_in: negative; give the time from now to the start, or \"0s\" for now";
  } else if (refusal.reason == RefusalReason::kStartTimeTooLate) {
    error.message = "start_in: too long; the campaign must start before the year 2200";
  }
  return error;
}

bool SetIssueRefusal(const Refusal& refusal, Timestamp time,
                     coupon::v1::IssueCouponResponse& response) {
  if (refusal.reason != RefusalReason::kNotStarted && refusal.reason != RefusalReason::kSoldOut) {
    return false;
  }
  const RefusalText& text = TextOf(refusal.reason);
  response.set_success(false);
  response.set_error(text.message);
  response.set_refusal(text.refusal);
  if (refusal.reason == RefusalReason::kNotStarted) {
    SetTimestamp(refusal.start_time, *response.mutable_start_time());
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(refusal.start_time.Since(time));
    response.set_wait_ms(wait.count());
  }
  return true;
}

void SetNothingDeleted(coupon::v1::DeleteCampaignResponse& response) {
  response.set_success(false);
  response.set_message("No such campaign exists");
  response.set_refusal(coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN);
}

connect::Error OperatingError(const Error& error) {
  if (error.code == ErrorCode::kUnavailable) {
    return {
        .code = Code::kUnavailable, .message = error.message, .headers = {{"Retry-After", "1"}}};
  }
  return {.code = Code::kInternal,
          .message = std::string(ErrorCodeName(error.code)) + ": " + error.message};
}

}  // namespace coupond::api
