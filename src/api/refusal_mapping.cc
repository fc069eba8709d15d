#include "api/refusal_mapping.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "api/refusal_facts.h"
#include "api/reply_mapping.h"
#include "api/time_mapping.h"
#include "base/check.h"
#include "base/retry_delay.h"
#include "engine/rules/ids.h"
#include "rpc/connect/error_details.h"
#include "rpc/json/json_text.h"

namespace coupond::api {
namespace {

using connect::Code;

struct RefusalText {
  RefusalReason reason;
  Code code;
  std::string_view field;    ///< the request's, if it is at fault
  std::string_view message;  ///< continues "field: "; '#' is for AddFact
  coupon::v1::Refusal refusal;
};

/// In the order of the reasons.
constexpr std::array kRefusalTexts = {
    RefusalText{RefusalReason::kNameEmpty, Code::kInvalidArgument, "name",
                "missing or blank; give 1 to 200 characters", coupon::v1::REFUSAL_NAME_EMPTY},
    RefusalText{RefusalReason::kNameTooLong, Code::kInvalidArgument, "name",
                "too long; give 1 to 200 characters", coupon::v1::REFUSAL_NAME_TOO_LONG},
    RefusalText{RefusalReason::kTotalTooSmall, Code::kInvalidArgument, "total_coupons",
                "missing or too small; give 1 to 100000000", coupon::v1::REFUSAL_TOTAL_TOO_SMALL},
    RefusalText{RefusalReason::kTotalTooLarge, Code::kInvalidArgument, "total_coupons",
                "too large; give 1 to 100000000", coupon::v1::REFUSAL_TOTAL_TOO_LARGE},
    RefusalText{RefusalReason::kStartTimeMissing, Code::kInvalidArgument, "start_time",
                "missing; give a time such as \"2026-12-01T10:00:00+09:00\", or "
                "start_in",
                coupon::v1::REFUSAL_START_TIME_MISSING},
    RefusalText{RefusalReason::kStartTimeInPast, Code::kInvalidArgument, "start_time",
                "in the past; give the present or a later time",
                coupon::v1::REFUSAL_START_TIME_IN_PAST},
    RefusalText{RefusalReason::kStartTimeTooLate, Code::kInvalidArgument, "start_time",
                "too late; give a time before the year 2200",
                coupon::v1::REFUSAL_START_TIME_TOO_LATE},
    RefusalText{RefusalReason::kDescriptionTooLong, Code::kInvalidArgument, "description",
                "too long; give at most 2000 characters", coupon::v1::REFUSAL_DESCRIPTION_TOO_LONG},
    RefusalText{RefusalReason::kEndTimeTooLate, Code::kInvalidArgument, "end_time",
                "too late; give a time before the year 2200",
                coupon::v1::REFUSAL_END_TIME_TOO_LATE},
    RefusalText{RefusalReason::kCouponsPerUserOutOfRange, Code::kInvalidArgument,
                "coupons_per_user", "out of range; give 1 to 1000",
                coupon::v1::REFUSAL_COUPONS_PER_USER_OUT_OF_RANGE},
    RefusalText{RefusalReason::kRedeemStartTimeTooLate, Code::kInvalidArgument, "redeem_start_time",
                "too late; give a time before the year 2200",
                coupon::v1::REFUSAL_REDEEM_START_TIME_TOO_LATE},
    RefusalText{RefusalReason::kExpireTimeTooLate, Code::kInvalidArgument, "expire_time",
                "too late; give a time before the year 2200",
                coupon::v1::REFUSAL_EXPIRE_TIME_TOO_LATE},
    RefusalText{RefusalReason::kValidDurationOutOfRange, Code::kInvalidArgument, "valid_duration",
                "out of range; give more than \"0s\" and at most 73200 days, \"6324480000s\"",
                coupon::v1::REFUSAL_VALID_DURATION_OUT_OF_RANGE},
    RefusalText{RefusalReason::kMetadataTooLarge, Code::kInvalidArgument, "metadata",
                "too large; give at most 32 entries with keys of at most 63 bytes "
                "and values of at most 512, and 4096 bytes in all",
                coupon::v1::REFUSAL_METADATA_TOO_LARGE},
    RefusalText{RefusalReason::kReasonTooLong, Code::kInvalidArgument, "reason",
                "too long; give at most 128 bytes", coupon::v1::REFUSAL_REASON_TOO_LONG},
    RefusalText{RefusalReason::kBatchTooLarge, Code::kInvalidArgument, "count",
                "too many; ask for at most 10000 coupons at once, which take at most 1 MiB in the "
                "log: for each user 67 bytes (69 if the user_id has more than 121) and those of "
                "the user_id",
                coupon::v1::REFUSAL_BATCH_TOO_LARGE},
    RefusalText{RefusalReason::kNoSuchCampaign, Code::kNotFound, "campaign_id",
                "there is no such campaign", coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN},
    RefusalText{RefusalReason::kCampaignArchived, Code::kFailedPrecondition, "",
                "the campaign is archived; unarchive it first",
                coupon::v1::REFUSAL_CAMPAIGN_ARCHIVED},
    RefusalText{RefusalReason::kChangedMeanwhile, Code::kAborted, "if_revision",
                "the campaign now has revision #; read it again",
                coupon::v1::REFUSAL_CHANGED_MEANWHILE},
    RefusalText{RefusalReason::kStartTimeFixed, Code::kFailedPrecondition, "start_time",
                "cannot be changed any more, because coupons have been issued",
                coupon::v1::REFUSAL_START_TIME_FIXED},
    RefusalText{RefusalReason::kTotalBelowIssued, Code::kFailedPrecondition, "total_coupons",
                "below the # coupons already issued; give at least #",
                coupon::v1::REFUSAL_TOTAL_BELOW_ISSUED},
    RefusalText{RefusalReason::kEndTimeNotAfterStart, Code::kInvalidArgument, "end_time",
                "not after the start; give a later end or an earlier start",
                coupon::v1::REFUSAL_END_TIME_NOT_AFTER_START},
    RefusalText{RefusalReason::kExpireTimeTooEarly, Code::kFailedPrecondition, "",
                "coupons would expire before they can be redeemed, or earlier than those who have "
                "them were told; give a later expire_time, a longer valid_duration or an earlier "
                "redeem_start_time",
                coupon::v1::REFUSAL_EXPIRE_TIME_TOO_EARLY},
    RefusalText{RefusalReason::kCouponsPerUserFixed, Code::kFailedPrecondition, "coupons_per_user",
                "cannot be changed between 1 and more any more, because coupons have been issued "
                "to users",
                coupon::v1::REFUSAL_COUPONS_PER_USER_FIXED},
    RefusalText{RefusalReason::kNameTaken, Code::kAlreadyExists, "name",
                "another campaign has this name; choose another or delete that campaign",
                coupon::v1::REFUSAL_NAME_TAKEN},
    RefusalText{RefusalReason::kTooManyCampaigns, Code::kResourceExhausted, "",
                "too many campaigns; delete some", coupon::v1::REFUSAL_TOO_MANY_CAMPAIGNS},
    RefusalText{RefusalReason::kSerialsExhausted, Code::kResourceExhausted, "",
                "this campaign or this store has no serial numbers left; use a new one",
                coupon::v1::REFUSAL_SERIALS_EXHAUSTED},
    RefusalText{RefusalReason::kUserRequired, Code::kInvalidArgument, "user_id",
                "missing; the campaign issues coupons to users only",
                coupon::v1::REFUSAL_USER_REQUIRED},
    RefusalText{RefusalReason::kRequestIdRequired, Code::kInvalidArgument, "request_id",
                "missing; the campaign allows several coupons for each user, so give each request "
                "for one an id of its own",
                coupon::v1::REFUSAL_REQUEST_ID_REQUIRED},
    RefusalText{RefusalReason::kEnded, Code::kFailedPrecondition, "", "campaign has ended",
                coupon::v1::REFUSAL_ENDED},
    RefusalText{RefusalReason::kUserLimitReached, Code::kFailedPrecondition, "",
                "user has as many coupons as the campaign allows",
                coupon::v1::REFUSAL_USER_LIMIT_REACHED},
    RefusalText{RefusalReason::kSoldOut, Code::kResourceExhausted, "", "no more coupons available",
                coupon::v1::REFUSAL_SOLD_OUT},
    RefusalText{RefusalReason::kNotEnoughLeft, Code::kResourceExhausted, "",
                "fewer coupons are left (#) than the batch needs; ask for fewer, or set "
                "allow_partial",
                coupon::v1::REFUSAL_NOT_ENOUGH_LEFT},
    RefusalText{RefusalReason::kNotStarted, Code::kFailedPrecondition, "",
                "campaign has not started yet", coupon::v1::REFUSAL_NOT_STARTED},
    RefusalText{RefusalReason::kPaused, Code::kFailedPrecondition, "", "campaign is paused",
                coupon::v1::REFUSAL_PAUSED},
    RefusalText{RefusalReason::kNoSuchCoupon, Code::kNotFound, "code", "there is no such coupon",
                coupon::v1::REFUSAL_NO_SUCH_COUPON},
    RefusalText{RefusalReason::kRequestIdReused, Code::kAlreadyExists, "request_id",
                "used for something else before; give each request an id of its own",
                coupon::v1::REFUSAL_REQUEST_ID_REUSED},
    RefusalText{RefusalReason::kCouponVoided, Code::kFailedPrecondition, "", "coupon is void",
                coupon::v1::REFUSAL_COUPON_VOIDED},
    RefusalText{RefusalReason::kCouponAlreadyRedeemed, Code::kFailedPrecondition, "",
                "coupon is already redeemed", coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED},
    RefusalText{RefusalReason::kNotRedeemed, Code::kFailedPrecondition, "",
                "coupon is not redeemed", coupon::v1::REFUSAL_NOT_REDEEMED},
    RefusalText{RefusalReason::kWrongHolder, Code::kFailedPrecondition, "user_id",
                "missing, or not the user whom the coupon was issued to",
                coupon::v1::REFUSAL_WRONG_HOLDER},
    RefusalText{RefusalReason::kCouponExpired, Code::kFailedPrecondition, "", "coupon has expired",
                coupon::v1::REFUSAL_COUPON_EXPIRED},
    RefusalText{RefusalReason::kCouponNotYetValid, Code::kFailedPrecondition, "",
                "coupon cannot be redeemed yet", coupon::v1::REFUSAL_COUPON_NOT_YET_VALID},
    RefusalText{RefusalReason::kRedeemingPaused, Code::kFailedPrecondition, "",
                "redeeming is paused", coupon::v1::REFUSAL_REDEEMING_PAUSED},
};

const RefusalText& TextOf(RefusalReason reason) {
  const auto* found = std::ranges::find(kRefusalTexts, reason, &RefusalText::reason);
  COUPOND_CHECK(found != kRefusalTexts.end());
  return *found;
}

/// What is between a field and what is wrong with it.
constexpr std::string_view kFieldEnd = ": ";

/// Returns the message with which a '#' is still to be replaced, if there is one (AddFact). Only
/// the texts of refusals that tell a number have one, and those are always answered as errors.
std::string MessageOf(const RefusalText& text) {
  std::string message(text.field);
  if (!message.empty()) message.append(kFieldEnd);
  return message.append(text.message);
}

std::int64_t MillisecondsUntil(Timestamp moment, Timestamp time) {
  return std::chrono::ceil<std::chrono::milliseconds>(moment.Since(time)).count();
}

/// Returns the message of a refused redemption, with the time if it depends on one.
std::string RedeemMessageOf(const Refusal& refusal) {
  switch (refusal.reason) {
    case RefusalReason::kCouponExpired:
      return "coupon expired at " + FormatTimestamp(refusal.at);
    case RefusalReason::kCouponNotYetValid:
      return "coupon cannot be redeemed before " + FormatTimestamp(refusal.at);
    default:
      return MessageOf(TextOf(refusal.reason));
  }
}

/// What an operating error is to a caller.
struct OperatingErrorRow {
  ErrorCode code;
  std::string_view reason;
};

/// Those that pass: callers may ask again, here or when the server is back. Others are `internal`.
constexpr std::array kPassing = {
    OperatingErrorRow{ErrorCode::kClockAhead, "CLOCK_AHEAD"},
    OperatingErrorRow{ErrorCode::kUnavailable, "SHUTTING_DOWN"},
    OperatingErrorRow{ErrorCode::kOverloaded, "OVERLOADED"},
    OperatingErrorRow{ErrorCode::kFenced, "STORE_FENCED"},
    OperatingErrorRow{ErrorCode::kOutcomeUnknown, "OUTCOME_UNKNOWN"},
};

/// Returns the refusal's name without what all of them begin with: "NAME_TAKEN".
std::string_view ReasonOf(coupon::v1::Refusal refusal) {
  constexpr std::string_view kPrefix = "REFUSAL_";
  return std::string_view(coupon::v1::Refusal_Name(refusal)).substr(kPrefix.size());
}

/// Returns the detail in JSON, for people.
std::string DebugOf(const coupon::v1::RefusalDetail& detail) {
  std::string json = R"({"refusal":")" + coupon::v1::Refusal_Name(detail.refusal()) + '"';
  if (detail.has_sequence()) {
    json.append(R"(,"sequence":)");
    connect::AppendQuotedJsonNumber(detail.sequence(), json);
  }
  return json + '}';
}

void AddRefusal(coupon::v1::Refusal refusal, connect::Error& error,
                std::optional<Sequence> sequence = std::nullopt) {
  coupon::v1::RefusalDetail detail;
  detail.set_refusal(refusal);
  if (sequence) detail.set_sequence(sequence->value());
  error.AddDetail(detail, DebugOf(detail));
}

}  // namespace

