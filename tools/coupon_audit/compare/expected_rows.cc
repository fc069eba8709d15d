#include "coupon_audit/compare/expected_rows.h"

#include <fmt/format.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/display_text.h"
#include "common/moment_text.h"
#include "storage/format/commit_record.h"

namespace coupond::audit {
namespace {

/// Returns the campaign of an event that the model has accepted.
template <typename Kind>
const ModelCampaign& CampaignOf(const Kind& event, const LogModel& model) {
  const ModelCampaign* const campaign = model.Find(event.campaign);
  COUPOND_CHECK(campaign != nullptr);
  return *campaign;
}

// What an event makes of its coupon's status.

CouponStatus StatusAfter(const CouponRedeemed& event, const Moment& moment) {
  return {.state = CouponState::kRedeemed,
          .redemption = Redemption{.sequence = moment.sequence,
                                   .redeemed_at = moment.time,
                                   .order_ref = event.order_ref,
                                   .redeemed_by = event.redeemed_by,
                                   .request_id = event.request_id,
                                   .key = moment.key}};
}
CouponStatus StatusAfter(const RedemptionCanceled&, const Moment&) { return {}; }
CouponStatus StatusAfter(const CouponVoided& event, const Moment& moment) {
  return {.state = event.returned ? CouponState::kReturned : CouponState::kVoided,
          .voided_at = moment.time,
          .void_reason = event.reason};
}

/// Adds the coupons that are just issued. What the rows of the others have besides the claim stays
/// as it is.
void AddFreed(const UserErased& event, const LogModel& model, std::vector<CouponStatusRow>& rows) {
  const ModelCampaign& campaign = CampaignOf(event, model);
  for (const Serial serial : event.serials) {
    const std::uint64_t ordinal = *campaign.OrdinalOf(serial);
    const ModelCoupon coupon = campaign.CouponAt(ordinal);
    if (coupon.state != CouponState::kIssued) continue;
    rows.push_back({.campaign = event.campaign,
                    .ordinal = ordinal,
                    .status = {.claim_freed = coupon.claim_freed}});
  }
}

/// Cuts one group's coupons into runs.
class RunMaker {
 public:
  RunMaker(const LogModel& model, Sequence views_end) : model_(model), views_end_(views_end) {}

  void Issue(const CouponIssued& event, Sequence sequence, Timestamp time) {
    ExpectedRun& run = RunOf(event, sequence, time);
    const std::uint32_t offset = run.coupons.count++;
    if (!IsErasedInViews(event.serial)) {
      if (!event.user_id.empty()) run.coupons.holders.push_back({offset, event.user_id});
      if (model_.MayLackText(event.serial)) run.optional_holders.push_back(offset);
    }
    if (event.request_key) {
      run.claims.claims.push_back({offset, *event.request_key, event.holder});
    } else if (event.holder) {
      run.claims.claims.push_back({offset, *event.holder, std::nullopt});
    }
  }
  void EndAll() { open_.clear(); }
  [[nodiscard]] std::vector<ExpectedRun> Take() { return std::move(runs_); }

 private:
  /// A campaign's run to which coupons are added.
  struct Open {
    std::optional<std::size_t> run = {};  ///< its place in runs_
    std::uint32_t to_users = 0;           ///< its coupons that were issued to users
  };

  [[nodiscard]] bool IsErasedInViews(Serial coupon) const {
    const std::optional<Sequence> erasure = model_.erasures().Find(coupon);
    return erasure && *erasure <= views_end_;
  }
  /// Returns the run that the coupon belongs to.
  ExpectedRun& RunOf(const CouponIssued& event, Sequence sequence, Timestamp time) {
    Open& open = open_[event.campaign];
    const bool is_full = event.holder && open.to_users == CouponRun::kToUsersMax;
    if (!open.run || is_full) open = {.run = Begin(event, sequence, time), .to_users = 0};
    if (event.holder) ++open.to_users;
    return runs_[*open.run];
  }
  /// Begins a run with the coupon, and returns its place in runs_.
  std::size_t Begin(const CouponIssued& event, Sequence sequence, Timestamp time) {
    const ModelCampaign& campaign = CampaignOf(event, model_);
    const std::uint64_t ordinal = *campaign.OrdinalOf(event.serial);
    runs_.push_back({.first_sequence = sequence,
                     .coupons = {.campaign = event.campaign,
                                 .first_ordinal = ordinal,
                                 .count = 0,
                                 .issued_at = time,
                                 .holders = {},
                                 .changed = {}},
                     .claims = {.campaign = event.campaign,
                                .first_ordinal = ordinal,
                                .issued_at = time,
                                .claims = {},
                                .all_timed = campaign.IsTimed(ordinal)},
                     .optional_holders = {}});
    return runs_.size() - 1;
  }

