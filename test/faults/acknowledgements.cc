#include "faults/acknowledgements.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "faults/asked_commands.h"
#include "faults/log_facts.h"
#include "support/model.h"

namespace coupond::test {
namespace {

/// Reports whether the log has the event of a reply, and those that the reply rests on. Replay
/// judges whether a refusal was right.
bool IsKept(const Command& command, const Reply& reply, const LogFacts& log) {
  if (reply.sequence > log.last()) return false;
  const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome);
  if (granted != nullptr && granted->already_issued) {
    const auto& issue = std::get<IssueCoupon>(command);
    const auto has_got = [&](const std::optional<Claim>& claim) {
      return log.HasGot(granted->campaign, claim, granted->serial);
    };
    return has_got(issue.holder) || has_got(issue.request_key);
  }
  const auto* done = std::get_if<Done>(&reply.outcome);
  // The event of a repeated request is that of the first time.
  const bool is_repeated = done != nullptr && done->repeated;
  if (!HasEvent(command, reply) && !is_repeated) return true;
  const Event* const event = log.At(reply.sequence);
  if (event == nullptr || !MayBe(command, CommandOf(*event, log))) return false;
  const auto* issued = std::get_if<CouponIssued>(event);
  return granted == nullptr ||
         (issued->campaign == granted->campaign && issued->serial == granted->serial);
}

/// Reports whether the eraser has asked for what happened: it tells nobody of its commands.
bool IsErasers(const Event& event) {
  return std::holds_alternative<UserErased>(event) ||
         std::holds_alternative<ErasureFinished>(event);
}

/// Walks through the log with the model, which must give the same events and the same replies.
class Replay {
 public:
  /// The log must have no faults.
  explicit Replay(LogFacts& log) : log_(log) {}

  void Add(const Command& command, const Reply& reply) {
    if (const auto* unavailable = std::get_if<Unavailable>(&reply.outcome)) {
      if (unavailable->outcome_unknown) unknown_.push_back(&command);
    } else if (!HasEvent(command, reply)) {
      without_event_.emplace(reply.sequence, Told{&command, &reply});
    } else if (!carried_out_.emplace(reply.sequence, Told{&command, &reply}).second) {
      Fault("TOLD TWICE", reply.sequence);
    }
  }

  /// Stops at the first difference, because everything after it would be judged wrongly.
  void Run() {
    for (auto event = log_.events().begin(); event != log_.events().end(); ++event) {
      const auto& [sequence, logged] = *event;
      if (std::holds_alternative<StoreCreated>(logged.event)) {
        model_ = Model(sequence);
      } else if (const auto* restored = std::get_if<StoreRestored>(&logged.event)) {
        model_.PutBack(restored->first_serial, logged.time);
      } else if (!JudgeEvent(sequence, logged)) {
        return;
      }
      // The coupons of a batch have been judged with it.
      const auto* const batch = std::get_if<BatchIssued>(&logged.event);
      if (batch != nullptr) std::advance(event, batch->coupons);
      const auto begin = without_event_.lower_bound(sequence);
      const auto end = without_event_.upper_bound(event->first);
      for (auto told = begin; told != end; ++told) {
        if (!JudgeReply(told->second, told->second.reply->time, nullptr)) return;
      }
    }
  }

 private:
  struct Told {
    const Command* command;
    const Reply* reply;
  };

