#include "api/access/campaign_limits.h"

#include <cstddef>

#include "base/display_text.h"
#include "engine/rules/ids.h"

namespace coupond::api {

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
  return std::unexpected(connect::Error{.code = connect::Code::kPermissionDenied,
                                        .message = "the access key is limited to campaigns, and " +
                                                   Quoted(named) + " is none of them",
                                        .reason = "CAMPAIGN_NOT_ALLOWED"});
}

}  // namespace coupond::api
