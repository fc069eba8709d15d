#include "api/access/campaign_limits.h"

#include <cstddef>

#include "base/display_text.h"
#include "base/error.h"
#include "engine/rules/ids.h"
#include "rpc/connect/error.h"

namespace coupond::api {
namespace {

std::unexpected<connect::Error> NotAllowed(const std::string& why) {
  return connect::MakeError(connect::Code::kPermissionDenied,
                            "the access key is limited to campaigns, and " + why,
                            "CAMPAIGN_NOT_ALLOWED");
}

}  // namespace

Mapped<std::optional<std::string>> CampaignToFillIn(const Caller& caller,
                                                    const std::string& named) {
  const auto& campaigns = caller.key().campaigns;
  if (named.empty()) {
    if (campaigns.size() == 1) return FormatUuid(campaigns.front().bytes);
    return InvalidField("campaign_id", "missing; the access key is limited to " +
                                           std::to_string(campaigns.size()) +
                                           " campaigns, so name one of them");
  }
  const auto uuid = ParseUuid(named);
  if (uuid && access::MayUse(caller.key(), CampaignId{*uuid})) return std::nullopt;
  return NotAllowed(Quoted(named) + " is none of them");
}

Mapped<void> CheckStreamedCampaign(const Caller& caller, const std::string& named) {
  if (!caller.is_limited()) return {};
  // A new call might be about fewer campaigns; this stream is not.
  if (named.empty()) return NotAllowed("this stream is about all of them");
  TRY(CampaignToFillIn(caller, named));
  return {};
}

}  // namespace coupond::api
