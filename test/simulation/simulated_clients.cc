#include "simulation/simulated_clients.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "simulation/violation.h"
#include "support/builders.h"

namespace coupond::simulation {
namespace {

/// Returns the campaign that a command is for, if it names it by its id.
const CampaignId* CampaignOf(const Command& command) {
  if (const auto* create = std::get_if<CreateCampaign>(&command)) return &create->id;
  if (const auto* issue = std::get_if<IssueCoupon>(&command)) return &issue->campaign_id;
  if (const auto* update = std::get_if<UpdateCampaign>(&command)) return &update->campaign_id;
  if (const auto* pause = std::get_if<SetPaused>(&command)) return &pause->campaign_id;
  if (const auto* archive = std::get_if<SetArchived>(&command)) return &archive->campaign_id;
  if (const auto* batch = std::get_if<BatchIssueCoupons>(&command)) return &batch->campaign_id;
  return nullptr;
}

/// Reports whether the event is of the kind that the command leads to; a creation must have its id.
bool IsEventOf(const Command& command, const Event& event) {
  if (const auto* create = std::get_if<CreateCampaign>(&command)) {
    const auto* created = std::get_if<CampaignCreated>(&event);
    return created != nullptr && created->id == create->id;
  }
  if (std::holds_alternative<UpdateCampaign>(command)) {
    return std::holds_alternative<CampaignUpdated>(event);
  }
  if (const auto* pause = std::get_if<SetPaused>(&command)) {
    return pause->paused ? std::holds_alternative<CampaignPaused>(event)
                         : std::holds_alternative<CampaignResumed>(event);
  }
  if (const auto* archive = std::get_if<SetArchived>(&command)) {
    return archive->archived ? std::holds_alternative<CampaignArchived>(event)
                             : std::holds_alternative<CampaignUnarchived>(event);
  }
  if (const auto* redeem = std::get_if<RedeemCoupon>(&command)) {
    const auto* redeemed = std::get_if<CouponRedeemed>(&event);
    return redeemed != nullptr && redeemed->serial == redeem->serial &&
           redeemed->order_ref == redeem->order_ref && redeemed->request == redeem->request;
  }
  if (const auto* cancel = std::get_if<CancelRedemption>(&command)) {
    const auto* canceled = std::get_if<RedemptionCanceled>(&event);
    const auto* redemption = std::get_if<Sequence>(&cancel->redemption);
    return canceled != nullptr && canceled->serial == cancel->serial &&
           canceled->request == cancel->request &&
           (redemption == nullptr || canceled->redemption == *redemption);
  }
  if (const auto* voiding = std::get_if<VoidCoupon>(&command)) {
    const auto* voided = std::get_if<CouponVoided>(&event);
    return voided != nullptr && voided->serial == voiding->serial &&
           voided->returned == voiding->return_to_pool &&
           (!voided->claim_freed || voiding->free_claim) && voided->request == voiding->request;
  }
  if (const auto* batch = std::get_if<BatchIssueCoupons>(&command)) {
    const auto* issued = std::get_if<BatchIssued>(&event);
    return issued != nullptr && issued->request == batch->request &&
           issued->coupons <= batch->users.size() + batch->anonymous;
  }
  return std::holds_alternative<CampaignDeleted>(event);
}

/// Reports whether the coupons that a batch was told of are those of the events from `first` on.
bool HasItsCoupons(const BatchIssueCoupons& batch, std::span<const Event> events) {
  std::size_t next = 0;
  for (const BatchResult& result : batch.results->coupons) {
    if (!result.is_new) continue;
    const auto* issued =
        next < events.size() ? std::get_if<CouponIssued>(&events[next++]) : nullptr;
    if (issued == nullptr || issued->serial != result.coupon->serial) return false;
  }
  return true;
}

/// Returns what one of a batch asked for.
IssueCoupon RequestOf(const BatchIssueCoupons& batch, std::size_t place) {
  return place < batch.users.size() ? batch.users[place]
                                    : IssueCoupon{.campaign_id = batch.campaign_id};
}

/// Returns the reply that somebody would get who asked alone.
GrantedCoupon GrantedBy(const BatchResult& result) {
  const HeldCoupon& coupon = *result.coupon;
  return {.campaign = coupon.campaign,
          .serial = coupon.serial,
          .issued_at = coupon.issued_at,
          .expire_time = coupon.expire_time,
          .state = coupon.state,
          .already_issued = !result.is_new && !coupon.limit_reached,
          .found_as_sent = coupon.found_as_sent,
          .limit_reached = coupon.limit_reached};
}

/// Returns what a caller who asks again is recognised by: where each user may have one coupon, the
/// request key leads to that one too.
const std::optional<Claim>& ClaimOf(const IssueCoupon& issue) {
  return issue.request_key ? issue.request_key : issue.holder;
}

/// Returns the coupon that a command changes, if it does.
std::optional<Serial> CouponOf(const Command& command) {
  if (const auto* redeem = std::get_if<RedeemCoupon>(&command)) return redeem->serial;
  if (const auto* cancel = std::get_if<CancelRedemption>(&command)) return cancel->serial;
  if (const auto* voiding = std::get_if<VoidCoupon>(&command)) return voiding->serial;
  return std::nullopt;
}

/// Reports whether a reply says nothing but that the request may be repeated.
bool IsBecauseOfTheClock(const Reply& reply) {
  const auto* const refusal = std::get_if<Refusal>(&reply.outcome);
  return refusal != nullptr && (refusal->reason == RefusalReason::kClockAhead ||
                                refusal->reason == RefusalReason::kLogAhead);
}

}  // namespace

SimulatedClients::SimulatedClients(const World& world)
    : world_(world), workload_(world.plan, world.random) {
  for (std::size_t i = 0; i < world.plan.channels; ++i) channels_.emplace_back(*this);
}

void SimulatedClients::Channel::Deliver(std::span<const TicketedReply> replies) {
  if (clients_.world_.crash_points.dead()) return;
  for (const TicketedReply& reply : replies) {
    clients_.world_.judge.OnReply(reply);
    clients_.network_.push_back(reply);
  }
  clients_.world_.crash_points.Pass(Counter::kCrashesBetweenReplies);
}

void SimulatedClients::Send(Engine& engine, Timestamp now) {
  const std::uint64_t burst = world_.random.Between(1, world_.plan.burst_max);
  for (std::uint64_t i = 0; i < burst; ++i) {
    if (!repeats_.empty() && world_.random.OneIn(2)) {
      Repeat(engine);
    } else {
      Submit(engine, Request{.command = workload_.Draw(now)});
    }
  }
}

void SimulatedClients::Repeat(Engine& engine) {
  if (repeats_.empty()) return;
  std::swap(repeats_[world_.random.Below(repeats_.size())], repeats_.back());
  Request request = std::move(repeats_.back());
  repeats_.pop_back();
  if (request.outcome_unknown) request.command = workload_.Repeat(request.command);
  Submit(engine, std::move(request));
}

void SimulatedClients::Submit(Engine& engine, Request request) {
  const std::uint64_t ticket = last_ticket_ + 1;
  // An earlier attempt may have written its own.
  auto* const batch = std::get_if<BatchIssueCoupons>(&request.command);
  if (batch != nullptr) batch->results = std::make_shared<BatchResults>();
  Channel& channel = channels_[ticket % channels_.size()];
  switch (engine.Submit({request.command, &channel, ticket, KeyOfTicket(ticket)})) {
    case CommandQueue::Push::kAccepted:
      last_ticket_ = ticket;
      world_.trace.Add("ticket {} is submitted (kind {}, repeated {})", ticket,
                       request.command.index(), request.outcome_unknown ? 1 : 0);
      world_.judge.OnSubmitted(ticket, request.command, KeyOfTicket(ticket));
      if (const auto* voiding = std::get_if<VoidCoupon>(&request.command)) {
        if (voiding->free_claim) asked_to_free_.insert(voiding->serial);
      }
      open_.emplace_hint(open_.end(), ticket, std::move(request));
      break;
    case CommandQueue::Push::kFull:
      world_.coverage.Count(Counter::kQueueFull);
      if (request.outcome_unknown) repeats_.push_back(std::move(request));
      break;
    case CommandQueue::Push::kClosed:
      if (request.outcome_unknown) repeats_.push_back(std::move(request));
      break;
  }
}

void SimulatedClients::Hear() {
  const std::uint64_t some = world_.random.Between(1, 2 * world_.plan.burst_max);
  for (std::uint64_t i = 0; i < some && !network_.empty(); ++i) {
    std::swap(network_[world_.random.Below(network_.size())], network_.back());
    const TicketedReply reply = network_.back();
    network_.pop_back();
    Receive(reply);
  }
}

void SimulatedClients::HearAll() {
  while (!network_.empty()) Hear();
}

void SimulatedClients::GiveUp() {
  if (open_.empty()) return;
  // Any ticket that is still open, near a random one.
  const std::uint64_t first = open_.begin()->first;
  const auto found = open_.lower_bound(first + world_.random.Below(last_ticket_ - first + 1));
  if (found == open_.end()) return;
  world_.coverage.Count(Counter::kClientsThatGaveUpWaiting);
  world_.trace.Add("the client of ticket {} gives up waiting", found->first);
  Request request = std::move(found->second);
  open_.erase(found);
  request.outcome_unknown = true;
  RepeatLater(std::move(request));
}

void SimulatedClients::OnCrash() {
  for (const TicketedReply& reply : network_) {
    if (world_.random.Percent(world_.plan.reply_lost_percent)) {
      world_.coverage.Count(Counter::kRepliesLostInACrash);
    } else {
      Receive(reply);
    }
  }
  network_.clear();
  for (auto& [ticket, request] : open_) {
    world_.coverage.Count(Counter::kOutcomesUnknown);
    request.outcome_unknown = true;
    RepeatLater(std::move(request));
  }
  open_.clear();
}

void SimulatedClients::OnPutBack(const test::Model& model) {
  for (auto known = serial_of_claim_.begin(); known != serial_of_claim_.end();) {
    if (model.FindCoupon(known->second) != nullptr) {
      ++known;
    } else {
      lost_claims_.insert(known->first);
      known = serial_of_claim_.erase(known);
    }
  }
  // Some of those whose last answers were lost ask again.
  constexpr std::size_t kAskAgainMax = 32;
  for (std::size_t i = told_.size() - std::min(told_.size(), kAskAgainMax); i < told_.size(); ++i) {
    if (!IsLost(told_[i])) continue;
    world_.coverage.Count(Counter::kAnswersLost);
    if (world_.random.OneIn(2)) repeats_.push_back({.command = workload_.Repeat(told_[i].command)});
  }
}

void SimulatedClients::RepeatLater(Request request) {
  // An anonymous issue cannot be recognised, so repeating it would ask for another coupon.
  const auto* issue = std::get_if<IssueCoupon>(&request.command);
  if (request.outcome_unknown && issue != nullptr && !ClaimOf(*issue)) return;
  const auto* batch = std::get_if<BatchIssueCoupons>(&request.command);
  if (request.outcome_unknown && batch != nullptr && batch->anonymous > 0 && !batch->request) {
    return;
  }
  repeats_.push_back(std::move(request));
}

void SimulatedClients::Receive(const TicketedReply& ticketed) {
  const auto found = open_.find(ticketed.ticket);
  if (found == open_.end()) {
    world_.coverage.Count(Counter::kLateRepliesIgnored);
    return;
  }
  Request request = std::move(found->second);
  open_.erase(found);
  const auto* unavailable = std::get_if<Unavailable>(&ticketed.reply.outcome);
  world_.trace.Add("ticket {} is answered (kind {}, sequence {})", ticketed.ticket,
                   ticketed.reply.outcome.index(), ticketed.reply.sequence.value());
  if (unavailable == nullptr && !IsBecauseOfTheClock(ticketed.reply)) {
    return Acknowledge(std::move(request), ticketed.reply);
  }
  if (unavailable != nullptr && unavailable->outcome_unknown) {
    world_.coverage.Count(Counter::kOutcomesUnknown);
    request.outcome_unknown = true;
  }
  RepeatLater(std::move(request));
}

void SimulatedClients::Acknowledge(Request request, const Reply& reply) {
  const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome);
  if (request.outcome_unknown) {
    const bool held = granted != nullptr && granted->already_issued;
    const bool refused = std::holds_alternative<Refusal>(reply.outcome) ||
                         (granted != nullptr && granted->limit_reached);
    world_.coverage.Count(refused ? Counter::kRetriesRefused
                          : held  ? Counter::kRetriesResolvedAsHeld
                                  : Counter::kRetriesResolvedAsNew);
  }
  if (const auto* refusal = std::get_if<Refusal>(&reply.outcome)) {
    // A campaign that was not created, or is not there.
    const CampaignId* campaign = CampaignOf(request.command);
    if (campaign != nullptr && refusal->reason != RefusalReason::kRequestIdReused &&
        (std::holds_alternative<CreateCampaign>(request.command) ||
         refusal->reason == RefusalReason::kNoSuchCampaign)) {
      workload_.Forget(*campaign);
    }
    const std::optional<Serial> coupon = CouponOf(request.command);
    if (coupon && refusal->reason == RefusalReason::kNoSuchCoupon) workload_.ForgetCoupon(*coupon);
  }
  const auto* done = std::get_if<Done>(&reply.outcome);
  if (done != nullptr && done->changed) {
    if (!test::IsOnlyChecked(request.command)) workload_.Learn(request.command, reply.sequence);
    if (const auto* redeem = std::get_if<RedeemCoupon>(&request.command)) CheckRedeemed(*redeem);
  }
  const auto* batch = std::get_if<BatchIssueCoupons>(&request.command);
  if (batch != nullptr && done != nullptr) {
    for (std::size_t i = 0; i < batch->results->coupons.size(); ++i) {
      const BatchResult& result = batch->results->coupons[i];
      if (!result.coupon) continue;
      CheckCoupon(RequestOf(*batch, i), GrantedBy(result));
      workload_.LearnCoupon(RequestOf(*batch, i), GrantedBy(result));
    }
  }
  if (granted != nullptr) {
    const auto& issue = std::get<IssueCoupon>(request.command);
    CheckCoupon(issue, *granted);
    workload_.LearnCoupon(issue, *granted);
  }
  told_.push_back(
      Told{std::move(request.command), reply, world_.histories.WriterOf(reply.sequence)});
}

