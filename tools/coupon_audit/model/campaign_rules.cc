#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/display_text.h"
#include "common/moment_text.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/model/terms_check.h"

// The part of the auditor's rules that is about campaigns: creating, changing, deleting.
namespace coupond::audit {
namespace {

/// Names a term that an update gives the value that it has already, or returns nullptr.
const char* FindEqualTerm(const ModelCampaign& campaign, const TermChanges& changes) {
  if (changes.name == campaign.name) return "name";
  if (changes.total_coupons == static_cast<std::int64_t>(campaign.total)) return "total";
  if (changes.start_time == campaign.start) return "start";
  if (changes.end_time == campaign.end) return "end";
  if (changes.coupons_per_user == campaign.coupons_per_user) return "limit for each user";
  if (changes.user_required == campaign.user_required) return "need for a user";
  if (changes.redeem_start_time == campaign.redeem_start) return "start of redeeming";
  if (changes.expire_time == campaign.expiry) return "expiry";
  if (changes.valid_duration == campaign.valid_duration) return "valid duration";
  if (changes.redeem_by_holder_only == campaign.redeem_by_holder_only) {
    return "need for the holder";
  }
  return nullptr;
}

/// Checks new terms of what becomes of coupons. Both `campaign` and its coupons are as they were.
Audited<void> CheckCouponTerms(const ModelCampaign& campaign, const TermChanges& changes,
                               const Place& place) {
  const Timestamp redeem_start = changes.redeem_start_time.value_or(campaign.redeem_start);
  const Timestamp expiry = changes.expire_time.value_or(campaign.expiry);
  const auto valid_duration = changes.valid_duration.value_or(campaign.valid_duration);
  TRY(CheckRedeemStart(redeem_start, place));
  TRY(CheckValidDuration(valid_duration, place));
  TRY(CheckExpiry(expiry, valid_duration, changes.start_time.value_or(campaign.start), redeem_start,
                  place));
  if (campaign.ordinals() > 0 &&
      (expiry < campaign.expiry || valid_duration < campaign.valid_duration)) {
    return Unsound(
        ViolationKind::kExpiryMovedEarlier, place,
        fmt::format("{} coupons were issued, and the {} is less than it was", campaign.ordinals(),
                    expiry < campaign.expiry ? "expiry" : "valid duration"));
  }
  const std::uint32_t limit = changes.coupons_per_user.value_or(campaign.coupons_per_user);
  TRY(CheckCouponsPerUser(limit, place));
  if (campaign.issued_to_users && (limit == 1) != (campaign.coupons_per_user == 1)) {
    return Unsound(ViolationKind::kLimitChangedAfterIssue, place,
                   fmt::format("each user may have {} coupons instead of {}, but some have got "
                               "theirs",
                               limit, campaign.coupons_per_user));
  }
  return {};
}

/// Sets the terms of an update that was checked, but for the name and the total.
void SetTerms(ModelCampaign& campaign, const TermChanges& changes) {
  const auto set = [](auto& term, const auto& change) {
    if (change) term = *change;
  };
  set(campaign.start, changes.start_time);
  set(campaign.end, changes.end_time);
  set(campaign.description, changes.description);
  set(campaign.metadata, changes.metadata);
  set(campaign.coupons_per_user, changes.coupons_per_user);
  set(campaign.user_required, changes.user_required);
  set(campaign.redeem_start, changes.redeem_start_time);
  set(campaign.expiry, changes.expire_time);
  set(campaign.valid_duration, changes.valid_duration);
  set(campaign.redeem_by_holder_only, changes.redeem_by_holder_only);
}

}  // namespace

Audited<void> LogModel::CheckNameIsFree(const std::string& name, const Place& place) const {
  const auto holder = live_names_.find(name);
  if (holder == live_names_.end()) return {};
  return Unsound(ViolationKind::kNameTaken, place,
                 fmt::format("campaign {} has the same name and is live: {}",
                             holder->second.value(), Quoted(name)));
}

Audited<void> LogModel::CheckChanges(const ModelCampaign& campaign, const TermChanges& changes,
                                     const Moment& moment, const Place& place) const {
  if (changes == TermChanges{}) {
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
  TRY(CheckCouponTerms(campaign, changes, place));
  if (changes.description) TRY(CheckDescription(*changes.description, place));
  if (changes.metadata) TRY(CheckMetadata(*changes.metadata, place));
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
  TRY(CheckCouponsPerUser(terms.coupons_per_user, place));
  TRY(CheckRedeemStart(terms.redeem_start_time, place));
  TRY(CheckValidDuration(terms.valid_duration, place));
  TRY(CheckExpiry(terms.expire_time, terms.valid_duration, terms.start_time,
                  terms.redeem_start_time, place));
  TRY(CheckIsNew(event.request, place));
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
                        .coupons_per_user = terms.coupons_per_user,
                        .user_required = terms.user_required,
                        .redeem_start = terms.redeem_start_time,
                        .expiry = terms.expire_time,
                        .valid_duration = terms.valid_duration,
                        .redeem_by_holder_only = terms.redeem_by_holder_only,
                        .created = moment.time,
                        .serials = {},
                        .first_ordinals = {},
                        .revision = moment.sequence,
                        .sold_out = {},
                        .archived = {},
                        .deleted = {},
                        .claims = {},
                        .holders = {},
                        .coupons = {},
                        .issue_times = {}});
  campaigns_.back().Reserve({.first = event.first_serial, .count = total});
  ids_.insert(event.id);
  live_names_.emplace(terms.name, event.number);
  next_serial_ = event.first_serial.Plus(total);
  ++live_;
  Remember(event.request, moment);
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignUpdated& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindChangeable(event.campaign, place));
  const TermChanges& changes = event.changes;
  TRY(CheckChanges(campaign, changes, moment, place));
  TRY(CheckIsNew(event.request, place));
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
  SetTerms(campaign, changes);
  Add(campaign, event.added_serials);
  if (campaign.issued < campaign.total) {
    campaign.sold_out.reset();
  } else if (!campaign.sold_out) {
    NoteSoldOut(campaign, moment);
  }
  campaign.revision = moment.sequence;
  Remember(event.request, moment);
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

template <>
Audited<void> LogModel::On(const CampaignDeleted& event, const Moment& moment) {
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, PlaceOf(moment, event.campaign)));
  campaign.deleted = moment;
  campaign.claims = {};
  campaign.holders = {};
  campaign.coupons = {};
  campaign.issue_times = {};
  live_names_.erase(campaign.name);
  --live_;
  return {};
}

}  // namespace coupond::audit
