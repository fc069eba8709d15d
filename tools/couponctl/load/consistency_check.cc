#include "couponctl/load/consistency_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/moment_text.h"

namespace coupond::ctl {

std::string_view FaultName(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::kDuplicateCode:
      return "duplicate_code";
    case Fault::Kind::kListedTwice:
      return "listed_twice";
    case Fault::Kind::kNotListed:
      return "not_listed";
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
                                   std::uint64_t open_outcomes)
    : campaign_(std::move(campaign)),
      held_(std::move(held)),
      is_listed_(held_.size(), false),
      open_outcomes_(open_outcomes) {
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
                                 Timestamp issued_at) {
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
  const auto text = [](const HeldCoupon& coupon) { return coupon.code.text(); };
  const auto at = std::ranges::lower_bound(held_, code, {}, text);
  if (at == held_.end() || at->code.text() != code) return;  // held by somebody else
  // A code that is held twice is marked only at its first place, which stands for all.
  const auto index = static_cast<std::size_t>(at - held_.begin());
  if (is_listed_[index]) {
    Add(Fault::Kind::kListedTwice, fmt::format("the server lists {} twice", code));
  }
  is_listed_[index] = true;
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

void ConsistencyCheck::CheckCounts(std::int64_t issued_after) {
  const std::int64_t grown = issued_after - campaign_.issued_before;
  const auto held = static_cast<std::int64_t>(held_.size());
  const auto slack = static_cast<std::int64_t>(open_outcomes_);
  if (grown < held || grown > held + slack) {
    Add(Fault::Kind::kCountOff,
        fmt::format("the server's count went from {} to {}, by {}, but the clients hold {} new "
                    "coupons{}",
                    campaign_.issued_before, issued_after, grown, held,
                    slack == 0 ? "" : fmt::format(" and {} outcomes are open", slack)));
  }
  const auto listed = static_cast<std::int64_t>(listed_);
  // A request with an open outcome may have got its coupon between the listing and the count.
  if (listed > issued_after || listed + slack < issued_after) {
    Add(Fault::Kind::kCountOff,
        fmt::format("the server counts {} issued coupons, but lists {}", issued_after, listed));
  }
  const std::int64_t most = std::max({issued_after, listed, campaign_.issued_before + held});
  if (most > campaign_.total) {
    Add(Fault::Kind::kAboveTotal,
        fmt::format("{} coupons were issued, but there are only {}", most, campaign_.total));
  }
}

std::vector<Fault> ConsistencyCheck::Finish(std::int64_t issued_after) {
  CheckHeld();
  CheckCounts(issued_after);
  std::ranges::sort(faults_, {}, &Fault::kind);
  return std::exchange(faults_, {});
}

}  // namespace coupond::ctl
