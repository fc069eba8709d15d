#ifndef COUPOND_API_PAGE_TOKEN_H_
#define COUPOND_API_PAGE_TOKEN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "engine/rules/ids.h"

/// Where the next page of a list begins, as a text that callers pass back unread. Any thread.
namespace coupond::service {

/// After which campaign the next page begins.
struct CampaignsPageToken {
  CampaignNumber after;

  friend bool operator==(const CampaignsPageToken&, const CampaignsPageToken&) = default;
};

/// Which coupon of which campaign the next page begins with.
struct CouponsPageToken {
  CampaignNumber campaign;
  std::uint64_t ordinal = 0;

  friend bool operator==(const CouponsPageToken&, const CouponsPageToken&) = default;
};

[[nodiscard]] std::string WritePageToken(const CampaignsPageToken& token);
[[nodiscard]] std::string WritePageToken(const CouponsPageToken& token);

/// Nothing for a text that WritePageToken has not made for this kind of list.
[[nodiscard]] std::optional<CampaignsPageToken> ReadCampaignsPageToken(const std::string& text);
[[nodiscard]] std::optional<CouponsPageToken> ReadCouponsPageToken(const std::string& text);

}  // namespace coupond::service

#endif  // COUPOND_API_PAGE_TOKEN_H_
