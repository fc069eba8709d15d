#include "system/program/history_replay.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <variant>

#include "base/check.h"
#include "system/program/history_verdict.h"

namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;
using OutcomeKind = ModelOutcome::Kind;
using Fault = std::optional<HistoryFault>;

/// When an event happened, if its reply says so or the log was asked.
std::optional<Timestamp> ToldTime(const Operation& operation) {
  if (const auto* created = std::get_if<api::CreateCampaignResponse>(&operation.reply)) {
    return TimeOf(created->campaign().created_at());
  }
  if (!IsEvent(operation)) return std::nullopt;
  if (const auto* redeemed = std::get_if<api::RedeemCouponResponse>(&operation.reply)) {
    const api::Redemption& redemption = redeemed->coupon().redemption();
    // The coupon is shown as it is a moment later.
    if (redemption.sequence() != redeemed->sequence()) return std::nullopt;
    return TimeOf(redemption.redeemed_at());
  }
  if (const auto* batch = std::get_if<api::BatchIssueCouponsResponse>(&operation.reply)) {
    for (const api::BatchIssueResult& result : batch->results()) {
      if (result.success() && !result.already_issued()) return TimeOf(result.coupon().issued_at());
    }
    if (batch->coupons().empty()) return std::nullopt;
    return TimeOf(batch->coupons(0).issued_at());
  }
  if (!operation.erasures.empty()) return TimeOf(operation.erasures.front().time());
  const auto* issued = std::get_if<api::IssueCouponResponse>(&operation.reply);
  if (issued == nullptr) return std::nullopt;
  return TimeOf(issued->coupon().issued_at());
}

/// Reports whether a coupon was refused because issuing is paused, so that its campaign has
/// started.
bool IsPaused(const Operation& operation) {
  if (const auto* response = std::get_if<api::IssueCouponResponse>(&operation.reply)) {
    return response->refusal() == api::REFUSAL_PAUSED;
  }
  const auto* detail = std::get_if<api::RefusalDetail>(&operation.reply);
  return detail != nullptr && detail->refusal() == api::REFUSAL_PAUSED;
}

/// Returns the time that a reply states, if it changed nothing and was decided by the clock.
std::optional<HistoryReplay::Span> ToldSpan(const Operation& operation) {
  if (const auto* response = std::get_if<api::IssueCouponResponse>(&operation.reply)) {
    if (response->refusal() != api::REFUSAL_NOT_STARTED) return std::nullopt;
    // The wait was rounded up to whole milliseconds.
    return HistoryReplay::Span{
        TimeOf(response->start_time()).Plus(-std::chrono::milliseconds(response->wait_ms())),
        std::chrono::milliseconds(1)};
  }
  const auto* detail = std::get_if<api::RefusalDetail>(&operation.reply);
  const auto* request = std::get_if<api::CreateCampaignRequest>(&operation.request);
  if (detail == nullptr || request == nullptr || !request->has_start_time() ||
      detail->refusal() != api::REFUSAL_START_TIME_IN_PAST) {
    return std::nullopt;
  }
  return HistoryReplay::Span{TimeOf(request->start_time()).Plus(std::chrono::nanoseconds(1)),
                             std::chrono::nanoseconds::max()};
}

}  // namespace

HistoryReplay::HistoryReplay(Sequence last, const std::vector<const Operation*>& in_log_order,
                             const std::set<std::uint64_t>& ends)
    : model_(last), ends_(ends) {
  for (const Operation* operation : in_log_order) {
    if (const auto time = ToldTime(*operation)) event_times_[*SequenceOf(*operation)] = *time;
    for (const api::Event& event : operation->erasures) {
      if (!event.claim_freed()) continue;
      const auto& codes = event.erased_coupons().codes();
      replaceable_.insert(codes.begin(), codes.end());
    }
  }
}

Fault HistoryReplay::Next(const Operation& operation) {
  PassOverEnds(*SequenceOf(operation) - (IsEvent(operation) ? 1 : 0));
  if (Fault fault = CheckTime(operation)) return fault;
  return std::visit([&](const auto& request) { return Judge(request, operation); },
                    operation.request);
}

Fault HistoryReplay::CheckTime(const Operation& operation) {
  const Timestamp before = last_time_;
  time_ = before;
  if (const auto told = ToldTime(operation)) {
    time_ = last_time_ = *told;
    if (*told >= before) return std::nullopt;
    return HistoryFault{Kind::kTimeWentBack, "an event before it happened later"};
  }
  const auto span = IsPaused(operation) ? SpanSinceStart(operation) : ToldSpan(operation);
  if (!span) return std::nullopt;
  time_ = std::max(before, span->earliest);
  if (time_.Since(span->earliest) >= span->length) {
    return HistoryFault{Kind::kTimeWentBack, "an event before it happened later"};
  }
  const auto next = event_times_.upper_bound(*SequenceOf(operation));
  if (next == event_times_.end() || span->earliest <= next->second) return std::nullopt;
  return HistoryFault{Kind::kTimeWentBack,
                      "event " + std::to_string(next->first) + " after it happened earlier"};
}

