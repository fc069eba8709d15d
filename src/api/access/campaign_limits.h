#ifndef COUPOND_API_ACCESS_CAMPAIGN_LIMITS_H_
#define COUPOND_API_ACCESS_CAMPAIGN_LIMITS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/access/caller.h"
#include "api/mapped.h"
#include "coupon/v1/coupon_service.pb.h"

/// Holds keys that are limited to campaigns to them. Each of their requests names its campaign, so
/// that the rules compare it with that of a code: another campaign's code is then as unknown as one
/// that no coupon has.
namespace coupond::api {

/// Returns the campaign that the caller's request is for, if it is to be filled in because the
/// request names none and the key is for one only; nullopt if the request may stay as it is. The
/// error says that the caller must name one, or may not use that one. `named` is the request's.
[[nodiscard]] Mapped<std::optional<std::string>> CampaignToFillIn(const Caller& caller,
                                                                  const std::string& named);

/// Reports whether the caller may still be shown a stream that is about the campaign named, or, if
/// none is, about all of them. The error says why not.
[[nodiscard]] Mapped<void> CheckStreamedCampaign(const Caller& caller, const std::string& named);

template <typename Request>
  requires requires(const Request& request) { request.campaign_id(); }
const std::string& CampaignNamedIn(const Request& request) {
  return request.campaign_id();
}
inline const std::string& CampaignNamedIn(const coupon::v1::UpdateCampaignRequest& request) {
  return request.campaign().id();
}

template <typename Request>
void SetCampaignIn(std::string campaign_id, Request& request) {
  request.set_campaign_id(std::move(campaign_id));
}
inline void SetCampaignIn(std::string campaign_id, coupon::v1::UpdateCampaignRequest& request) {
  request.mutable_campaign()->set_id(std::move(campaign_id));
}

/// Calls `handle` with the request and the call, if the caller may make that request, or fails the
/// call. If the caller is limited to campaigns and the method is about one, the request names it.
template <typename Request, typename SomeCall, typename Handle>
void WithinCampaigns(const Request& request, std::unique_ptr<SomeCall> call, Handle&& handle) {
  if constexpr (requires { CampaignNamedIn(request); }) {
    const Caller* const caller = CallerOf(*call);
    if (caller == nullptr || !caller->is_limited()) return handle(request, std::move(call));
    auto campaign = CampaignToFillIn(*caller, CampaignNamedIn(request));
    if (!campaign) return call->Fail(std::move(campaign.error()));
    if (!*campaign) return handle(request, std::move(call));
    Request filled_in = request;
    SetCampaignIn(**std::move(campaign), filled_in);
    handle(filled_in, std::move(call));
  } else {
    handle(request, std::move(call));
  }
}

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_CAMPAIGN_LIMITS_H_
