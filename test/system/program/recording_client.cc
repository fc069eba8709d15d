#include "system/program/recording_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace coupond::test {
namespace {

constexpr UnixNanoseconds kMillisecond = 1'000'000;
constexpr UnixNanoseconds kSecond = 1'000 * kMillisecond;
/// Of how many coupons clients know the codes at a time.
constexpr std::size_t kCodes = 20;
/// One code of this number takes the place of the oldest.
constexpr std::size_t kPassedOver = 5;
/// One operation of this number erases a user. Each reads the whole log.
constexpr std::size_t kBetweenErasures = 300;

}  // namespace

void KnownCampaigns::Add(std::size_t slot, const std::string& id) {
  const std::lock_guard lock(mutex_);
  ids_.at(slot).push_back(id);
}

std::string KnownCampaigns::IdOf(std::size_t slot, std::size_t back) const {
  const std::lock_guard lock(mutex_);
  const auto& ids = ids_.at(slot);
  if (ids.size() <= back) return "00000000-0000-4000-8000-000000000000";
  return ids[ids.size() - 1 - back];
}

void KnownCampaigns::AddCode(const std::string& code) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(codes_, code) != codes_.end()) return;
  // Only some of those to come, so that much is done to each of them.
  if (codes_.size() == kCodes) {
    if (++passed_over_ % kPassedOver != 0) return;
    codes_.erase(codes_.begin());
  }
  codes_.push_back(code);
}

std::string KnownCampaigns::CodeOf(std::size_t draw) const {
  const std::lock_guard lock(mutex_);
  return codes_.empty() ? std::string() : codes_[draw % codes_.size()];
}

void KnownCampaigns::SetRedemption(const std::string& code, const Redemption& redemption) {
  const std::lock_guard lock(mutex_);
  redemptions_[code] = redemption;
}

KnownCampaigns::Redemption KnownCampaigns::RedemptionOf(const std::string& code) const {
  const std::lock_guard lock(mutex_);
  const auto found = redemptions_.find(code);
  return found == redemptions_.end() ? Redemption() : found->second;
}

template <typename Request, typename Response>
void RecordingClient::Record(Clock::time_point start, const Request& request,
                             const Answer<Response>& answer) {
  const auto end = Clock::now();
  Operation operation{
      .client = number_, .start = start, .end = end, .request = request, .reply = {}};
  if (answer.ok()) {
    operation.reply = answer.response;
  } else if (answer.refusal) {
    operation.reply = *answer.refusal;
    operation.facts = answer.facts;
  } else {
    ADD_FAILURE() << "neither done nor refused: " << answer.status << " " << answer.raw_body;
    return;
  }
  history_.push_back(std::move(operation));
}

template <typename Request>
void RecordingClient::PerhapsRepeat(Request& request, Request& last) {
  if (!last.request_id().empty() && Below(6) == 0) request = last;
  last = request;
}

void RecordingClient::Run(std::uint16_t port) {
  CouponClient client(port);
  for (std::size_t i = 0; i < kOperations && !testing::Test::HasFailure(); ++i) {
    const std::size_t slot = Below(KnownCampaigns::kSlots);
    const std::size_t choice = Below(100);
    if (Below(kBetweenErasures) == 0) {
      Erase(client);
    } else if (choice < 7) {
      Create(client, slot);
    } else if (choice < 9) {
      Delete(client, slot);
    } else if (choice < 15) {
      IssueBatch(client, slot);
    } else if (choice < 35) {
      Change(client, choice - 15);
    } else if (choice < 38) {
      Update(client, slot);
    } else if (choice < 40) {
      PauseOrResume(client, slot);
    } else if (choice < 41) {
      ArchiveOrUnarchive(client, slot);
    } else {
      Issue(client, slot);
    }
  }
}

std::string RecordingClient::PerhapsId(const std::string& what) {
  if (Below(3) == 0) return {};
  return what + " " + std::to_string(++ids_) + " of " + std::to_string(number_);
}

std::string RecordingClient::CampaignOf(std::size_t slot) {
  return campaigns_.IdOf(slot, Below(20) == 0 ? 1 : 0);
}

