#include "api/exports/export_reader.h"

#include <optional>
#include <utility>
#include <vector>

#include "api/reply_mapping.h"
#include "engine/rules/campaign.h"

namespace coupond::api {

ExportReader::ExportReader(CampaignExport coupons, ExportedCoupons exported, Slots::Slot slot,
                           const CouponCodec& codec, Timestamp time)
    : slot_(std::move(slot)),
      coupons_(std::move(coupons)),
      states_(std::move(exported.states)),
      campaign_id_(FormatUuid(exported.campaign.bytes)),
      codec_(codec),
      time_(time) {}

Found<std::shared_ptr<ExportReader>> ExportReader::Open(const ViewStore& views,
                                                        ExportedCoupons coupons, Slots::Slot slot,
                                                        const CouponCodec& codec,
                                                        const Clock& clock) {
  std::optional<CampaignExport> opened = TRY(CampaignExport::Open(views, coupons.campaign));
  if (!opened) return NotThere(views);
  return std::shared_ptr<ExportReader>(new ExportReader(*std::move(opened), std::move(coupons),
                                                        std::move(slot), codec, clock.Now()));
}

Status ExportReader::AppendPart(google::protobuf::RepeatedPtrField<coupon::v1::Coupon>& coupons) {
  std::vector<CouponRow> rows = TRY(coupons_.Next(kExportPartCoupons));
  const CampaignTerms& terms = coupons_.campaign().terms;
  const CouponView view{
      .codec = codec_, .terms = terms, .campaign_id = campaign_id_, .time = time_};
  if (states_.empty()) coupons.Reserve(coupons.size() + static_cast<int>(rows.size()));
  for (CouponRow& row : rows) {
    const CouponState state = StateAt(row.status.state, ExpireTimeOf(terms, row.issued_at), time_);
    if (!states_.empty() && !states_.contains(state)) continue;
    SetCoupon(std::move(row), view, *coupons.Add());
  }
  return {};
}

}  // namespace coupond::api
