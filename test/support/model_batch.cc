#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "support/model.h"
#include "support/model_limits.h"

// What the model expects of a command that issues many coupons: whatever each of those who ask
// would get by themselves, unless the batch as a whole is refused.
namespace coupond::test {
namespace {

bool IsTooLarge(const BatchIssueCoupons& command) {
  std::size_t bytes = 96 + 32 * std::size_t{command.anonymous};
  for (const IssueCoupon& user : command.users) {
    bytes += (user.user_id.size() > 121 ? 69 : 67) + user.user_id.size();
  }
  return command.users.size() + command.anonymous > kBatchCouponsMax || bytes > kBatchBytesMax;
}

/// How many coupons it takes for everybody to have one.
struct Needs {
  std::int64_t coupons = 0;
  bool beyond_the_limit = false;  ///< and somebody has as many as allowed
};

Needs NeedsOf(const ModelCampaign& campaign, const BatchIssueCoupons& command) {
  Needs needs{.coupons = command.anonymous};
  const std::uint32_t allowed = campaign.state().terms.coupons_per_user;
  std::set<Claim> recognised;
  std::map<Claim, std::int64_t> of_user;
  for (const IssueCoupon& user : command.users) {
    if (campaign.FindHeld(user)) continue;
    if (!recognised.insert(allowed == 1 ? *user.holder : *user.request_key).second) continue;
    if (allowed > 1) {
      const auto before = campaign.coupons_of_holder.find(*user.holder);
      const bool has_some = before != campaign.coupons_of_holder.end();
      const auto [count, is_first] =
          of_user.try_emplace(*user.holder, has_some ? campaign.CountedOf(before->second) : 0);
      if (count->second >= std::int64_t{allowed}) {
        needs.beyond_the_limit = true;
        continue;
      }
      ++count->second;
    }
    ++needs.coupons;
  }
  return needs;
}

/// Returns what somebody got who asked alone.
BatchResult ResultOf(const ModelOutcome& single) {
  BatchResult result;
  if (single.kind == ModelOutcome::Kind::kRefused) {
    result.refusal = Refusal{.reason = single.reason, .at = single.at};
    return result;
  }
  const bool is_last = single.kind == ModelOutcome::Kind::kLimitReached;
  if (is_last) result.refusal = Refusal{.reason = RefusalReason::kUserLimitReached};
  result.is_new = single.kind == ModelOutcome::Kind::kIssued;
  result.coupon = HeldCoupon{.campaign = single.campaign,
                             .serial = single.serial,
                             .issued_at = single.issued_at,
                             .expire_time = single.expire_time,
                             .state = single.state,
                             .found_as_sent = single.found_as_sent,
                             .limit_reached = is_last};
  return result;
}

}  // namespace

std::optional<ModelOutcome> Model::RefuseBatch(const BatchIssueCoupons& command,
                                               Timestamp time) const {
  const ModelCampaign* const campaign = Find(command.campaign_id);
  if (IsTooLarge(command)) return Refused(RefusalReason::kBatchTooLarge);
  if (campaign == nullptr) return Refused(RefusalReason::kNoSuchCampaign);
  if (auto answer = AnswerRepeated(command.request)) return answer;
  const ModelState& state = campaign->state();
  if (state.terms.user_required && command.anonymous > 0) {
    return Refused(RefusalReason::kUserRequired);
  }
  const bool lacks_a_key =
      std::ranges::any_of(command.users, [](const auto& user) { return !user.request_key; });
  if (state.terms.coupons_per_user > 1 && lacks_a_key) {
    return Refused(RefusalReason::kRequestIdRequired);
  }
  const Needs needs = NeedsOf(*campaign, command);
  if (needs.coupons == 0 && !needs.beyond_the_limit) return std::nullopt;
  if (state.archived_at) return Refused(RefusalReason::kEnded, *state.archived_at);
  const Timestamp end = std::min(state.terms.end_time, state.terms.expire_time);
  if (end <= time) return Refused(RefusalReason::kEnded, end);
  if (!command.allow_partial) {
    if (needs.beyond_the_limit) return Refused(RefusalReason::kUserLimitReached);
    if (state.sold_out_at) return Refused(RefusalReason::kSoldOut, *state.sold_out_at);
    const std::int64_t left = state.terms.total_coupons - campaign->places();
    if (needs.coupons > left) {
      return Refused({.reason = RefusalReason::kNotEnoughLeft, .coupons = left});
    }
  }
  // Those for whom no place is left, or who have all that are allowed, need not come back.
  if (state.sold_out_at || needs.coupons == 0) return std::nullopt;
  if (state.terms.start_time > time) {
    return Refused(RefusalReason::kNotStarted, state.terms.start_time);
  }
  if (state.paused.issuing) return Refused(RefusalReason::kPaused);
  return std::nullopt;
}

ModelOutcome Model::JudgeCommand(const BatchIssueCoupons& command, Timestamp time) {
  if (auto refused = RefuseBatch(command, time)) return *std::move(refused);
  const Sequence before = last_;
  const CampaignNumber number = Find(command.campaign_id)->number;
  BatchIssued issued{.campaign = number, .request = command.request};
  last_ = last_.Next();  // its own event comes before those of its coupons
  std::vector<BatchResult> results;
  std::vector<Event> following;
  const auto ask = [&](const IssueCoupon& single) {
    ModelOutcome outcome = JudgeCommand(single, time);
    results.push_back(ResultOf(outcome));
    if (outcome.event) following.push_back(*std::move(outcome.event));
  };
  for (const IssueCoupon& user : command.users) ask(user);
  for (std::uint32_t i = 0; i < command.anonymous; ++i) {
    ask(IssueCoupon{.campaign_id = command.campaign_id});
  }
  ModelOutcome outcome{.kind = ModelOutcome::Kind::kUnchanged,
                       .sequence = before,
                       .campaign = number,
                       .serial = {},
                       .results = std::move(results)};
  if (following.empty()) {
    last_ = before;
    return outcome;
  }
  issued.coupons = static_cast<std::uint32_t>(following.size());
  outcome.kind = ModelOutcome::Kind::kBatch;
  outcome.sequence = before.Next();
  outcome.event = issued;
  outcome.following = std::move(following);
  if (command.request) {
    requests_[command.request->digest] = {outcome.sequence, command.request->content};
  }
  return outcome;
}

}  // namespace coupond::test