void RecordingClient::Create(CouponClient& client, std::size_t slot) {
  api::CreateCampaignRequest request;
  request.set_name(Below(20) == 0 ? "" : KnownCampaigns::NameOf(slot));
  request.set_total_coupons(static_cast<std::int32_t>(Below(60)));
  request.set_coupons_per_user(static_cast<std::int32_t>(Below(4)));
  if (Below(20) == 0) request.set_coupons_per_user(1'001);
  // Sometimes in the past; otherwise soon enough for requests before and after it.
  auto lead = static_cast<UnixNanoseconds>(Below(20)) * kMillisecond;
  // Late enough for requests before it, however slow the machine is.
  if (Below(10) == 0) lead *= 1'000;
  const std::size_t said = Below(20);
  if (said < 12) *request.mutable_start_time() = TimestampOf(Now() + lead - kMillisecond);
  if (said >= 12 && said < 19) {
    request.mutable_start_in()->set_seconds((lead - kMillisecond) / kSecond);
    request.mutable_start_in()->set_nanos(
        static_cast<std::int32_t>((lead - kMillisecond) % kSecond));
  }
  const auto start = Clock::now();
  const auto answer = client.Create(request);
  Record(start, request, answer);
  if (answer.ok()) campaigns_.Add(slot, answer.response.campaign().id());
}

void RecordingClient::Issue(CouponClient& client, std::size_t slot) {
  api::IssueCouponRequest request;
  request.set_campaign_id(CampaignOf(slot));
  const std::size_t kind = Below(4);
  if (kind % 2 == 1) request.set_user_id(SomeUser());
  if (kind >= 2) request.set_request_id("request " + std::to_string(Below(40)));
  const auto start = Clock::now();
  const auto answer = client.Issue(request);
  Record(start, request, answer);
  if (answer.response.success()) campaigns_.AddCode(answer.response.coupon().code());
}

void RecordingClient::IssueBatch(CouponClient& client, std::size_t slot) {
  api::BatchIssueCouponsRequest request;
  request.set_campaign_id(CampaignOf(slot));
  request.set_allow_partial(Below(2) == 0);
  const std::size_t coupons = 1 + Below(8);
  if (Below(2) == 0) {
    request.set_count(static_cast<std::int32_t>(coupons));
  } else {
    for (std::size_t i = 0; i < coupons; ++i) {
      request.add_user_ids(SomeUser());
    }
  }
  if (Below(4) != 0) request.set_request_id("batch " + std::to_string(++batches_));
  if (Below(20) == 0) request.set_request_id(last_batch_.request_id());
  if (Below(4) == 0 && !last_batch_.request_id().empty()) request = last_batch_;
  // Two clients may ask for the same, but not for different things with the same id.
  if (!request.request_id().empty() && !request.request_id().contains(" of ")) {
    request.set_request_id(request.request_id() + " of " + std::to_string(number_));
  }
  last_batch_ = request;
  const auto start = Clock::now();
  const auto answer = client.BatchIssue(request);
  Record(start, request, answer);
  if (answer.response.coupons_size() > 0) {
    campaigns_.AddCode(answer.response.coupons(0).code());
  }
}

void RecordingClient::Delete(CouponClient& client, std::size_t slot) {
  api::DeleteCampaignRequest request;
  const std::size_t kind = Below(3);
  if (kind != 0) request.set_campaign_id(campaigns_.IdOf(slot, 0));
  if (kind != 1) request.set_campaign_name(KnownCampaigns::NameOf(Below(10) == 0 ? 0 : slot));
  const auto start = Clock::now();
  Record(start, request, client.Delete(request.campaign_id(), request.campaign_name()));
}

void RecordingClient::Change(CouponClient& client, std::size_t choice) {
  const std::string code = campaigns_.CodeOf(Below(kCodes));
  if (code.empty()) return;
  if (choice < 10) {
    Redeem(client, code);
  } else if (choice < 18) {
    Cancel(client, code);
  } else {
    Void(client, code);
  }
}

void RecordingClient::Redeem(CouponClient& client, const std::string& code) {
  api::RedeemCouponRequest request;
  request.set_code(code);
  request.set_request_id(PerhapsId("redeem"));
  if (Below(8) == 0) request.set_user_id(SomeUser());
  PerhapsRepeat(request, last_redeem_);
  // Another order for the same request.
  if (Below(20) == 0) request.set_order_ref("order " + std::to_string(Below(9)));
  const auto start = Clock::now();
  const auto answer = client.Redeem(request);
  Record(start, request, answer);
  if (!answer.response.success()) return;
  campaigns_.SetRedemption(
      request.code(), {.sequence = answer.response.sequence(), .request_id = request.request_id()});
}

void RecordingClient::Cancel(CouponClient& client, const std::string& code) {
  const KnownCampaigns::Redemption redemption = campaigns_.RedemptionOf(code);
  if (redemption.sequence == 0) return Redeem(client, code);
  api::CancelRedemptionRequest request;
  request.set_code(code);
  request.set_redemption_sequence(redemption.sequence);
  if (!redemption.request_id.empty() && Below(2) == 0) {
    request.set_redemption_request_id(redemption.request_id);
  }
  request.set_request_id(PerhapsId("cancel"));
  PerhapsRepeat(request, last_cancel_);
  const auto start = Clock::now();
  Record(start, request, client.Cancel(request));
}

void RecordingClient::Void(CouponClient& client, const std::string& code) {
  api::VoidCouponRequest request;
  request.set_code(code);
  request.set_return_to_pool(Below(2) == 0);
  request.set_request_id(PerhapsId("void"));
  PerhapsRepeat(request, last_void_);
  const auto start = Clock::now();
  Record(start, request, client.Void(request));
}

void RecordingClient::Update(CouponClient& client, std::size_t slot) {
  api::UpdateCampaignRequest request;
  request.mutable_campaign()->set_id(CampaignOf(slot));
  const std::size_t term = Below(4);
  if (term < 2) request.mutable_campaign()->set_total_coupons(1 + static_cast<int>(Below(60)));
  if (term == 2) request.mutable_campaign()->set_coupons_per_user(1 + static_cast<int>(Below(3)));
  if (term == 3) request.mutable_campaign()->set_description("for regular customers");
  if (Below(10) == 0) request.set_if_revision(1);
  request.set_request_id(PerhapsId("update"));
  PerhapsRepeat(request, last_update_);
  const auto start = Clock::now();
  Record(start, request, client.Update(request));
}

void RecordingClient::PauseOrResume(CouponClient& client, std::size_t slot) {
  api::PauseCampaignRequest pause;
  pause.set_campaign_id(CampaignOf(slot));
  pause.set_scope(static_cast<api::PauseScope>(1 + Below(3)));
  const auto start = Clock::now();
  if (Below(3) == 0) {
    return Record(start, pause, client.Pause(pause.campaign_id(), pause.scope()));
  }
  api::ResumeCampaignRequest resume;
  resume.set_campaign_id(pause.campaign_id());
  resume.set_scope(pause.scope());
  Record(start, resume, client.Resume(resume.campaign_id(), resume.scope()));
}

void RecordingClient::ArchiveOrUnarchive(CouponClient& client, std::size_t slot) {
  api::ArchiveCampaignRequest archive;
  archive.set_campaign_id(CampaignOf(slot));
  const auto start = Clock::now();
  if (Below(3) == 0) return Record(start, archive, client.Archive(archive.campaign_id()));
  api::UnarchiveCampaignRequest unarchive;
  unarchive.set_campaign_id(archive.campaign_id());
  Record(start, unarchive, client.Unarchive(unarchive.campaign_id()));
}

void RecordingClient::Erase(CouponClient& client) {
  api::EraseUserRequest request;
  request.set_user_id(SomeUser());
  request.set_forget_claims(Below(2) == 0);
  request.set_request_id(PerhapsId("erase"));
  PerhapsRepeat(request, last_erasure_);
  const auto start = Clock::now();
  Record(start, request, client.Erase(request));
}

}  // namespace coupond::test
