#include "couponctl/load/consistency_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/moment_text.h"
#include "couponctl/load/issue_requests.h"
#include "couponctl/load/redeem_answer.h"
#include "engine/rules/limits.h"

namespace coupond::ctl {
namespace {

constexpr std::array<std::string_view, 14> kFaultNames = {
    "duplicate_code",    "listed_twice",       "not_listed",   "above_user_limit",
    "other_user",        "outside_campaign",   "before_start", "count_off",
    "above_total",       "redemption_refused", "not_redeemed", "wrong_redemption",
    "second_redemption", "redeemed_count_off",
};

std::string NameOf(std::uint32_t user) { return user == 0 ? "no user" : UserName(user); }

bool IsVoid(const coupon::v1::Coupon& coupon) {
  return coupon.state() == coupon::v1::COUPON_STATE_VOIDED ||
         coupon.state() == coupon::v1::COUPON_STATE_RETURNED;
}

bool IsRedeemed(const coupon::v1::Coupon& coupon) {
  return coupon.state() == coupon::v1::COUPON_STATE_REDEEMED;
}

}  // namespace

CampaignFigures CampaignFigures::Of(const coupon::v1::Campaign& campaign) {
  // The server may send any numbers.
  constexpr auto kMost = static_cast<std::int64_t>(limits::kSerialsPerCampaignMax);
  const std::int64_t returned = std::clamp<std::int64_t>(campaign.returned_coupons(), 0, kMost);
  return {.total = campaign.total_coupons() + returned,
          .issued = campaign.issued_coupons() + returned,
          .redeemed = campaign.redeemed_coupons(),
          .coupons_per_user = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
              campaign.coupons_per_user(), 1, limits::kCouponsPerUserMax))};
}

std::string_view FaultName(Fault::Kind kind) { return kFaultNames[static_cast<std::size_t>(kind)]; }

ConsistencyCheck::ConsistencyCheck(CheckedCampaign campaign, std::vector<HeldCoupon> held,
                                   CheckedLoad load)
    : campaign_(std::move(campaign)),
      held_(std::move(held)),
      is_listed_(held_.size(), false),
      load_(std::move(load)),
      is_given_(load_.users + 1, false),
      listed_of_user_(load_.users + 1, 0) {
  std::ranges::sort(held_, {}, &HeldCoupon::code);
  for (const HeldCoupon& coupon : held_) {
    if (coupon.user <= load_.users) is_given_[coupon.user] = true;
  }
}

void ConsistencyCheck::Add(Fault::Kind kind, std::string message) {
  const auto known = std::ranges::find(faults_, kind, &Fault::kind);
  if (known != faults_.end()) {
    ++known->count;
  } else {
    faults_.push_back({.kind = kind, .count = 1, .message = std::move(message)});
  }
}

void ConsistencyCheck::AddListed(const coupon::v1::Coupon& listed) {
  ++listed_;
  if (IsRedeemed(listed)) ++listed_as_redeemed_;
  const std::string& code = listed.code();
  if (listed.campaign_id() != campaign_.id) {
    Add(Fault::Kind::kOutsideCampaign,
        fmt::format("the server lists {} in this campaign, but it names campaign {}", code,
                    listed.campaign_id()));
  }
  const Timestamp issued_at = tools::FromMessage(listed.issued_at());
  if (issued_at < campaign_.start_time) {
    Add(Fault::Kind::kBeforeStart,
        fmt::format("the server lists {} as issued at {}, but the campaign starts at {}", code,
                    tools::FormatMoment(issued_at), tools::FormatMoment(campaign_.start_time)));
  }
  const std::uint64_t user = UserNumber(listed.user_id());
  if (user > 0 && user <= load_.users && !IsVoid(listed)) {
    std::uint16_t& count = listed_of_user_[user];
    if (count < std::numeric_limits<std::uint16_t>::max()) ++count;
  }
  const auto text = [](const HeldCoupon& coupon) { return coupon.code.text(); };
  const auto at = std::ranges::lower_bound(held_, std::string_view(code), {}, text);
  if (at == held_.end() || at->code.text() != code) return;  // issued to another user
  // Of several equal codes only the first is marked, which stands for all.
  const auto index = static_cast<std::size_t>(at - held_.begin());
  if (is_listed_[index]) {
    Add(Fault::Kind::kListedTwice, fmt::format("the server lists {} twice", code));
  }
  is_listed_[index] = true;
  if (listed.user_id() != UserName(at->user)) {
    Add(Fault::Kind::kOtherUser,
        fmt::format("{} was handed out to {}, but the server lists it as {}'s", code,
                    NameOf(at->user), listed.user_id().empty() ? "no user" : listed.user_id()));
  }
  if (load_.redeemed_with) CheckListedRedemption(*at, listed);
}