void SimulatedClients::CheckCoupon(const IssueCoupon& issue, const GrantedCoupon& granted) {
  // An older coupon of either claim: only the model knows which one it must be.
  if (granted.already_issued && (issue.holder_as_sent || issue.request_key_as_sent)) return;
  const std::optional<Claim>& claim = ClaimOf(issue);
  if (claim && !granted.limit_reached) CheckClaim({issue.campaign_id, *claim}, granted.serial);
  // The reply to the issue itself may arrive after one that says "already issued".
  const bool as_new = !granted.already_issued && !granted.limit_reached;
  Owner& owner =
      owner_of_serial_.try_emplace(granted.serial, Owner{.holder = issue.holder, .claim = claim})
          .first->second;
  Demand(owner.holder == issue.holder && (issue.holder || owner.claim == claim) &&
             (!as_new || !owner.told_as_new),
         "no serial is given twice", [&] { return Numbered("serial", granted.serial); });
  owner.told_as_new = owner.told_as_new || as_new;
}

void SimulatedClients::CheckClaim(const std::pair<CampaignId, Claim>& claim, Serial serial) {
  if (lost_claims_.erase(claim) > 0) world_.coverage.Count(Counter::kLostClaimsDecidedAgain);
  Serial& known = serial_of_claim_.try_emplace(claim, serial).first->second;
  const bool known_is_old = asked_to_free_.contains(known);
  Demand(known == serial || known_is_old || asked_to_free_.contains(serial),
         "a claim has one coupon that is not freed",
         [&] { return Numbered("serial", known) + Numbered(", and now serial", serial); });
  if (known_is_old) known = serial;
}

