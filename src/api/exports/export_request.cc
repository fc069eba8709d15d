#include "api/exports/export_request.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/command_mapping.h"
#include "api/coupon_file/state_names.h"
#include "api/search_mapping.h"
#include "base/display_text.h"
#include "base/error.h"
#include "rpc/connect/get_request.h"

namespace coupond::api {
namespace {

/// The values of the parameters, each of which may be given once.
struct FileParameters {
  std::optional<std::string> states;
  std::optional<std::string> bom;
};

Mapped<FileParameters> ReadParameters(CouponFileFormat format, std::string_view query) {
  const bool is_csv = format == CouponFileFormat::kCsv;
  FileParameters parameters;
  for (connect::QueryParameter& parameter : connect::ReadQuery(query)) {
    std::optional<std::string>* value = nullptr;
    if (parameter.name == "states") value = &parameters.states;
    if (parameter.name == "bom" && is_csv) value = &parameters.bom;
    if (value == nullptr) {
      return connect::BadQuery(Clipped(parameter.name) + ": unknown parameter; this file takes " +
                               (is_csv ? "states and bom" : "states"));
    }
    if (*value) return connect::BadQuery(parameter.name + ": given twice");
    *value = std::move(parameter.value);
  }
  return parameters;
}

}  // namespace

Mapped<ExportedCoupons> MapExportCoupons(const coupon::v1::ExportCouponsRequest& request) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  std::set<CouponState> states = TRY(MapStates(request.states()));
  return ExportedCoupons{.campaign = campaign, .states = std::move(states)};
}

Mapped<ExportFileRequest> MapExportFile(CouponFileFormat format, std::string_view campaign_id,
                                        std::string_view query) {
  const FileParameters parameters = TRY(ReadParameters(format, query));
  coupon::v1::ExportCouponsRequest request;
  request.set_campaign_id(std::string(campaign_id));
  if (parameters.states) {
    const auto states = ParseStates(*parameters.states);
    if (!states) return connect::BadQuery("states: " + states.error());
    for (const coupon::v1::CouponState state : *states) request.add_states(state);
  }
  if (parameters.bom && parameters.bom != "0" && parameters.bom != "1") {
    return connect::BadQuery("bom: must be 1 or 0, not " + Quoted(*parameters.bom));
  }
  ExportedCoupons coupons = TRY(MapExportCoupons(request));
  return ExportFileRequest{
      .coupons = std::move(coupons),
      .mark = parameters.bom == "1" ? ByteOrderMark::kWritten : ByteOrderMark::kNone};
}

}  // namespace coupond::api