  const LogModel& model_;
  const Sequence views_end_;
  std::vector<ExpectedRun> runs_;
  boost::unordered_flat_map<CampaignNumber, Open, std::hash<CampaignNumber>> open_;
};

std::string Text(std::integral auto number) { return fmt::format("{}", number); }
std::string Text(Timestamp moment) {
  if (moment == kAlways) return "always";
  return moment == kNever ? "never" : tools::FormatMoment(moment);
}
std::string Text(std::chrono::nanoseconds duration) {
  return duration == kUnlimited ? "unlimited" : tools::FormatSeconds(duration);
}
// Whole, because two texts may differ at their ends alone.
std::string Text(const std::string& text) { return fmt::format("\"{}\"", text); }
std::string Text(const GroupHash& hash) { return storage::FormatHash(hash); }
std::string Text(const SerialRanges& serials) {
  std::vector<SerialRange> ranges;
  serials.ForEach([&ranges](SerialRange range) { ranges.push_back(range); });
  return SerialsText(ranges);
}
template <typename Tag>
std::string Text(StrongNumber<Tag> number) {
  return fmt::format("{}", number.value());
}
template <typename Tag>
std::string Text(const StrongBytes16<Tag>& id) {
  return FormatUuid(id.bytes);
}
template <typename Value>
std::string Text(const std::optional<Value>& value) {
  return value ? Text(*value) : "none";
}

/// Collects the names of the fields that differ.
class Differences {
 public:
  template <typename Value>
  Differences& Compare(std::string_view name, const Value& found, const Value& expected) {
    if (found != expected) {
      Add(fmt::format("{} ({} instead of {})", name, Text(found), Text(expected)));
    }
    return *this;
  }
  /// The same for what is secret, or too long to be shown.
  template <typename Value>
  Differences& CompareQuietly(std::string_view name, const Value& found, const Value& expected) {
    if (found != expected) Add(name);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void Add(std::string_view difference) {
    if (!text_.empty()) text_ += ", ";
    text_ += difference;
  }

  std::string text_;
};

}  // namespace

std::vector<ExpectedRun> ExpectedRuns(const CommitGroup& group, const LogModel& model,
                                      Sequence views_end) {
  RunMaker maker(model, views_end);
  Sequence sequence = group.first_sequence;
  for (const Event& event : group.events) {
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      maker.Issue(*issued, sequence, group.commit_time);
    } else if (std::holds_alternative<CampaignDeleted>(event)) {
      maker.EndAll();
    }
    sequence = sequence.Next();
  }
  return maker.Take();
}

std::vector<CouponStatusRow> ExpectedStatuses(const CommitGroup& group, const LogModel& model) {
  std::vector<CouponStatusRow> rows;
  Moment moment{.group = group.number, .sequence = group.first_sequence, .time = group.commit_time};
  const auto add = [&](const auto& event) {
    if constexpr (std::is_same_v<decltype(event), const UserErased&>) {
      if (event.claims_freed) AddFreed(event, model, rows);
    } else if constexpr (requires { StatusAfter(event, moment); }) {
      const ModelCampaign& campaign = CampaignOf(event, model);
      const std::uint64_t ordinal = *campaign.OrdinalOf(event.serial);
      const ModelCoupon coupon = campaign.CouponAt(ordinal);
      const bool is_issued = coupon.state == CouponState::kIssued;
      // Otherwise a later event of the group brought the coupon into its state, or an earlier one,
      // if this one only frees the claim.
      if (!is_issued && coupon.since != moment.sequence) return;
      rows.push_back({.campaign = event.campaign,
                      .ordinal = ordinal,
                      .status = is_issued ? CouponStatus{.claim_freed = coupon.claim_freed}
                                          : StatusAfter(event, moment)});
    }
  };
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    moment.key = group.KeyOf(i);
    std::visit(add, group.events[i]);
    moment.sequence = moment.sequence.Next();
  }
  return rows;
}

Campaign ExpectedCampaign(const ModelCampaign& campaign) {
  SerialRanges serials(campaign.serials.front());
  for (std::size_t i = 1; i < campaign.serials.size(); ++i) serials.Add(campaign.serials[i]);
  return {.number = campaign.number,
          .id = campaign.id,
          .terms = {.name = campaign.name,
                    .total_coupons = static_cast<std::int64_t>(campaign.total),
                    .start_time = campaign.start,
                    .end_time = campaign.end,
                    .description = campaign.description,
                    .metadata = campaign.metadata,
                    .coupons_per_user = campaign.coupons_per_user,
                    .user_required = campaign.user_required,
                    .redeem_start_time = campaign.redeem_start,
                    .expire_time = campaign.expiry,
                    .valid_duration = campaign.valid_duration,
                    .redeem_by_holder_only = campaign.redeem_by_holder_only},
          .serials = std::move(serials),
          .issued_coupons = static_cast<std::int64_t>(campaign.issued),
          .redeemed_coupons = static_cast<std::int64_t>(campaign.redeemed),
          .voided_coupons = static_cast<std::int64_t>(campaign.voided),
          .returned_coupons = static_cast<std::int64_t>(campaign.returned),
          .created_at = campaign.created,
          .revision = campaign.revision,
          .paused = {.issuing = campaign.issuing_paused, .redeeming = campaign.redeeming_paused},
          .sold_out_at = campaign.sold_out,
          .archived_at = campaign.archived,
          .issued_to_users = campaign.issued_to_users};
}