  bool JudgeEvent(Sequence sequence, const LoggedEvent& logged) {
    if (IsErasers(logged.event)) {
      return IsLogged(model_.Judge(CommandOf(logged.event, log_), logged.time), logged.event) ||
             Fault("UNLAWFUL", sequence);
    }
    const auto told = carried_out_.find(sequence);
    if (told != carried_out_.end()) return JudgeReply(told->second, logged.time, &logged.event);
    const Command command = CommandOf(logged.event, log_);
    const auto asked = std::ranges::find_if(
        unknown_, [&command](const Command* unknown) { return MayBe(*unknown, command); });
    if (asked == unknown_.end()) return Fault("UNASKED", sequence);
    const bool is_batch = std::holds_alternative<BatchIssueCoupons>(command);
    const ModelOutcome outcome = model_.Judge(is_batch ? **asked : command, logged.time);
    unknown_.erase(asked);
    return (IsLogged(outcome, logged.event) && outcome.sequence == sequence) ||
           Fault("UNLAWFUL", sequence);
  }
  /// Reports whether the log has the outcome's events, the first of which is `event`.
  [[nodiscard]] bool IsLogged(const ModelOutcome& outcome, const Event& event) const {
    Sequence sequence = outcome.sequence;
    return outcome.event && IsSame(*outcome.event, event) &&
           std::ranges::all_of(outcome.following, [&](const Event& following) {
             sequence = sequence.Next();
             const Event* const logged = log_.At(sequence);
             return logged != nullptr && IsSame(following, *logged);
           });
  }
  /// Reports whether the log has the event as it happened, but perhaps for a text that was erased.
  [[nodiscard]] bool IsSame(const Event& happened, const Event& logged) const {
    const auto* const issued = std::get_if<CouponIssued>(&logged);
    if (issued == nullptr || !issued->user_id.empty() || !log_.IsErased(issued->serial)) {
      return happened == logged;
    }
    Event without_text = happened;
    auto* const coupon = std::get_if<CouponIssued>(&without_text);
    if (coupon != nullptr) coupon->user_id.clear();
    return without_text == logged;
  }
  /// Reports whether a batch was told of the coupons that everyone must have got, if what it was
  /// told is known.
  static bool HasResults(const Command& command, const ModelOutcome& outcome) {
    const auto* const batch = std::get_if<BatchIssueCoupons>(&command);
    return batch == nullptr || outcome.results.empty() || !batch->results ||
           batch->results->coupons == outcome.results;
  }
  /// `event` is the one in the log, or nullptr if there must be none.
  bool JudgeReply(const Told& told, Timestamp time, const Event* event) {
    const ModelOutcome outcome = model_.Judge(*told.command, time);
    if (const auto difference = Difference(outcome, time, *told.reply)) {
      return Fault("WRONG REPLY, " + *difference, told.reply->sequence);
    }
    if (!HasResults(*told.command, outcome)) {
      return Fault("WRONG COUPONS OF A BATCH", told.reply->sequence);
    }
    return event == nullptr || IsLogged(outcome, *event) || Fault("UNLAWFUL", told.reply->sequence);
  }
  /// Returns false, for the caller to return.
  bool Fault(const std::string& what, Sequence sequence) {
    log_.faults().push_back(what + ": sequence " + std::to_string(sequence.value()));
    return false;
  }