std::string_view RefusalName(RefusalReason reason) { return ReasonOf(TextOf(reason).refusal); }

std::optional<Error> ClockError(const Refusal& refusal) {
  if (refusal.reason == RefusalReason::kClockAhead) {
    return Error{ErrorCode::kClockAhead,
                 "not done: the machine's clock shows " + FormatTimestamp(refusal.at) +
                     ", but the server goes by " + FormatTimestamp(refusal.clock) +
                     ", and what comes of this depends on which is right; retry once an operator "
                     "has resolved this (couponctl clock)"};
  }
  if (refusal.reason == RefusalReason::kLogAhead) {
    return Error{ErrorCode::kClockAhead,
                 "not done: the log ends at " + FormatTimestamp(refusal.at) +
                     ", which is ahead of the machine's clock, which shows " +
                     FormatTimestamp(refusal.clock) +
                     ", so the server only answers reads; retry once an operator has resolved this "
                     "(couponctl clock)"};
  }
  return std::nullopt;
}

connect::Error RefusalError(const Refusal& refusal, std::optional<Sequence> sequence) {
  const RefusalText& text = TextOf(refusal.reason);
  connect::Error error{.code = text.code,
                       .message = MessageOf(text),
                       .reason = ReasonOf(text.refusal),
                       .field = std::string(text.field)};
  AddFact(refusal, error);
  AddRefusal(text.refusal, error, sequence);
  return error;
}

