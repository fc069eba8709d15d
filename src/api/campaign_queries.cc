#include "api/campaign_queries.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/reply_mapping.h"

namespace coupond::service {
namespace {

/// What has not been found is not in views that have come as far as this.
template <typename T>
Result<MaybeFound<T>> NotFound(const ViewStore& views) {
  const auto checkpoint = views.ReadCheckpoint();
  if (!checkpoint) return std::unexpected(checkpoint.error());
  return MaybeFound<T>(std::unexpected(*checkpoint ? (*checkpoint)->tip.sequence : Sequence(0)));
}

/// What to say when a campaign's coupons could not be read: that it is gone, if it was deleted
/// since its row was read, or the error.
template <typename T>
Result<MaybeFound<T>> GoneOr(const Error& error, const ViewStore& views, const CampaignId& id) {
  const auto row = views.FindCampaign(id);
  if (row && !*row) return NotFound<T>(views);
  return std::unexpected(error);
}

}  // namespace

Result<MaybeFound<CampaignStart>> StartCampaign(const ViewStore& views, const CampaignId& id,
                                                const CouponCodec& codec) {
  const auto row = views.FindCampaign(id);
  if (!row) return std::unexpected(row.error());
  if (!*row) return NotFound<CampaignStart>(views);
  CampaignStart start;
  SetCampaign(**row, *start.response.mutable_campaign());
  start.pages = std::make_shared<CampaignPages>(**row, codec);
  if (Status read = start.pages->AppendPage(views, kFirstPageCoupons, start.response); !read) {
    return GoneOr<CampaignStart>(read.error(), views, id);
  }
  return start;
}

Result<coupon::v1::ListCampaignsResponse> ListCampaignsPage(const ViewStore& views,
                                                            CampaignNumber after,
                                                            std::size_t page_size) {
  // One more than asked for tells whether there is another page.
  const auto rows = views.ListCampaigns(after, page_size + 1);
  if (!rows) return std::unexpected(rows.error());
  coupon::v1::ListCampaignsResponse response;
  for (std::size_t i = 0; i < std::min(page_size, rows->size()); ++i) {
    SetCampaign((*rows)[i], *response.add_campaigns());
  }
  if (rows->size() > page_size) {
    response.set_next_page_token(WritePageToken(CampaignsPageToken{(*rows)[page_size - 1].number}));
  }
  return response;
}

Result<MaybeFound<CouponsPage>> ListCouponsPage(const ViewStore& views, const CampaignId& id,
                                                const std::optional<CouponsPageToken>& token,
                                                std::size_t page_size, const CouponCodec& codec) {
  const auto row = views.FindCampaign(id);
  if (!row) return std::unexpected(row.error());
  if (!*row) return NotFound<CouponsPage>(views);
  CouponsPage page;
  if (token && token->campaign != (*row)->number) {
    page.bad_token = true;
    return page;
  }
  const std::uint64_t first = token ? token->ordinal : 0;
  auto reader = CouponReader::Open(views, **row, first);
  if (!reader) return std::unexpected(reader.error());
  const auto coupons = reader->Next(page_size);
  if (!coupons) return GoneOr<CouponsPage>(coupons.error(), views, id);
  const std::string campaign_id = FormatUuid(id.bytes);
  for (const CouponRow& coupon : *coupons) {
    SetCoupon(coupon, codec, campaign_id, *page.response.add_coupons());
  }
  if (!reader->at_end()) {
    page.response.set_next_page_token(
        WritePageToken(CouponsPageToken{(*row)->number, first + page_size}));
  }
  return page;
}

Result<MaybeFound<CampaignSnapshot>> FindSnapshot(const ViewStore& views, const CampaignId& id) {
  auto snapshot = ReadCampaignSnapshot(views, id);
  if (!snapshot) return std::unexpected(snapshot.error());
  if (!*snapshot) return NotFound<CampaignSnapshot>(views);
  return **std::move(snapshot);
}

}  // namespace coupond::service
