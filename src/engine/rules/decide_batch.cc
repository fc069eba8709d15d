#include "engine/rules/decide_parts.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/check.h"
#include "engine/rules/command_faults.h"
#include "engine/rules/limits.h"

namespace coupond {
namespace {

/// Who of a batch gets what. First each user asks, then the new coupons are given out.
class BatchPlan {
 public:
  /// Plans at most `places` new coupons; requests beyond them get none.
  BatchPlan(const Ledger& ledger, const LedgerCampaign& campaign, std::uint64_t places,
            Timestamp time)
      : campaign_(campaign),
        holders_(ledger.FindHolders(campaign.number)),
        time_(time),
        places_(places) {}

  void Ask(const IssueCoupon& user) {
    Asked& asked = asked_.emplace_back();
    asked.held = FindHeld(campaign_, user, time_);
    if (asked.held && !asked.held->found_as_sent) return;
    const bool is_limited = campaign_.terms.coupons_per_user > 1;
    // The claim by which a second request would find the coupon of the first.
    const std::optional<Claim>& claim = is_limited ? user.request_key : user.holder;
    if (const auto first = claim ? by_claim_.find(*claim) : by_claim_.end();
        first != by_claim_.end()) {
      asked.held.reset();
      asked.same_as = first->second;
      return;
    }
    if (asked.held) return;
    const bool counts = is_limited && user.holder;
    if (counts && IsLimitReached(*user.holder, asked)) {
      ++at_limit_;
      return;
    }
    Need(asked);
    if (!asked.is_new) return;
    if (claim) by_claim_.emplace(*claim, asked_.size() - 1);
    if (counts) {
      InBatch& in_batch = by_holder_[*user.holder];
      in_batch = {.coupons = in_batch.coupons + 1, .latest = asked_.size() - 1};
    }
  }
  void AskWithoutUsers(std::uint32_t coupons) {
    asked_.reserve(asked_.size() + coupons);
    for (; coupons > 0; --coupons) Need(asked_.emplace_back());
  }

  /// Returns how many new coupons the batch needs, also for those who get none.
  [[nodiscard]] std::uint64_t needed() const { return needed_; }
  /// Returns how many requests are refused because their user has as many as allowed.
  [[nodiscard]] std::uint64_t at_limit() const { return at_limit_; }

  /// Gives out the new coupons and appends their events. Refuses those for whom no place is left.
  void GiveOut(std::vector<IssueCoupon>& users, std::vector<Event>& events) {
    COUPOND_CHECK(users.empty() || users.size() == asked_.size());
    const Refusal sold_out = RefuseToIssue(campaign_, CampaignState::kSoldOut, time_);
    const Timestamp expire_time = ExpireTimeOf(campaign_.terms, time_);
    std::uint64_t ordinal = campaign_.ordinals();
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      Asked& asked = asked_[i];
      if (asked.is_late) asked.refusal = sold_out;
      if (!asked.is_new) continue;
      IssueCoupon anonymous;
      Issue(campaign_, ordinal, std::move(users.empty() ? anonymous : users[i]),
            events.emplace_back());
      asked.held = HeldCoupon{.campaign = campaign_.number,
                              .serial = campaign_.serials.At(ordinal),
                              .issued_at = time_,
                              .expire_time = expire_time};
      ++ordinal;
    }
  }

  /// Writes what came of each, in the order in which they asked.
  void Report(BatchResults& results) const {
    results.coupons.clear();
    results.coupons.reserve(asked_.size());
    for (const Asked& asked : asked_) {
      BatchResult result{
          .coupon = asked.held, .is_new = asked.is_new && asked.held, .refusal = asked.refusal};
      if (asked.same_as) {
        const BatchResult& same = results.coupons[*asked.same_as];
        if (same.coupon) result.coupon = same.coupon;
        if (!result.refusal) result.refusal = same.refusal;
      }
      if (result.coupon) result.coupon->limit_reached = result.refusal.has_value();
      results.coupons.push_back(result);
    }
  }

 private:
  struct Asked {
    std::optional<HeldCoupon> held;
    bool is_new = false;
    bool is_late = false;  ///< needs a new coupon when no place is left
    std::optional<Refusal> refusal;
    std::optional<std::size_t> same_as;  ///< shows the coupon of that one, which came before
  };
  /// What a user has been given by the batch so far.
  struct InBatch {
    std::uint32_t coupons = 0;
    std::size_t latest = 0;  ///< in asked_
  };

