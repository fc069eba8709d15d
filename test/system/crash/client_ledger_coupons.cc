// What clients were told of coupons after their issue.

#include <algorithm>
#include <array>
#include <utility>

#include "system/crash/client_ledger.h"

namespace coupond::test {
namespace {

using Kind = CouponRequestKind;
using Outcome = CouponReply::Outcome;

/// Reports whether to choose among the coupons about which there was a request already.
bool IsForTouched(Kind kind, std::uint32_t draw) {
  switch (kind) {
    case Kind::kCancel:
    case Kind::kRepeatRedemption:
      return true;
    case Kind::kLook:
      return draw % 2 == 0;
    default:
      return draw % 4 == 0;
  }
}

}  // namespace

std::optional<CouponRequest> ClientLedger::BeginCouponRequest(CouponRequestKind kind,
                                                              const std::string& campaign,
                                                              const std::string& request_id,
                                                              std::uint32_t draw) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(campaign);
  if (record.life != Life::kLive || record.codes.empty()) return std::nullopt;
  const std::uint32_t place = draw / 4;
  const std::string code = record.lives.any_touched() && IsForTouched(kind, draw)
                               ? record.lives.Touched(place)
                               : record.codes[place % record.codes.size()];
  auto request = record.lives.Begin(kind, code, request_id, place);
  if (request) request->campaign = campaign;
  return request;
}

void ClientLedger::Heard(const CouponRequest& request, const CouponReply& reply) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(request.campaign);
  totals_.retries_resolved += request.is_retry ? 1 : 0;
  // Deleted meanwhile, or perhaps so.
  if (record.life == Life::kGone) return;
  if (reply.outcome == Outcome::kNoSuchCoupon) {
    if (record.life == Life::kLive) {
      Add(FaultKind::kLost, record, request.code + " does not exist on the server");
    }
    return;
  }
  if (const auto finding = record.lives.Hear(request, reply)) {
    return Add(finding->kind, record, finding->what);
  }
  if (reply.outcome != Outcome::kDone && reply.outcome != Outcome::kRepeated) return;
  switch (request.kind) {
    case Kind::kRedeem:
      ++totals_.acknowledged_redemptions;
      break;
    case Kind::kCancel:
      ++totals_.acknowledged_cancels;
      break;
    case Kind::kVoid:
    case Kind::kReturn:
      ++totals_.acknowledged_voids;
      break;
    case Kind::kRepeatRedemption:
    case Kind::kLook:
      break;
  }
}

void ClientLedger::OutcomeUnknown(CouponRequest& request) {
  const std::lock_guard lock(mutex_);
  ++totals_.unknown_outcomes;
  request.is_retry = true;
}

void ClientLedger::CheckLives(Record& record, const ShownCampaign& shown) {
  std::array<std::int64_t, 5> counts{};  // by state
  for (const ShownCoupon& coupon : shown.coupons) {
    ++counts.at(static_cast<std::size_t>(coupon.state));
    if (const auto finding = record.lives.Check(coupon)) {
      Add(finding->kind, record, finding->what);
    }
  }
  struct Figure {
    CouponState state;
    std::int64_t figure;
    const char* name;
  };
  for (const auto& [state, figure, name] :
       {Figure{CouponState::kRedeemed, shown.redeemed_coupons, "redeemed"},
        Figure{CouponState::kVoided, shown.voided_coupons, "voided"},
        Figure{CouponState::kReturned, shown.returned_coupons, "returned"}}) {
    const std::int64_t listed = counts.at(static_cast<std::size_t>(state));
    if (listed == figure) continue;
    Add(FaultKind::kUnexpected, record,
        "counts " + std::to_string(figure) + " " + name + " coupons, but lists " +
            std::to_string(listed));
  }
}

}  // namespace coupond::test
