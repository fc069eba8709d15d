#include "couponctl/load/load_tally.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "couponctl/load/arrival_schedule.h"
#include "couponctl/load/issue_requests.h"
#include "engine/rules/limits.h"

namespace coupond::ctl {
namespace {

static_assert(kRequestsPerRunMax < std::numeric_limits<std::uint32_t>::max(),
              "a place of a coupon has 32 bits");
static_assert(kLoadUsersMax <=
              std::numeric_limits<std::uint64_t>::max() / limits::kCouponsPerUserMax);

std::uint64_t CouponsMax(std::uint64_t requests_max, LoadUsers users) {
  if (users.count == 0) return requests_max;
  return std::min(requests_max, users.count * users.coupons_per_user);
}

}  // namespace

LoadTally::LoadTally(std::uint64_t requests_max, LoadUsers users)
    : users_(users), places_(users.one_each() ? users.count + 1 : 0) {
  held_.reserve(CouponsMax(requests_max, users));
}

void LoadTally::AddOutcome(const IssueAnswer& answer, std::uint64_t user,
                           std::chrono::nanoseconds latency) {
  AddLatency(latency);
  switch (answer.kind) {
    case IssueAnswer::Kind::kIssued:
      AddCoupon(answer, user);
      break;
    case IssueAnswer::Kind::kRefused:
      ++refused_[static_cast<std::size_t>(answer.refused)];
      break;
    case IssueAnswer::Kind::kFailed:
      ++failed_;
      break;
    case IssueAnswer::Kind::kOpen:
      ++open_;
      break;
  }
}

void LoadTally::AddCoupon(const IssueAnswer& answer, std::uint64_t user) {
  ++coupon_answers_;
  already_issued_ += answer.already_issued ? 1 : 0;
  if (!users_.one_each()) return Hold(answer, user);
  std::uint32_t& place = places_[user];
  if (place == 0) {
    Hold(answer, user);
    place = static_cast<std::uint32_t>(held_.size());
    maybe_older_ += answer.already_issued ? 1 : 0;
    return;
  }
  HeldCoupon& known = held_[place - 1];
  if (known.code != answer.coupon.code || (known.is_new && !answer.already_issued)) {
    // A second coupon, or the same one issued twice: the check will find both.
    Hold(answer, user);
  } else if (!answer.already_issued) {
    // The answer to the request that got the coupon came after one that repeated it.
    --maybe_older_;
    known.is_new = true;
  }
}

void LoadTally::Hold(const IssueAnswer& answer, std::uint64_t user) {
  held_.push_back(answer.coupon);
  held_.back().user = static_cast<std::uint32_t>(user);
  // Without users, or with several coupons for each, only an attempt of the same request can have
  // got the coupon.
  held_.back().is_new = !users_.one_each() || !answer.already_issued;
}

std::uint64_t LoadTally::answered() const { return coupon_answers_ + refused_in_all() + failed_; }

std::uint64_t LoadTally::refused(IssueAnswer::Refused reason) const {
  return refused_[static_cast<std::size_t>(reason)];
}

std::uint64_t LoadTally::refused_in_all() const {
  return std::accumulate(refused_.begin(), refused_.end(), std::uint64_t{0});
}

}  // namespace coupond::ctl
