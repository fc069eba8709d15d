#ifndef COUPOND_API_EXPORTS_EXPORT_REQUEST_H_
#define COUPOND_API_EXPORTS_EXPORT_REQUEST_H_

#include <string>
#include <string_view>

#include "api/coupon_file/coupon_lines.h"
#include "api/exports/export_reader.h"
#include "api/mapped.h"
#include "coupon/v1/coupon_service.pb.h"

/// Maps the requests for exports. Any thread.
namespace coupond::api {

[[nodiscard]] Mapped<ExportedCoupons> MapExportCoupons(
    const coupon::v1::ExportCouponsRequest& request);

/// A request for a file of coupons.
struct ExportFileRequest {
  ExportedCoupons coupons;
  ByteOrderMark mark = ByteOrderMark::kNone;
};
/// Reads the query of GET /campaigns/{id}/coupons.csv or .jsonl: `states=redeemed,voided`, and for
/// CSV `bom=1`. Whatever is not understood is refused.
[[nodiscard]] Mapped<ExportFileRequest> MapExportFile(CouponFileFormat format,
                                                      std::string_view campaign_id,
                                                      std::string_view query);

}  // namespace coupond::api

#endif  // COUPOND_API_EXPORTS_EXPORT_REQUEST_H_
