#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "simulation/workload.h"
#include "simulation/workload_values.h"

namespace coupond::simulation {
namespace {

/// Returns a number that differs for requests that ask for different things, if it can. Creations
/// and updates take a random one, because no two ask for the same.
std::uint64_t ContentOf(std::uint64_t kind, Serial serial, std::string_view text) {
  std::uint64_t content = Random(Random(kind).Next() + serial.value()).Next();
  for (const char c : text) content = content * 31 + static_cast<std::uint8_t>(c);
  return content;
}

}  // namespace

Command Workload::DrawCouponCommand() {
  // A late repetition, whatever has happened since.
  if (!coupon_commands_.empty() && random_.OneIn(6)) {
    return coupon_commands_[random_.Below(coupon_commands_.size())];
  }
  Command command = random_.Percent(plan_.void_percent) ? Command(DrawVoid())
                    : random_.OneIn(3)                  ? Command(DrawCancel())
                                                        : Command(DrawRedeem());
  AddLatest(command, coupon_commands_);
  return command;
}

RedeemCoupon Workload::DrawRedeem() {
  const KnownCoupon coupon = PickCoupon();
  const Serial serial = coupon.serial;
  RedeemCoupon command{.serial = serial};
  if (random_.OneIn(4)) command.campaign_id = coupon.campaign;
  if (random_.OneIn(20)) command.campaign_id = PickKnown().id;
  if (random_.OneIn(2)) command.order_ref = "order " + std::to_string(random_.Below(1'000));
  if (random_.OneIn(4)) command.redeemed_by = "till " + std::to_string(random_.Below(4));
  if (random_.OneIn(2)) command.holder = coupon.holder;
  if (random_.OneIn(10)) command.holder = PickCoupon().holder;  // seldom the same user
  if (command.holder && random_.OneIn(4)) command.holder_as_sent = PickCoupon().holder;
  command.validate_only = random_.Percent(plan_.check_percent);
  const auto digest_of = [](const std::optional<Claim>& user) {
    return std::to_string(user ? std::hash<Claim>{}(*user) : 0);
  };
  command.request = DrawRequest(ContentOf(1, serial,
                                          command.order_ref + " of " + digest_of(command.holder) +
                                              " or " + digest_of(command.holder_as_sent)));
  if (command.request) command.request_id = "request " + std::to_string(random_.Below(1'000));
  return command;
}

CancelRedemption Workload::DrawCancel() {
  CancelRedemption command{.serial = PickCoupon().serial, .redemption = Sequence(0)};
  if (!redemptions_.empty()) {
    // The newest is likely to be the present one; older ones may be of coupons redeemed again.
    const std::uint64_t range = random_.OneIn(2) ? 1 : redemptions_.size();
    const KnownRedemption& known = redemptions_[redemptions_.size() - 1 - random_.Below(range)];
    command.serial = known.serial;
    command.redemption = known.sequence;
    if (known.request && random_.OneIn(2)) command.redemption = known.request->digest;
  }
  if (random_.OneIn(20)) command.serial = PickCoupon().serial;
  if (random_.OneIn(20) && !requests_.empty()) {
    command.redemption = requests_[random_.Below(requests_.size())].digest;
  }
  if (random_.OneIn(4)) command.reason = "sent back";
  if (random_.OneIn(20)) command.reason = Repeated("x", 128 + random_.Below(2));
  const auto* sequence = std::get_if<Sequence>(&command.redemption);
  const std::uint64_t redemption = sequence != nullptr
                                       ? sequence->value()
                                       : std::hash<Claim>{}(std::get<Claim>(command.redemption));
  command.request = DrawRequest(ContentOf(2, command.serial, std::to_string(redemption)));
  return command;
}

VoidCoupon Workload::DrawVoid() {
  VoidCoupon command{.serial = PickCoupon().serial,
                     .return_to_pool = random_.Percent(plan_.return_percent),
                     .free_claim = random_.Percent(plan_.free_percent)};
  if (random_.OneIn(4)) command.reason = "a leak";
  if (random_.OneIn(20)) command.reason = Repeated("x", 128 + random_.Below(2));
  const std::string how =
      std::string(command.return_to_pool ? "returned" : "") + (command.free_claim ? "freed" : "");
  command.request = DrawRequest(ContentOf(3, command.serial, how));
  return command;
}

Workload::KnownCoupon Workload::PickCoupon() {
  if (coupons_.empty() || random_.OneIn(50)) return {.campaign = PickKnown().id, .serial = {}};
  const std::uint64_t range = random_.OneIn(2) ? 1 + coupons_.size() / 4 : coupons_.size();
  KnownCoupon coupon = coupons_[coupons_.size() - 1 - random_.Below(range)];
  // One of its neighbours: perhaps reserved and not issued, perhaps another campaign's.
  if (random_.OneIn(20)) coupon.serial = coupon.serial.Plus(random_.Below(4));
  return coupon;
}

std::optional<RequestKey> Workload::DrawRequest(std::uint64_t content) {
  if (!random_.Percent(plan_.request_percent)) return std::nullopt;
  RequestKey request{.digest = DrawId<Claim>(), .content = content};
  if (!requests_.empty() && random_.OneIn(8)) {
    request.digest = requests_[random_.Below(requests_.size())].digest;
  } else {
    AddLatest(request, requests_);
  }
  return request;
}

void Workload::LearnCoupon(const IssueCoupon& issue, const GrantedCoupon& granted) {
  AddLatest({.campaign = issue.campaign_id,
             .serial = granted.serial,
             .holder = issue.holder,
             .issued_at = granted.issued_at,
             .expire_time = granted.expire_time},
            coupons_);
}

void Workload::ForgetCoupon(Serial serial) {
  // Some go on asking for the coupons of deleted campaigns.
  if (random_.OneIn(8)) return;
  std::erase_if(coupons_, [serial](const KnownCoupon& known) { return known.serial == serial; });
}

}  // namespace coupond::simulation
