#ifndef COUPOND_ENGINE_RULES_EVENT_H_
#define COUPOND_ENGINE_RULES_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/serial_ranges.h"

/// Facts in the log; never refused. The commit group that an event is in holds its time and its
/// sequence.
///
/// Each kind of event describes itself: VisitFields calls `visit(name, value)` for each of its
/// fields, as in the log's messages (commit_group.proto). Code that only shows events or looks for
/// a field in them walks this, and need not change for a new kind. COUPOND_FOR_EACH_EVENT_KIND
/// lists the kinds with their names. docs/ARCHITECTURE.md says under "Adding an event" what else a
/// new one touches.
namespace coupond {

/// Calls `visit` for the two parts of a request key, which are absent together.
template <typename Visitor>
void VisitRequestKey(const std::optional<RequestKey>& request, Visitor&& visit) {
  visit("request_key", request ? std::optional(request->digest) : std::nullopt);
  visit("request_content", request ? std::optional(request->content) : std::nullopt);
}

/// Returns what a term's field shows: nothing if it has the value that stands for none.
template <typename Term>
std::optional<Term> UnlessIs(const Term& none, const Term& term) {
  return term == none ? std::nullopt : std::optional(term);
}

/// Always the first event of a log, and only there.
struct StoreCreated {
  StoreId store_id;
  CodeKey code_key;
  std::uint32_t format_version = 0;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("store_id", store_id);
    visit("code_key", code_key);
    visit("format_version", format_version);
  }
  friend bool operator==(const StoreCreated&, const StoreCreated&) = default;
};

/// The campaign's first serials are first_serial … first_serial + total_coupons - 1.
struct CampaignCreated {
  CampaignNumber number;
  CampaignId id;
  CampaignTerms terms;
  Serial first_serial;
  std::optional<RequestKey> request = {};

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", number);
    visit("campaign_id", id);
    visit("name", terms.name);
    visit("total_coupons", terms.total_coupons);
    visit("start_time", terms.start_time);
    visit("first_serial", first_serial);
    visit("end_time", UnlessIs(kNever, terms.end_time));
    visit("description", terms.description);
    visit("metadata", terms.metadata);
    visit("coupons_per_user", UnlessIs(std::uint32_t{1}, terms.coupons_per_user));
    visit("user_required", UnlessIs(false, terms.user_required));
    visit("redeem_start_time", UnlessIs(kAlways, terms.redeem_start_time));
    visit("expire_time", UnlessIs(kNever, terms.expire_time));
    visit("valid_duration", UnlessIs(kUnlimited, terms.valid_duration));
    visit("redeem_by_holder_only", UnlessIs(false, terms.redeem_by_holder_only));
    VisitRequestKey(request, visit);
  }
  friend bool operator==(const CampaignCreated&, const CampaignCreated&) = default;
};

/// A caller that asks again is recognised by the coupon's claim: the request key or, if there is
/// none, the holder. With both, the coupon counts against the holder's limit. An anonymous coupon
/// has neither.
struct CouponIssued {
  CampaignNumber campaign;
  Serial serial;
  std::optional<Claim> holder = {};       ///< a digest of the user_id
  std::optional<Claim> request_key = {};  ///< a digest of the request_id, and of whose it is
  /// For people to see. May be missing although there is a holder: the text of a user can be
  /// erased.
  std::string user_id = {};

  [[nodiscard]] const std::optional<Claim>& claim() const {
    return request_key ? request_key : holder;
  }
  [[nodiscard]] bool CountsAgainstLimit() const { return holder && request_key; }

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("serial", serial);
    visit("holder", holder);
    visit("request_key", request_key);
    visit("user_id", user_id);
  }
  friend bool operator==(const CouponIssued&, const CouponIssued&) = default;
};

struct CampaignDeleted {
  CampaignNumber campaign;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
  }
  friend bool operator==(const CampaignDeleted&, const CampaignDeleted&) = default;
};