void ConsistencyCheck::CheckListedRedemption(const HeldCoupon& held,
                                             const coupon::v1::Coupon& listed) {
  const bool told = held.redemption == RedeemOutcome::kRedeemed;
  if (!IsRedeemed(listed)) {
    if (!told) return;
    return Add(Fault::Kind::kNotRedeemed,
               fmt::format("{} was redeemed, but the server lists it as {}", listed.code(),
                           coupon::v1::CouponState_Name(listed.state())));
  }
  const std::string& listed_request = listed.redemption().request_id();
  const std::string request = load_.redeemed_with->For(listed.code());
  if (listed_request == request) {
    if (told || held.redemption == RedeemOutcome::kOpen) return;
    return Add(Fault::Kind::kWrongRedemption,
               fmt::format("the server lists {} as redeemed by the request {}, to which it did not "
                           "answer so",
                           listed.code(), request));
  }
  // An older coupon may have been redeemed before.
  if (!told && !held.is_new) return;
  Add(Fault::Kind::kWrongRedemption,
      fmt::format("{} was {} the request {}, but the server lists it as redeemed by {}",
                  listed.code(), told ? "redeemed by" : "to be redeemed by none but", request,
                  listed_request.empty() ? "one without a request_id" : listed_request));
}

void ConsistencyCheck::AddSecondRedemption(std::string_view code, RedeemOutcome outcome) {
  if (outcome == RedeemOutcome::kAlreadyRedeemed) return;
  Add(Fault::Kind::kSecondRedemption,
      outcome == RedeemOutcome::kRedeemed
          ? fmt::format("{} was redeemed a second time, by another request", code)
          : fmt::format("{} was redeemed, but a second redemption was refused as: {}", code,
                        TextOf(outcome)));
}

void ConsistencyCheck::CheckHeld() {
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const HeldCoupon& coupon = held_[i];
    const std::string_view code = coupon.code.text();
    if (i > 0 && held_[i - 1].code == coupon.code) {
      Add(Fault::Kind::kDuplicateCode, fmt::format("{} was handed out twice", code));
    } else if (!is_listed_[i]) {
      Add(Fault::Kind::kNotListed,
          fmt::format("{} was handed out, but the server does not list it", code));
    }
    if (!coupon.for_user) {
      Add(Fault::Kind::kOtherUser, fmt::format("{} was handed out to {}, but names another user",
                                               code, NameOf(coupon.user)));
    }
    if (!coupon.in_campaign) {
      Add(Fault::Kind::kOutsideCampaign,
          fmt::format("{} was handed out for this campaign, but names another", code));
    }
    if (coupon.issued_at < campaign_.start_time) {
      Add(Fault::Kind::kBeforeStart,
          fmt::format("{} was issued at {}, but the campaign starts at {}", code,
                      tools::FormatMoment(coupon.issued_at),
                      tools::FormatMoment(campaign_.start_time)));
    }
    if (coupon.is_new && IsWronglyRefused(coupon.redemption)) {
      Add(Fault::Kind::kRedemptionRefused,
          fmt::format("{} was issued to this load, but its redemption was refused as: {}", code,
                      TextOf(coupon.redemption)));
    }
  }
}

// Sorts the held coupons by user.
void ConsistencyCheck::CheckGivenToUsers(std::uint32_t coupons_per_user) {
  std::ranges::sort(held_, {}, [](const HeldCoupon& coupon) {
    return std::pair(coupon.user, coupon.code.text());
  });
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const HeldCoupon& coupon = held_[i];
    const HeldCoupon* const last = i == 0 ? nullptr : &held_[i - 1];
    if (last != nullptr && last->user == coupon.user && last->code == coupon.code) continue;
    given = last != nullptr && last->user == coupon.user ? given + 1 : 1;
    if (coupon.user != 0 && given > coupons_per_user) {
      Add(Fault::Kind::kAboveUserLimit,
          fmt::format("{} was given both {} and {}, and may have {} of them", UserName(coupon.user),
                      last->code.text(), coupon.code.text(), coupons_per_user));
    }
  }
}

