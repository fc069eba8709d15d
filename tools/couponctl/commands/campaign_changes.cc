#include "couponctl/commands/commands.h"

#include <ostream>
#include <string_view>

#include "common/moment_text.h"
#include "couponctl/commands/campaign_text.h"
#include "couponctl/commands/clock_difference.h"
#include "couponctl/commands/coupon_service.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kRepeatingIsSafe = "it may have succeeded anyway; repeating it is safe";

NextStep NextStepAfter(const rpc_client::CallError& error, bool validate_only) {
  // coupond aborts only what it has not begun.
  const bool changed_meanwhile =
      error.failure == rpc_client::Failure::kAnswered && error.code == connect::Code::kAborted;
  return {.if_open = changed_meanwhile
                         ? std::string_view("`couponctl get` shows the campaign as it is now")
                     : validate_only ? kOnlyChecked
                                     : kRepeatingIsSafe,
          .if_not_found = kListShowsCampaigns};
}

/// Returns what is said of a change that was made, or would be.
std::string_view NoteOn(bool changed, bool validate_only) {
  if (validate_only) {
    return changed ? "checked only: the campaign would change; now it is:"
                   : "checked only: nothing would change, the campaign already is as requested";
  }
  return changed ? "" : "nothing changed: the campaign already was as requested";
}

/// Makes the call at `path`, and prints what became of it.
template <typename Response>
ExitCode Change(const CommandContext& context, std::string_view path,
                const google::protobuf::MessageLite& request, bool validate_only = false) {
  Response response;
  if (auto done = context.client.Call(path, request, response); !done) {
    return ReportError(context, done.error(), NextStepAfter(done.error(), validate_only));
  }
  if (response.sequence() == 0) {
    return ReportEmptyAnswer(context, path,
                             {.if_open = validate_only ? kOnlyChecked : kRepeatingIsSafe});
  }
  if (validate_only) {
    context.SetDone("nothing was changed on the server");
  } else {
    context.SetDone(response.changed() ? "the campaign was changed anyway"
                                       : "nothing had to change");
  }
  if (context.json) {
    context.out << JsonLine(response);
    return ExitCode::kDone;
  }
  const std::string_view note = NoteOn(response.changed(), validate_only);
  if (!note.empty()) context.err << "couponctl: " << note << '\n';
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
                        const CampaignChanges& changes, const RequestOptions& options) {
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
  SetTerms(changes.terms, campaign);
  AddPaths(changes.terms, mask);
  if (changes.if_revision) request.set_if_revision(*changes.if_revision);
  request.set_request_id(options.id);
  request.set_validate_only(options.validate_only);
  return Change<coupon::v1::UpdateCampaignResponse>(context, kUpdateCampaign, request,
                                                    options.validate_only);
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