/// At least one of the terms has changed. If the total was raised beyond the campaign's serials, it
/// has more of them, which come after the others.
struct CampaignUpdated {
  CampaignNumber campaign;
  TermChanges changes;
  std::optional<SerialRange> added_serials;
  std::optional<RequestKey> request = {};

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("name", changes.name);
    visit("total_coupons", changes.total_coupons);
    visit("start_time", changes.start_time);
    visit("end_time", changes.end_time);
    visit("description", changes.description);
    visit("metadata", changes.metadata);
    visit("first_added_serial", added_serials ? std::optional(added_serials->first) : std::nullopt);
    visit("added_serials", added_serials ? std::optional(added_serials->count) : std::nullopt);
    visit("coupons_per_user", changes.coupons_per_user);
    visit("user_required", changes.user_required);
    visit("redeem_start_time", changes.redeem_start_time);
    visit("expire_time", changes.expire_time);
    visit("valid_duration", changes.valid_duration);
    visit("redeem_by_holder_only", changes.redeem_by_holder_only);
    VisitRequestKey(request, visit);
  }
  friend bool operator==(const CampaignUpdated&, const CampaignUpdated&) = default;
};

/// Issuing, redeeming or both were stopped.
struct CampaignPaused {
  CampaignNumber campaign;
  Activities activities;
  std::string reason;  ///< for people to see; may be empty

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("issuing", activities.issuing);
    visit("redeeming", activities.redeeming);
    visit("reason", reason);
  }
  friend bool operator==(const CampaignPaused&, const CampaignPaused&) = default;
};

/// Issuing, redeeming or both were resumed.
struct CampaignResumed {
  CampaignNumber campaign;
  Activities activities;
  std::string reason;  ///< for people to see; may be empty

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("issuing", activities.issuing);
    visit("redeeming", activities.redeeming);
    visit("reason", reason);
  }
  friend bool operator==(const CampaignResumed&, const CampaignResumed&) = default;
};

/// The campaign is over and out of sight; it keeps its name and its coupons.
struct CampaignArchived {
  CampaignNumber campaign;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
  }
  friend bool operator==(const CampaignArchived&, const CampaignArchived&) = default;
};

/// The campaign is back as it was before it was archived.
struct CampaignUnarchived {
  CampaignNumber campaign;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
  }
  friend bool operator==(const CampaignUnarchived&, const CampaignUnarchived&) = default;
};

/// Texts are for people to see, and may be empty.
struct CouponRedeemed {
  CampaignNumber campaign;
  Serial serial;
  std::string order_ref;
  std::string redeemed_by;
  std::string request_id;
  std::optional<RequestKey> request;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("serial", serial);
    visit("order_ref", order_ref);
    visit("redeemed_by", redeemed_by);
    visit("request_id", request_id);
    VisitRequestKey(request, visit);
  }
  friend bool operator==(const CouponRedeemed&, const CouponRedeemed&) = default;
};

/// The coupon's present redemption, `redemption`, was undone: it is issued again.
struct RedemptionCanceled {
  CampaignNumber campaign;
  Serial serial;
  Sequence redemption;
  std::string reason;  ///< for people to see; may be empty
  std::optional<RequestKey> request;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("serial", serial);
    visit("redemption", redemption);
    visit("reason", reason);
    VisitRequestKey(request, visit);
  }
  friend bool operator==(const RedemptionCanceled&, const RedemptionCanceled&) = default;
};

/// A coupon that was not redeemed became invalid, or freed its claim afterwards. If its place was
/// returned, and the campaign had no serial left to issue it again, it gets more of them, which
/// come after the others.
struct CouponVoided {
  CampaignNumber campaign;
  Serial serial;
  bool returned = false;
  std::string reason;  ///< for people to see; may be empty
  std::optional<SerialRange> added_serials;
  std::optional<RequestKey> request;
  bool claim_freed = false;  ///< its user may get another one in its place

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("serial", serial);
    visit("returned", returned);
    visit("reason", reason);
    visit("first_added_serial", added_serials ? std::optional(added_serials->first) : std::nullopt);
    visit("added_serials", added_serials ? std::optional(added_serials->count) : std::nullopt);
    VisitRequestKey(request, visit);
    visit("claim_freed", UnlessIs(false, claim_freed));
  }
  friend bool operator==(const CouponVoided&, const CouponVoided&) = default;
};

