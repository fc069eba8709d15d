#include "api/create_methods.h"

#include <utility>
#include <variant>

#include "api/access/caller.h"
#include "api/campaign_queries.h"
#include "api/command_mapping.h"
#include "api/refusal_mapping.h"
#include "api/reply_mapping.h"
#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/command_faults.h"

namespace coupond::api {
namespace {

/// Returns the campaign that a command asks for, without its start.
Campaign CampaignOf(const coupond::CreateCampaign& command) {
  Campaign campaign;
  campaign.id = command.id;
  campaign.terms = {.name = command.name,
                    .total_coupons = command.total_coupons,
                    .start_time = {},
                    .end_time = command.end_time,
                    .description = command.description,
                    .metadata = command.metadata,
                    .coupons_per_user = command.coupons_per_user,
                    .user_required = command.user_required,
                    .redeem_start_time = command.redeem_start_time,
                    .expire_time = command.expire_time,
                    .valid_duration = command.valid_duration,
                    .redeem_by_holder_only = command.redeem_by_holder_only};
  return campaign;
}

/// Removes what a campaign that was not created does not have.
void KeepWhatWasChecked(coupon::v1::CreateCampaignResponse& response) {
  response.clear_sequence();
  coupon::v1::Campaign& campaign = *response.mutable_campaign();
  campaign.clear_id();
  campaign.clear_created_at();
  campaign.clear_revision();
}

/// Returns the full form of a request to the short route.
coupon::v1::CreateCampaignRequest FullRequest(
    const coupond::api::v1::ShortCreateCampaignRequest& request) {
  coupon::v1::CreateCampaignRequest full;
  full.set_name(request.name());
  full.set_total_coupons(request.has_coupon_count() ? request.coupon_count()
                                                    : request.total_coupons());
  if (request.has_start_time()) *full.mutable_start_time() = request.start_time();
  if (request.has_start_in()) *full.mutable_start_in() = request.start_in();
  full.set_description(request.description());
  if (request.has_end_time()) *full.mutable_end_time() = request.end_time();
  full.set_coupons_per_user(request.coupons_per_user());
  full.set_user_required(request.user_required());
  if (request.has_redeem_start_time()) {
    *full.mutable_redeem_start_time() = request.redeem_start_time();
  }
  if (request.has_expire_time()) *full.mutable_expire_time() = request.expire_time();
  if (request.has_valid_duration()) *full.mutable_valid_duration() = request.valid_duration();
  full.set_redeem_by_holder_only(request.redeem_by_holder_only());
  full.set_request_id(request.request_id());
  full.set_validate_only(request.validate_only());
  return full;
}

}  // namespace

void CreateMethods::CreateCampaign(const coupon::v1::CreateCampaignRequest& request, Call call) {
  Create(request, std::move(call),
         [](const coupon::v1::CreateCampaignResponse& response, Call answered) {
           answered->Finish(response);
         });
}

void CreateMethods::ShortCreateCampaign(const coupond::api::v1::ShortCreateCampaignRequest& request,
                                        Call call) {
  if (request.has_coupon_count() && request.has_total_coupons() &&
      request.coupon_count() != request.total_coupons()) {
    return call->Fail(
        InvalidFields("coupon_count", "coupon_count and total_coupons differ; give one of them")
            .error());
  }
  Create(FullRequest(request), std::move(call),
         [](const coupon::v1::CreateCampaignResponse& response, Call answered) {
           if (response.has_campaign()) return answered->Finish(response.campaign());
           answered->Fail({.code = connect::Code::kNotFound,
                           .message = "the campaign that this request created has been deleted "
                                      "since, or cannot be read",
                           .reason = kCampaignDeleted});
         });
}

void CreateMethods::Create(const coupon::v1::CreateCampaignRequest& request, Call call,
                           Finish finish) {
  auto command =
      MapCreateCampaign(request, claims_, shared_.clock.Read(), call->context().idempotency_key);
  if (!command) return call->Fail(std::move(command.error()));
  command->id = command->request ? CampaignIdOf(shared_.code_key, command->request->digest)
                                 : CampaignId{AsRandomUuid(shared_.entropy.Random16())};
  const bool validate_only = command->validate_only;
  Campaign campaign = CampaignOf(*command);
  const StartTime start_time = command->start_time.value_or(Timestamp());
  const bool by_start_in = request.has_start_in();
  const KeyId key = CallerKeyId(*call);
  auto answer = [this, call = std::move(call), campaign = std::move(campaign),
                 finish = std::move(finish), start_time, by_start_in,
                 validate_only](Result<Reply> reply) mutable {
    if (!reply) return call->Fail(OperatingError(reply.error()));
    if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
      connect::Error error = RefusalError(*refusal, reply->sequence);
      return call->Fail(by_start_in ? OfStartIn(std::move(error)) : std::move(error));
    }
    coupon::v1::CreateCampaignResponse response;
    response.set_sequence(reply->sequence.value());
    const Done& created = std::get<Done>(reply->outcome);
    if (created.repeated) {
      return FinishRepeated(campaign.id, std::move(response), std::move(call), std::move(finish));
    }
    campaign.terms.start_time =
        validate_only ? MomentOf(start_time, reply->time) : created.start_time;
    campaign.created_at = reply->time;
    campaign.revision = reply->sequence;
    SetCampaign(campaign, reply->time, *response.mutable_campaign());
    if (validate_only) KeepWhatWasChecked(response);
    finish(std::move(response), std::move(call));
  };
  dispatcher_.Submit(*std::move(command), std::move(answer), key);
}

void CreateMethods::FinishRepeated(const CampaignId& id,
                                   coupon::v1::CreateCampaignResponse response, Call call,
                                   Finish finish) {
  dispatcher_.Ask<Found<coupon::v1::Campaign>>(
      [id, &clock = shared_.clock](const ViewStore& views) {
        return ReadCampaign(views, id, clock);
      },
      [response = std::move(response), call = std::move(call),
       finish = std::move(finish)](Found<coupon::v1::Campaign> campaign) mutable {
        // It was created, whether or not it can be shown.
        if (campaign) *response.mutable_campaign() = *std::move(campaign);
        finish(std::move(response), std::move(call));
      });
}

}  // namespace coupond::api
