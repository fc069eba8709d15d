#include "system/program/history_campaigns.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "system/program/history_verdict.h"

namespace coupond::test {
namespace {

using Fault = std::optional<HistoryFault>;

/// Returns the campaign that came with an answer, or null.
const api::Campaign* CampaignOf(const Operation& operation) {
  return std::visit(
      [](const auto& reply) -> const api::Campaign* {
        if constexpr (requires { reply.has_campaign(); }) {
          return reply.has_campaign() ? &reply.campaign() : nullptr;
        } else {
          return nullptr;
        }
      },
      operation.reply);
}

std::optional<Timestamp> SoldOutAt(const api::Campaign& shown) {
  return shown.has_sold_out_at() ? std::optional(TimeOf(shown.sold_out_at())) : std::nullopt;
}

std::optional<Timestamp> ArchivedAt(const api::Campaign& shown) {
  return shown.has_archived_at() ? std::optional(TimeOf(shown.archived_at())) : std::nullopt;
}

/// Returns the event since which the campaign has been sold out, or archived, without a break.
Sequence SinceWhen(const ModelCampaign& campaign, Sequence sequence,
                   std::optional<Timestamp> ModelState::* moment) {
  std::size_t place = campaign.states.size() - 1;
  while (campaign.states[place].since > sequence) --place;
  while (place > 0 && campaign.states[place - 1].*moment) --place;
  return campaign.states[place].since;
}

/// Returns the name of a term that differs, or null. Clients give campaigns no other terms.
const char* FindOtherTerm(const CampaignTerms& terms, const api::Campaign& shown) {
  if (shown.name() != terms.name) return "name";
  if (shown.total_coupons() != terms.total_coupons) return "total_coupons";
  if (TimeOf(shown.start_time()) != terms.start_time) return "start_time";
  if ((shown.has_end_time() ? TimeOf(shown.end_time()) : kNever) != terms.end_time) {
    return "end_time";
  }
  if (shown.description() != terms.description) return "description";
  if (shown.coupons_per_user() != static_cast<std::int64_t>(terms.coupons_per_user)) {
    return "coupons_per_user";
  }
  if (shown.user_required()) return "user_required";
  if (shown.has_redeem_start_time()) return "redeem_start_time";
  if (shown.has_expire_time()) return "expire_time";
  if (shown.has_valid_duration()) return "valid_duration";
  if (shown.redeem_by_holder_only()) return "redeem_by_holder_only";
  return shown.metadata_size() > 0 ? "metadata" : nullptr;
}

/// Reports whether the campaign may have been in this state. No campaign here has an end.
bool IsState(const Campaign& campaign, api::CampaignState state) {
  if (campaign.archived_at) return state == api::CAMPAIGN_STATE_ARCHIVED;
  if (campaign.issued_coupons >= campaign.terms.total_coupons) {
    return state == api::CAMPAIGN_STATE_SOLD_OUT;
  }
  // A client has a coupon only of a campaign that has started.
  if (state == api::CAMPAIGN_STATE_SCHEDULED) return campaign.ordinals() == 0;
  return state == (campaign.paused.issuing ? api::CAMPAIGN_STATE_PAUSED : api::CAMPAIGN_STATE_OPEN);
}

/// Checks the state with which a creation was answered: that of the moment of its decision.
bool IsFirstState(const api::Campaign& shown) {
  const bool has_started = TimeOf(shown.created_at()) >= TimeOf(shown.start_time());
  return shown.state() == (has_started ? api::CAMPAIGN_STATE_OPEN : api::CAMPAIGN_STATE_SCHEDULED);
}

}  // namespace

HistoryCampaigns::HistoryCampaigns(const Model& model, const EventTimes& event_times,
                                   const HistoryMoments& moments,
                                   const std::vector<const Operation*>& operations)
    : event_times_(event_times), moments_(moments), operations_(operations) {
  for (const auto& [number, campaign] : model.campaigns()) campaigns_[campaign.id] = &campaign;
  for (const Operation* operation : operations) {
    const std::uint64_t sequence = *SequenceOf(*operation);
    if (IsEvent(*operation) && !event_times.contains(sequence)) untold_times_.insert(sequence);
  }
}

Fault HistoryCampaigns::FindFault() {
  for (const Operation* operation : operations_) {
    const api::Campaign* const shown = CampaignOf(*operation);
    if (shown == nullptr) continue;
    if (Fault fault = Judge(*operation, *shown)) {
      fault->text = Describe(*operation) + "; " + fault->text;
      return fault;
    }
  }
  return std::nullopt;
}

Fault HistoryCampaigns::Judge(const Operation& operation, const api::Campaign& shown) {
  const auto found = campaigns_.find(IdOf(shown.id()));
  if (found == campaigns_.end()) return WrongDetail("no one created the campaign that is shown");
  const ModelCampaign& campaign = *found->second;
  const bool is_creation = std::holds_alternative<api::CreateCampaignResponse>(operation.reply);
  if (is_creation && !IsFirstState(shown)) return WrongDetail("it was created in another state");
  HistoryMoments::Range range = moments_.RangeOf(operation);
  if (is_creation) range.last = range.first = *SequenceOf(operation);
  const char* first_difference = nullptr;
  std::vector<Sequence> fitting;
  for (std::uint64_t at = range.first; at <= range.last; ++at) {
    const Sequence sequence(at);
    if (!campaign.IsThereAt(sequence)) continue;
    const char* const difference = FindDifference(campaign, sequence, shown);
    if (difference == nullptr) fitting.push_back(sequence);
    if (first_difference == nullptr) first_difference = difference;
  }
  if (!fitting.empty()) {
    Learn(campaign, fitting, shown);
    return std::nullopt;
  }
  return HistoryFault{
      HistoryFault::Kind::kWrongDetail,
      "the campaign was never so from event " + std::to_string(range.first) + " to " +
          std::to_string(range.last) + ": at first it had another " +
          (first_difference == nullptr ? "life, for it was deleted" : first_difference)};
}

const char* HistoryCampaigns::FindDifference(const ModelCampaign& campaign, Sequence sequence,
                                             const api::Campaign& shown) const {
  const Campaign expected = campaign.ShownAt(sequence);
  if (const char* const term = FindOtherTerm(expected.terms, shown)) return term;
  if (TimeOf(shown.created_at()) != expected.created_at) return "created_at";
  if (shown.revision() != expected.revision.value()) return "revision";
  if (shown.issued_coupons() != expected.issued_coupons) return "issued_coupons";
  if (shown.redeemed_coupons() != expected.redeemed_coupons) return "redeemed_coupons";
  if (shown.voided_coupons() != expected.voided_coupons) return "voided_coupons";
  if (shown.returned_coupons() != expected.returned_coupons) return "returned_coupons";
  if (shown.issuing_paused() != expected.paused.issuing) return "issuing_paused";
  if (shown.redeeming_paused() != expected.paused.redeeming) return "redeeming_paused";
  if (!IsMoment(campaign, sequence, &ModelState::sold_out_at, SoldOutAt(shown))) {
    return "sold_out_at";
  }
  if (!IsMoment(campaign, sequence, &ModelState::archived_at, ArchivedAt(shown))) {
    return "archived_at";
  }
  return IsState(expected, shown.state()) ? nullptr : "state";
}

bool HistoryCampaigns::IsMoment(const ModelCampaign& campaign, Sequence sequence, Moment moment,
                                const std::optional<Timestamp>& shown) const {
  const std::optional<Timestamp>& expected = campaign.StateAt(sequence).*moment;
  if (!expected || !shown) return expected.has_value() == shown.has_value();
  const std::uint64_t since = SinceWhen(campaign, sequence, moment).value();
  if (!untold_times_.contains(since)) return *shown == *expected;
  // The model was given the time of the last event before whose time is known.
  const auto next = event_times_.upper_bound(since);
  if (*shown < *expected || (next != event_times_.end() && *shown > next->second)) return false;
  const auto known = shown_times_.find(since);
  return known == shown_times_.end() || known->second == *shown;
}

void HistoryCampaigns::Learn(const ModelCampaign& campaign, const std::vector<Sequence>& fitting,
                             const api::Campaign& shown) {
  const auto learn = [&](Moment moment, const std::optional<Timestamp>& time) {
    if (!time) return;
    const Sequence since = SinceWhen(campaign, fitting.front(), moment);
    const bool is_certain = std::ranges::all_of(
        fitting, [&](Sequence sequence) { return SinceWhen(campaign, sequence, moment) == since; });
    if (is_certain) shown_times_.emplace(since.value(), *time);
  };
  learn(&ModelState::sold_out_at, SoldOutAt(shown));
  learn(&ModelState::archived_at, ArchivedAt(shown));
}

}  // namespace coupond::test