connect::Error EntryTokenInvalid() {
  connect::Error error{.code = Code::kPermissionDenied,
                       .message = "entry_token: not valid for this campaign now; log in again",
                       .reason = ReasonOf(coupon::v1::REFUSAL_ENTRY_TOKEN_INVALID)};
  AddRefusal(coupon::v1::REFUSAL_ENTRY_TOKEN_INVALID, error);
  return error;
}

connect::Error RefusalErrorIn(std::string_view field, const Refusal& refusal,
                              std::optional<Sequence> sequence) {
  connect::Error error = RefusalError(refusal, sequence);
  const std::size_t usual = error.field.empty() ? 0 : error.field.size() + kFieldEnd.size();
  error.field = std::string(field);
  error.message.replace(0, usual, error.field + std::string(kFieldEnd));
  return error;
}

connect::Error OfStartIn(connect::Error error) {
  if (error.reason == RefusalName(RefusalReason::kStartTimeInPast)) {
    error.field = "start_in";
    error.message = "start_in: negative; give the time from now to the start, or \"0s\" for now";
  } else if (error.reason == RefusalName(RefusalReason::kStartTimeTooLate)) {
    error.field = "start_in";
    error.message = "start_in: too long; the campaign must start before the year 2200";
  }
  return error;
}

bool SetIssueRefusal(const Refusal& refusal, Timestamp time,
                     coupon::v1::IssueCouponResponse& response) {
  switch (refusal.reason) {
    case RefusalReason::kNotStarted: {
      SetTimestamp(refusal.at, *response.mutable_start_time());
      const std::int64_t wait_ms = MillisecondsUntil(refusal.at, time);
      response.set_wait_ms(wait_ms);
      response.set_retry_ms(wait_ms);
      break;
    }
    case RefusalReason::kPaused:
      response.set_retry_ms(RetryDelay().count());
      break;
    case RefusalReason::kSoldOut:
      SetTimestamp(refusal.at, *response.mutable_sold_out_at());
      break;
    case RefusalReason::kEnded:
      SetTimestamp(refusal.at, *response.mutable_end_time());
      break;
    case RefusalReason::kUserRequired:
    case RefusalReason::kUserLimitReached:
      break;
    default:
      return false;
  }
  const RefusalText& text = TextOf(refusal.reason);
  response.set_success(false);
  response.set_error(MessageOf(text));
  response.set_refusal(text.refusal);
  SetTimestamp(time, *response.mutable_server_time());
  return true;
}

