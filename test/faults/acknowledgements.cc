#include "faults/acknowledgements.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/model.h"

namespace coupond::test {
namespace {

/// A campaign as the log shows it.
struct LoggedCampaign {
  CampaignCreated terms;
  bool deleted = false;

  struct Coupon {
    Serial serial;
    std::optional<Claim> claim;
    std::string user_id;
    Timestamp issued_at;

    friend bool operator==(const Coupon&, const Coupon&) = default;
  };
  std::vector<Coupon> coupons{};  // in the order of issue
};

struct LoggedEvent {
  Event event;
  Timestamp time;
};

/// Reads a log by rules of its own, and keeps what can be compared with the clients' knowledge.
class LogReader {
 public:
  [[nodiscard]] Status Read(const EventLog& log) {
    return log.Read(GroupNumber(1), [this](const CommitGroup& group, const GroupHash&) -> Status {
      Sequence sequence = group.first_sequence;
      for (const Event& event : group.events) {
        std::visit([&](const auto& fact) { Add(fact, group.commit_time); }, event);
        events_.emplace(sequence, LoggedEvent{event, group.commit_time});
        sequence = sequence.Next();
      }
      return {};
    });
  }

  [[nodiscard]] const Event* At(Sequence sequence) const {
    const auto found = events_.find(sequence);
    return found == events_.end() ? nullptr : &found->second.event;
  }
  [[nodiscard]] const std::map<Sequence, LoggedEvent>& events() const { return events_; }
  [[nodiscard]] Sequence last() const {
    return events_.empty() ? Sequence(0) : events_.rbegin()->first;
  }
  [[nodiscard]] const std::map<CampaignNumber, LoggedCampaign>& campaigns() const {
    return campaigns_;
  }
  /// Returns the serial that a claim got.
  [[nodiscard]] std::optional<Serial> SerialOf(CampaignNumber campaign, const Claim& claim) const {
    const auto found = claims_.find({campaign, claim});
    if (found == claims_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] std::vector<std::string>& faults() { return faults_; }

 private:
  void Add(const StoreCreated& /*created*/, Timestamp /*time*/) {}
  void Add(const CampaignCreated& created, Timestamp /*time*/) {
    if (!campaigns_.emplace(created.number, LoggedCampaign{.terms = created}).second) {
      faults_.push_back("DUPLICATE campaign " + std::to_string(created.number.value()));
    }
  }
  void Add(const CouponIssued& issued, Timestamp time) {
    const std::string serial = "serial " + std::to_string(issued.serial.value());
    const auto found = campaigns_.find(issued.campaign);
    if (found == campaigns_.end() || found->second.deleted) {
      faults_.push_back("UNKNOWN CAMPAIGN of " + serial);
      return;
    }
    LoggedCampaign& campaign = found->second;
    if (!serials_.insert(issued.serial).second) faults_.push_back("DUPLICATE " + serial);
    if (issued.claim &&
        !claims_.emplace(std::pair(issued.campaign, *issued.claim), issued.serial).second) {
      faults_.push_back("DUPLICATE claim, with " + serial);
    }
    campaign.coupons.push_back({issued.serial, issued.claim, issued.user_id, time});
    if (static_cast<std::int64_t>(campaign.coupons.size()) > campaign.terms.total_coupons) {
      faults_.push_back("OVER-ISSUED: " + serial);
    }
    if (time < campaign.terms.start_time) faults_.push_back("EARLY: " + serial);
  }
  void Add(const CampaignDeleted& deleted, Timestamp /*time*/) {
    const auto found = campaigns_.find(deleted.campaign);
    if (found == campaigns_.end() || std::exchange(found->second.deleted, true)) {
      faults_.push_back("UNKNOWN CAMPAIGN was deleted");
    }
  }

  std::map<Sequence, LoggedEvent> events_;
  std::map<CampaignNumber, LoggedCampaign> campaigns_;
  std::set<Serial> serials_;
  std::map<std::pair<CampaignNumber, Claim>, Serial> claims_;
  std::vector<std::string> faults_;
};

bool HasEvent(const Reply& reply) {
  const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome);
  return granted != nullptr ? !granted->already_issued
                            : std::holds_alternative<Done>(reply.outcome);
}

/// Reports whether the log has the event of a reply, and those that the reply rests on. Replay
/// judges whether a refusal was right.
bool IsKept(const Command& command, const Reply& reply, const LogReader& log) {
  if (reply.sequence > log.last()) return false;
  if (std::holds_alternative<Refusal>(reply.outcome) ||
      std::holds_alternative<Unavailable>(reply.outcome)) {
    return true;
  }
  const Event* const event = log.At(reply.sequence);
  if (const auto* create = std::get_if<CreateCampaign>(&command)) {
    const auto* created = event == nullptr ? nullptr : std::get_if<CampaignCreated>(event);
    return created != nullptr && created->id == create->id && created->name == create->name &&
           created->total_coupons == create->total_coupons;
  }
  if (std::holds_alternative<DeleteCampaign>(command)) {
    return event != nullptr && std::holds_alternative<CampaignDeleted>(*event);
  }
  const auto& issue = std::get<IssueCoupon>(command);
  const auto& granted = std::get<GrantedCoupon>(reply.outcome);
  if (granted.already_issued) return log.SerialOf(granted.campaign, *issue.claim) == granted.serial;
  const auto* issued = event == nullptr ? nullptr : std::get_if<CouponIssued>(event);
  return issued != nullptr && issued->campaign == granted.campaign &&
         issued->serial == granted.serial && issued->claim == issue.claim &&
         issued->user_id == issue.user_id;
}

/// Returns a command that would have led to the event.
Command CommandOf(const Event& event, const LogReader& log) {
  if (const auto* created = std::get_if<CampaignCreated>(&event)) {
    return CreateCampaign{created->id, created->name, created->total_coupons, created->start_time};
  }
  if (const auto* issued = std::get_if<CouponIssued>(&event)) {
    return IssueCoupon{log.campaigns().at(issued->campaign).terms.id, issued->claim,
                       issued->user_id};
  }
  const CampaignNumber deleted = std::get<CampaignDeleted>(event).campaign;
  const CampaignCreated& terms = log.campaigns().at(deleted).terms;
  return DeleteCampaign{.campaign_id = terms.id, .name = terms.name};
}

/// Reports whether the command asked for may have led to what happened, a CommandOf.
bool MayBe(const Command& asked, const Command& happened) {
  if (asked.index() != happened.index()) return false;
  if (const auto* create = std::get_if<CreateCampaign>(&asked)) {
    const auto& created = std::get<CreateCampaign>(happened);
    return create->id == created.id && create->name == created.name &&
           create->total_coupons == created.total_coupons;
  }
  if (const auto* issue = std::get_if<IssueCoupon>(&asked)) {
    const auto& issued = std::get<IssueCoupon>(happened);
    return issue->campaign_id == issued.campaign_id && issue->claim == issued.claim &&
           issue->user_id == issued.user_id;
  }
  const auto& remove = std::get<DeleteCampaign>(asked);
  const auto& removed = std::get<DeleteCampaign>(happened);
  return (!remove.campaign_id || remove.campaign_id == removed.campaign_id) &&
         (!remove.name || remove.name == removed.name);
}

/// Walks through the log with the model, which must give the same events and the same replies.
class Replay {
 public:
  /// The log must have no faults.
  explicit Replay(LogReader& log) : log_(log) {}

