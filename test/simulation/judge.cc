#include "simulation/judge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

using test::ModelOutcome;

Counter CounterOf(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kNameEmpty:
      return Counter::kRefusedNameEmpty;
    case RefusalReason::kNameTooLong:
      return Counter::kRefusedNameTooLong;
    case RefusalReason::kTotalTooSmall:
      return Counter::kRefusedTotalTooSmall;
    case RefusalReason::kTotalTooLarge:
      return Counter::kRefusedTotalTooLarge;
    case RefusalReason::kStartTimeMissing:
      return Counter::kRefusedStartTimeMissing;
    case RefusalReason::kStartTimeInPast:
      return Counter::kRefusedStartTimeInPast;
    case RefusalReason::kStartTimeTooLate:
      return Counter::kRefusedStartTimeTooLate;
    case RefusalReason::kDescriptionTooLong:
      return Counter::kRefusedDescriptionTooLong;
    case RefusalReason::kEndTimeTooLate:
      return Counter::kRefusedEndTimeTooLate;
    case RefusalReason::kMetadataTooLarge:
      return Counter::kRefusedMetadataTooLarge;
    case RefusalReason::kReasonTooLong:
      return Counter::kRefusedReasonTooLong;
    case RefusalReason::kCampaignArchived:
      return Counter::kRefusedCampaignArchived;
    case RefusalReason::kChangedMeanwhile:
      return Counter::kRefusedChangedMeanwhile;
    case RefusalReason::kStartTimeFixed:
      return Counter::kRefusedStartTimeFixed;
    case RefusalReason::kTotalBelowIssued:
      return Counter::kRefusedTotalBelowIssued;
    case RefusalReason::kEndTimeNotAfterStart:
      return Counter::kRefusedEndTimeNotAfterStart;
    case RefusalReason::kNameTaken:
      return Counter::kRefusedNameTaken;
    case RefusalReason::kSerialsExhausted:
      return Counter::kRefusedSerialsExhausted;
    case RefusalReason::kEnded:
      return Counter::kRefusedEnded;
    case RefusalReason::kSoldOut:
      return Counter::kRefusedSoldOut;
    case RefusalReason::kNotStarted:
      return Counter::kRefusedNotStarted;
    case RefusalReason::kPaused:
      return Counter::kRefusedPaused;
    case RefusalReason::kNoSuchCoupon:
      return Counter::kRefusedNoSuchCoupon;
    case RefusalReason::kRequestIdReused:
      return Counter::kRefusedRequestIdReused;
    case RefusalReason::kCouponVoided:
      return Counter::kRefusedCouponVoided;
    case RefusalReason::kCouponAlreadyRedeemed:
      return Counter::kRefusedCouponAlreadyRedeemed;
    case RefusalReason::kNotRedeemed:
      return Counter::kRefusedNotRedeemed;
    case RefusalReason::kRedeemingPaused:
      return Counter::kRefusedRedeemingPaused;
    // No simulation creates a million campaigns; a refusal that says so is seen as a difference.
    case RefusalReason::kTooManyCampaigns:
    case RefusalReason::kNoSuchCampaign:
      return Counter::kRefusedNoSuchCampaign;
  }
  return Counter::kRefusedNoSuchCampaign;
}

Counter CounterOf(const Event& change) {
  if (std::holds_alternative<CampaignPaused>(change)) return Counter::kPaused;
  if (std::holds_alternative<CampaignResumed>(change)) return Counter::kResumed;
  if (std::holds_alternative<CampaignArchived>(change)) return Counter::kArchived;
  if (std::holds_alternative<CampaignUnarchived>(change)) return Counter::kUnarchived;
  if (std::holds_alternative<CouponRedeemed>(change)) return Counter::kRedeemed;
  if (std::holds_alternative<RedemptionCanceled>(change)) return Counter::kRedemptionsCanceled;
  if (const auto* voided = std::get_if<CouponVoided>(&change)) {
    return voided->returned ? Counter::kReturned : Counter::kVoided;
  }
  return Counter::kUpdated;
}

/// Reports whether a campaign was sold out before its last change, and is no more.
bool WasReopened(const test::ModelCampaign& campaign) {
  const auto& states = campaign.states;
  return states[states.size() - 2].sold_out_at.has_value() && !states.back().sold_out_at;
}

}  // namespace

Judge::Judge(const SimulatedLog& log, test::Model model, Timestamp created_at, Coverage& coverage,
             Trace& trace)
    : log_(log),
      coverage_(coverage),
      trace_(trace),
      model_(std::move(model)),
      time_reached_(created_at) {}

void Judge::OnSubmitted(std::uint64_t ticket, const Command& command) {
  waiting_.push_back(Submitted{ticket, command, std::nullopt});
  coverage_.Count(Counter::kCommands);
}

void Judge::OnGroupBegins(Timestamp clock_now, bool fenced) {
  group_.swap(waiting_);
  waiting_.clear();
  group_time_ = std::max(time_reached_, clock_now);
  fenced_ = fenced;
  if (!fenced && clock_now < time_reached_ && !group_.empty()) {
    coverage_.Count(Counter::kGroupsAfterTheClockWentBack);
  }
}

