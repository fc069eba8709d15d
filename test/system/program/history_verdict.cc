#include "system/program/history_verdict.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>

namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;
using OutcomeKind = ModelOutcome::Kind;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// A reply in the model's words.
struct Verdict {
  OutcomeKind kind = OutcomeKind::kRefused;
  api::Refusal refusal = api::REFUSAL_UNSPECIFIED;  ///< with kRefused
};

Verdict VerdictOf(const api::CreateCampaignResponse&) { return {.kind = OutcomeKind::kCreated}; }
Verdict VerdictOf(const api::IssueCouponResponse& response) {
  if (response.refusal() == api::REFUSAL_USER_LIMIT_REACHED) {
    return {.kind = OutcomeKind::kLimitReached};
  }
  if (!response.success()) return {.refusal = response.refusal()};
  return {.kind = response.already_issued() ? OutcomeKind::kHeld : OutcomeKind::kIssued};
}
Verdict VerdictOf(const api::BatchIssueCouponsResponse& response) {
  if (response.already_issued()) return {.kind = OutcomeKind::kRepeated};
  return {.kind = response.issued_coupons() > 0 ? OutcomeKind::kBatch : OutcomeKind::kUnchanged};
}
Verdict VerdictOf(const api::DeleteCampaignResponse& response) {
  if (!response.success()) return {.refusal = response.refusal()};
  return {.kind = OutcomeKind::kDeleted};
}
Verdict VerdictOf(const api::RedeemCouponResponse& response) {
  if (!response.success()) return {.refusal = response.refusal()};
  return {.kind = response.already_redeemed() ? OutcomeKind::kRepeated : OutcomeKind::kChanged};
}
Verdict VerdictOf(const api::EraseUserResponse& response) {
  if (response.already_erased()) return {.kind = OutcomeKind::kRepeated};
  return {.kind = response.erased_coupons() > 0 ? OutcomeKind::kChanged : OutcomeKind::kUnchanged};
}
/// Of a change of a campaign or of a coupon.
template <typename Response>
Verdict VerdictOf(const Response& response) {
  return {.kind = response.changed() ? OutcomeKind::kChanged : OutcomeKind::kUnchanged};
}
Verdict VerdictOf(const api::RefusalDetail& detail) { return {.refusal = detail.refusal()}; }

using Facts = std::map<std::string, std::string>;

/// Returns the numbers that errors tell, as the model expects them.
Facts NumbersOf(const ModelOutcome& expected) {
  const bool has_redemption = expected.present != Sequence(0);
  const std::string present = std::to_string(expected.present.value());
  switch (expected.reason) {
    case RefusalReason::kTotalBelowIssued:
      return {{"issued", std::to_string(expected.coupons)}};
    case RefusalReason::kNotEnoughLeft:
      return {{"left", std::to_string(expected.coupons)}};
    case RefusalReason::kChangedMeanwhile:
      return {{"revision", present}};
    case RefusalReason::kCouponAlreadyRedeemed:
    case RefusalReason::kNotRedeemed:
      return has_redemption ? Facts{{"redemption", present}} : Facts();
    default:
      return {};
  }
}

/// Reports whether an error told these numbers and no others. It may have told times.
bool Tells(const Facts& told, const Facts& numbers) {
  constexpr std::array kNames = {"issued", "left", "revision", "redemption"};
  return std::ranges::all_of(kNames, [&](const char* name) {
    const auto is_told = told.find(name);
    const auto is_expected = numbers.find(name);
    if (is_told == told.end()) return is_expected == numbers.end();
    return is_expected != numbers.end() && is_told->second == is_expected->second;
  });
}

}  // namespace

Timestamp TimeOf(const google::protobuf::Timestamp& message) {
  return Timestamp::FromUnixNanoseconds(message.seconds() * kNanosecondsPerSecond +
                                        message.nanos());
}

CampaignId IdOf(const std::string& text) {
  const auto uuid = ParseUuid(text);
  return uuid ? CampaignId{*uuid} : CampaignId{};
}

api::CouponState ToldAs(CouponState state) {
  constexpr std::array kInOrder = {api::COUPON_STATE_ISSUED, api::COUPON_STATE_REDEEMED,
                                   api::COUPON_STATE_VOIDED, api::COUPON_STATE_RETURNED,
                                   api::COUPON_STATE_EXPIRED};
  return kInOrder.at(static_cast<std::size_t>(state));
}

