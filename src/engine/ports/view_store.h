#ifndef COUPOND_ENGINE_PORTS_VIEW_STORE_H_
#define COUPOND_ENGINE_PORTS_VIEW_STORE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/codes/user_digest.h"
#include "engine/ports/event_log.h"
#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/digest_map.h"
#include "engine/rules/ids.h"
#include "engine/rules/serial_ranges.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// Coupons of one campaign that one commit group issued: they share issued_at and their ordinals
/// (0 is a campaign's first coupon) follow each other, so a row holds many. The serial of an
/// ordinal is in Campaign::serials.
struct CouponRun {
  /// The most coupons of a run that were issued to users; the next one begins another run. So a
  /// search that finds coupons in a hundred runs does not read the users of thousands of others.
  static constexpr std::uint32_t kToUsersMax = 128;

  struct Holder {
    std::uint32_t offset = 0;  ///< from first_ordinal
    std::string user_id;

    friend bool operator==(const Holder&, const Holder&) = default;
  };

  /// What has become of a coupon that is not just issued.
  struct Changed {
    std::uint32_t offset = 0;  ///< from first_ordinal
    CouponStatus status;

    friend bool operator==(const Changed&, const Changed&) = default;
  };

  CampaignNumber campaign;
  std::uint64_t first_ordinal = 0;
  std::uint32_t count = 0;
  Timestamp issued_at;
  std::vector<Holder> holders;  ///< only coupons that have a user_id, by offset
  /// By offset. Only in what a CouponCursor returns: they are in rows of their own, which change.
  std::vector<Changed> changed = {};

  friend bool operator==(const CouponRun&, const CouponRun&) = default;
};

/// The claims among the coupons of a CouponRun. A row of its own, because recovery reads all claims
/// and nothing else of the coupons.
struct ClaimRun {
  struct Entry {
    std::uint32_t offset = 0;  ///< of the claim's coupon, from first_ordinal
    Claim claim;
    /// Only if the coupon counts against the number that its user may have.
    std::optional<Claim> holder = {};

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  CampaignNumber campaign;
  std::uint64_t first_ordinal = 0;
  Timestamp issued_at;        ///< of all of its coupons
  std::vector<Entry> claims;  ///< by offset; at least one, unless all_timed
  /// The time matters for all coupons of the run, because they expire a fixed time after it.
  bool all_timed = false;

  friend bool operator==(const ClaimRun&, const ClaimRun&) = default;
};

/// What has become of a coupon.
struct CouponStatusRow {
  CampaignNumber campaign;
  std::uint64_t ordinal = 0;
  CouponStatus status;
  /// Only in ViewChanges: its state in the views before the changes.
  CouponState state_before = CouponState::kIssued;

  friend bool operator==(const CouponStatusRow&, const CouponStatusRow&) = default;
};

/// The id of a campaign, for finding the campaign by it, also once it is erased.
struct CampaignIdRow {
  CampaignId id;
  CampaignNumber campaign;

  friend bool operator==(const CampaignIdRow&, const CampaignIdRow&) = default;
};

/// Serials that a campaign has reserved, for finding the campaign by a serial.
struct SerialsRow {
  CampaignNumber campaign;
  SerialRange serials;

  friend bool operator==(const SerialsRow&, const SerialsRow&) = default;
};

/// Records that a live campaign gives up the serials that none of its coupons has, and gets one for
/// each place that is left, from `first` on.
struct SerialsReplacement {
  CampaignNumber campaign;
  Serial first;

  friend bool operator==(const SerialsReplacement&, const SerialsReplacement&) = default;
};

/// A request with a key that was carried out.
struct RequestRow {
  Claim digest;  ///< RequestKey::digest
  CarriedOut carried_out;

  friend bool operator==(const RequestRow&, const RequestRow&) = default;
};

/// Records that a campaign sold out: with that event no coupon was left.
struct SoldOutRow {
  Sequence sequence;
  CampaignNumber campaign;

  friend bool operator==(const SoldOutRow&, const SoldOutRow&) = default;
};

/// Coupons of one campaign whose users' texts were erased, by the event `sequence`. Kept until the
/// log says that no file has the texts any more.
struct ErasureRow {
  Sequence sequence;
  CampaignNumber campaign;      ///< may be erased
  std::vector<Serial> serials;  ///< ascending

