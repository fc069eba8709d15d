#include "couponctl/load/consistency_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <optional>
#include <thread>
#include <utility>

#include "base/error.h"
#include "common/moment_text.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/issue_requests.h"
#include "engine/rules/limits.h"
#include "rpc/client/connect_client.h"

namespace coupond::ctl {
namespace {

using rpc_client::CallError;
using rpc_client::ConnectClient;

constexpr std::chrono::milliseconds kAskAgainEvery{200};

/// Returns the count of returned places, which the server may send as any number.
std::int64_t Returned(const coupon::v1::Campaign& campaign) {
  constexpr auto kMost = static_cast<std::int64_t>(limits::kSerialsPerCampaignMax);
  return std::clamp<std::int64_t>(campaign.returned_coupons(), 0, kMost);
}

std::string NameOf(std::uint32_t user) { return user == 0 ? "nobody" : UserName(user); }

// Asks the server once, and compares.
std::expected<CheckOutcome, CallError> Look(ConnectClient& client, const CheckedCampaign& before,
                                            const LoadTally& tally) {
  ConsistencyCheck check(
      before, tally.held(),
      {.open = tally.open(), .maybe_older = tally.maybe_older(), .users = tally.users()});
  TRY(ReadCoupons(client, before.id, std::nullopt, [&check](const auto& page) {
    for (const auto& coupon : page.coupons()) {
      check.AddListed(coupon.code(), coupon.campaign_id(), tools::FromMessage(coupon.issued_at()),
                      coupon.user_id());
    }
  }));
  const coupon::v1::Campaign after = TRY(ReadCampaign(client, before.id));

  check.RaiseTotal(MayBeIssued(after));
  CheckOutcome outcome{.issued_before = before.issued_before,
                       .issued_after = EverIssued(after),
                       .total = std::max(before.total, MayBeIssued(after)),
                       .listed = check.listed(),
                       .faults = check.Finish(EverIssued(after))};
  outcome.state =
      outcome.faults.empty() ? CheckOutcome::State::kPassed : CheckOutcome::State::kFailed;
  return outcome;
}

}  // namespace

std::int64_t EverIssued(const coupon::v1::Campaign& campaign) {
  return campaign.issued_coupons() + Returned(campaign);
}

std::int64_t MayBeIssued(const coupon::v1::Campaign& campaign) {
  return campaign.total_coupons() + Returned(campaign);
}

std::string_view FaultName(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::kDuplicateCode:
      return "duplicate_code";
    case Fault::Kind::kListedTwice:
      return "listed_twice";
    case Fault::Kind::kNotListed:
      return "not_listed";
    case Fault::Kind::kSecondCoupon:
      return "second_coupon";
    case Fault::Kind::kOtherUser:
      return "other_user";
    case Fault::Kind::kOutsideCampaign:
      return "outside_campaign";
    case Fault::Kind::kBeforeStart:
      return "before_start";
    case Fault::Kind::kCountOff:
      return "count_off";
    case Fault::Kind::kAboveTotal:
      return "above_total";
  }
  return "unknown";
}

ConsistencyCheck::ConsistencyCheck(CheckedCampaign campaign, std::vector<HeldCoupon> held,
                                   CheckedLoad load)
    : campaign_(std::move(campaign)),
      held_(std::move(held)),
      is_listed_(held_.size(), false),
      user_is_listed_(load.users + 1, false),
      load_(load) {
  std::ranges::sort(held_, {}, &HeldCoupon::code);
}

void ConsistencyCheck::Add(Fault::Kind kind, std::string message) {
  const auto known = std::ranges::find(faults_, kind, &Fault::kind);
  if (known != faults_.end()) {
    ++known->count;
  } else {
    faults_.push_back({.kind = kind, .count = 1, .message = std::move(message)});
  }
}