  void Add(const Command& command, const Reply& reply) {
    if (const auto* unavailable = std::get_if<Unavailable>(&reply.outcome)) {
      if (unavailable->outcome_unknown) unknown_.push_back(&command);
    } else if (!HasEvent(reply)) {
      without_event_.emplace(reply.sequence, Told{&command, &reply});
    } else if (!carried_out_.emplace(reply.sequence, Told{&command, &reply}).second) {
      Fault("TOLD TWICE", reply.sequence);
    }
  }

  /// Stops at the first difference, because everything after it would be judged wrongly.
  void Run() {
    for (const auto& [sequence, logged] : log_.events()) {
      if (std::holds_alternative<StoreCreated>(logged.event)) {
        model_ = Model(sequence);
      } else if (!JudgeEvent(sequence, logged)) {
        return;
      }
      const auto [begin, end] = without_event_.equal_range(sequence);
      for (auto told = begin; told != end; ++told) {
        if (!JudgeReply(told->second, told->second.reply->time)) return;
      }
    }
  }

 private:
  struct Told {
    const Command* command;
    const Reply* reply;
  };

  bool JudgeEvent(Sequence sequence, const LoggedEvent& logged) {
    const auto told = carried_out_.find(sequence);
    if (told != carried_out_.end()) return JudgeReply(told->second, logged.time);
    const Command command = CommandOf(logged.event, log_);
    const auto asked = std::ranges::find_if(
        unknown_, [&command](const Command* unknown) { return MayBe(*unknown, command); });
    if (asked == unknown_.end()) return Fault("UNASKED", sequence);
    unknown_.erase(asked);
    const ModelOutcome outcome = model_.Judge(command, logged.time);
    return (outcome.has_event() && outcome.sequence == sequence) || Fault("UNLAWFUL", sequence);
  }
  bool JudgeReply(const Told& told, Timestamp time) {
    const auto difference = Difference(model_.Judge(*told.command, time), time, *told.reply);
    return !difference || Fault("WRONG REPLY, " + *difference, told.reply->sequence);
  }
  /// Returns false, for the caller to return.
  bool Fault(const std::string& what, Sequence sequence) {
    log_.faults().push_back(what + ": sequence " + std::to_string(sequence.value()));
    return false;
  }