void ConsistencyCheck::CheckListedForUsers(std::uint32_t coupons_per_user) {
  for (std::uint64_t user = 1; user <= load_.users; ++user) {
    const std::uint32_t listed = listed_of_user_[user];
    if (listed <= coupons_per_user) continue;
    // A user who got none in this load may have them from before the limit was lowered, which a
    // limit of one never is.
    if (coupons_per_user > 1 && !is_given_[user]) continue;
    Add(Fault::Kind::kAboveUserLimit, fmt::format("the server lists {} coupons for {}, who may "
                                                  "have {}",
                                                  listed, UserName(user), coupons_per_user));
  }
}

void ConsistencyCheck::CheckCounts(const CampaignFigures& after) {
  const CampaignFigures& before = campaign_.before;
  const std::int64_t grown = after.issued - before.issued;
  const auto held = static_cast<std::int64_t>(held_.size());
  const auto slack = static_cast<std::int64_t>(load_.open);
  const auto older = static_cast<std::int64_t>(load_.maybe_older);
  if (grown < held - older || grown > held + slack) {
    Add(Fault::Kind::kCountOff,
        fmt::format("the server's count went from {} to {}, by {}, but the clients hold {} new "
                    "coupons{}{}",
                    before.issued, after.issued, grown, held - older,
                    older == 0 ? "" : fmt::format(", {} that may be older", older),
                    slack == 0 ? "" : fmt::format(" and {} outcomes are open", slack)));
  }
  const auto listed = static_cast<std::int64_t>(listed_);
  // A request with an open outcome may have got its coupon between the listing and the count.
  if (listed > after.issued || listed + slack < after.issued) {
    Add(Fault::Kind::kCountOff,
        fmt::format("the server counts {} issued coupons, but lists {}", after.issued, listed));
  }
  const std::int64_t total = std::max(before.total, after.total);
  const std::int64_t most = std::max({after.issued, listed, before.issued + held - older});
  if (most > total) {
    Add(Fault::Kind::kAboveTotal,
        fmt::format("{} coupons were issued, but there are only {}", most, total));
  }
}

void ConsistencyCheck::CheckRedeemedCounts(std::int64_t redeemed_after) {
  const auto told = std::ranges::count(held_, RedeemOutcome::kRedeemed, &HeldCoupon::redemption);
  const auto open = std::ranges::count(held_, RedeemOutcome::kOpen, &HeldCoupon::redemption);
  const std::int64_t grown = redeemed_after - campaign_.before.redeemed;
  if (grown < told || grown > told + open) {
    Add(Fault::Kind::kRedeemedCountOff,
        fmt::format("the server's count of redeemed coupons went from {} to {}, by {}, but the "
                    "clients redeemed {}{}",
                    campaign_.before.redeemed, redeemed_after, grown, told,
                    open == 0 ? "" : fmt::format(" and {} outcomes are open", open)));
  }
  const auto listed = static_cast<std::int64_t>(listed_as_redeemed_);
  if (listed > redeemed_after || listed + open < redeemed_after) {
    Add(Fault::Kind::kRedeemedCountOff,
        fmt::format("the server counts {} redeemed coupons, but lists {}", redeemed_after, listed));
  }
}

std::vector<Fault> ConsistencyCheck::Finish(const CampaignFigures& after) {
  const std::uint32_t per_user =
      std::max(campaign_.before.coupons_per_user, after.coupons_per_user);
  CheckHeld();
  CheckGivenToUsers(per_user);
  CheckListedForUsers(per_user);
  CheckCounts(after);
  if (load_.redeemed_with) CheckRedeemedCounts(after.redeemed);
  std::ranges::sort(faults_, {}, &Fault::kind);
  return std::exchange(faults_, {});
}

}  // namespace coupond::ctl
