#include "couponctl/commands/coupon_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "engine/rules/limits.h"
#include "rpc/client/call_error.h"

namespace coupond::ctl {
namespace {

using rpc_client::CallError;
using rpc_client::ConnectClient;

/// The number of pages in a row that may be empty although they are not the last.
constexpr std::uint64_t kEmptyPagesMax = 100;
/// The same for a search: for one page, a server looks at 10,000 coupons. Even ten times as many as
/// a campaign can have, including those returned and issued again, are passed. A server that sends
/// empty pages without end, in half a millisecond each, is found out after a minute.
constexpr std::uint64_t kLookedAtPerPage = 10'000;
constexpr std::uint64_t kEmptyFoundPagesMax =
    10 * std::uint64_t{limits::kCouponsPerCampaignMax} / kLookedAtPerPage;

// `size_of` counts the entries of a page. Without the checks, a server whose pages lead nowhere (a
// page token that leads to itself, empty pages without end) would be asked forever.
template <typename Request, typename Response, typename SizeOf>
std::expected<void, CallError> ReadPages(ConnectClient& client, std::string_view path,
                                         Request request, std::optional<std::uint64_t> limit,
                                         SizeOf size_of,
                                         const std::function<void(const Response&)>& visit,
                                         std::uint64_t empty_pages_max = kEmptyPagesMax) {
  const auto endless = [&client](const char* what) {
    return std::unexpected(CallError{.failure = rpc_client::Failure::kUnreadable,
                                     .message = client.server().Url() + what});
  };
  std::uint64_t wanted = limit.value_or(std::numeric_limits<std::uint64_t>::max());
  std::uint64_t empty_pages = 0;
  while (wanted > 0) {
    request.set_page_size(static_cast<std::int32_t>(
        std::min<std::uint64_t>(wanted, static_cast<std::uint64_t>(limits::kPageSizeMax))));
    Response page;
    TRY(client.Call(path, request, page));
    visit(page);
    wanted -= std::min(wanted, static_cast<std::uint64_t>(size_of(page)));
    if (page.next_page_token().empty()) return {};
    empty_pages = size_of(page) == 0 ? empty_pages + 1 : 0;
    if (empty_pages > empty_pages_max) return endless(" sends empty pages without end");
    if (page.next_page_token() == request.page_token()) {
      return endless(" repeats a page token forever");
    }
    request.set_page_token(page.next_page_token());
  }
  return {};
}

}  // namespace

connect::Metadata RequestHeaders() { return {{"Coupond-Strict", "1"}}; }

std::expected<void, std::string> ExpectOnThisMachine(const rpc_client::ServerAddress& server,
                                                     const rpc_client::Endpoints& endpoints) {
  for (const auto& endpoint : endpoints) {
    if (endpoint.address().is_loopback()) continue;
    return std::unexpected(fmt::format(
        "{} is not on this machine ({}), and load may harm it; if that is intended, add "
        "--allow-remote",
        server.Url(), endpoint.address().to_string()));
  }
  return {};
}

std::expected<void, CallError> ReadCoupons(ConnectClient& client, const std::string& campaign_id,
                                           std::optional<std::uint64_t> limit,
                                           const CouponPageVisitor& visit) {
  coupon::v1::ListCouponsRequest request;
  request.set_campaign_id(campaign_id);
  return ReadPages<coupon::v1::ListCouponsRequest, coupon::v1::ListCouponsResponse>(
      client, kListCoupons, std::move(request), limit,
      [](const coupon::v1::ListCouponsResponse& page) { return page.coupons_size(); }, visit);
}

std::expected<void, CallError> ReadFoundCoupons(ConnectClient& client,
                                                coupon::v1::SearchCouponsRequest request,
                                                std::optional<std::uint64_t> limit,
                                                const FoundPageVisitor& visit) {
  return ReadPages<coupon::v1::SearchCouponsRequest, coupon::v1::SearchCouponsResponse>(
      client, kSearchCoupons, std::move(request), limit,
      [](const coupon::v1::SearchCouponsResponse& page) { return page.coupons_size(); }, visit,
      kEmptyFoundPagesMax);
}

std::expected<void, CallError> ReadCampaigns(ConnectClient& client, bool show_archived,
                                             std::optional<std::uint64_t> limit,
                                             const CampaignPageVisitor& visit) {
  coupon::v1::ListCampaignsRequest request;
  request.set_show_archived(show_archived);
  return ReadPages<coupon::v1::ListCampaignsRequest, coupon::v1::ListCampaignsResponse>(
      client, kListCampaigns, std::move(request), limit,
      [](const coupon::v1::ListCampaignsResponse& page) { return page.campaigns_size(); }, visit);
}

std::expected<coupon::v1::Campaign, CallError> ReadCampaign(ConnectClient& client,
                                                            const std::string& campaign_id) {
  coupon::v1::GetCampaignRequest request;
  request.set_campaign_id(campaign_id);
  coupon::v1::GetCampaignResponse response;
  TRY(client.CallForFirstField(kGetCampaign, request, response));
  if (!response.has_campaign()) {
    return std::unexpected(
        rpc_client::UnreadableAnswer(client.server(), kGetCampaign, "it has no campaign"));
  }
  return std::move(*response.mutable_campaign());
}

}  // namespace coupond::ctl
