#include "couponctl/commands/campaign_changes.h"

#include <ostream>
#include <string_view>

#include "common/moment_text.h"
#include "couponctl/commands/campaign_text.h"
#include "couponctl/commands/commands.h"
#include "couponctl/commands/coupon_service.h"

namespace coupond::ctl {
namespace {

NextStep NextStepAfter(const rpc_client::CallError& error) {
  // coupond aborts only what it has not begun.
  const bool changed_meanwhile =
      error.failure == rpc_client::Failure::kAnswered && error.code == connect::Code::kAborted;
  return {.if_open = changed_meanwhile ? "`couponctl get` shows the revision that it has now"
                                       : "it may have been done all the same; repeating it is safe",
          .if_not_found = kListShowsCampaigns};
}

/// Makes the call at `path`, and prints what became of it.
template <typename Response>
ExitCode Change(const CommandContext& context, std::string_view path,
                const google::protobuf::MessageLite& request) {
  Response response;
  if (auto done = context.client.Call(path, request, response); !done) {
    return ReportError(context, done.error(), NextStepAfter(done.error()));
  }
  if (response.sequence() == 0) {
    return ReportEmptyAnswer(context, path, {.if_open = "repeating it is safe"});
  }
  context.SetDone(response.changed() ? "the campaign was changed all the same"
                                     : "nothing had to change");
  if (context.json) {
    context.out << JsonLine(response);
    return ExitCode::kDone;
  }
  if (!response.changed())
    context.err << "couponctl: nothing changed: the campaign already was as requested\n";
  if (response.has_campaign()) {
    context.out << CampaignText(response.campaign(), NowHere());
  } else {
    context.out
        << "done; the server does not show the campaign, which may have been deleted since\n";
  }
  return ExitCode::kDone;
}

template <typename Request>
Request PauseRequest(const std::string& campaign_id, coupon::v1::PauseScope scope,
                     const std::string& reason) {
  Request request;
  request.set_campaign_id(campaign_id);
  request.set_scope(scope);
  request.set_reason(reason);
  return request;
}

}  // namespace

ExitCode UpdateCampaign(const CommandContext& context, const std::string& campaign_id,
                        const CampaignChanges& changes) {
  coupon::v1::UpdateCampaignRequest request;
  coupon::v1::Campaign& campaign = *request.mutable_campaign();
  google::protobuf::FieldMask& mask = *request.mutable_update_mask();
  campaign.set_id(campaign_id);
  if (changes.name) {
    campaign.set_name(*changes.name);
    mask.add_paths("name");
  }
  if (changes.total) {
    campaign.set_total_coupons(*changes.total);
    mask.add_paths("total_coupons");
  }
  if (changes.start) {
    *campaign.mutable_start_time() = tools::ToMessage(*changes.start);
    mask.add_paths("start_time");
  }
  if (changes.end) {
    if (*changes.end != kNever) *campaign.mutable_end_time() = tools::ToMessage(*changes.end);
    mask.add_paths("end_time");
  }
  if (changes.description) {
    campaign.set_description(*changes.description);
    mask.add_paths("description");
  }
  if (changes.if_revision) request.set_if_revision(*changes.if_revision);
  return Change<coupon::v1::UpdateCampaignResponse>(context, kUpdateCampaign, request);
}

ExitCode PauseCampaign(const CommandContext& context, const std::string& campaign_id,
                       coupon::v1::PauseScope scope, const std::string& reason) {
  return Change<coupon::v1::PauseCampaignResponse>(
      context, kPauseCampaign,
      PauseRequest<coupon::v1::PauseCampaignRequest>(campaign_id, scope, reason));
}

ExitCode ResumeCampaign(const CommandContext& context, const std::string& campaign_id,
                        coupon::v1::PauseScope scope, const std::string& reason) {
  return Change<coupon::v1::ResumeCampaignResponse>(
      context, kResumeCampaign,
      PauseRequest<coupon::v1::ResumeCampaignRequest>(campaign_id, scope, reason));
}

ExitCode ArchiveCampaign(const CommandContext& context, const std::string& campaign_id) {
  coupon::v1::ArchiveCampaignRequest request;
  request.set_campaign_id(campaign_id);
  return Change<coupon::v1::ArchiveCampaignResponse>(context, kArchiveCampaign, request);
}

ExitCode UnarchiveCampaign(const CommandContext& context, const std::string& campaign_id) {
  coupon::v1::UnarchiveCampaignRequest request;
  request.set_campaign_id(campaign_id);
  return Change<coupon::v1::UnarchiveCampaignResponse>(context, kUnarchiveCampaign, request);
}

}  // namespace coupond::ctl