void Judge::OnReply(const TicketedReply& ticketed) {
  const auto place = ticketed.ticket - (group_.empty() ? 0 : group_.front().ticket);
  Demand(place < group_.size(), "only commands that were asked are answered",
         [&] { return "ticket " + std::to_string(ticketed.ticket); });
  Submitted& submitted = group_[place];
  Demand(!submitted.reply, "every command is answered once",
         [&] { return "ticket " + std::to_string(ticketed.ticket) + " twice"; });
  submitted.reply = ticketed.reply;
  Demand(ticketed.reply.sequence <= log_.synced_sequence(), "durable before said", [&] {
    return "ticket " + std::to_string(ticketed.ticket) + " was answered \"" +
           test::Describe(ticketed.reply) +
           Numbered("\", the log is synced up to", log_.synced_sequence());
  });
}

void Judge::OnGroupEnds() {
  for (const Submitted& submitted : group_) {
    Demand(submitted.reply.has_value(), "every command is answered once",
           [&] { return "ticket " + std::to_string(submitted.ticket) + " was not answered"; });
  }
  if (fenced_) {
    CheckNothingHappened(/*outcome_unknown=*/false);
    coverage_.Count(Counter::kRefusedByTheFence, group_.size());
    group_.clear();
    return;
  }
  if (log_.failed()) {
    CheckNothingHappened(/*outcome_unknown=*/true);
    failed_group_ = std::exchange(group_, {});
    failed_group_time_ = group_time_;
    return;
  }
  const bool written = log_.groups().size() > judged_groups_;
  JudgeGroup(group_time_, written ? &log_.groups().back() : nullptr);
}

void Judge::CheckNothingHappened(bool outcome_unknown) const {
  for (const Submitted& submitted : group_) {
    const auto* unavailable = std::get_if<Unavailable>(&submitted.reply->outcome);
    Demand(unavailable != nullptr && unavailable->outcome_unknown == outcome_unknown,
           "after a failed append callers are answered \"unavailable\"", [&] {
             return "ticket " + std::to_string(submitted.ticket) + " was answered \"" +
                    test::Describe(*submitted.reply) + "\"";
           });
  }
}

void Judge::OnRestart() {
  waiting_.clear();
  if (!failed_group_.empty()) {
    // No later command was decided.
    group_ = std::exchange(failed_group_, {});
    group_time_ = failed_group_time_;
  }
  const std::size_t groups = log_.groups().size();
  if (groups > judged_groups_) {
    Demand(!group_.empty(), "the log holds only what was asked for",
           [&] { return Numbered("group", log_.groups().back().number); });
    JudgeGroup(group_time_, &log_.groups().back());
  } else if (std::any_of(group_.begin(), group_.end(), [](const Submitted& submitted) {
               return submitted.reply &&
                      !std::holds_alternative<Unavailable>(submitted.reply->outcome);
             })) {
    // Answered, and not on the disk: correct only for a group of refusals alone.
    JudgeGroup(group_time_, nullptr);
  }
  group_.clear();
  // The next process knows only the log's time.
  time_reached_ = log_.groups().back().commit_time;
}

void Judge::JudgeGroup(Timestamp time, const CommitGroup* disk_group) {
  trace_.Add("group of {} commands, log ends at sequence {}, time {}", group_.size(),
             log_.synced_sequence().value(), static_cast<std::uint64_t>(time.unix_nanoseconds()));
  if (disk_group != nullptr) {
    Demand(disk_group->commit_time == time, "a group's time is max(last time, clock)", [&] {
      return Numbered("group", disk_group->number) + " is at " +
             std::to_string(disk_group->commit_time.unix_nanoseconds()) + " instead of " +
             std::to_string(time.unix_nanoseconds());
    });
  }
  const std::size_t events = disk_group == nullptr ? 0 : disk_group->events.size();
  std::size_t event = 0;
  for (const Submitted& submitted : group_) {
    const ModelOutcome expected = model_.Judge(submitted.command, time);
    Count(expected, submitted.command, time);
    if (submitted.reply && !std::holds_alternative<Unavailable>(submitted.reply->outcome)) {
      const auto difference = test::Difference(expected, time, *submitted.reply);
      Demand(!difference, "every reply equals the model's",
             [&] { return "ticket " + std::to_string(submitted.ticket) + ": " + *difference; });
    }
    if (!expected.has_event()) continue;
    Demand(event < events && disk_group->events[event] == *expected.event,
           "the log holds exactly what was decided", [&] {
             return "ticket " + std::to_string(submitted.ticket) + ": expected " +
                    test::Describe(expected) +
                    Numbered("; the log is synced up to", log_.synced_sequence());
           });
    ++event;
  }
  Demand(event == events, "the log holds exactly what was decided",
         [&] { return std::to_string(events) + " events instead of " + std::to_string(event); });
  if (disk_group != nullptr) {
    ++judged_groups_;
    coverage_.Count(Counter::kGroups);
    coverage_.Count(Counter::kEvents, events);
  } else {
    coverage_.Count(Counter::kGroupsOfRefusalsAlone);
  }
  time_reached_ = time;
  group_.clear();
}

