#ifndef COUPOND_API_CAMPAIGN_QUERIES_H_
#define COUPOND_API_CAMPAIGN_QUERIES_H_

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>

#include "api/campaign_parts.h"
#include "api/page_token.h"
#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "engine/views/campaign_watch.h"
#include "engine/views/coupon_reader.h"

/// What the service asks of the views, and how it is told. Each runs on the query thread.
namespace coupond::service {

/// A query's answer, or the sequence as of which there is no such campaign.
template <typename T>
using MaybeFound = std::expected<T, Sequence>;

/// What GetCampaign needs: enough to answer, or to begin to.
struct CampaignStart {
  coupon::v1::GetCampaignResponse response;
  std::shared_ptr<CampaignPages> pages;
};
[[nodiscard]] Result<MaybeFound<CampaignStart>> StartCampaign(const ViewStore& views,
                                                              const CampaignId& id,
                                                              const CouponCodec& codec);

/// The campaigns after `after`, at most `page_size`.
[[nodiscard]] Result<coupon::v1::ListCampaignsResponse> ListCampaignsPage(const ViewStore& views,
                                                                          CampaignNumber after,
                                                                          std::size_t page_size);

struct CouponsPage {
  coupon::v1::ListCouponsResponse response;
  bool bad_token = false;  ///< the token is of another campaign's list
};
/// The coupons from where the token says, at most `page_size`.
[[nodiscard]] Result<MaybeFound<CouponsPage>> ListCouponsPage(
    const ViewStore& views, const CampaignId& id, const std::optional<CouponsPageToken>& token,
    std::size_t page_size, const CouponCodec& codec);

/// What WatchCampaign begins with.
[[nodiscard]] Result<MaybeFound<CampaignSnapshot>> FindSnapshot(const ViewStore& views,
                                                                const CampaignId& id);

}  // namespace coupond::service

#endif  // COUPOND_API_CAMPAIGN_QUERIES_H_
