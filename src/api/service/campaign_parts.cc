#include "api/service/campaign_parts.h"

#include <utility>

#include "api/service/message_mapping.h"
#include "engine/rules/ids.h"

namespace coupond::service {

CampaignPages::CampaignPages(CouponReader reader, std::string campaign_id, const CouponCodec& codec)
    : reader_(std::move(reader)), campaign_id_(std::move(campaign_id)), codec_(codec) {}

Result<std::shared_ptr<CampaignPages>> CampaignPages::Open(const ViewStore& views,
                                                           const CampaignRow& campaign,
                                                           const CouponCodec& codec) {
  auto reader = CouponReader::Open(views, campaign, 0);
  if (!reader) return std::unexpected(reader.error());
  return std::shared_ptr<CampaignPages>(
      new CampaignPages(std::move(*reader), FormatUuid(campaign.id.bytes), codec));
}

Status CampaignPages::AppendPage(std::size_t limit, coupon::v1::GetCampaignResponse& response) {
  const auto coupons = reader_.Next(limit);
  if (!coupons) return std::unexpected(coupons.error());
  response.mutable_coupons()->Reserve(static_cast<int>(coupons->size()));
  for (const CouponRow& coupon : *coupons) {
    SetCoupon(coupon, codec_, campaign_id_, *response.add_coupons());
  }
  return {};
}

CampaignParts::CampaignParts(Dispatcher& dispatcher, std::shared_ptr<CampaignPages> pages)
    : dispatcher_(dispatcher), pages_(std::move(pages)) {}

void CampaignParts::Next(const connect::EncodePart& encode, Deliver deliver) {
  struct Part {
    Progress progress;
    connect::EncodedPart encoded;
  };
  dispatcher_.Ask<Part>(
      [pages = pages_, encode](const ViewStore&) -> Result<Part> {
        coupon::v1::GetCampaignResponse response;
        if (Status read = pages->AppendPage(kPartCoupons, response); !read) {
          return std::unexpected(read.error());
        }
        return Part{pages->at_end() ? Progress::kEnd : Progress::kMore, encode(response)};
      },
      [deliver = std::move(deliver)](Result<Part> part) mutable {
        if (!part) return deliver(Progress::kFailed, std::unexpected(part.error().message));
        deliver(part->progress, std::move(part->encoded));
      });
}

}  // namespace coupond::service
