#include "api/batches/batch_answer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "api/campaign_queries.h"
#include "api/refusal_mapping.h"
#include "api/reply_mapping.h"
#include "base/check.h"
#include "base/error.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

namespace coupond::api {

using coupon::v1::BatchIssueCouponsResponse;

BatchAnswer::BatchAnswer(AskedBatch asked, const CouponCodec& codec)
    : asked_(std::move(asked)), campaign_id_(FormatUuid(asked_.campaign.bytes)), codec_(codec) {
  COUPOND_CHECK(asked_.users.empty() || asked_.users.size() == asked_.results->coupons.size());
  issued_ = static_cast<std::size_t>(
      std::ranges::count_if(asked_.results->coupons, &BatchResult::is_new));
}

BatchAnswer::BatchAnswer(AskedBatch asked, CarriedOutBatch before, const CouponCodec& codec)
    : asked_(std::move(asked)),
      campaign_id_(FormatUuid(asked_.campaign.bytes)),
      codec_(codec),
      issued_(before.coupons.size()),
      before_(std::move(before)) {
  COUPOND_CHECK(asked_.users.size() == asked_.results->coupons.size());
  issued_to_.reserve(asked_.users.size());
  std::size_t next = 0;
  for (const BatchUser& user : asked_.users) {
    const auto& claim = before_->by_request_key ? user.request_key : std::optional(user.holder);
    const auto found = claim ? before_->by_claim.find(*claim) : before_->by_claim.end();
    std::optional<Issued>& issued = issued_to_.emplace_back();
    if (found == before_->by_claim.end()) continue;
    // The batch issued its coupons in the order in which it names the users.
    issued = {.place = found->second, .is_new = found->second == next};
    if (issued->is_new) ++next;
  }
}

void BatchAnswer::SetHead(const Reply& reply, BatchIssueCouponsResponse& response) const {
  response.set_sequence(reply.sequence.value());
  response.set_issued_coupons(static_cast<std::int32_t>(issued_));
  response.set_already_issued(before_.has_value());
}

int BatchAnswer::field_number() const {
  return asked_.users.empty() ? BatchIssueCouponsResponse::kCouponsFieldNumber
                              : BatchIssueCouponsResponse::kResultsFieldNumber;
}

std::size_t BatchAnswer::elements() const {
  // Of coupons without users, the first ones are issued, and the others have no element.
  return asked_.users.empty() ? issued_ : asked_.users.size();
}

void BatchAnswer::Append(std::size_t first, std::size_t end,
                         BatchIssueCouponsResponse& response) const {
  for (std::size_t i = first; i < end; ++i) {
    if (!asked_.users.empty()) {
      SetResult(i, *response.add_results());
    } else if (before_) {
      SetIssued(i, *response.add_coupons());
    } else {
      SetHeld(i, *response.add_coupons());
    }
  }
}

void BatchAnswer::SetResult(std::size_t index, coupon::v1::BatchIssueResult& result) const {
  if (before_ && issued_to_[index]) {
    result.set_success(true);
    result.set_already_issued(!issued_to_[index]->is_new);
    return SetIssued(issued_to_[index]->place, *result.mutable_coupon());
  }
  const BatchResult& decided = asked_.results->coupons[index];
  if (decided.coupon) SetHeld(index, *result.mutable_coupon());
  if (decided.refusal || !decided.coupon) {
    const bool is_refused = decided.refusal.has_value();
    return SetBatchRefusal(is_refused ? decided.refusal->reason : RefusalReason::kSoldOut, result);
  }
  result.set_success(true);
  result.set_already_issued(!decided.is_new);
}

void BatchAnswer::SetIssued(std::size_t place, coupon::v1::Coupon& coupon) const {
  SetCoupon(before_->coupons[place],
            {.codec = codec_,
             .terms = before_->campaign->terms,
             .campaign_id = campaign_id_,
             .time = before_->time},
            coupon);
}

void BatchAnswer::SetHeld(std::size_t index, coupon::v1::Coupon& coupon) const {
  const HeldCoupon& held = *asked_.results->coupons[index].coupon;
  codec_.EncodeTo(*coupon.mutable_code(), held.serial);
  coupon.set_campaign_id(campaign_id_);
  SetTimestamp(held.issued_at, *coupon.mutable_issued_at());
  if (!asked_.users.empty()) {
    const BatchUser& user = asked_.users[index];
    coupon.set_user_id(held.found_as_sent ? user.user_id_as_sent.value_or(user.user_id)
                                          : user.user_id);
  }
  coupon.set_state(MessageOf(held.state));
  if (held.expire_time != kNever) SetTimestamp(held.expire_time, *coupon.mutable_expire_time());
}

void BatchParts::Next(const connect::EncodePart& encode, Deliver deliver) {
  struct Part {
    Progress progress;
    connect::EncodedPart encoded;
  };
  const std::size_t first = next_;
  next_ = std::min(first + kPartCoupons, answer_->elements());
  const auto make = [answer = answer_, encode, first, end = next_] {
    BatchIssueCouponsResponse part;
    answer->Append(first, end, part);
    const Progress progress = end == answer->elements() ? Progress::kEnd : Progress::kMore;
    return Part{progress, encode(progress, part)};
  };
  dispatcher_.Ask<Result<Part>>(
      [make](const ViewStore&) -> Result<Part> { return make(); },
      [make, deliver = std::move(deliver)](Result<Part> part) mutable {
        // What was issued is shown, even if the query thread could not help.
        const bool never_ran = !part && (part.error().code == ErrorCode::kOverloaded ||
                                         part.error().code == ErrorCode::kUnavailable);
        if (never_ran) part = make();
        if (!part) {
          return deliver(Progress::kFailed, std::unexpected(OperatingError(part.error())));
        }
        deliver(part->progress, std::move(part->encoded));
      });
}

}  // namespace coupond::api
