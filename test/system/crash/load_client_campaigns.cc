// What a client changes of campaigns.

#include <optional>
#include <utility>

#include "system/crash/load_client.h"

namespace coupond::test {
namespace {

/// An answer, of whatever kind of request.
struct AboutCampaign {
  int status = 0;                      ///< as in Answer
  std::string code;                    ///< as in Answer
  std::string raw_body;                ///< as in Answer
  std::optional<CampaignReply> reply;  ///< nullopt if it makes no sense
};

template <typename Response>
AboutCampaign AboutCampaignFrom(const Answer<Response>& answer) {
  AboutCampaign about{
      .status = answer.status, .code = answer.code, .raw_body = answer.raw_body, .reply = {}};
  if (answer.ok()) {
    about.reply = answer.response.changed() ? CampaignReply::kDone : CampaignReply::kUnchanged;
  } else if (answer.code == "not_found") {
    about.reply = CampaignReply::kNoSuchCampaign;
  } else if (answer.refusal && answer.refusal->refusal() == api::REFUSAL_TOTAL_BELOW_ISSUED) {
    about.reply = CampaignReply::kBelowIssued;
  }
  return about;
}

AboutCampaign Send(CouponClient& client, const CampaignRequest& request) {
  switch (request.kind) {
    case CampaignRequestKind::kPause:
      return AboutCampaignFrom(client.Pause(request.id, api::PAUSE_SCOPE_ISSUING));
    case CampaignRequestKind::kResume:
      return AboutCampaignFrom(client.Resume(request.id, api::PAUSE_SCOPE_ISSUING));
    case CampaignRequestKind::kArchive:
      return AboutCampaignFrom(client.Archive(request.id));
    case CampaignRequestKind::kUnarchive:
      return AboutCampaignFrom(client.Unarchive(request.id));
    case CampaignRequestKind::kSetTotal:
    case CampaignRequestKind::kSetEnd:
      break;
  }
  api::UpdateCampaignRequest message;
  message.mutable_campaign()->set_id(request.id);
  api::Campaign& terms = *message.mutable_campaign();
  if (request.kind == CampaignRequestKind::kSetTotal) {
    terms.set_total_coupons(static_cast<std::int32_t>(request.total_coupons));
  } else {
    // Named without a value, it has no end any more.
    message.mutable_update_mask()->add_paths("end_time");
    if (request.end_time != kNever) {
      *terms.mutable_end_time() = TimestampOf(request.end_time.unix_nanoseconds());
    }
  }
  message.set_request_id(request.request_id);
  return AboutCampaignFrom(client.Update(message));
}

}  // namespace

bool LoadClient::ChangeCampaign(CouponClient& client, CampaignRequestKind kind,
                                const std::string& campaign, std::uint32_t draw) {
  auto request = shared_.ledger.BeginCampaignRequest(
      kind, campaign, "update " + std::to_string(number_) + "-" + std::to_string(++requests_),
      draw);
  if (!request) return ListCampaigns(client);
  return ChangeCampaign(client, *std::move(request));
}

bool LoadClient::ChangeCampaign(CouponClient& client, CampaignRequest request) {
  const AboutCampaign answer = Send(client, request);
  if (answer.status == 0 || answer.code == kUnavailable) {
    shared_.ledger.OutcomeUnknown(request);
    unknown_of_campaigns_.push_back(std::move(request));
  } else if (answer.reply) {
    shared_.ledger.Heard(request, *answer.reply);
  } else {
    Unexpected("to change a campaign", answer.code, answer.raw_body);
  }
  return answer.status != 0;
}

bool LoadClient::PauseForAMoment(CouponClient& client, const std::string& campaign) {
  return ChangeCampaign(client, CampaignRequestKind::kPause, campaign, 0) &&
         ChangeCampaign(client, CampaignRequestKind::kResume, campaign, 0);
}

bool LoadClient::ArchiveForAMoment(CouponClient& client, const std::string& campaign) {
  return ChangeCampaign(client, CampaignRequestKind::kArchive, campaign, 0) &&
         ChangeCampaign(client, CampaignRequestKind::kUnarchive, campaign, 0);
}

bool LoadClient::RetryUnknownOfCampaigns(CouponClient& client) {
  while (!unknown_of_campaigns_.empty()) {
    // Without an answer, ChangeCampaign appends it again.
    CampaignRequest request = std::exchange(unknown_of_campaigns_.front(), {});
    unknown_of_campaigns_.pop_front();
    const bool is_gone = shared_.ledger.Find(request.campaign).life == ClientLedger::Life::kGone;
    if (!is_gone && !ChangeCampaign(client, std::move(request))) return false;
  }
  return true;
}

}  // namespace coupond::test
