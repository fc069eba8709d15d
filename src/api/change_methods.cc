#include "api/change_methods.h"

#include <optional>
#include <string_view>
#include <utility>

#include "api/change_mapping.h"
#include "api/command_mapping.h"
#include "api/refusal_mapping.h"
#include "engine/ports/view_store.h"
#include "engine/rules/campaign.h"

namespace coupond::api {
namespace {

/// Returns the error with the path that its field has in an UpdateCampaignRequest. Mappings and
/// refusals name the fields of a campaign, which the request has in a message of its own.
connect::Error InUpdate(connect::Error error) {
  constexpr std::string_view kId = "campaign_id";
  const bool is_own = error.field.starts_with("campaign.") || error.field == "update_mask" ||
                      error.field == "if_revision" || error.field == "request_id";
  if (error.field == kId) {
    error.field = "campaign.id";
    error.message.replace(0, kId.size(), error.field);
  } else if (!error.field.empty() && !is_own) {
    error.field.insert(0, "campaign.");
  }
  // Unlike when a campaign is created, it usually depends on what the campaign has: the start or
  // the end that the request leaves alone.
  if (error.reason == RefusalName(RefusalReason::kEndTimeNotAfterStart)) {
    error.code = connect::Code::kFailedPrecondition;
  }
  return error;
}

}  // namespace

void ChangeMethods::UpdateCampaign(const coupon::v1::UpdateCampaignRequest& request, Call call) {
  const ClockReading now = clock_.Read();
  auto command = MapChange(request, claims_, now, call->context().idempotency_key);
  if (!command && command.error().reason == RefusalName(RefusalReason::kStartTimeInPast)) {
    return RefuseUpdate(request, now, std::move(call));
  }
  answers_.Change<coupon::v1::UpdateCampaignResponse>(std::move(command), std::move(call),
                                                      InUpdate);
}

void ChangeMethods::RefuseUpdate(coupon::v1::UpdateCampaignRequest request, const ClockReading& now,
                                 Call call) {
  const CampaignId id = ReadCampaignId(request.campaign().id());
  using Answer = Result<std::optional<Campaign>>;
  dispatcher_.Ask<Answer>(
      [id](const ViewStore& views) { return views.FindCampaign(id); },
      [this, request = std::move(request), now, call = std::move(call)](Answer found) {
        if (!found) return call->Fail(OperatingError(found.error()));
        const Campaign* const campaign = *found ? &**found : nullptr;
        auto command = MapChange(request, claims_, now, call->context().idempotency_key, campaign);
        call->Fail(InUpdate(std::move(command.error())));
      });
}

void ChangeMethods::PauseCampaign(const coupon::v1::PauseCampaignRequest& request, Call call) {
  answers_.Change<coupon::v1::PauseCampaignResponse>(MapChange(request), std::move(call));
}

void ChangeMethods::ResumeCampaign(const coupon::v1::ResumeCampaignRequest& request, Call call) {
  answers_.Change<coupon::v1::ResumeCampaignResponse>(MapChange(request), std::move(call));
}

void ChangeMethods::ArchiveCampaign(const coupon::v1::ArchiveCampaignRequest& request, Call call) {
  answers_.Change<coupon::v1::ArchiveCampaignResponse>(MapChange(request), std::move(call));
}

void ChangeMethods::UnarchiveCampaign(const coupon::v1::UnarchiveCampaignRequest& request,
                                      Call call) {
  answers_.Change<coupon::v1::UnarchiveCampaignResponse>(MapChange(request), std::move(call));
}

}  // namespace coupond::api
