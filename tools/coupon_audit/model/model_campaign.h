#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_MODEL_CAMPAIGN_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_MODEL_CAMPAIGN_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coupon_audit/model/coupon_numbers.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/model_holders.h"
#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/serial_ranges.h"
#include "engine/rules/timestamp.h"

namespace coupond::audit {

/// When and where in the log an event happened, and with which key it was allowed.
struct Moment {
  GroupNumber group;
  Sequence sequence;
  Timestamp time;
  KeyId key = kNoKey;
};

[[nodiscard]] inline Place PlaceOf(const Moment& moment, CampaignNumber campaign) {
  return {.group = moment.group, .sequence = moment.sequence, .campaign = campaign};
}

/// What has become of an issued coupon, and by which event; that of a coupon that is just issued,
/// perhaps again, is 0. The claim of a coupon that is void, or of one whose user was
/// erased, may be freed.
struct ModelCoupon {
  CouponState state = CouponState::kIssued;
  Sequence since;            ///< which event brought it into this state
  bool claim_freed = false;  ///< its user may get another one

  friend bool operator==(const ModelCoupon&, const ModelCoupon&) = default;
};

/// Returns "issued", "redeemed", "voided", "returned" or "expired".
[[nodiscard]] std::string_view StateName(CouponState state);

/// When a coupon was issued, and those after it up to the next one of these.
struct IssueTime {
  std::uint64_t first_ordinal = 0;
  Timestamp time;
};

/// A campaign as the model knows it, live or deleted.
struct ModelCampaign {
  CampaignNumber number;
  CampaignId id;
  std::string name;
  std::string description;
  std::vector<MetadataEntry> metadata;
  std::uint64_t total = 0;
  std::uint64_t issued = 0;    ///< coupons that hold a place, redeemed and voided ones included
  std::uint64_t redeemed = 0;  ///< of the issued ones
  std::uint64_t voided = 0;    ///< of the issued ones
  std::uint64_t returned = 0;  ///< coupons whose places were given back
  Timestamp start;
  Timestamp end = kNever;
  std::uint32_t coupons_per_user = 1;
  bool user_required = false;
  Timestamp redeem_start = kAlways;
  Timestamp expiry = kNever;
  std::chrono::nanoseconds valid_duration = kUnlimited;
  bool redeem_by_holder_only = false;
  bool issued_to_users = false;  ///< whatever became of those coupons
  Timestamp created;
  std::vector<SerialRange> serials;  ///< in the order in which coupons get them; add with Reserve
  std::vector<std::uint64_t> first_ordinals;  ///< of the coupons that get each of `serials`
  Sequence revision;
  bool issuing_paused = false;
  bool redeeming_paused = false;
  std::optional<Timestamp> sold_out;  ///< when the last coupon went, if none is left
  std::optional<Timestamp> archived;
  std::optional<Moment> deleted;
  /// The coupon that each claim got last; 0 is the campaign's first. This and what follows is empty
  /// once the campaign is deleted.
  boost::unordered_flat_map<Claim, std::uint32_t, std::hash<Claim>> claims;
  ModelHolders holders;
  CouponNumbers coupons;  ///< read with CouponAt
  /// When the coupons were issued that expire so long afterwards; add with NoteIssue.
  std::vector<IssueTime> issue_times;
  std::uint64_t timed_ordinals = 0;  ///< the first coupons, which issue_times is about

  [[nodiscard]] bool live() const { return !deleted.has_value(); }
  /// Returns how many coupons were ever issued, which is the ordinal of the next one.
  [[nodiscard]] std::uint64_t ordinals() const { return issued + returned; }
  /// Adds serials, which must come after the others.
  void Reserve(SerialRange range);
  /// Gives up the serials that no coupon has.
  void GiveUpUnissued();
  /// Returns the number of serials in all ranges.
  [[nodiscard]] std::uint64_t reserved() const;
  /// Returns the serial of the coupon with this ordinal, or nullopt if none is reserved for it.
  [[nodiscard]] std::optional<Serial> SerialOf(std::uint64_t ordinal) const;
  /// Returns the ordinal of the coupon with this serial, or nullopt if the serial is not this
  /// campaign's.
  [[nodiscard]] std::optional<std::uint64_t> OrdinalOf(Serial serial) const;

  /// Returns what has become of the coupon with this ordinal.
  [[nodiscard]] ModelCoupon CouponAt(std::uint64_t ordinal) const;
  void SetCoupon(std::uint64_t ordinal, const ModelCoupon& coupon);

  /// Notes that the next coupon is issued, if it matters when.
  void NoteIssue(Timestamp time);
  /// Reports whether it mattered when the coupon was issued.
  [[nodiscard]] bool IsTimed(std::uint64_t ordinal) const { return ordinal < timed_ordinals; }
  /// Returns when the coupon expires, by the terms as they are.
  [[nodiscard]] Timestamp ExpiryOf(std::uint64_t ordinal) const;
};

/// Returns the ranges for people: "1 to 5, 12 to 14", or "none".
[[nodiscard]] std::string SerialsText(const std::vector<SerialRange>& ranges);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_MODEL_CAMPAIGN_H_
