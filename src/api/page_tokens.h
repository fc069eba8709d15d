#ifndef COUPOND_API_PAGE_TOKENS_H_
#define COUPOND_API_PAGE_TOKENS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "rpc/connect/error.h"

/// Where the next page of a list begins, as an opaque text, which callers pass back unchanged. Any
/// thread.
namespace coupond::api {

/// The position in the list of campaigns after which the next page begins.
struct CampaignsPageToken {
  CampaignNumber after;

  friend bool operator==(const CampaignsPageToken&, const CampaignsPageToken&) = default;
};

/// The coupon with which the next page of a campaign's list begins.
struct CouponsPageToken {
  CampaignNumber campaign;
  std::uint64_t ordinal = 0;

  friend bool operator==(const CouponsPageToken&, const CouponsPageToken&) = default;
};

/// The coupon after which the next page of a search begins.
struct SearchPageToken {
  std::uint64_t search = 0;  ///< a digest of what is looked for (search_mapping.h)
  UserCoupon after = {};     ///< as in CouponSearchPage

  friend bool operator==(const SearchPageToken&, const SearchPageToken&) = default;
};

/// Every number in a token must be less than the largest.
[[nodiscard]] std::string WritePageToken(const CampaignsPageToken& token);
[[nodiscard]] std::string WritePageToken(const CouponsPageToken& token);
[[nodiscard]] std::string WritePageToken(const SearchPageToken& token);

/// Returns nullopt for a text that WritePageToken has not made for this kind of list.
[[nodiscard]] std::optional<CampaignsPageToken> ReadCampaignsPageToken(const std::string& text);
[[nodiscard]] std::optional<CouponsPageToken> ReadCouponsPageToken(const std::string& text);
[[nodiscard]] std::optional<SearchPageToken> ReadSearchPageToken(const std::string& text);

/// Returns the error for a page_token that is not one of this list.
[[nodiscard]] connect::Error BadPageToken();

}  // namespace coupond::api

#endif  // COUPOND_API_PAGE_TOKENS_H_
