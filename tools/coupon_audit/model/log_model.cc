#include "coupon_audit/model/log_model.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "common/moment_text.h"
#include "coupon_audit/model/terms_check.h"

namespace coupond::audit {
namespace {

/// Checks that the campaign gives out coupons at this moment.
Audited<void> CheckIsOpen(const ModelCampaign& campaign, Timestamp now, const Place& place) {
  if (campaign.archived) {
    return Unsound(
        ViolationKind::kIssuedWhileArchived, place,
        fmt::format("the campaign was archived at {}", tools::FormatMoment(*campaign.archived)));
  }
  if (campaign.end != kNever && now >= campaign.end) {
    return Unsound(
        ViolationKind::kIssuedAfterEnd, place,
        fmt::format("the coupon was issued {} ns after the end", now.Since(campaign.end).count()));
  }
  if (now < campaign.start) {
    return Unsound(ViolationKind::kIssuedBeforeStart, place,
                   fmt::format("the coupon was issued {} ns before the start",
                               campaign.start.Since(now).count()));
  }
  if (campaign.issuing_paused) {
    return Unsound(ViolationKind::kIssuedWhilePaused, place,
                   "the campaign's issuing was paused, and not resumed");
  }
  return {};
}

/// Checks that this coupon is the campaign's next one.
Audited<void> CheckSerial(const ModelCampaign& campaign, Serial serial, const Place& place) {
  const std::optional<std::uint64_t> ordinal = campaign.OrdinalOf(serial);
  const auto serials = [&] {
    return fmt::format("the serials {} are the campaign's, and {} of them were issued",
                       SerialsText(campaign.serials), campaign.ordinals());
  };
  if (ordinal && *ordinal < campaign.ordinals()) {
    return Unsound(ViolationKind::kDuplicateSerial, place,
                   fmt::format("serial {} was issued earlier; {}", serial.value(), serials()));
  }
  if (campaign.issued >= campaign.total) {
    return Unsound(ViolationKind::kOverIssue, place,
                   fmt::format("coupon {} of {} was issued", campaign.issued + 1, campaign.total));
  }
  if (!ordinal) {
    return Unsound(ViolationKind::kSerialOutOfRange, place,
                   fmt::format("serial {} was issued; {}", serial.value(), serials()));
  }
  if (*ordinal != campaign.ordinals()) {
    return Unsound(ViolationKind::kSerialSkipped, place,
                   fmt::format("serial {} was issued, but serial {} was next", serial.value(),
                               campaign.SerialOf(campaign.ordinals())->value()));
  }
  return {};
}

/// Names a term that an update gives the value that it has already, or returns nullptr.
const char* FindEqualTerm(const ModelCampaign& campaign, const TermChanges& changes) {
  if (changes.name == campaign.name) return "name";
  if (changes.total_coupons == static_cast<std::int64_t>(campaign.total)) return "total";
  if (changes.start_time == campaign.start) return "start";
  if (changes.end_time == campaign.end) return "end";
  return nullptr;
}

bool HasAny(const TermChanges& changes) {
  return changes.name || changes.total_coupons || changes.start_time || changes.end_time ||
         changes.description || changes.metadata;
}

}  // namespace

const ModelCampaign* LogModel::Find(CampaignNumber number) const {
  const std::uint64_t n = number.value();
  return n == 0 || n > campaigns_.size() ? nullptr : &campaigns_[n - 1];
}

Audited<ModelCampaign*> LogModel::FindLive(CampaignNumber number, const Place& place) {
  if (number.value() == 0 || number.value() > campaigns_.size()) {
    return Unsound(ViolationKind::kUnknownCampaign, place,
                   fmt::format("no campaign {} was ever created", number.value()));
  }
  ModelCampaign& campaign = campaigns_[number.value() - 1];
  if (campaign.deleted) {
    return Unsound(
        ViolationKind::kEventAfterDelete, place,
        fmt::format("the campaign was deleted at sequence {}", campaign.deleted->sequence.value()));
  }
  return &campaign;
}

Audited<ModelCampaign*> LogModel::FindChangeable(CampaignNumber number, const Place& place) {
  ModelCampaign* const campaign = TRY(FindLive(number, place));
  if (!campaign->archived) return campaign;
  return Unsound(
      ViolationKind::kChangedWhileArchived, place,
      fmt::format("the campaign was archived at {}", tools::FormatMoment(*campaign->archived)));
}

Audited<void> LogModel::CheckNameIsFree(const std::string& name, const Place& place) const {
  const auto holder = live_names_.find(name);
  if (holder == live_names_.end()) return {};
  return Unsound(ViolationKind::kNameTaken, place,
                 fmt::format("campaign {} has the same name and is live: \"{}\"",
                             holder->second.value(), name));
}

Audited<void> LogModel::CheckChanges(const ModelCampaign& campaign, const TermChanges& changes,
                                     const Moment& moment, const Place& place) const {
  if (!HasAny(changes)) {
    return Unsound(ViolationKind::kUpdateChangesNothing, place, "the update has no terms");
  }
  if (const char* const term = FindEqualTerm(campaign, changes)) {
    return Unsound(ViolationKind::kUpdateChangesNothing, place,
                   fmt::format("the campaign already had this {}", term));
  }
  if (changes.name) {
    TRY(CheckName(*changes.name, place));
    TRY(CheckNameIsFree(*changes.name, place));
  }
  if (changes.total_coupons) {
    TRY(CheckTotal(*changes.total_coupons, place));
    if (static_cast<std::uint64_t>(*changes.total_coupons) < campaign.issued) {
      return Unsound(ViolationKind::kTotalBelowIssued, place,
                     fmt::format("the total is {}, but {} places are taken", *changes.total_coupons,
                                 campaign.issued));
    }
  }
  if (changes.start_time) {
    TRY(CheckStart(*changes.start_time, moment.time, place));
    if (campaign.ordinals() > 0) {
      return Unsound(ViolationKind::kStartChangedAfterIssue, place,
                     fmt::format("{} coupons were issued", campaign.ordinals()));
    }
  }
  TRY(CheckEnd(changes.end_time.value_or(campaign.end), changes.start_time.value_or(campaign.start),
               place));
  if (changes.description) TRY(CheckDescription(*changes.description, place));
  if (changes.metadata) TRY(CheckMetadata(*changes.metadata, place));
  return {};
}

Audited<void> LogModel::CheckAdded(const std::optional<SerialRange>& added, std::uint64_t lacking,
                                   const Place& place) const {
  const std::uint64_t count = added ? added->count : 0;
  if (count != lacking || (added && count == 0)) {
    return Unsound(ViolationKind::kAddedSerialsWrong, place,
                   fmt::format("the campaign got {} serials instead of {}", count, lacking));
  }
  if (!added || added->first == next_serial_) return {};
  return Unsound(added->first < next_serial_ ? ViolationKind::kSerialRangeOverlaps
                                             : ViolationKind::kAddedSerialsMisplaced,
                 place,
                 fmt::format("the added serials begin at {}, but those below {} were reserved "
                             "earlier, and no others",
                             added->first.value(), next_serial_.value()));
}

void LogModel::Add(ModelCampaign& campaign, const std::optional<SerialRange>& added) {
  if (!added) return;
  campaign.Reserve(*added);
  next_serial_ = next_serial_.Plus(added->count);
}

template <>
Audited<void> LogModel::On(const StoreCreated& event, const Moment& moment) {
  if (store_) {
    return Unsound(ViolationKind::kStoreCreatedAgain,
                   {.group = moment.group, .sequence = moment.sequence, .campaign = {}},
                   "the store was created by the first event");
  }
  store_ = event;
  digest_.emplace(event.code_key);
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignCreated& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.number);
  const CampaignTerms& terms = event.terms;
  if (event.number != next_campaign_number()) {
    return Unsound(ViolationKind::kCampaignNumberWrong, place,
                   fmt::format("campaign {} was created, but campaign {} was next",
                               event.number.value(), next_campaign_number().value()));
  }
  TRY(CheckName(terms.name, place));
  TRY(CheckTotal(terms.total_coupons, place));
  TRY(CheckStart(terms.start_time, moment.time, place));
  TRY(CheckEnd(terms.end_time, terms.start_time, place));
  TRY(CheckDescription(terms.description, place));
  TRY(CheckMetadata(terms.metadata, place));
  if (ids_.contains(event.id)) {
    return Unsound(ViolationKind::kCampaignIdTaken, place,
                   fmt::format("an earlier campaign has the id {}", FormatUuid(event.id.bytes)));
  }
  TRY(CheckNameIsFree(terms.name, place));
  if (live_ >= live_campaigns_max_) {
    return Unsound(ViolationKind::kTooManyCampaigns, place,
                   fmt::format("{} campaigns are live", live_));
  }
  if (event.first_serial < next_serial_) {
    return Unsound(ViolationKind::kSerialRangeOverlaps, place,
                   fmt::format("the campaign's serials begin at {}, but those below {} were "
                               "reserved earlier",
                               event.first_serial.value(), next_serial_.value()));
  }
  const auto total = static_cast<std::uint64_t>(terms.total_coupons);
  campaigns_.push_back({.number = event.number,
                        .id = event.id,
                        .name = terms.name,
                        .description = terms.description,
                        .metadata = terms.metadata,
                        .total = total,
                        .start = terms.start_time,
                        .end = terms.end_time,
                        .created = moment.time,
                        .serials = {},
                        .first_ordinals = {},
                        .revision = moment.sequence,
                        .sold_out = {},
                        .archived = {},
                        .deleted = {},
                        .claims = {},
                        .coupons = {}});
  campaigns_.back().Reserve({.first = event.first_serial, .count = total});
  ids_.insert(event.id);
  live_names_.emplace(terms.name, event.number);
  next_serial_ = event.first_serial.Plus(total);
  ++live_;
  return {};
}

