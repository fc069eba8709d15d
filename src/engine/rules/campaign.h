#ifndef COUPOND_ENGINE_RULES_CAMPAIGN_H_
#define COUPOND_ENGINE_RULES_CAMPAIGN_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/rules/ids.h"
#include "engine/rules/serial_ranges.h"
#include "engine/rules/timestamp.h"

/// A campaign: what its operators set, how far it has come, and the state that follows from both.
namespace coupond {

/// Something that operators note about a campaign. Means nothing here.
struct MetadataEntry {
  std::string key;
  std::string value;

  friend bool operator==(const MetadataEntry&, const MetadataEntry&) = default;
};

/// What operators set, and may change later. Coupons are issued in [start_time, end_time).
struct CampaignTerms {
  std::string name = {};  ///< UTF-8
  std::int64_t total_coupons = 0;
  Timestamp start_time = {};
  Timestamp end_time = kNever;
  std::string description = {};              ///< UTF-8
  std::vector<MetadataEntry> metadata = {};  ///< by key; each key once
  /// How many coupons one user may have. With 1, a user who asks again gets the same coupon; with
  /// more, one who asks again with the same request_id does.
  std::uint32_t coupons_per_user = 1;
  bool user_required = false;             ///< a coupon is issued only with a user_id
  Timestamp redeem_start_time = kAlways;  ///< coupons are redeemed from this time on
  Timestamp expire_time = kNever;         ///< all coupons expire then, if not before
  std::chrono::nanoseconds valid_duration =
      kUnlimited;                      ///< each coupon expires so long after it was issued
  bool redeem_by_holder_only = false;  ///< the user who has the coupon must be named

  friend bool operator==(const CampaignTerms&, const CampaignTerms&) = default;
};

/// Returns when a coupon that was issued at `issued_at` expires, or kNever.
[[nodiscard]] constexpr Timestamp ExpireTimeOf(const CampaignTerms& terms, Timestamp issued_at) {
  return std::min(terms.expire_time, issued_at.PlusUpToTheEnds(terms.valid_duration));
}

/// Returns when the campaign stops issuing by itself, or kNever: at its end, or when a coupon would
/// expire before it is issued.
[[nodiscard]] constexpr Timestamp IssuingEndOf(const CampaignTerms& terms) {
  return std::min(terms.end_time, terms.expire_time);
}

/// Some of the terms, with new values.
struct TermChanges {
  std::optional<std::string> name = {};
  std::optional<std::int64_t> total_coupons = {};
  std::optional<Timestamp> start_time = {};
  std::optional<Timestamp> end_time = {};  ///< kNever: the campaign has no end any more
  std::optional<std::string> description = {};
  std::optional<std::vector<MetadataEntry>> metadata = {};
  std::optional<std::uint32_t> coupons_per_user = {};
  std::optional<bool> user_required = {};
  std::optional<Timestamp> redeem_start_time = {};  ///< kAlways: from the first coupon on
  std::optional<Timestamp> expire_time = {};        ///< kNever: no longer at a fixed time
  std::optional<std::chrono::nanoseconds> valid_duration = {};  ///< kUnlimited: no longer limited
  std::optional<bool> redeem_by_holder_only = {};

  [[nodiscard]] bool empty() const { return *this == TermChanges{}; }
  friend bool operator==(const TermChanges&, const TermChanges&) = default;
};

/// What can be paused, each by itself.
struct Activities {
  bool issuing = false;
  bool redeeming = false;

  [[nodiscard]] bool any() const { return issuing || redeeming; }
  friend bool operator==(const Activities&, const Activities&) = default;
};

/// When and where in the log an event happened.
struct EventPlace {
  Timestamp time;
  Sequence sequence;
};

/// A campaign that has not been deleted. A function of the log and nothing else.
struct Campaign {
  CampaignNumber number;
  CampaignId id;
  CampaignTerms terms;
  SerialRanges serials;
  /// The coupons that hold a place: never more than the total. With the returned ones they are all
  /// that were ever issued.
  std::int64_t issued_coupons = 0;
  std::int64_t redeemed_coupons = 0;  ///< of the issued ones
  std::int64_t voided_coupons = 0;    ///< of the issued ones: invalid, and keeping their places
  std::int64_t returned_coupons = 0;  ///< invalid; their places were given back
  Timestamp created_at;
  Sequence revision;  ///< of the creation or, later, of the last change of the terms
  Activities paused = {};
  std::optional<Timestamp> sold_out_at = {};  ///< only while no coupon is left
  std::optional<Timestamp> archived_at = {};  ///< only while it is archived
  bool issued_to_users = false;               ///< a coupon was issued with a user_id

  /// Returns how many coupons were ever issued. Coupon number n (from 0), its ordinal, has the n-th
  /// of the serials.
  [[nodiscard]] std::uint64_t ordinals() const {
    return static_cast<std::uint64_t>(issued_coupons + returned_coupons);
  }
  [[nodiscard]] Serial next_serial() const { return serials.At(ordinals()); }
  /// Returns how many coupons it can still issue.
  [[nodiscard]] std::uint64_t places_left() const {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(terms.total_coupons - issued_coupons, 0));
  }
  friend bool operator==(const Campaign&, const Campaign&) = default;
};

/// Computed, never stored: the first that holds.
enum class CampaignState : std::uint8_t {
  kArchived,
  kEnded,      ///< the end time has come, or all coupons have expired
  kSoldOut,    ///< no coupon is left
  kScheduled,  ///< the start time has not come
  kPaused,     ///< issuing is paused
  kOpen,
};

[[nodiscard]] CampaignState StateOf(const Campaign& campaign, Timestamp time);

/// Returns the first moment after `time` at which the campaign's state changes by itself, or
/// kNever.
[[nodiscard]] Timestamp NextChangeOfState(const Campaign& campaign, Timestamp time);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_CAMPAIGN_H_