  friend bool operator==(const ErasureRow&, const ErasureRow&) = default;
};

/// A coupon whose user's text is removed.
struct TextRemoval {
  CampaignNumber campaign;
  std::uint64_t ordinal = 0;

  friend bool operator==(const TextRemoval&, const TextRemoval&) = default;
};

/// A coupon as it is stored.
struct StoredCoupon {
  Timestamp issued_at;
  std::string user_id;  ///< empty for an anonymous coupon
  CouponStatus status = {};

  friend bool operator==(const StoredCoupon&, const StoredCoupon&) = default;
};

/// The order of a list of coupons.
enum class CouponOrder : std::uint8_t { kOldestFirst, kNewestFirst };

/// The place of a coupon in the list of all coupons of its user, oldest first.
struct UserCoupon {
  Sequence sequence;  ///< of the event that issued it
  CampaignNumber campaign;
  std::uint64_t ordinal = 0;

  friend auto operator<=>(const UserCoupon&, const UserCoupon&) = default;
};

/// A coupon that was issued to a user.
struct UserCouponRow {
  UserDigest user;
  UserCoupon coupon;

  friend bool operator==(const UserCouponRow&, const UserCouponRow&) = default;
};

/// The coupons with the ordinals first … end - 1.
struct OrdinalRange {
  std::uint64_t first = 0;
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
};

/// How far the views have come, and the part of the ledger that is in no campaign's row.
struct Checkpoint {
  LogTip tip;  ///< the last group that the views contain; group 0: none
  StoreId store_id;
  CodeKey code_key;
  CampaignNumber next_campaign_number{1};
  Serial next_serial{1};
  /// The log has a ClockReset up to there, so what came later may have an earlier time.
  bool clock_was_reset = false;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Changes that become visible together. Erasing goes first.
struct ViewChanges {
  /// As they last were; with all their runs, claims, statuses and serials.
  std::vector<Campaign> erased_campaigns;
  std::vector<Campaign> campaigns;      ///< inserted or replaced
  std::vector<CampaignIdRow> ids = {};  ///< of those that are new, even if they are erased at once
  std::vector<CouponRun> runs;
  std::vector<ClaimRun> claims;
  std::vector<UserCouponRow> user_coupons;  ///< those of the runs that have users
  /// Inserted or replaced; removed if nothing has become of the coupon (CouponStatus{}).
  std::vector<CouponStatusRow> statuses;
  /// For live campaigns' coupons that were written before. They stay in the index of users, which
  /// has no texts.
  std::vector<TextRemoval> removed_texts = {};
  /// For campaigns that are neither erased nor in `campaigns`: their rows change in place, because
  /// there may be as many as there are campaigns.
  std::vector<SerialsReplacement> replaced_serials = {};
  /// Ranges of live campaigns that are no longer reserved as they were, by their last serials.
  std::vector<Serial> erased_serials = {};
  std::vector<SerialsRow> serials;
  std::vector<RequestRow> requests;
  std::vector<SoldOutRow> sold_outs = {};  ///< in order; also of campaigns that are erased
  /// The erasures up to this one are finished; those of `erasures` are later.
  std::optional<Sequence> finished_erasure = {};
  std::vector<ErasureRow> erasures = {};  ///< in order
  Checkpoint checkpoint;
};

/// Reads the coupons of one campaign, in order of issue, as they were when the cursor was opened,
/// even if more is written meanwhile. One thread at a time.
class CouponCursor {
 public:
  virtual ~CouponCursor() = default;
  /// Returns the next run, or nullopt at the end.
  [[nodiscard]] virtual Result<std::optional<CouponRun>> Next() = 0;
};

/// The stored rows of the read models. Losing them loses nothing: they are rebuilt from the log.
///
/// Threads: Write and Flush by the projector alone; the reads by any thread, beside it. Reads see
/// all of a Write or nothing of it.
class ViewStore {
 public:
  virtual ~ViewStore() = default;

  /// Writes changes, which are not durable by themselves: after a crash the store may be back at an
  /// earlier Write, but always as it was after exactly one of them.
  [[nodiscard]] virtual Status Write(const ViewChanges& changes) = 0;
  /// Makes everything written durable.
  [[nodiscard]] virtual Status Flush() = 0;
  /// Removes everything, before the views are rebuilt.
  [[nodiscard]] virtual Status Clear() = 0;