  LogFacts& log_;
  Model model_;
  std::map<Sequence, Told> carried_out_;
  std::multimap<Sequence, Told> without_event_;
  std::vector<const Command*> unknown_;
};

/// Returns the coupons of a campaign as the views have them, without their claims.
Result<std::vector<LoggedCampaign::Coupon>> ReadCoupons(const ViewStore& views,
                                                        const Campaign& row) {
  std::vector<LoggedCampaign::Coupon> coupons;
  const std::unique_ptr<CouponCursor> cursor = TRY(views.OpenCoupons(row.number, {}));
  while (const std::optional<CouponRun> run = TRY(cursor->Next())) {
    const std::size_t first = coupons.size();
    for (std::uint32_t i = 0; i < run->count; ++i) {
      const Serial serial = row.serials.At(run->first_ordinal + i);
      coupons.push_back({.serial = serial,
                         .claim = {},
                         .counts_for = {},
                         .user_id = {},
                         .issued_at = run->issued_at});
    }
    for (const auto& [offset, user_id] : run->holders) {
      coupons.at(first + offset).user_id = user_id;
    }
    for (const auto& [offset, status] : run->changed) coupons.at(first + offset).status = status;
  }
  return coupons;
}

/// Adds the differences in what the views restore coupons' states and requests from.
Status CompareRestored(const LogFacts& log, const ViewStore& views,
                       std::vector<std::string>& faults) {
  std::map<std::pair<CampaignNumber, std::uint64_t>, CouponStatus> statuses;
  TRY(views.ReadStatuses([&](const CouponStatusRow& row) {
    statuses.emplace(std::pair(row.campaign, row.ordinal), row.status);
  }));
  std::map<std::pair<CampaignNumber, std::uint64_t>, CouponStatus> logged;
  for (const auto& [number, campaign] : log.campaigns()) {
    if (campaign.deleted) continue;
    for (std::size_t i = 0; i < campaign.coupons.size(); ++i) {
      const CouponStatus& status = campaign.coupons[i].status;
      if (status != CouponStatus{}) logged.emplace(std::pair(number, i), status);
    }
  }
  if (statuses != logged) faults.emplace_back("VIEWS have other states of coupons");
  std::map<Claim, CarriedOut> requests;
  TRY(views.ReadRequests(
      [&](const RequestRow& row) { requests.emplace(row.digest, row.carried_out); }));
  if (requests != log.requests()) faults.emplace_back("VIEWS have other requests");
  return {};
}

/// Returns the differences between the views and the log, in words.
Result<std::vector<std::string>> CompareViews(const LogFacts& log, const ViewStore& views) {
  std::vector<std::string> faults;
  const std::vector<Campaign> rows =
      TRY(views.ListCampaigns(CampaignNumber(0), std::numeric_limits<std::size_t>::max()));
  std::map<CampaignNumber, std::vector<LoggedCampaign::Coupon>> shown;
  for (const Campaign& row : rows) {
    std::vector<LoggedCampaign::Coupon> coupons = TRY(ReadCoupons(views, row));
    const auto found = log.campaigns().find(row.number);
    if (found == log.campaigns().end() || found->second.row != row) {
      faults.push_back("VIEWS differ in campaign " + std::to_string(row.number.value()));
    }
    shown.emplace(row.number, std::move(coupons));
  }
  TRY(views.ReadClaims([&](const ClaimRun& run) {
    for (const auto& [offset, claim, holder] : run.claims) {
      const auto found = shown.find(run.campaign);
      const std::uint64_t ordinal = run.first_ordinal + offset;
      if (found == shown.end() || ordinal >= found->second.size()) {
        faults.emplace_back("VIEWS have a claim of no coupon");
      } else {
        found->second[ordinal].claim = claim;
        found->second[ordinal].counts_for = holder;
      }
    }
  }));
  for (const auto& [number, campaign] : log.campaigns()) {
    const auto found = shown.find(number);
    const bool is_right = campaign.deleted
                              ? found == shown.end()
                              : found != shown.end() && found->second == campaign.coupons;
    if (!is_right) {
      faults.push_back("VIEWS have other coupons of campaign " + std::to_string(number.value()));
    }
  }
  TRY(CompareRestored(log, views, faults));
  return faults;
}

}  // namespace

void Acknowledgements::Add(std::span<const Command> commands, std::span<const Reply> replies) {
  for (std::size_t i = 0; i < commands.size(); ++i) told_.push_back({commands[i], replies[i]});
}

std::size_t Acknowledgements::carried_out() const {
  std::size_t count = 0;
  for (const Told& told : told_) count += HasEvent(told.command, told.reply) ? 1 : 0;
  return count;
}

std::size_t Acknowledgements::redeemed() const {
  return static_cast<std::size_t>(std::ranges::count_if(told_, [](const Told& told) {
    return std::holds_alternative<RedeemCoupon>(told.command) && HasEvent(told.command, told.reply);
  }));
}

std::vector<std::string> Acknowledgements::Compare(const EventLog& log,
                                                   const ViewStore& views) const {
  LogFacts facts;
  if (const Status read = facts.Read(log); !read) return {"UNREADABLE: " + read.error().message};
  std::vector<std::string>& faults = facts.faults();
  for (const Told& told : told_) {
    if (!IsKept(told.command, told.reply, facts)) {
      faults.push_back("LOST: sequence " + std::to_string(told.reply.sequence.value()));
    }
  }
  if (faults.empty()) {
    Replay replay(facts);
    for (const Told& told : told_) replay.Add(told.command, told.reply);
    replay.Run();
  }
  const auto differences = CompareViews(facts, views);
  if (!differences) return {"UNREADABLE views: " + differences.error().message};
  faults.insert(faults.end(), differences->begin(), differences->end());
  return std::move(faults);
}

}  // namespace coupond::test
