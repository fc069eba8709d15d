#include "api/issue_answer.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "api/refusal_mapping.h"
#include "api/reply_mapping.h"
#include "api/timestamp_field.h"
#include "base/check.h"
#include "base/protobuf_fields.h"
#include "base/time_text.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/json/json_text.h"

namespace coupond::api {
namespace {

using connect::Codec;
using coupon::v1::Coupon;
using coupon::v1::IssueCouponResponse;

/// Enough for the whole answer, unless it has a long user_id.
constexpr std::size_t kUsualBytes = 384;

/// Returns the name of the state in the API, without looking it up.
std::string_view NameOf(CouponState state) {
  switch (state) {
    case CouponState::kIssued:
      return "COUPON_STATE_ISSUED";
    case CouponState::kRedeemed:
      return "COUPON_STATE_REDEEMED";
    case CouponState::kVoided:
      return "COUPON_STATE_VOIDED";
    case CouponState::kReturned:
      return "COUPON_STATE_RETURNED";
    case CouponState::kExpired:
      return "COUPON_STATE_EXPIRED";
  }
  return "COUPON_STATE_UNSPECIFIED";
}

std::string CommonProto(std::string_view campaign_id, UtcTime issued_at) {
  std::string fields;
  protobuf::AppendBytes(Coupon::kCampaignIdFieldNumber, campaign_id, fields);
  AppendTimestampField(Coupon::kIssuedAtFieldNumber, issued_at, fields);
  return fields;
}

std::string CommonJson(std::string_view campaign_id, UtcTime issued_at) {
  std::string members = R"(,"campaignId":")";
  members.append(campaign_id).append(R"(","issuedAt":")");
  AppendTime(issued_at, members);
  members.push_back('"');
  return members;
}

std::string ExpiryProto(UtcTime expire_time) {
  std::string fields;
  AppendTimestampField(Coupon::kExpireTimeFieldNumber, expire_time, fields);
  return fields;
}

/// Begins in the value of the member before it and ends in its own, so that both are closed by what
/// closes the former where there is no expiry.
std::string ExpiryJson(UtcTime expire_time) {
  std::string members = R"(","expireTime":")";
  AppendTime(expire_time, members);
  return members;
}

}  // namespace

const IssueAnswerWriter::Common& IssueAnswerWriter::CommonOf(Codec codec, const Issued& issued) {
  Common& common = common_[static_cast<std::size_t>(codec)];
  const Timestamp issued_at = issued.coupon.issued_at;
  const Timestamp expire_time = issued.coupon.expire_time;
  if (common.bytes.empty() || common.campaign != issued.campaign || common.issued_at != issued_at ||
      common.expire_time != expire_time) {
    const bool is_json = codec == Codec::kJson;
    const std::string campaign_id = FormatUuid(issued.campaign.bytes);
    const UtcTime time = FromUnixNanoseconds(issued_at.unix_nanoseconds());
    common = {.campaign = issued.campaign,
              .issued_at = issued_at,
              .expire_time = expire_time,
              .bytes = is_json ? CommonJson(campaign_id, time) : CommonProto(campaign_id, time),
              .expiry = {}};
    if (expire_time != kNever) {
      const UtcTime expiry = FromUnixNanoseconds(expire_time.unix_nanoseconds());
      common.expiry = is_json ? ExpiryJson(expiry) : ExpiryProto(expiry);
    }
  }
  return common;
}

std::string IssueAnswerWriter::Write(Codec codec, const Issued& issued) {
  code_.clear();
  coupon_codec_.EncodeTo(code_, issued.coupon.serial);
  const Common& common = CommonOf(codec, issued);
  return codec == Codec::kJson ? WriteJson(issued, common) : WriteProto(issued, common);
}

