#ifndef COUPOND_API_CAMPAIGN_PARTS_H_
#define COUPOND_API_CAMPAIGN_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api/dispatcher.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/view_store.h"
#include "rpc/connect/call.h"

namespace coupond::service {

/// A campaign with more coupons than this is answered in parts. The first part is encoded on the
/// worker's thread and so is small; the others are made and encoded on the query thread.
inline constexpr std::size_t kFirstPageCoupons = 100;
inline constexpr std::size_t kPartCoupons = 1'000;

/// The coupons of one campaign as its row counts them, a page at a time. Each page is read anew, so
/// that a caller who takes hours holds on to nothing. Used on the query thread, one page after
/// another.
class CampaignPages {
 public:
  CampaignPages(CampaignRow campaign, const CouponCodec& codec);

  /// Adds up to `limit` more coupons to the message. kViewsDamaged also when the campaign has been
  /// deleted.
  [[nodiscard]] Status AppendPage(const ViewStore& views, std::size_t limit,
                                  coupon::v1::GetCampaignResponse& response);
  [[nodiscard]] bool at_end() const;
  /// Whether the campaign has been deleted.
  [[nodiscard]] bool IsGone(const ViewStore& views) const;

 private:
  const CampaignRow campaign_;
  const std::string campaign_id_;
  const CouponCodec& codec_;
  std::uint64_t next_ordinal_ = 0;
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

#endif  // COUPOND_API_CAMPAIGN_PARTS_H_