void Judge::Count(const ModelOutcome& outcome, const Command& command, Timestamp time) {
  switch (outcome.kind) {
    case ModelOutcome::Kind::kCreated:
      return coverage_.Count(Counter::kCreated);
    case ModelOutcome::Kind::kIssued:
      return CountIssued(outcome);
    case ModelOutcome::Kind::kHeld:
      if (outcome.state != CouponState::kIssued) coverage_.Count(Counter::kHeldAfterAChange);
      return coverage_.Count(Counter::kHeld);
    case ModelOutcome::Kind::kChanged:
      return CountChanged(outcome);
    case ModelOutcome::Kind::kUnchanged:
      return coverage_.Count(Counter::kUnchanged);
    case ModelOutcome::Kind::kRepeated:
      CountRepeated(command);
      return coverage_.Count(Counter::kRepeated);
    case ModelOutcome::Kind::kDeleted:
      return coverage_.Count(Counter::kDeleted);
    case ModelOutcome::Kind::kRefused:
      if (outcome.reason == RefusalReason::kEnded) CountEnded(command, time);
      if (outcome.reason == RefusalReason::kNotRedeemed) CountNotRedeemed(command);
      return coverage_.Count(CounterOf(outcome.reason));
  }
}

void Judge::CountEnded(const Command& command, Timestamp time) {
  const auto& state = model_.Find(std::get<IssueCoupon>(command).campaign_id)->state();
  if (!state.archived_at && state.terms.end_time == time) {
    coverage_.Count(Counter::kRefusedAtTheVeryEnd);
  }
}

void Judge::CountIssued(const ModelOutcome& outcome) {
  coverage_.Count(Counter::kIssued);
  const test::ModelCampaign& campaign = model_.campaigns().at(outcome.campaign);
  const std::uint64_t created_with = campaign.state().serials.front().count;
  if (campaign.coupons.size() > created_with) coverage_.Count(Counter::kIssuedFromAddedSerials);
  const auto total = static_cast<std::size_t>(campaign.state().terms.total_coupons);
  if (campaign.coupons.size() > total) coverage_.Count(Counter::kReturnedPlacesIssued);
}

void Judge::CountChanged(const ModelOutcome& outcome) {
  const Event& event = *outcome.event;
  coverage_.Count(CounterOf(event));
  if (const auto* updated = std::get_if<CampaignUpdated>(&event)) CountUpdated(*updated);
  if (const auto* redeemed = std::get_if<CouponRedeemed>(&event)) CountRedeemed(*redeemed);
  if (const auto* voided = std::get_if<CouponVoided>(&event)) CountVoided(*voided);
}

void Judge::CountUpdated(const CampaignUpdated& event) {
  if (event.added_serials) coverage_.Count(Counter::kSerialsAdded);
  const test::ModelCampaign& campaign = model_.campaigns().at(event.campaign);
  const auto& states = campaign.states;
  if (WasReopened(campaign)) coverage_.Count(Counter::kReopenedByATotal);
  if (!states[states.size() - 2].sold_out_at && states.back().sold_out_at) {
    coverage_.Count(Counter::kClosedByATotal);
  }
}

void Judge::CountRedeemed(const CouponRedeemed& event) {
  if (model_.FindCoupon(event.serial)->changes.size() > 1) {
    coverage_.Count(Counter::kRedeemedAgain);
  }
}

void Judge::CountVoided(const CouponVoided& event) {
  if (event.added_serials) coverage_.Count(Counter::kSerialsAddedForReturns);
  if (!event.returned) return;
  const auto& changes = model_.FindCoupon(event.serial)->changes;
  if (changes.size() > 1 && changes[changes.size() - 2].status.state == CouponState::kVoided) {
    coverage_.Count(Counter::kReturnedAfterAVoid);
  }
  const test::ModelCampaign& campaign = model_.campaigns().at(event.campaign);
  if (campaign.state().since == model_.last_sequence() && WasReopened(campaign)) {
    coverage_.Count(Counter::kReopenedByAReturn);
  }
}

void Judge::CountRepeated(const Command& command) {
  const auto* redeem = std::get_if<RedeemCoupon>(&command);
  if (redeem == nullptr) return;
  const auto status = model_.FindCoupon(redeem->serial)->status();
  const Sequence first = model_.requests().at(redeem->request->digest).sequence;
  if (!status.redemption || status.redemption->sequence != first) {
    coverage_.Count(Counter::kRepeatedAfterACancel);
  }
}

void Judge::CountNotRedeemed(const Command& command) {
  const test::ModelCoupon* coupon = model_.FindCoupon(std::get<CancelRedemption>(command).serial);
  if (coupon->status().redemption) coverage_.Count(Counter::kRefusedCancelOfAnEarlierRedemption);
}

}  // namespace coupond::simulation