std::string IssueAnswerWriter::WriteJson(const Issued& issued, const Common& common) {
  std::string out;
  out.reserve(kUsualBytes);
  out.append(R"({"success":true,"coupon":{"code":")")
      .append(code_)
      .append(R"(")")
      .append(common.bytes);
  if (!issued.user_id.empty()) {
    out.append(R"(,"userId":)");
    // Texts that are not UTF-8 are refused when a request is decoded.
    COUPOND_CHECK(connect::AppendJsonString(issued.user_id, out));
  }
  out.append(R"(,"state":")").append(NameOf(issued.coupon.state)).append(common.expiry);
  out.append(issued.coupon.already_issued ? R"("},"alreadyIssued":true,"sequence":)"
                                          : R"("},"alreadyIssued":false,"sequence":)");
  connect::AppendQuotedJsonNumber(issued.sequence.value(), out);
  out.push_back('}');
  return out;
}

std::string IssueAnswerWriter::WriteProto(const Issued& issued, const Common& common) {
  std::string coupon;
  coupon.reserve(kUsualBytes);
  protobuf::AppendBytes(Coupon::kCodeFieldNumber, code_, coupon);
  coupon.append(common.bytes);
  if (!issued.user_id.empty()) {
    protobuf::AppendBytes(Coupon::kUserIdFieldNumber, issued.user_id, coupon);
  }
  protobuf::AppendNumber(Coupon::kStateFieldNumber,
                         static_cast<std::uint64_t>(MessageOf(issued.coupon.state)), coupon);
  coupon.append(common.expiry);
  std::string out;
  out.reserve(kUsualBytes);
  protobuf::AppendNumber(IssueCouponResponse::kSuccessFieldNumber, 1, out);
  protobuf::AppendBytes(IssueCouponResponse::kCouponFieldNumber, coupon, out);
  protobuf::AppendNumber(IssueCouponResponse::kAlreadyIssuedFieldNumber,
                         issued.coupon.already_issued ? 1 : 0, out);
  protobuf::AppendPresentNumber(IssueCouponResponse::kSequenceFieldNumber, issued.sequence.value(),
                                out);
  return out;
}

void IssueAnswerWriter::RefuseOneMore(connect::UnaryCall& call, const Issued& last,
                                      Timestamp time) {
  IssueCouponResponse response;
  COUPOND_CHECK(SetIssueRefusal({.reason = RefusalReason::kUserLimitReached}, time, response));
  Coupon& coupon = *response.mutable_coupon();
  coupon_codec_.EncodeTo(*coupon.mutable_code(), last.coupon.serial);
  coupon.set_campaign_id(FormatUuid(last.campaign.bytes));
  SetTimestamp(last.coupon.issued_at, *coupon.mutable_issued_at());
  if (!last.user_id.empty()) coupon.set_user_id(std::string(last.user_id));
  coupon.set_state(MessageOf(last.coupon.state));
  if (last.coupon.expire_time != kNever) {
    SetTimestamp(last.coupon.expire_time, *coupon.mutable_expire_time());
  }
  response.set_sequence(last.sequence.value());
  call.Finish(response);
}

void IssueAnswerWriter::Refuse(connect::UnaryCall& call, const Refusal& refusal,
                               const Reply& reply) {
  Refused& last = refused_[static_cast<std::size_t>(call.codec())];
  if (last.bytes.empty() || last.refusal != refusal || last.time != reply.time ||
      last.sequence != reply.sequence) {
    IssueCouponResponse response;
    if (!SetIssueRefusal(refusal, reply.time, response)) {
      return call.Fail(RefusalError(refusal, reply.sequence));
    }
    response.set_sequence(reply.sequence.value());
    auto bytes = call.Encode(response);
    if (!bytes) return call.Fail(std::move(bytes.error()));
    // Each caller of a paused campaign is told a different time to wait.
    if (refusal.reason == RefusalReason::kPaused) return call.FinishEncoded(*std::move(bytes));
    last = {.refusal = refusal,
            .time = reply.time,
            .sequence = reply.sequence,
            .bytes = *std::move(bytes)};
  }
  call.FinishEncoded(last.bytes);
}

}  // namespace coupond::api
