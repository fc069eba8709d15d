#ifndef COUPOND_API_SERVICE_CAMPAIGN_PARTS_H_
#define COUPOND_API_SERVICE_CAMPAIGN_PARTS_H_

#include <cstddef>
#include <memory>
#include <string>

#include "api/connect/unary.h"
#include "api/service/dispatcher.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/views/coupon_reader.h"

namespace coupond::service {

/// A campaign with more coupons than this is answered in parts. The first part is encoded on the
/// worker's thread and so is small; the others are made and encoded on the query thread.
inline constexpr std::size_t kFirstPageCoupons = 100;
inline constexpr std::size_t kPartCoupons = 1'000;

/// The coupons of one campaign, a page at a time. Used on the query thread, one page after another.
class CampaignPages {
 public:
  [[nodiscard]] static Result<std::shared_ptr<CampaignPages>> Open(const ViewStore& views,
                                                                   const CampaignRow& campaign,
                                                                   const CouponCodec& codec);

  /// Adds up to `limit` more coupons to the message.
  [[nodiscard]] Status AppendPage(std::size_t limit, coupon::v1::GetCampaignResponse& response);
  [[nodiscard]] bool at_end() const { return reader_.at_end(); }

 private:
  CampaignPages(CouponReader reader, std::string campaign_id, const CouponCodec& codec);

  CouponReader reader_;
  std::string campaign_id_;
  const CouponCodec& codec_;
};

/// Brings the rest of a campaign's coupons to a caller, at the caller's pace: each part is read
/// when the one before has been sent, and other queries and all issues get their turn in between.
class CampaignParts final : public connect::PartSource {
 public:
  CampaignParts(Dispatcher& dispatcher, std::shared_ptr<CampaignPages> pages);

  void Next(const connect::EncodePart& encode, Deliver deliver) override;

 private:
  Dispatcher& dispatcher_;
  std::shared_ptr<CampaignPages> pages_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_SERVICE_CAMPAIGN_PARTS_H_
