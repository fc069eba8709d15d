#ifndef COUPOND_ENGINE_RULES_CAMPAIGN_H_
#define COUPOND_ENGINE_RULES_CAMPAIGN_H_

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
  std::string name;  ///< UTF-8
  std::int64_t total_coupons = 0;
  Timestamp start_time;
  Timestamp end_time = kNever;
  std::string description = {};              ///< UTF-8
  std::vector<MetadataEntry> metadata = {};  ///< by key; each key once

  friend bool operator==(const CampaignTerms&, const CampaignTerms&) = default;
};

/// Some of the terms, with new values.
struct TermChanges {
  std::optional<std::string> name = {};
  std::optional<std::int64_t> total_coupons = {};
  std::optional<Timestamp> start_time = {};
  std::optional<Timestamp> end_time = {};  ///< kNever: the campaign has no end any more
  std::optional<std::string> description = {};
  std::optional<std::vector<MetadataEntry>> metadata = {};

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

  /// Returns how many coupons were ever issued. Coupon number n (from 0), its ordinal, has the n-th
  /// of the serials.
  [[nodiscard]] std::uint64_t ordinals() const {
    return static_cast<std::uint64_t>(issued_coupons + returned_coupons);
  }
  [[nodiscard]] Serial next_serial() const { return serials.At(ordinals()); }
  friend bool operator==(const Campaign&, const Campaign&) = default;
};

/// Computed, never stored: the first that holds.
enum class CampaignState : std::uint8_t {
  kArchived,
  kEnded,      ///< the end time has come
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
