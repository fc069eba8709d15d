#include "couponctl/commands/coupon_pages.h"

#include <algorithm>
#include <limits>

#include "engine/rules/limits.h"
#include "rpc/client/network_error.h"

namespace coupond::ctl {
namespace {

// So many pages in a row may be empty and yet not the last.
constexpr int kEmptyPagesMax = 100;

// `size_of` counts the entries of a page. A server whose pages lead nowhere (a page token that
// leads to itself, empty pages without end) would be asked forever, so that ends the reading as an
// error.
template <typename Request, typename Response, typename SizeOf>
std::expected<void, CallError> ReadPages(ConnectClient& client, const char* method, Request request,
                                         std::optional<std::uint64_t> limit, SizeOf size_of,
                                         const std::function<void(const Response&)>& visit) {
  std::uint64_t wanted = limit.value_or(std::numeric_limits<std::uint64_t>::max());
  int empty_pages = 0;
  while (wanted > 0) {
    request.set_page_size(static_cast<std::int32_t>(
        std::min<std::uint64_t>(wanted, static_cast<std::uint64_t>(limits::kPageSizeMax))));
    Response page;
    if (auto done = client.Call(method, request, page); !done) return done;
    visit(page);
    wanted -= std::min(wanted, static_cast<std::uint64_t>(size_of(page)));
    if (page.next_page_token().empty()) return {};
    empty_pages = size_of(page) == 0 ? empty_pages + 1 : 0;
    if (page.next_page_token() == request.page_token() || empty_pages > kEmptyPagesMax) {
      return std::unexpected(
          CallError{.code = "",
                    .message = client.server().Url() + (empty_pages > kEmptyPagesMax
                                                            ? " sends empty pages without end"
                                                            : " repeats a page token forever")});
    }
    request.set_page_token(page.next_page_token());
  }
  return {};
}

}  // namespace

std::expected<void, CallError> ReadCoupons(ConnectClient& client, const std::string& campaign_id,
                                           std::optional<std::uint64_t> limit,
                                           const CouponPageVisitor& visit) {
  coupon::v1::ListCouponsRequest request;
  request.set_campaign_id(campaign_id);
  return ReadPages<coupon::v1::ListCouponsRequest, coupon::v1::ListCouponsResponse>(
      client, "ListCoupons", std::move(request), limit,
      [](const coupon::v1::ListCouponsResponse& page) { return page.coupons_size(); }, visit);
}

std::expected<void, CallError> ReadCampaigns(ConnectClient& client,
                                             std::optional<std::uint64_t> limit,
                                             const CampaignPageVisitor& visit) {
  return ReadPages<coupon::v1::ListCampaignsRequest, coupon::v1::ListCampaignsResponse>(
      client, "ListCampaigns", coupon::v1::ListCampaignsRequest(), limit,
      [](const coupon::v1::ListCampaignsResponse& page) { return page.campaigns_size(); }, visit);
}

std::expected<coupon::v1::Campaign, CallError> ReadCampaign(ConnectClient& client,
                                                            const std::string& campaign_id) {
  coupon::v1::GetCampaignRequest request;
  request.set_campaign_id(campaign_id);
  coupon::v1::GetCampaignResponse response;
  if (auto done = client.CallForFirstField("GetCampaign", request, response); !done) {
    return std::unexpected(std::move(done.error()));
  }
  if (!response.has_campaign()) {
    return std::unexpected(UnreadableAnswer(client.server(), "GetCampaign", "it has no campaign"));
  }
  return std::move(*response.mutable_campaign());
}

}  // namespace coupond::ctl