/// The store was put back to this point of its history, and what it had issued after it is unknown.
/// So that no code is given out twice, each live campaign, in the order of their numbers, gives up
/// the serials that it has not issued. It gets as many new ones as it has places left: those of the
/// first campaign begin at first_serial, and those of each other one follow.
struct StoreRestored {
  Serial first_serial;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("first_serial", first_serial);
  }
  friend bool operator==(const StoreRestored&, const StoreRestored&) = default;
};

/// The next `coupons` events of the same commit group, each a CouponIssued of the campaign, were
/// one request. A group is written whole or not at all, so there are all of them or none.
struct BatchIssued {
  CampaignNumber campaign;
  std::uint32_t coupons = 0;  ///< at least 1
  std::optional<RequestKey> request = {};

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("coupons", coupons);
    VisitRequestKey(request, visit);
  }
  friend bool operator==(const BatchIssued&, const BatchIssued&) = default;
};

/// The clock that the log followed had been wrong, and an operator put it right. The only event of
/// its commit group, and the only one whose time may be earlier than that of the group before.
struct ClockReset {
  Timestamp previous_time;  ///< of the commit group before

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("previous_time", previous_time);
  }
  friend bool operator==(const ClockReset&, const ClockReset&) = default;
};

/// At a person's wish, the texts of the users who got these coupons are hidden from here on. Soon
/// they are in none of the store's files either, which an ErasureFinished says.
struct UserErased {
  CampaignNumber campaign;  ///< may have been deleted
  /// Serials of the coupons, ascending; at least one and at most limits::kErasedCouponsMax.
  std::vector<Serial> serials;
  bool claims_freed = false;  ///< their users may get others in their place
  std::optional<RequestKey> request = {};

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("serials", serials);
    visit("claims_freed", UnlessIs(false, claims_freed));
    VisitRequestKey(request, visit);
  }
  friend bool operator==(const UserErased&, const UserErased&) = default;
};

/// The texts of all UserErased up to `erasure` are gone from the store's files.
struct ErasureFinished {
  Sequence erasure;  ///< of the last of them

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("erasure", erasure);
  }
  friend bool operator==(const ErasureFinished&, const ErasureFinished&) = default;
};

/// Calls X(kind, name) for each kind, in the order of their numbers in commit_group.proto, with its
/// name there. Whatever must name every kind, but says the same about each, is made from this list.
#define COUPOND_FOR_EACH_EVENT_KIND(X)       \
  X(StoreCreated, store_created)             \
  X(CampaignCreated, campaign_created)       \
  X(CouponIssued, coupon_issued)             \
  X(CampaignDeleted, campaign_deleted)       \
  X(CampaignUpdated, campaign_updated)       \
  X(CampaignPaused, campaign_paused)         \
  X(CampaignResumed, campaign_resumed)       \
  X(CampaignArchived, campaign_archived)     \
  X(CampaignUnarchived, campaign_unarchived) \
  X(CouponRedeemed, coupon_redeemed)         \
  X(RedemptionCanceled, redemption_canceled) \
  X(CouponVoided, coupon_voided)             \
  X(StoreRestored, store_restored)           \
  X(BatchIssued, batch_issued)               \
  X(ClockReset, clock_reset)                 \
  X(UserErased, user_erased)                 \
  X(ErasureFinished, erasure_finished)

/// The name of a kind.
template <typename Kind>
inline constexpr std::string_view kKindName = [] {
  static_assert(sizeof(Kind) == 0, "not a kind of COUPOND_FOR_EACH_EVENT_KIND");
  return std::string_view();
}();
#define COUPOND_NAME(Kind, name) \
  template <>                    \
  inline constexpr std::string_view kKindName<Kind> = #name;
COUPOND_FOR_EACH_EVENT_KIND(COUPOND_NAME)
#undef COUPOND_NAME

/// The variant of all types but the first, which stands before the first comma of a list.
template <typename First, typename... Kinds>
struct VariantBehind {
  using Type = std::variant<Kinds...>;
};

#define COUPOND_COMMA_AND(Kind, name) , Kind
using Event = VariantBehind<void COUPOND_FOR_EACH_EVENT_KIND(COUPOND_COMMA_AND)>::Type;
#undef COUPOND_COMMA_AND

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_EVENT_H_