std::optional<HistoryReplay::Span> HistoryReplay::SpanSinceStart(const Operation& operation) const {
  const auto* batch = std::get_if<api::BatchIssueCouponsRequest>(&operation.request);
  const auto* issue = std::get_if<api::IssueCouponRequest>(&operation.request);
  if (batch == nullptr && issue == nullptr) return std::nullopt;
  const ModelCampaign* campaign =
      model_.Find(IdOf(batch != nullptr ? batch->campaign_id() : issue->campaign_id()));
  if (campaign == nullptr) return std::nullopt;
  return Span{campaign->state().terms.start_time, std::chrono::nanoseconds::max()};
}

Fault HistoryReplay::Judge(const api::CreateCampaignRequest& request, const Operation& operation) {
  CreateCampaign command{
      .id = {}, .name = request.name(), .total_coupons = request.total_coupons(), .start_time = {}};
  if (request.coupons_per_user() != 0) {
    command.coupons_per_user = static_cast<std::uint32_t>(request.coupons_per_user());
  }
  if (request.has_start_time()) command.start_time = TimeOf(request.start_time());
  if (request.has_start_in()) {
    command.start_time = std::chrono::seconds(request.start_in().seconds()) +
                         std::chrono::nanoseconds(request.start_in().nanos());
  }
  const auto* response = std::get_if<api::CreateCampaignResponse>(&operation.reply);
  if (response != nullptr) {
    command.id = IdOf(response->campaign().id());
    const bool known = std::ranges::any_of(
        model_.campaigns(), [&](const auto& numbered) { return numbered.second.id == command.id; });
    if (command.id == CampaignId{} || known) return WrongDetail("the id is none, or not new");
  }
  const ModelOutcome expected = model_.Judge(command, time_);
  if (Fault fault = FindDifference(expected, operation)) return fault;
  if (response == nullptr) return std::nullopt;
  const api::Campaign& campaign = response->campaign();
  if (campaign.name() != request.name() || campaign.total_coupons() != request.total_coupons() ||
      campaign.issued_coupons() != 0 || TimeOf(campaign.start_time()) != expected.at) {
    return WrongDetail("it is not the campaign that was asked for");
  }
  return std::nullopt;
}

Fault HistoryReplay::Judge(const api::IssueCouponRequest& request, const Operation& operation) {
  const std::string& user = request.user_id();
  IssueCoupon command{.campaign_id = IdOf(request.campaign_id()), .user_id = user};
  if (!user.empty()) command.holder = ClaimOf(request.campaign_id(), user);
  if (!request.request_id().empty()) {
    command.request_key = ClaimOf(request.campaign_id(), user, request.request_id());
  }
  const ModelOutcome expected = model_.Judge(command, time_);
  if (Fault fault = FindDifference(expected, operation)) return fault;
  const auto* response = std::get_if<api::IssueCouponResponse>(&operation.reply);
  if (response == nullptr) return std::nullopt;
  if (response->success() || expected.kind == OutcomeKind::kLimitReached) {
    if (response->coupon().state() != ToldAs(expected.state)) {
      return WrongDetail("the coupon is in another state");
    }
    const bool is_new = response->success() && !response->already_issued();
    return CheckCoupon(request.campaign_id(), user, response->coupon(), is_new, expected.serial);
  }
  if (response->has_coupon()) return WrongDetail("a refusal has a coupon");
  if (response->refusal() == api::REFUSAL_NOT_STARTED &&
      TimeOf(response->start_time()) != expected.at) {
    return WrongDetail("the campaign starts at another time");
  }
  if (response->refusal() == api::REFUSAL_SOLD_OUT &&
      !IsSoldOutTime(command.campaign_id, expected.at, TimeOf(response->sold_out_at()))) {
    return WrongDetail("the campaign was sold out at another time");
  }
  return std::nullopt;
}

Fault HistoryReplay::Judge(const api::DeleteCampaignRequest& request, const Operation& operation) {
  DeleteCampaign command;
  if (!request.campaign_id().empty()) command.campaign_id = IdOf(request.campaign_id());
  if (!request.campaign_name().empty()) command.name = request.campaign_name();
  if (Fault fault = FindDifference(model_.Judge(command, time_), operation)) return fault;
  const auto* response = std::get_if<api::DeleteCampaignResponse>(&operation.reply);
  if (response != nullptr && response->success() && response->has_refusal()) {
    return WrongDetail("it was deleted, and refused");
  }
  return std::nullopt;
}

