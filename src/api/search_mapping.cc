#include "api/search_mapping.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "api/command_mapping.h"
#include "api/page_tokens.h"
#include "api/text_mapping.h"
#include "base/error.h"
#include "engine/rules/ids.h"

namespace coupond::api {
namespace {

/// Returns nullopt for a number that no state has.
std::optional<CouponState> StateOfNumber(int number) {
  switch (number) {
    case coupon::v1::COUPON_STATE_ISSUED:
      return CouponState::kIssued;
    case coupon::v1::COUPON_STATE_REDEEMED:
      return CouponState::kRedeemed;
    case coupon::v1::COUPON_STATE_EXPIRED:
      return CouponState::kExpired;
    case coupon::v1::COUPON_STATE_VOIDED:
      return CouponState::kVoided;
    case coupon::v1::COUPON_STATE_RETURNED:
      return CouponState::kReturned;
    default:
      return std::nullopt;
  }
}

Mapped<CouponOrder> MapOrder(coupon::v1::CouponOrder order) {
  switch (order) {
    case coupon::v1::COUPON_ORDER_UNSPECIFIED:
    case coupon::v1::COUPON_ORDER_OLDEST_FIRST:
      return CouponOrder::kOldestFirst;
    case coupon::v1::COUPON_ORDER_NEWEST_FIRST:
      return CouponOrder::kNewestFirst;
    default:
      return InvalidField("order", std::to_string(order) +
                                       " is not an order; give COUPON_ORDER_OLDEST_FIRST or "
                                       "COUPON_ORDER_NEWEST_FIRST");
  }
}

/// Returns the digest of a search, which is less than the largest number.
std::uint64_t DigestOf(const CouponSearch& search, ClaimDigest& claims) {
  const auto user_id = [&search](std::size_t place) {
    return place < search.user_ids.size() ? std::string_view(search.user_ids[place])
                                          : std::string_view();
  };
  std::string states;
  for (const CouponState state : search.states) {
    states += std::to_string(static_cast<int>(state)) + ",";
  }
  const std::string campaign =
      search.campaign_id ? FormatUuid(search.campaign_id->bytes) : std::string();
  const std::string_view order =
      search.order == CouponOrder::kNewestFirst ? "newest first" : "oldest first";
  // As that of a request with a key, of which only the content is needed.
  const RequestKey key =
      claims.OfRequest("", {"search", campaign, user_id(0), user_id(1), states, order});
  return key.content >> 1;
}

}  // namespace

Mapped<std::set<CouponState>> MapStates(const google::protobuf::RepeatedField<int>& states) {
  std::set<CouponState> mapped;
  for (const int number : states) {
    const std::optional<CouponState> state = StateOfNumber(number);
    if (!state) {
      return InvalidField("states",
                          std::to_string(number) +
                              " is not a state of coupons; give COUPON_STATE_ISSUED, _REDEEMED, "
                              "_EXPIRED, _VOIDED or _RETURNED, or leave the field out for all");
    }
    mapped.insert(*state);
  }
  return mapped;
}

Mapped<MappedSearch> MapSearchCoupons(const coupon::v1::SearchCouponsRequest& request,
                                      ClaimDigest& claims) {
  if (request.campaign_id().empty() && request.user_id().empty()) {
    return InvalidFields("campaign_id",
                         "campaign_id and user_id are both missing; give one of them, or both");
  }
  MappedSearch mapped;
  CouponSearch& search = mapped.search;
  if (!request.campaign_id().empty()) {
    search.campaign_id = TRY(MapCampaignId(request.campaign_id()));
  }
  const MappedText user_id = TRY(MapIdText(kUserIdField, request.user_id()));
  if (!user_id.normal().empty()) search.user_ids.push_back(user_id.normal());
  if (auto as_sent = AsSent(user_id)) search.user_ids.push_back(*std::move(as_sent));
  search.states = TRY(MapStates(request.states()));
  search.order = TRY(MapOrder(request.order()));
  search.page_size = TRY(MapPageSize(request.page_size()));
  mapped.digest = DigestOf(search, claims);
  if (!request.page_token().empty()) {
    const std::optional<SearchPageToken> token = ReadSearchPageToken(request.page_token());
    if (!token || token->search != mapped.digest) return std::unexpected(BadPageToken());
    mapped.after = token->after;
  }
  return mapped;
}

}  // namespace coupond::api
