#include "api/change_methods.h"

#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "api/campaign_queries.h"
#include "api/change_mapping.h"
#include "api/reply_mapping.h"

namespace coupond::api {
namespace {

/// Returns the error with the path that its field has in the request. Mappings and refusals name
/// the fields of a campaign, which an update has in a message of its own.
template <typename Request>
connect::Error InRequest(connect::Error error) {
  constexpr std::string_view kId = "campaign_id";
  if constexpr (std::is_same_v<Request, coupon::v1::UpdateCampaignRequest>) {
    const bool is_own = error.field.starts_with("campaign.") || error.field == "update_mask" ||
                        error.field == "if_revision";
    if (error.field == kId) {
      error.field = "campaign.id";
      error.message.replace(0, kId.size(), error.field);
    } else if (!error.field.empty() && !is_own) {
      error.field.insert(0, "campaign.");
    }
  }
  return error;
}

}  // namespace

template <typename Response, typename Request>
void ChangeMethods::Change(const Request& request, Call call) {
  auto command = MapChange(request);
  if (!command) return call->Fail(InRequest<Request>(std::move(command.error())));
  const CampaignId id = command->campaign_id;
  dispatcher_.Submit(
      *std::move(command), [this, id, call = std::move(call)](Result<Reply> reply) mutable {
        if (!reply) return call->Fail(OperatingError(reply.error()));
        if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
          return call->Fail(InRequest<Request>(RefusalError(*refusal, reply->sequence)));
        }
        Response response;
        response.set_changed(std::get<Done>(reply->outcome).changed);
        response.set_sequence(reply->sequence.value());
        Show(id, std::move(response), std::move(call));
      });
}

template <typename Response>
void ChangeMethods::Show(const CampaignId& id, Response response, Call call) {
  using Found = MaybeFound<coupon::v1::Campaign>;
  dispatcher_.Ask<Found>(
      [id, &clock = clock_](const ViewStore& views) { return ReadCampaign(views, id, clock); },
      [response = std::move(response), call = std::move(call)](Result<Found> campaign) mutable {
        // The change has been made, whether or not the campaign can be shown.
        if (campaign && *campaign) *response.mutable_campaign() = std::move(**campaign);
        call->Finish(response);
      });
}

void ChangeMethods::UpdateCampaign(const coupon::v1::UpdateCampaignRequest& request, Call call) {
  Change<coupon::v1::UpdateCampaignResponse>(request, std::move(call));
}

void ChangeMethods::PauseCampaign(const coupon::v1::PauseCampaignRequest& request, Call call) {
  Change<coupon::v1::PauseCampaignResponse>(request, std::move(call));
}

void ChangeMethods::ResumeCampaign(const coupon::v1::ResumeCampaignRequest& request, Call call) {
  Change<coupon::v1::ResumeCampaignResponse>(request, std::move(call));
}

void ChangeMethods::ArchiveCampaign(const coupon::v1::ArchiveCampaignRequest& request, Call call) {
  Change<coupon::v1::ArchiveCampaignResponse>(request, std::move(call));
}

void ChangeMethods::UnarchiveCampaign(const coupon::v1::UnarchiveCampaignRequest& request,
                                      Call call) {
  Change<coupon::v1::UnarchiveCampaignResponse>(request, std::move(call));
}

}  // namespace coupond::api