BatchIssueCoupons HistoryReplay::CommandOf(const api::BatchIssueCouponsRequest& request) {
  const std::string& id = request.request_id();
  BatchIssueCoupons command{.campaign_id = IdOf(request.campaign_id()),
                            .anonymous = static_cast<std::uint32_t>(request.count()),
                            .allow_partial = request.allow_partial()};
  if (!id.empty()) command.request = KeyOf(id, request.SerializeAsString());
  std::map<std::string, int> times;
  for (const std::string& user : request.user_ids()) {
    IssueCoupon& asked = command.users.emplace_back(command.campaign_id);
    asked.user_id = user;
    asked.holder = ClaimOf(request.campaign_id(), user);
    if (id.empty()) continue;
    asked.request_key = ClaimOf(request.campaign_id(), user,
                                "time " + std::to_string(++times[user]) + " of batch " + id);
  }
  return command;
}

Fault HistoryReplay::Judge(const api::BatchIssueCouponsRequest& request,
                           const Operation& operation) {
  const ModelOutcome expected = model_.Judge(CommandOf(request), time_);
  if (Fault fault = FindDifference(expected, operation)) return fault;
  const auto* response = std::get_if<api::BatchIssueCouponsResponse>(&operation.reply);
  if (response == nullptr) return std::nullopt;
  if (expected.kind == OutcomeKind::kRepeated) {
    return CheckBatch(request, *response, batches_.at(request.request_id()));
  }
  if (expected.kind == OutcomeKind::kBatch) batches_[request.request_id()] = expected.results;
  return CheckBatch(request, *response, expected.results);
}

Fault HistoryReplay::CheckBatch(const api::BatchIssueCouponsRequest& request,
                                const api::BatchIssueCouponsResponse& response,
                                const std::vector<BatchResult>& expected) {
  const bool again = response.already_issued();
  if (response.issued_coupons() != std::ranges::count_if(expected, &BatchResult::is_new)) {
    return WrongDetail("another number of coupons");
  }
  if (response.results_size() != request.user_ids_size()) return WrongDetail("other users");
  int coupons = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& [held, is_new, refusal] = expected[i];
    const bool for_user = request.user_ids_size() > 0;
    if (!for_user && !held) continue;
    const auto place = static_cast<int>(i);
    if (!for_user && coupons == response.coupons_size()) return WrongDetail("too few coupons");
    const api::Coupon& shown =
        for_user ? response.results(place).coupon() : response.coupons(coupons++);
    // Who was erased since is not shown again.
    const bool is_shown = for_user && (!again || shown.has_user_id());
    const std::string user = is_shown ? request.user_ids(place) : "";
    // What holds now of who got nothing, or who has got another coupon since, may be another.
    const bool may_differ =
        again &&
        (refusal || (held && !is_new && replaceable_.contains(coupons_.at(held->serial).code)));
    if (for_user && !may_differ) {
      const api::BatchIssueResult& result = response.results(place);
      if (result.success() != !refusal || result.already_issued() != (!refusal && !is_new) ||
          (refusal && result.refusal() != ToldAs(refusal->reason))) {
        return WrongDetail("a user was told something else");
      }
    }
    if (!held || may_differ) continue;
    if (Fault fault =
            CheckCoupon(request.campaign_id(), user, shown, is_new && !again, held->serial)) {
      return fault;
    }
  }
  return coupons == response.coupons_size() ? std::nullopt : Fault(WrongDetail("too many coupons"));
}

Fault HistoryReplay::CheckCoupon(const std::string& campaign, const std::string& user_id,
                                 const api::Coupon& coupon, bool is_new, Serial serial) {
  const IssuedCoupon told{
      .code = coupon.code(), .issued_at = TimeOf(coupon.issued_at()), .user_id = coupon.user_id()};
  if (coupon.campaign_id() != campaign) return WrongDetail("another campaign's id");
  if (told.user_id != user_id) return WrongDetail("another user's id");
  if (is_new) {
    const auto [owner, is_first] = serial_of_code_.emplace(told.code, serial);
    if (!is_first) {
      return HistoryFault{Kind::kCodeTwice,
                          "serial " + std::to_string(owner->second.value()) + " has the same code"};
    }
    coupons_[serial] = told;
    campaign_of_serial_[serial] = campaign;
    return std::nullopt;
  }
  const auto issued = coupons_.find(serial);
  COUPOND_CHECK(issued != coupons_.end());  // the model knows no other coupons
  if (told.code != issued->second.code) {
    return HistoryFault{Kind::kCodeChanged, "it was issued as " + issued->second.code};
  }
  if (told.issued_at != issued->second.issued_at) return WrongDetail("issued at another time");
  return std::nullopt;
}

Claim HistoryReplay::ClaimOf(const std::string& campaign, const std::string& user_id,
                             const std::string& request_id) {
  const std::size_t count = claims_.size();
  const auto [claim, is_new] = claims_.try_emplace({campaign, user_id, request_id}, Claim{});
  if (is_new) {
    for (std::size_t i = 0; i < sizeof(count); ++i) {
      claim->second.bytes[i] = static_cast<std::uint8_t>(count >> (8 * i));
    }
  }
  return claim->second;
}

}  // namespace coupond::test
