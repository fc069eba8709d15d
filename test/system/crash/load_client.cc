#include "system/crash/load_client.h"

#include <exception>
#include <utility>
#include <vector>

#include "system/crash/shown.h"

namespace coupond::test {
namespace {

using Life = ClientLedger::Life;

/// Few enough that several clients often ask for the same user.
constexpr std::uint32_t kUsers = 1'000;
/// The same where a user may have several coupons.
constexpr std::uint32_t kUsersWithSeveral = 100;
constexpr std::size_t kBatchMax = 8;
/// The large campaign is deleted only once in this number of chances.
constexpr std::uint32_t kLargeSpared = 20;

Timestamp Present() { return Timestamp::FromUnixNanoseconds(Now()); }

}  // namespace

LoadClient::LoadClient(Shared shared, std::uint64_t seed, std::size_t number)
    : shared_(shared),
      plan_(seed, number),
      number_(number),
      form_(number % 2 == 0 ? Form::kConnectProto : Form::kConnectJson) {}

void LoadClient::Run(const Surroundings& surroundings) {
  try {
    port_ = surroundings.port;
    CouponClient client(port_, form_);
    while (client.connected()) {
      if (RetryUnknown(client)) {
        while (Do(client, plan_.Next())) surroundings.on_answer();
      }
      if (!surroundings.server_may_end()) {
        Unexpected("anything", "", "the connection ended, although the server was not stopped");
      }
      client = CouponClient(port_, form_);
    }
  } catch (const std::exception& error) {
    Unexpected("anything", "", error.what());
  }
}

void LoadClient::Resolve(std::uint16_t port) {
  CouponClient client(port, form_);
  if (!RetryUnknown(client)) Unexpected("a retry", "", "no answer");
}

bool LoadClient::RetryUnknown(CouponClient& client) {
  while (!unknown_.empty()) {
    // Without an answer, Ask appends it again.
    const Request request = std::exchange(unknown_.front(), {});
    unknown_.pop_front();
    if (!Ask(client, request)) return false;
  }
  return RetryUnknownOfCoupons(client) && RetryUnknownOfCampaigns(client) &&
         RetryUnknownErasures(client);
}

bool LoadClient::Do(CouponClient& client, const Operation& operation) {
  if (const auto terms = shared_.slots.BeginNext(operation.slot, Present())) {
    return Create(client, *terms);
  }
  const std::string campaign = shared_.slots.Current(operation.slot);
  const ClientLedger::Campaign known = shared_.ledger.Find(campaign);
  if (known.life != Life::kLive) return ListCampaigns(client);
  if (known.must_be_unarchived) {
    return ChangeCampaign(client, CampaignRequestKind::kUnarchive, campaign, operation.draw);
  }
  if (known.must_be_resumed) {
    return ChangeCampaign(client, CampaignRequestKind::kResume, campaign, operation.draw);
  }
  switch (operation.kind) {
    case OperationKind::kGetCampaign:
      return GetCampaign(client, campaign);
    case OperationKind::kListCoupons:
      return ListCoupons(client, campaign, static_cast<std::int32_t>(1 + operation.draw % 1'000));
    case OperationKind::kListCampaigns:
      return ListCampaigns(client);
    case OperationKind::kDelete:
      if (operation.slot == 0 && operation.draw % kLargeSpared != 0) return ListCampaigns(client);
      return Delete(client, campaign);
    case OperationKind::kRedeem:
    case OperationKind::kRepeatRedemption:
    case OperationKind::kCancel:
    case OperationKind::kVoid:
    case OperationKind::kReturn:
    case OperationKind::kGetCoupon:
      return AskAboutCoupon(client, operation, campaign);
    case OperationKind::kUpdate:
      return ChangeCampaign(client, CampaignRequestKind::kSetTotal, campaign, operation.draw);
    case OperationKind::kUpdateEnd:
      return ChangeCampaign(client, CampaignRequestKind::kSetEnd, campaign, operation.draw);
    case OperationKind::kArchive:
      return ArchiveForAMoment(client, campaign);
    case OperationKind::kPause:
      return PauseForAMoment(client, campaign);
    case OperationKind::kErase:
      return EraseSomebody(client, campaign);
    default:
      return Ask(client, RequestFor(operation, campaign));
  }
}

LoadClient::Request LoadClient::RequestFor(const Operation& operation,
                                           const std::string& campaign) {
  std::optional<Request>& last = last_request_.at(operation.slot);
  Request request{.campaign = campaign, .claim = {}, .user_id = {}, .request_id = {}};
  const auto next_request = [this] {
    return "request " + std::to_string(number_) + "-" + std::to_string(++requests_);
  };
  switch (operation.kind) {
    case OperationKind::kIssueForRequest:
      request.request_id = request.claim = next_request();
      break;
    case OperationKind::kIssueForUser: {
      const bool several = shared_.ledger.Find(campaign).coupons_per_user > 1;
      const std::uint32_t user = operation.draw % (several ? kUsersWithSeveral : kUsers);
      request.user_id = request.claim = "user " + std::to_string(user);
      if (several) request.request_id = request.claim = next_request();
      break;
    }
    case OperationKind::kBatch:
      request.request_id = next_request();
      AddBatch(operation, request);
      break;
    case OperationKind::kRepeat:
      return last ? *last : request;
    case OperationKind::kIssueFromDeleted: {
      const auto previous = shared_.slots.Previous(operation.slot);
      // A campaign that was never created has no id.
      if (previous && !shared_.ledger.Find(*previous).id.empty()) request.campaign = *previous;
      return request;
    }
    default:
      return request;
  }
  last = request;
  return request;
}

bool LoadClient::Create(CouponClient& client, const ClientLedger::Terms& terms) {
  api::CreateCampaignRequest request;
  request.set_name(terms.name);
  request.set_total_coupons(static_cast<std::int32_t>(terms.total_coupons));
  *request.mutable_start_time() = TimestampOf(terms.start_time.unix_nanoseconds());
  request.set_coupons_per_user(terms.coupons_per_user);
  const auto answer = client.Create(request);
  if (answer.status == 0) return false;
  if (answer.ok()) {
    shared_.ledger.Created(terms.name, answer.response.campaign().id());
  } else if (answer.code == "invalid_argument" && answer.message.starts_with("start_time:")) {
    // On a busy machine the request may arrive after the start time.
    shared_.ledger.NotCreated(terms.name);
  } else if (answer.code != kUnavailable) {
    Unexpected("to create", answer.code, answer.message);
  }
  return true;
}

bool LoadClient::Delete(CouponClient& client, const std::string& campaign) {
  const std::string id = shared_.ledger.Find(campaign).id;
  if (!shared_.ledger.BeginDelete(campaign)) return true;
  const auto answer = client.Delete(id);
  if (answer.status == 0) return false;
  if (!answer.ok()) {
    if (answer.code != kUnavailable) Unexpected("to delete", answer.code, answer.message);
  } else if (answer.response.success()) {
    shared_.ledger.Deleted(campaign);
  } else {
    shared_.ledger.NothingToDelete(campaign);
  }
  return true;
}

void LoadClient::AddBatch(const Operation& operation, Request& request) const {
  const bool several = shared_.ledger.Find(request.campaign).coupons_per_user > 1;
  const bool for_users = operation.draw % 2 == 0;
  request.allow_partial = operation.draw % 4 < 2;
  const std::uint32_t first_user = operation.draw / 64;
  const std::size_t coupons = 1 + operation.draw / 8 % kBatchMax;
  for (std::size_t i = 0; i < coupons; ++i) {
    Request::Asked asked{
        .claim = "batch " + request.request_id + ", coupon " + std::to_string(i + 1),
        .user_id = {}};
    if (for_users) {
      // The last is the first one once more.
      const std::size_t offset = i + 1 == coupons ? 0 : i;
      asked.user_id =
          "user " + std::to_string((first_user + offset) % (several ? kUsersWithSeveral : kUsers));
      if (!several) asked.claim = asked.user_id;
    }
    request.batch.push_back(std::move(asked));
  }
}

bool LoadClient::Ask(CouponClient& client, const Request& request) {
  return request.batch.empty() ? Issue(client, request) : IssueBatch(client, request);
}

bool LoadClient::IssueBatch(CouponClient& client, const Request& request) {
  api::BatchIssueCouponsRequest message;
  message.set_campaign_id(shared_.ledger.Find(request.campaign).id);
  message.set_request_id(request.request_id);
  message.set_allow_partial(request.allow_partial);
  std::vector<ClientLedger::Attempt> attempts;
  for (const Request::Asked& asked : request.batch) {
    if (asked.user_id.empty()) {
      message.set_count(message.count() + 1);
    } else {
      message.add_user_ids(asked.user_id);
    }
    attempts.push_back(shared_.ledger.BeginIssue(request.campaign, asked.claim, asked.user_id));
  }
  const auto answer = client.BatchIssue(message);
  const bool unknown = answer.status == 0 || answer.code == kUnavailable;
  if (unknown) {
    unknown_.push_back(request);
    for (const auto& attempt : attempts) shared_.ledger.OutcomeUnknown(attempt);
  } else {
    Heard(attempts, answer);
  }
  return answer.status != 0;
}

void LoadClient::Heard(const std::vector<ClientLedger::Attempt>& attempts,
                       const Answer<api::BatchIssueCouponsResponse>& answer) {
  const api::BatchIssueCouponsResponse& response = answer.response;
  if (answer.ok()) {
    const bool for_users = response.results_size() > 0;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      const int place = static_cast<int>(i);
      if (for_users && place < response.results_size()) {
        HeardOfOne(attempts[i], response.results(place));
      } else if (place < response.coupons_size()) {
        shared_.ledger.Granted(attempts[i],
                               {.coupon = Shown(response.coupons(place)),
                                .already_issued = response.already_issued(),
                                .may_be_repeated = true},
                               Present());
      } else {
        shared_.ledger.SoldOut(attempts[i]);
      }
    }
    return;
  }
  const api::Refusal refusal =
      answer.refusal ? answer.refusal->refusal() : api::REFUSAL_UNSPECIFIED;
  if (answer.code == "not_found") {
    for (const auto& attempt : attempts) shared_.ledger.NoSuchCampaign(attempt);
  } else if (refusal == api::REFUSAL_SOLD_OUT || refusal == api::REFUSAL_NOT_ENOUGH_LEFT ||
             refusal == api::REFUSAL_NOT_STARTED || refusal == api::REFUSAL_USER_LIMIT_REACHED) {
    shared_.ledger.BatchRefused(attempts, refusal == api::REFUSAL_SOLD_OUT);
  } else if (refusal == api::REFUSAL_PAUSED || refusal == api::REFUSAL_ENDED) {
    for (const auto& attempt : attempts) {
      if (!attempt.claim.starts_with("batch")) continue;
      if (refusal == api::REFUSAL_PAUSED) {
        shared_.ledger.Paused(attempt);
      } else {
        shared_.ledger.Ended(attempt);
      }
    }
  } else {
    Unexpected("for a batch", answer.code, answer.message);
  }
}

void LoadClient::HeardOfOne(const ClientLedger::Attempt& attempt,
                            const api::BatchIssueResult& result) {
  if (result.success()) {
    shared_.ledger.Granted(attempt,
                           {.coupon = Shown(result.coupon()),
                            .already_issued = result.already_issued(),
                            .may_be_repeated = true},
                           Present());
  } else if (result.refusal() == api::REFUSAL_USER_LIMIT_REACHED) {
    shared_.ledger.LimitReached(attempt, Shown(result.coupon()));
  } else if (result.refusal() == api::REFUSAL_SOLD_OUT) {
    shared_.ledger.SoldOut(attempt);
  } else {
    Unexpected("for a coupon of a batch", "", result.error());
  }
}

bool LoadClient::Issue(CouponClient& client, const Request& request) {
  api::IssueCouponRequest message;
  message.set_campaign_id(shared_.ledger.Find(request.campaign).id);
  message.set_user_id(request.user_id);
  message.set_request_id(request.request_id);
  const auto attempt = shared_.ledger.BeginIssue(request.campaign, request.claim, request.user_id);
  const auto answer = client.Issue(message);
  const bool unknown = answer.status == 0 || answer.code == kUnavailable;
  if (unknown && request.can_be_repeated()) unknown_.push_back(request);
  if (unknown) {
    shared_.ledger.OutcomeUnknown(attempt);
  } else {
    Heard(attempt, answer);
  }
  return answer.status != 0;
}

void LoadClient::Heard(const ClientLedger::Attempt& attempt,
                       const Answer<api::IssueCouponResponse>& answer) {
  const api::IssueCouponResponse& response = answer.response;
  if (answer.ok() && response.success()) {
    shared_.ledger.Granted(
        attempt, {.coupon = Shown(response.coupon()), .already_issued = response.already_issued()},
        Present());
  } else if (answer.ok() && response.refusal() == api::REFUSAL_USER_LIMIT_REACHED) {
    shared_.ledger.LimitReached(attempt, Shown(response.coupon()));
  } else if (answer.ok() && response.refusal() == api::REFUSAL_SOLD_OUT) {
    shared_.ledger.SoldOut(attempt);
  } else if (answer.ok() && response.refusal() == api::REFUSAL_NOT_STARTED) {
    shared_.ledger.NotStarted(attempt);
  } else if (answer.ok() && response.refusal() == api::REFUSAL_PAUSED) {
    shared_.ledger.Paused(attempt);
  } else if (answer.ok() && response.refusal() == api::REFUSAL_ENDED) {
    shared_.ledger.Ended(attempt);
  } else if (answer.code == "not_found") {
    shared_.ledger.NoSuchCampaign(attempt);
  } else {
    Unexpected("for a coupon", answer.code, answer.message + answer.response.error());
  }
}

bool LoadClient::GetCampaign(CouponClient& client, const std::string& campaign) {
  const auto look = shared_.ledger.BeginLook(campaign);
  const auto answer = client.Get(shared_.ledger.Find(campaign).id);
  if (answer.ok()) {
    shared_.ledger.SawAll(look, Shown(answer.response));
  } else if (answer.code == "not_found") {
    shared_.ledger.SawNothing(look);
  } else if (answer.status == 0 && shared_.ledger.Find(campaign).life != Life::kLive) {
    // An answer breaks off if its campaign is deleted meanwhile.
    client = CouponClient(port_, form_);
    return true;
  } else if (answer.status != 0 && answer.code != kUnavailable) {
    Unexpected("to get", answer.code, answer.message);
  }
  return answer.status != 0;
}

bool LoadClient::ListCoupons(CouponClient& client, const std::string& campaign,
                             std::int32_t page_size) {
  const auto look = shared_.ledger.BeginLook(campaign);
  const auto answer = client.ListCoupons(shared_.ledger.Find(campaign).id, page_size, "");
  if (answer.ok()) {
    std::vector<ShownCoupon> coupons;
    for (const api::Coupon& coupon : answer.response.coupons()) coupons.push_back(Shown(coupon));
    shared_.ledger.SawSome(look, coupons);
  } else if (answer.code == "not_found") {
    shared_.ledger.SawNothing(look);
  } else if (answer.status != 0 && answer.code != kUnavailable) {
    Unexpected("to list coupons", answer.code, answer.message);
  }
  return answer.status != 0;
}

bool LoadClient::ListCampaigns(CouponClient& client) {
  const auto began = shared_.ledger.BeginListing();
  const auto answer = client.ListCampaigns(0, "", /*show_archived=*/true);
  if (answer.ok()) {
    std::vector<std::string> names;
    for (const api::Campaign& campaign : answer.response.campaigns()) {
      names.push_back(campaign.name());
    }
    shared_.ledger.SawCampaigns(began, names);
  } else if (answer.status != 0 && answer.code != kUnavailable) {
    Unexpected("to list campaigns", answer.code, answer.message);
  }
  return answer.status != 0;
}

void LoadClient::Unexpected(const std::string& asked, const std::string& code,
                            const std::string& message) {
  shared_.faults.Add(FaultKind::kUnexpected, "client " + std::to_string(number_) + " asked " +
                                                 asked + ": " + code + " " + message);
}

}  // namespace coupond::test
