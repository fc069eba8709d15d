#ifndef COUPOND_ENGINE_VIEWS_PROJECTION_H_
#define COUPOND_ENGINE_VIEWS_PROJECTION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/codes/user_digest.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"

namespace coupond {

/// Turns commit groups into changes of the views' rows. One thread.
///
/// Holds no rows of campaigns but those that have changed since the last Take: others are read from
/// the views when an event changes them. So what Take returned must be written before the next Add.
/// For a campaign that only gets other serials, because the store was restored, it holds those.
class Projection {
 public:
  /// Returns a projection that continues where the stored views are. `views` must outlive it.
  [[nodiscard]] static Result<Projection> Load(const ViewStore& views);

  /// Adds what the next group changes. `tip` is where the log ends with it. After an error, which
  /// is one of reading the views, the projection must not be used any more.
  [[nodiscard]] Status Add(const CommitGroup& group, const LogTip& tip);
  /// Returns what all groups since the last Take change, to be written at once.
  [[nodiscard]] ViewChanges Take();

  [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  /// Places in changes_.
  struct OpenRun {
    std::size_t run = 0;
    std::optional<std::size_t> claims = {};  ///< once the run has any
    std::uint32_t to_users = 0;              ///< coupons that were issued to users
  };

  /// What is becoming of a coupon.
  struct OpenStatus {
    CouponStatus status;
    CouponState state_before = CouponState::kIssued;  ///< in the views
  };

  /// Adds what one kind of event changes. One that changes nothing but its campaign, or one coupon
  /// of it, needs only a Change or a ChangeCoupon (rules/campaign_changes.h); projection.cc defines
  /// it for the others.
  template <typename Kind>
  [[nodiscard]] Status On(const Kind& event, const EventPlace& place);
  /// Takes note that the campaign has these serials, and no other one gets them.
  void Reserve(CampaignNumber campaign, SerialRange serials);
  /// Takes note if the event at `place` left the campaign without coupons.
  void NoteSoldOut(const Campaign& campaign, bool was_sold_out, const EventPlace& place);
  void Remember(const std::optional<RequestKey>& request, const EventPlace& place);
  /// A coupon whose status an event changes.
  struct ChangedCoupon {
    Campaign* campaign = nullptr;  ///< null: there is no such coupon
    CouponStatus* status = nullptr;
  };
  [[nodiscard]] Result<ChangedCoupon> FindForChange(CampaignNumber campaign, Serial serial);
  /// Removes the texts of these coupons' users. Sorts the ordinals.
  void RemoveTexts(CampaignNumber campaign, std::vector<std::uint64_t>& ordinals);
  /// Gives the campaign other serials, from `next` on. Returns the serial after them.
  Serial ReplaceSerials(Campaign& row, Serial next);
  /// Returns the row of a live campaign, or nullptr if there is none.
  [[nodiscard]] Result<Campaign*> Find(CampaignNumber number);

  explicit Projection(const ViewStore& views) : views_(&views) {}

  const ViewStore* views_;
  UserDigests digests_{CodeKey{}};  // under the store's key, once it is known
  Checkpoint checkpoint_;
  KeyId key_;  // of the event that is being added
  // Campaigns that events since the last Take were about; nullopt: there is none (any more).
  std::unordered_map<CampaignNumber, std::optional<Campaign>> rows_;
  std::unordered_set<CampaignNumber> changed_;  // whose rows must be written
  // What campaigns that are not in rows_ get instead of the serials that they have not issued.
  std::map<CampaignNumber, Serial> replaced_serials_;
  std::unordered_map<CampaignNumber, OpenRun> open_runs_;  // of this group
  // Coupons that events since the last Take were about, by ordinal.
  std::map<std::pair<CampaignNumber, std::uint64_t>, OpenStatus> statuses_;
  ViewChanges changes_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_PROJECTION_H_