void SetRedeemRefusal(const Refusal& refusal, Timestamp time,
                      coupon::v1::RedeemCouponResponse& response) {
  if (refusal.reason == RefusalReason::kCouponNotYetValid) {
    SetTimestamp(refusal.at, *response.mutable_redeem_start_time());
    response.set_retry_ms(MillisecondsUntil(refusal.at, time));
  } else if (refusal.reason == RefusalReason::kRedeemingPaused) {
    response.set_retry_ms(RetryDelay().count());
  }
  response.set_success(false);
  response.set_error(RedeemMessageOf(refusal));
  response.set_refusal(TextOf(refusal.reason).refusal);
}

void SetBatchRefusal(RefusalReason reason, coupon::v1::BatchIssueResult& result) {
  const RefusalText& text = TextOf(reason);
  result.set_success(false);
  result.set_error(MessageOf(text));
  result.set_refusal(text.refusal);
}

void SetNothingDeleted(coupon::v1::DeleteCampaignResponse& response) {
  response.set_success(false);
  response.set_message("No such campaign exists");
  response.set_refusal(coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN);
}

connect::Error OperatingError(const Error& error) {
  const auto* passing = std::ranges::find(kPassing, error.code, &OperatingErrorRow::code);
  if (passing != kPassing.end()) {
    connect::Error answered = TryLater(passing->reason, error.message);
    if (error.code == ErrorCode::kClockAhead) AddRefusal(coupon::v1::REFUSAL_CLOCK_AHEAD, answered);
    return answered;
  }
  return {.code = Code::kInternal,
          .message = std::string(ErrorCodeName(error.code)) + ": " + error.message};
}

connect::Error TryLater(std::string_view reason, std::string message) {
  return {.code = Code::kUnavailable,
          .message = std::move(message),
          .reason = reason,
          .retry_delay = RetryDelay()};
}

http::Response PageFailure(connect::Error error) {
  connect::AddStandardDetails(kErrorDomain, error);
  return connect::ErrorResponse(std::move(error));
}

}  // namespace coupond::api
