#include "api/campaign_parts.h"

#include <utility>

#include "api/reply_mapping.h"
#include "engine/rules/ids.h"
#include "engine/views/coupon_reader.h"

namespace coupond::service {
namespace {

connect::Error Gone() {
  return {.code = connect::Code::kNotFound,
          .message = "the campaign was deleted while its coupons were being read",
          .details = {},
          .headers = {}};
}

}  // namespace

CampaignPages::CampaignPages(CampaignRow campaign, const CouponCodec& codec)
    : campaign_(std::move(campaign)), campaign_id_(FormatUuid(campaign_.id.bytes)), codec_(codec) {}

bool CampaignPages::at_end() const {
  return next_ordinal_ >= static_cast<std::uint64_t>(campaign_.issued_coupons);
}

Status CampaignPages::AppendPage(const ViewStore& views, std::size_t limit,
                                 coupon::v1::GetCampaignResponse& response) {
  auto reader = CouponReader::Open(views, campaign_, next_ordinal_);
  if (!reader) return std::unexpected(reader.error());
  const auto coupons = reader->Next(limit);
  if (!coupons) return std::unexpected(coupons.error());
  response.mutable_coupons()->Reserve(static_cast<int>(coupons->size()));
  for (const CouponRow& coupon : *coupons) {
    SetCoupon(coupon, codec_, campaign_id_, *response.add_coupons());
  }
  next_ordinal_ += coupons->size();
  return {};
}

bool CampaignPages::IsGone(const ViewStore& views) const {
  const auto row = views.FindCampaign(campaign_.id);
  return row && !*row;
}

CampaignParts::CampaignParts(Dispatcher& dispatcher, std::shared_ptr<CampaignPages> pages)
    : dispatcher_(dispatcher), pages_(std::move(pages)) {}

void CampaignParts::Next(const connect::EncodePart& encode, Deliver deliver) {
  struct Part {
    Progress progress;
    connect::EncodedPart encoded;
  };
  dispatcher_.Ask<Part>(
      [pages = pages_, encode](const ViewStore& views) -> Result<Part> {
        coupon::v1::GetCampaignResponse response;
        if (Status read = pages->AppendPage(views, kPartCoupons, response); !read) {
          if (pages->IsGone(views)) return Part{Progress::kFailed, std::unexpected(Gone())};
          return std::unexpected(read.error());
        }
        const Progress progress = pages->at_end() ? Progress::kEnd : Progress::kMore;
        return Part{progress, encode(progress, response)};
      },
      [deliver = std::move(deliver)](Result<Part> part) mutable {
        if (!part) {
          return deliver(Progress::kFailed, std::unexpected(OperatingError(part.error())));
        }
        deliver(part->progress, std::move(part->encoded));
      });
}

}  // namespace coupond::service