Checkpoint ExpectedCheckpoint(const LogModel& model, const LogTip& tip) {
  COUPOND_CHECK(model.store().has_value());
  return {.tip = tip,
          .store_id = model.store()->store_id,
          .code_key = model.store()->code_key,
          .next_campaign_number = model.next_campaign_number(),
          .next_serial = model.next_serial(),
          .clock_was_reset = model.clock_was_reset()};
}

std::string DifferenceOf(const Campaign& found, const Campaign& expected) {
  return Differences()
      .Compare("campaign_number", found.number, expected.number)
      .Compare("campaign_id", found.id, expected.id)
      .Compare("name", found.terms.name, expected.terms.name)
      .Compare("total_coupons", found.terms.total_coupons, expected.terms.total_coupons)
      .Compare("issued_coupons", found.issued_coupons, expected.issued_coupons)
      .Compare("redeemed_coupons", found.redeemed_coupons, expected.redeemed_coupons)
      .Compare("voided_coupons", found.voided_coupons, expected.voided_coupons)
      .Compare("returned_coupons", found.returned_coupons, expected.returned_coupons)
      .Compare("start_time", found.terms.start_time, expected.terms.start_time)
      .Compare("created_at", found.created_at, expected.created_at)
      .Compare("serials", found.serials, expected.serials)
      .Compare("end_time", found.terms.end_time, expected.terms.end_time)
      .CompareQuietly("description", found.terms.description, expected.terms.description)
      .CompareQuietly("metadata", found.terms.metadata, expected.terms.metadata)
      .Compare("coupons_per_user", found.terms.coupons_per_user, expected.terms.coupons_per_user)
      .Compare("user_required", found.terms.user_required, expected.terms.user_required)
      .Compare("redeem_start_time", found.terms.redeem_start_time, expected.terms.redeem_start_time)
      .Compare("expire_time", found.terms.expire_time, expected.terms.expire_time)
      .Compare("valid_duration", found.terms.valid_duration, expected.terms.valid_duration)
      .Compare("redeem_by_holder_only", found.terms.redeem_by_holder_only,
               expected.terms.redeem_by_holder_only)
      .Compare("issued_to_users", found.issued_to_users, expected.issued_to_users)
      .Compare("revision", found.revision, expected.revision)
      .Compare("issuing_paused", found.paused.issuing, expected.paused.issuing)
      .Compare("redeeming_paused", found.paused.redeeming, expected.paused.redeeming)
      .Compare("sold_out_at", found.sold_out_at, expected.sold_out_at)
      .Compare("archived_at", found.archived_at, expected.archived_at)
      .text();
}

std::string DifferenceOf(const CouponRun& found, const CouponRun& expected) {
  return Differences()
      .Compare("count", found.count, expected.count)
      .Compare("issued_at", found.issued_at, expected.issued_at)
      .CompareQuietly("holders", found.holders, expected.holders)
      .text();
}

std::string DifferenceOf(const ClaimRun& found, const ClaimRun& expected) {
  return Differences()
      .Compare("issued_at", found.issued_at, expected.issued_at)
      .CompareQuietly("claims", found.claims, expected.claims)
      .Compare("all_timed", found.all_timed, expected.all_timed)
      .text();
}

std::string DifferenceOf(const Checkpoint& found, const Checkpoint& expected) {
  return Differences()
      .Compare("group", found.tip.group, expected.tip.group)
      .Compare("sequence", found.tip.sequence, expected.tip.sequence)
      .Compare("time", found.tip.time, expected.tip.time)
      .Compare("hash", found.tip.hash, expected.tip.hash)
      .Compare("store_id", found.store_id, expected.store_id)
      .CompareQuietly("code_key", found.code_key, expected.code_key)
      .Compare("next_campaign_number", found.next_campaign_number, expected.next_campaign_number)
      .Compare("next_serial", found.next_serial, expected.next_serial)
      .Compare("clock_was_reset", found.clock_was_reset, expected.clock_was_reset)
      .text();
}

}  // namespace coupond::audit
