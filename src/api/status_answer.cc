#include "api/status_answer.h"

#include <cstddef>

#include "api/timestamp_field.h"
#include "base/check.h"
#include "base/time_text.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::api {
namespace {

using coupon::v1::GetCampaignStatusResponse;

static_assert(GetCampaignStatusResponse::kServerTimeFieldNumber == 1);

/// Enough for the field in either encoding.
constexpr std::size_t kServerTimeBytesMax = 64;

}  // namespace

std::string WithServerTime(connect::Codec codec, Timestamp server_time, std::string_view rest) {
  const UtcTime time = FromUnixNanoseconds(server_time.unix_nanoseconds());
  std::string out;
  out.reserve(kServerTimeBytesMax + rest.size());
  if (codec == connect::Codec::kProto) {
    AppendTimestampField(GetCampaignStatusResponse::kServerTimeFieldNumber, time, out);
    return out.append(rest);
  }
  // There are always members, because campaign_id has no presence.
  COUPOND_CHECK(rest.starts_with("{\""));
  out.append(R"({"serverTime":")");
  AppendTime(time, out);
  return out.append("\",").append(rest.substr(1));
}

}  // namespace coupond::api