void SimulatedClients::CheckRedeemed(const RedeemCoupon& redeem) const {
  const auto owner = owner_of_serial_.find(redeem.serial);
  if (!redeem.holder || owner == owner_of_serial_.end()) return;
  const std::optional<Claim>& holder = owner->second.holder;
  Demand(holder && (holder == redeem.holder || holder == redeem.holder_as_sent),
         "nobody redeems another one's coupon", [&] { return Numbered("serial", redeem.serial); });
}

void SimulatedClients::CheckWhatWasTold(const SimulatedLog& log, bool all) {
  for (std::size_t i = all ? 0 : told_checked_; i < told_.size(); ++i) {
    if (!IsLost(told_[i])) CheckToldIsThere(told_[i], log);
  }
  told_checked_ = told_.size();
}

void SimulatedClients::CheckToldIsThere(const Told& told, const SimulatedLog& log) {
  const CommitGroup* group = log.GroupOf(told.reply.sequence);
  bool there = group != nullptr;
  if (there) {
    const Event& event = group->events[told.reply.sequence.value() - group->first_sequence.value()];
    const auto* granted = std::get_if<GrantedCoupon>(&told.reply.outcome);
    if (granted != nullptr && !granted->already_issued && !granted->limit_reached) {
      const auto& issue = std::get<IssueCoupon>(told.command);
      const auto* issued = std::get_if<CouponIssued>(&event);
      there =
          issued != nullptr && issued->serial == granted->serial &&
          issued->campaign == granted->campaign && issued->holder == issue.holder &&
          (issued->request_key == issue.request_key || (issue.holder && !issued->request_key)) &&
          group->commit_time == told.reply.time;
    } else if (const auto* done = std::get_if<Done>(&told.reply.outcome)) {
      // A request that is repeated is answered with the event of the first time, which may be later
      // if the clock was put back since.
      const bool has_event =
          done->changed && (done->repeated || !test::IsOnlyChecked(told.command));
      there = !has_event || (IsEventOf(told.command, event) &&
                             (done->repeated || group->commit_time == told.reply.time));
      const auto* batch = std::get_if<BatchIssueCoupons>(&told.command);
      const std::size_t place = told.reply.sequence.value() - group->first_sequence.value();
      if (batch != nullptr && has_event && !done->repeated) {
        there = there && HasItsCoupons(*batch, std::span(group->events).subspan(place + 1));
      }
    }
  }
  Demand(there, "what was acknowledged is on the disk", [&] {
    return "a client was answered \"" + test::Describe(told.reply) +
           Numbered("\"; the log ends at sequence", log.synced_sequence());
  });
}

}  // namespace coupond::simulation