template <>
Audited<void> LogModel::On(const CouponIssued& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  TRY(CheckIsOpen(campaign, moment.time, place));
  TRY(CheckSerial(campaign, event.serial, place));
  TRY(CheckUserId(event.user_id, place));
  if (!event.user_id.empty() &&
      event.claim != digest_->Of(campaign.id, ClaimKind::kUser, event.user_id)) {
    return Unsound(ViolationKind::kClaimWrong, place,
                   event.claim ? "the coupon has a user_id, but the claim of something else"
                               : "the coupon has a user_id, but no claim");
  }
  if (event.claim) {
    const auto [entry, fresh] =
        campaign.claims.try_emplace(*event.claim, static_cast<std::uint32_t>(campaign.ordinals()));
    if (!fresh) {
      return Unsound(ViolationKind::kClaimGivenTwice, place,
                     fmt::format("the claim got serial {} earlier",
                                 campaign.SerialOf(entry->second)->value()));
    }
  }
  ++campaign.issued;
  ++issued_;
  if (campaign.issued == campaign.total) campaign.sold_out = moment.time;
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignDeleted& event, const Moment& moment) {
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, PlaceOf(moment, event.campaign)));
  campaign.deleted = moment;
  campaign.claims = {};
  campaign.coupons = {};
  live_names_.erase(campaign.name);
  --live_;
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignUpdated& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindChangeable(event.campaign, place));
  const TermChanges& changes = event.changes;
  TRY(CheckChanges(campaign, changes, moment, place));
  const std::uint64_t needed =
      campaign.returned + static_cast<std::uint64_t>(changes.total_coupons.value_or(
                              static_cast<std::int64_t>(campaign.total)));
  const std::uint64_t reserved = campaign.reserved();
  TRY(CheckAdded(event.added_serials, needed > reserved ? needed - reserved : 0, place));
  if (changes.name) {
    live_names_.erase(campaign.name);
    live_names_.emplace(*changes.name, campaign.number);
    campaign.name = *changes.name;
  }
  if (changes.total_coupons) campaign.total = static_cast<std::uint64_t>(*changes.total_coupons);
  if (changes.start_time) campaign.start = *changes.start_time;
  if (changes.end_time) campaign.end = *changes.end_time;
  if (changes.description) campaign.description = *changes.description;
  if (changes.metadata) campaign.metadata = *changes.metadata;
  Add(campaign, event.added_serials);
  if (campaign.issued < campaign.total) {
    campaign.sold_out.reset();
  } else if (!campaign.sold_out) {
    campaign.sold_out = moment.time;
  }
  campaign.revision = moment.sequence;
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignPaused& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindChangeable(event.campaign, place));
  const auto [issuing, redeeming] = event.activities;
  if (!issuing && !redeeming) {
    return Unsound(ViolationKind::kPauseChangesNothing, place, "the pause names no activity");
  }
  if ((issuing && campaign.issuing_paused) || (redeeming && campaign.redeeming_paused)) {
    return Unsound(ViolationKind::kPauseChangesNothing, place,
                   fmt::format("{} was paused already",
                               issuing && campaign.issuing_paused ? "issuing" : "redeeming"));
  }
  TRY(CheckReason(event.reason, place));
  if (issuing) campaign.issuing_paused = true;
  if (redeeming) campaign.redeeming_paused = true;
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignResumed& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindChangeable(event.campaign, place));
  const auto [issuing, redeeming] = event.activities;
  if (!issuing && !redeeming) {
    return Unsound(ViolationKind::kResumeChangesNothing, place, "the resumption names no activity");
  }
  if ((issuing && !campaign.issuing_paused) || (redeeming && !campaign.redeeming_paused)) {
    return Unsound(ViolationKind::kResumeChangesNothing, place,
                   fmt::format("{} was not paused",
                               issuing && !campaign.issuing_paused ? "issuing" : "redeeming"));
  }
  TRY(CheckReason(event.reason, place));
  if (issuing) campaign.issuing_paused = false;
  if (redeeming) campaign.redeeming_paused = false;
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignArchived& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  if (campaign.archived) {
    return Unsound(
        ViolationKind::kArchivedTwice, place,
        fmt::format("the campaign was archived at {}", tools::FormatMoment(*campaign.archived)));
  }
  campaign.archived = moment.time;
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignUnarchived& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  if (!campaign.archived) {
    return Unsound(ViolationKind::kNotArchived, place, "the campaign was not archived");
  }
  campaign.archived.reset();
  return {};
}

Audited<void> LogModel::Take(const Event& event, const Moment& moment) {
  if (!store_ && !std::holds_alternative<StoreCreated>(event)) {
    return Unsound(ViolationKind::kStoreNotCreated,
                   {.group = moment.group, .sequence = moment.sequence, .campaign = {}},
                   "the log does not begin with the creation of the store");
  }
  return std::visit([&](const auto& kind) { return On(kind, moment); }, event);
}

}  // namespace coupond::audit