void ConsistencyCheck::AddListed(std::string_view code, std::string_view campaign_id,
                                 Timestamp issued_at, std::string_view user_id) {
  ++listed_;
  if (campaign_id != campaign_.id) {
    Add(Fault::Kind::kOutsideCampaign,
        fmt::format("the server lists {} in this campaign, but it names campaign {}", code,
                    campaign_id));
  }
  if (issued_at < campaign_.start_time) {
    Add(Fault::Kind::kBeforeStart,
        fmt::format("the server lists {} as issued at {}, but the campaign starts at {}", code,
                    tools::FormatMoment(issued_at), tools::FormatMoment(campaign_.start_time)));
  }
  if (const std::uint64_t user = UserNumber(user_id); user > 0 && user <= load_.users) {
    if (user_is_listed_[user]) {
      Add(Fault::Kind::kSecondCoupon,
          fmt::format("the server lists {} for {}, who has another coupon", code, user_id));
    }
    user_is_listed_[user] = true;
  }
  const auto text = [](const HeldCoupon& coupon) { return coupon.code.text(); };
  const auto at = std::ranges::lower_bound(held_, code, {}, text);
  if (at == held_.end() || at->code.text() != code) return;  // issued to somebody else
  // Of several equal codes only the first is marked, which stands for all.
  const auto index = static_cast<std::size_t>(at - held_.begin());
  if (is_listed_[index]) {
    Add(Fault::Kind::kListedTwice, fmt::format("the server lists {} twice", code));
  }
  is_listed_[index] = true;
  if (user_id != UserName(at->user)) {
    Add(Fault::Kind::kOtherUser,
        fmt::format("{} was handed out to {}, but the server lists it as {}'s", code,
                    NameOf(at->user), user_id.empty() ? "nobody" : user_id));
  }
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
  }
}

void ConsistencyCheck::CheckUsers() {
  std::ranges::sort(held_, {}, &HeldCoupon::user);
  for (std::size_t i = 1; i < held_.size(); ++i) {
    const HeldCoupon& first = held_[i - 1];
    const HeldCoupon& second = held_[i];
    if (second.user != 0 && first.user == second.user && first.code != second.code) {
      Add(Fault::Kind::kSecondCoupon,
          fmt::format("{} was given both {} and {}", UserName(second.user), first.code.text(),
                      second.code.text()));
    }
  }
}

void ConsistencyCheck::CheckCounts(std::int64_t issued_after) {
  const std::int64_t grown = issued_after - campaign_.issued_before;
  const auto held = static_cast<std::int64_t>(held_.size());
  const auto slack = static_cast<std::int64_t>(load_.open);
  const auto older = static_cast<std::int64_t>(load_.maybe_older);
  if (grown < held - older || grown > held + slack) {
    Add(Fault::Kind::kCountOff,
        fmt::format("the server's count went from {} to {}, by {}, but the clients hold {} new "
                    "coupons{}{}",
                    campaign_.issued_before, issued_after, grown, held - older,
                    older == 0 ? "" : fmt::format(", {} that may be older", older),
                    slack == 0 ? "" : fmt::format(" and {} outcomes are open", slack)));
  }
  const auto listed = static_cast<std::int64_t>(listed_);
  // A request with an open outcome may have got its coupon between the listing and the count.
  if (listed > issued_after || listed + slack < issued_after) {
    Add(Fault::Kind::kCountOff,
        fmt::format("the server counts {} issued coupons, but lists {}", issued_after, listed));
  }
  const std::int64_t most =
      std::max({issued_after, listed, campaign_.issued_before + held - older});
  if (most > campaign_.total) {
    Add(Fault::Kind::kAboveTotal,
        fmt::format("{} coupons were issued, but there are only {}", most, campaign_.total));
  }
}

std::vector<Fault> ConsistencyCheck::Finish(std::int64_t issued_after) {
  CheckHeld();
  CheckUsers();
  CheckCounts(issued_after);
  std::ranges::sort(faults_, {}, &Fault::kind);
  return std::exchange(faults_, {});
}

CheckOutcome CheckConsistency(const CheckPlan& plan, const CheckedCampaign& before,
                              const LoadTally& tally) {
  const auto give_up = std::chrono::steady_clock::now() + plan.retry_for;
  while (true) {
    ConnectClient client(plan.server, plan.request_timeout, RequestHeaders());
    auto outcome = Look(client, before, tally);
    if (outcome) return std::move(*outcome);
    const bool hopeless = rpc_client::IsRefusal(outcome.error());
    if (hopeless || std::chrono::steady_clock::now() >= give_up) {
      return {.state = CheckOutcome::State::kImpossible,
              .why_impossible = Describe(outcome.error()),
              .issued_before = before.issued_before,
              .total = before.total};
    }
    std::this_thread::sleep_for(kAskAgainEvery);
  }
}

}  // namespace coupond::ctl
