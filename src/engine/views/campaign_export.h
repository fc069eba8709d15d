#ifndef COUPOND_ENGINE_VIEWS_CAMPAIGN_EXPORT_H_
#define COUPOND_ENGINE_VIEWS_CAMPAIGN_EXPORT_H_

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/campaign.h"
#include "engine/rules/ids.h"
#include "engine/views/coupon_reader.h"

namespace coupond {

/// All coupons of a campaign in the order of their issue, as they were right after one event, read
/// a piece at a time. Holds on to the views as they were, so there should be few at a time. One
/// thread at a time.
class CampaignExport {
 public:
  /// Returns nullopt if the campaign does not exist. kUnavailable: the views change so often that
  /// none of many attempts to see them as they are at one moment succeeded.
  [[nodiscard]] static Result<std::optional<CampaignExport>> Open(const ViewStore& views,
                                                                  const CampaignId& id);

  [[nodiscard]] const Campaign& campaign() const { return campaign_; }
  /// Returns the sequence of the event after which the coupons are shown.
  [[nodiscard]] Sequence sequence() const { return sequence_; }

  /// Returns up to `limit` coupons, none at the end, also if the campaign has been deleted since.
  [[nodiscard]] Result<std::vector<CouponRow>> Next(std::size_t limit) {
    return coupons_.Next(limit);
  }
  [[nodiscard]] bool at_end() const { return coupons_.at_end(); }

 private:
  CampaignExport(Campaign campaign, Sequence sequence, CouponReader coupons)
      : campaign_(std::move(campaign)), sequence_(sequence), coupons_(std::move(coupons)) {}

  Campaign campaign_;
  Sequence sequence_;
  CouponReader coupons_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_CAMPAIGN_EXPORT_H_