  LogReader& log_;
  Model model_;
  std::map<Sequence, Told> carried_out_;
  std::multimap<Sequence, Told> without_event_;
  std::vector<const Command*> unknown_;
};

/// Returns the coupons of a campaign as the views have them, without their claims.
Result<std::vector<LoggedCampaign::Coupon>> ReadCoupons(const ViewStore& views,
                                                        const CampaignRow& row) {
  std::vector<LoggedCampaign::Coupon> coupons;
  const std::unique_ptr<CouponCursor> cursor = TRY(views.OpenCoupons(row.number, 0));
  while (const std::optional<CouponRun> run = TRY(cursor->Next())) {
    const std::size_t first = coupons.size();
    for (std::uint32_t i = 0; i < run->count; ++i) {
      const Serial serial(row.first_serial.value() + run->first_ordinal + i);
      coupons.push_back({serial, std::nullopt, "", run->issued_at});
    }
    for (const auto& [offset, user_id] : run->holders) {
      coupons.at(first + offset).user_id = user_id;
    }
  }
  return coupons;
}

/// Returns the differences between the views and the log, in words.
Result<std::vector<std::string>> CompareViews(const LogReader& log, const ViewStore& views) {
  std::vector<std::string> faults;
  const std::vector<CampaignRow> rows =
      TRY(views.ListCampaigns(CampaignNumber(0), std::numeric_limits<std::size_t>::max()));
  std::map<CampaignNumber, std::vector<LoggedCampaign::Coupon>> shown;
  for (const CampaignRow& row : rows) {
    std::vector<LoggedCampaign::Coupon> coupons = TRY(ReadCoupons(views, row));
    const auto found = log.campaigns().find(row.number);
    if (found == log.campaigns().end() || found->second.terms.id != row.id ||
        found->second.terms.name != row.name ||
        found->second.terms.total_coupons != row.total_coupons ||
        found->second.terms.start_time != row.start_time ||
        found->second.terms.first_serial != row.first_serial ||
        std::cmp_not_equal(found->second.coupons.size(), row.issued_coupons)) {
      faults.push_back("VIEWS differ in campaign " + std::to_string(row.number.value()));
    }
    shown.emplace(row.number, std::move(coupons));
  }
  TRY(views.ReadClaims([&](const ClaimRun& run) {
    for (const auto& [offset, claim] : run.claims) {
      const auto found = shown.find(run.campaign);
      const std::uint64_t ordinal = run.first_ordinal + offset;
      if (found == shown.end() || ordinal >= found->second.size()) {
        faults.emplace_back("VIEWS have a claim of no coupon");
      } else {
        found->second[ordinal].claim = claim;
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
  return faults;
}

}  // namespace

void Acknowledgements::Add(std::span<const Command> commands, std::span<const Reply> replies) {
  for (std::size_t i = 0; i < commands.size(); ++i) told_.push_back({commands[i], replies[i]});
}

std::size_t Acknowledgements::carried_out() const {
  std::size_t count = 0;
  for (const Told& told : told_) count += HasEvent(told.reply) ? 1 : 0;
  return count;
}

std::vector<std::string> Acknowledgements::Compare(const EventLog& log,
                                                   const ViewStore& views) const {
  LogReader reader;
  if (const Status read = reader.Read(log); !read) return {"UNREADABLE: " + read.error().message};
  std::vector<std::string>& faults = reader.faults();
  for (const Told& told : told_) {
    if (!IsKept(told.command, told.reply, reader)) {
      faults.push_back("LOST: sequence " + std::to_string(told.reply.sequence.value()));
    }
  }
  if (faults.empty()) {
    Replay replay(reader);
    for (const Told& told : told_) replay.Add(told.command, told.reply);
    replay.Run();
  }
  const auto differences = CompareViews(reader, views);
  if (!differences) return {"UNREADABLE views: " + differences.error().message};
  faults.insert(faults.end(), differences->begin(), differences->end());
  return std::move(faults);
}

}  // namespace coupond::test