  void Need(Asked& asked) {
    asked.is_new = needed_ < places_;
    asked.is_late = !asked.is_new;
    ++needed_;
  }
  /// Refuses one more coupon to a user who has as many as the campaign allows.
  bool IsLimitReached(const Claim& holder, Asked& asked) {
    const auto holding = holders_ == nullptr ? std::nullopt : holders_->Find(holder);
    const InBatch in_batch = by_holder_[holder];
    const std::uint64_t coupons = (holding ? holding->coupons : 0) + in_batch.coupons;
    if (coupons < campaign_.terms.coupons_per_user) return false;
    asked.refusal = Refusal{.reason = RefusalReason::kUserLimitReached};
    if (in_batch.coupons > 0) asked.same_as = in_batch.latest;
    if (holding) asked.held = Held(campaign_, holding->latest, time_);
    return true;
  }

  const LedgerCampaign& campaign_;
  const Holders* const holders_;
  const Timestamp time_;
  const std::uint64_t places_;
  std::vector<Asked> asked_;
  std::unordered_map<Claim, std::size_t> by_claim_;  // the first in asked_ with the claim
  std::unordered_map<Claim, InBatch> by_holder_;
  std::uint64_t needed_ = 0;
  std::uint64_t at_limit_ = 0;
};

/// Returns the reason to refuse a batch in which a user needs a new coupon.
std::optional<Refusal> FindConflict(const LedgerCampaign& campaign, const BatchPlan& plan,
                                    bool allow_partial, Timestamp time) {
  const CampaignState state = StateOf(campaign, time);
  const bool is_over = state == CampaignState::kArchived || state == CampaignState::kEnded;
  if (is_over) return RefuseToIssue(campaign, state, time);
  const std::uint64_t places = campaign.places_left();
  if (!allow_partial) {
    if (plan.at_limit() > 0) return Refusal{.reason = RefusalReason::kUserLimitReached};
    if (places == 0) return RefuseToIssue(campaign, CampaignState::kSoldOut, time);
    if (places < plan.needed()) {
      return Refusal{.reason = RefusalReason::kNotEnoughLeft,
                     .coupons = static_cast<std::int64_t>(places)};
    }
  }
  const bool gives_out = places > 0 && plan.needed() > 0;
  if (gives_out && state != CampaignState::kOpen) return RefuseToIssue(campaign, state, time);
  return std::nullopt;
}

/// Reports who of a batch that was carried out before has which coupon now.
void ReportHeld(const Ledger& ledger, const LedgerCampaign& campaign,
                const BatchIssueCoupons& command, Timestamp time) {
  // No user gets a new one.
  BatchPlan plan(ledger, campaign, /*places=*/0, time);
  for (const IssueCoupon& user : command.users) plan.Ask(user);
  plan.Report(*command.results);
}

}  // namespace

std::size_t EventBytesMax(const BatchIssueCoupons& batch) {
  std::size_t bytes =
      limits::kEventBytesMaxWithoutTexts + batch.anonymous * limits::kAnonymousIssueBytesMax;
  for (const IssueCoupon& user : batch.users) {
    bytes += limits::kIssueBytesMaxWithoutText + user.user_id.size();
    if (user.user_id.size() > limits::kShortUserIdMaxBytes) bytes += limits::kLongUserIdAddedBytes;
  }
  return bytes;
}

Decision DecideBatch(const Ledger& ledger, BatchIssueCoupons&& command, Timestamp time,
                     Event& event, std::vector<Event>& following) {
  if (const auto fault = FindFault(command)) return Refuse(*fault);
  const LedgerCampaign* const campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (auto repeated = FindRepeated(ledger, command.request)) {
    if (command.results && std::holds_alternative<Repeated>(*repeated)) {
      ReportHeld(ledger, *campaign, command, time);
    }
    return *std::move(repeated);
  }
  if (command.anonymous > 0 && campaign->terms.user_required) {
    return Refuse(RefusalReason::kUserRequired);
  }
  for (const IssueCoupon& user : command.users) {
    if (const auto missing = FindMissing(campaign->terms, user)) return Refuse(*missing);
  }
  // Without allow_partial, the batch is refused if there are not enough for all.
  const std::uint64_t places =
      command.allow_partial ? campaign->places_left() : std::numeric_limits<std::uint64_t>::max();
  BatchPlan plan(ledger, *campaign, places, time);
  for (const IssueCoupon& user : command.users) plan.Ask(user);
  plan.AskWithoutUsers(command.anonymous);
  std::optional<Refusal> conflict;
  if (plan.needed() + plan.at_limit() > 0) {
    conflict = FindConflict(*campaign, plan, command.allow_partial, time);
  }
  const std::size_t before = following.size();
  if (!conflict) plan.GiveOut(command.users, following);
  if (command.results) plan.Report(*command.results);
  if (conflict) return *conflict;
  const std::size_t issued = following.size() - before;
  if (issued == 0) return Unchanged{};
  event = BatchIssued{.campaign = campaign->number,
                      .coupons = static_cast<std::uint32_t>(issued),
                      .request = command.request};
  return Accepted{.expire_time = ExpireTimeOf(campaign->terms, time)};
}

}  // namespace coupond