  /// Returns nullopt if the store is empty.
  [[nodiscard]] virtual Result<std::optional<Checkpoint>> ReadCheckpoint() const = 0;
  [[nodiscard]] virtual Result<std::optional<Campaign>> FindCampaign(
      const CampaignId& id) const = 0;
  [[nodiscard]] virtual Result<std::optional<Campaign>> FindCampaign(
      CampaignNumber campaign) const = 0;
  /// Returns the campaign that has reserved the serial, or nullopt.
  [[nodiscard]] virtual Result<std::optional<Campaign>> FindCampaignOf(Serial serial) const = 0;
  /// Returns the id of a campaign, also if it was erased, or nullopt if there never was one.
  [[nodiscard]] virtual Result<std::optional<CampaignId>> FindCampaignId(
      CampaignNumber campaign) const = 0;
  /// Returns the number of the campaign that has this id, also if it was erased, or nullopt if
  /// there never was one.
  [[nodiscard]] virtual Result<std::optional<CampaignNumber>> FindCampaignNumber(
      const CampaignId& id) const = 0;
  /// Returns when campaigns sold out, also those that were erased since: the rows from `first` on
  /// and before `end`, in order.
  [[nodiscard]] virtual Result<std::vector<SoldOutRow>> ListSoldOuts(Sequence first,
                                                                     Sequence end) const = 0;
  /// Returns the erasures that are not finished, in order.
  [[nodiscard]] virtual Result<std::vector<ErasureRow>> ListErasures() const = 0;
  /// Returns what has become of a coupon; nullopt if it is just issued, or not even that.
  [[nodiscard]] virtual Result<std::optional<CouponStatus>> FindStatus(
      CampaignNumber campaign, std::uint64_t ordinal) const = 0;
  /// Returns coupons of one campaign, as of one moment and in the order of `ordinals`, which grow;
  /// nullopt for one that was not issued, and for all if the campaign is erased.
  [[nodiscard]] virtual Result<std::vector<std::optional<StoredCoupon>>> FindCoupons(
      CampaignNumber campaign, std::span<const std::uint64_t> ordinals) const = 0;
  /// Returns up to `limit` coupons of users with this digest, in that order, after `after` or from
  /// the beginning. The list may also have coupons of campaigns that are erased, or whose texts
  /// are, and another user may have the same digest: the caller must look at each coupon.
  [[nodiscard]] virtual Result<std::vector<UserCoupon>> ListCouponsOf(
      UserDigest user, CouponOrder order, const std::optional<UserCoupon>& after,
      std::size_t limit) const = 0;
  /// Returns the ordinals of up to `limit` coupons of the campaign that are redeemed, voided or
  /// returned, as `state` says, in that order, after `after` or from the beginning.
  [[nodiscard]] virtual Result<std::vector<std::uint64_t>> ListOrdinals(
      CampaignNumber campaign, CouponState state, CouponOrder order,
      std::optional<std::uint64_t> after, std::size_t limit) const = 0;
  /// Returns up to `limit` campaigns with a number above `after`, in order of creation.
  [[nodiscard]] virtual Result<std::vector<Campaign>> ListCampaigns(CampaignNumber after,
                                                                    std::size_t limit) const = 0;
  /// Returns a cursor whose first run is the one that contains `ordinals.first` (the run may begin
  /// before it). Its runs go on beyond `ordinals.end`, but say what has become of coupons
  /// (`changed`) only within the range.
  [[nodiscard]] virtual Result<std::unique_ptr<CouponCursor>> OpenCoupons(
      CampaignNumber campaign, OrdinalRange ordinals) const = 0;
  /// Reads all claims of live campaigns. Those of one campaign come in the order of their ordinals.
  [[nodiscard]] virtual Status ReadClaims(
      const std::function<void(const ClaimRun&)>& visit) const = 0;
  /// Reads all statuses of live campaigns' coupons, by campaign and ordinal.
  [[nodiscard]] virtual Status ReadStatuses(
      const std::function<void(const CouponStatusRow&)>& visit) const = 0;
  [[nodiscard]] virtual Status ReadRequests(
      const std::function<void(const RequestRow&)>& visit) const = 0;
};

/// Called with all changes of the views, in order, on the projector's thread.
class ViewListener {
 public:
  virtual ~ViewListener() = default;
  /// Called when the changes have been written, so that readers of the views see them. Waiting here
  /// holds up all queries.
  virtual void OnViewChanges(const ViewChanges& changes) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_VIEW_STORE_H_