api::Refusal ToldAs(RefusalReason reason) {
  constexpr std::array kInOrder = {api::REFUSAL_NAME_EMPTY,
                                   api::REFUSAL_NAME_TOO_LONG,
                                   api::REFUSAL_TOTAL_TOO_SMALL,
                                   api::REFUSAL_TOTAL_TOO_LARGE,
                                   api::REFUSAL_START_TIME_MISSING,
                                   api::REFUSAL_START_TIME_IN_PAST,
                                   api::REFUSAL_START_TIME_TOO_LATE,
                                   api::REFUSAL_DESCRIPTION_TOO_LONG,
                                   api::REFUSAL_END_TIME_TOO_LATE,
                                   api::REFUSAL_COUPONS_PER_USER_OUT_OF_RANGE,
                                   api::REFUSAL_REDEEM_START_TIME_TOO_LATE,
                                   api::REFUSAL_EXPIRE_TIME_TOO_LATE,
                                   api::REFUSAL_VALID_DURATION_OUT_OF_RANGE,
                                   api::REFUSAL_METADATA_TOO_LARGE,
                                   api::REFUSAL_REASON_TOO_LONG,
                                   api::REFUSAL_BATCH_TOO_LARGE,
                                   api::REFUSAL_NO_SUCH_CAMPAIGN,
                                   api::REFUSAL_CAMPAIGN_ARCHIVED,
                                   api::REFUSAL_CHANGED_MEANWHILE,
                                   api::REFUSAL_START_TIME_FIXED,
                                   api::REFUSAL_TOTAL_BELOW_ISSUED,
                                   api::REFUSAL_END_TIME_NOT_AFTER_START,
                                   api::REFUSAL_EXPIRE_TIME_TOO_EARLY,
                                   api::REFUSAL_COUPONS_PER_USER_FIXED,
                                   api::REFUSAL_NAME_TAKEN,
                                   api::REFUSAL_TOO_MANY_CAMPAIGNS,
                                   api::REFUSAL_SERIALS_EXHAUSTED,
                                   api::REFUSAL_USER_REQUIRED,
                                   api::REFUSAL_REQUEST_ID_REQUIRED,
                                   api::REFUSAL_ENDED,
                                   api::REFUSAL_USER_LIMIT_REACHED,
                                   api::REFUSAL_SOLD_OUT,
                                   api::REFUSAL_NOT_ENOUGH_LEFT,
                                   api::REFUSAL_NOT_STARTED,
                                   api::REFUSAL_PAUSED,
                                   api::REFUSAL_NO_SUCH_COUPON,
                                   api::REFUSAL_REQUEST_ID_REUSED,
                                   api::REFUSAL_COUPON_VOIDED,
                                   api::REFUSAL_COUPON_ALREADY_REDEEMED,
                                   api::REFUSAL_NOT_REDEEMED,
                                   api::REFUSAL_WRONG_HOLDER,
                                   api::REFUSAL_COUPON_EXPIRED,
                                   api::REFUSAL_COUPON_NOT_YET_VALID,
                                   api::REFUSAL_REDEEMING_PAUSED};
  return kInOrder.at(static_cast<std::size_t>(reason));
}

std::optional<HistoryFault> FindDifference(const ModelOutcome& expected,
                                           const Operation& operation) {
  Verdict told = std::visit([](const auto& reply) { return VerdictOf(reply); }, operation.reply);
  if (IsRepeated(operation)) told.kind = OutcomeKind::kRepeated;
  const bool same = told.kind == expected.kind &&
                    (told.kind != OutcomeKind::kRefused || told.refusal == ToldAs(expected.reason));
  if (!same) return HistoryFault{Kind::kWrongReply, "expected " + Describe(expected)};
  if (std::holds_alternative<api::RefusalDetail>(operation.reply) &&
      !Tells(operation.facts, NumbersOf(expected))) {
    return HistoryFault{Kind::kWrongDetail, "another number; expected " + Describe(expected)};
  }
  if (told.kind == OutcomeKind::kRepeated && SequenceOf(operation) != expected.sequence.value()) {
    return WrongDetail("the first time had another sequence");
  }
  return std::nullopt;
}

HistoryFault WrongDetail(const char* what) { return {Kind::kWrongDetail, what}; }

}  // namespace coupond::test
