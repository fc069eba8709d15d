#include "api/coupon_methods.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "api/campaign_queries.h"
#include "api/campaign_watchers.h"
#include "api/command_mapping.h"
#include "api/reply_mapping.h"

namespace coupond::api {
namespace {

connect::Error NoSuchCampaign(Sequence as_of) {
  return RefusalError({.reason = RefusalReason::kNoSuchCampaign, .start_time = {}}, as_of);
}

connect::Error TooManyWatchers() {
  return OperatingError(
      {ErrorCode::kUnavailable, "too many watchers; retry later, or poll GetCampaign"});
}

connect::Error BadPageToken() {
  return {.code = connect::Code::kInvalidArgument,
          .message = "page_token: invalid; give the next_page_token of this list's previous page"};
}

}  // namespace

CouponMethods::CouponMethods(Dispatcher& dispatcher, WatchRounds& watch_rounds,
                             const Shared& shared)
    : dispatcher_(dispatcher),
      watch_rounds_(watch_rounds),
      shared_(shared),
      claims_(shared.code_key),
      issue_answers_(shared.codec),
      answers_(shared.engine) {}

void CouponMethods::CreateCampaign(const coupon::v1::CreateCampaignRequest& request, Call call) {
  Create(request, std::move(call),
         [](const coupon::v1::CreateCampaignResponse& response, Call answered) {
           answered->Finish(response);
         });
}

void CouponMethods::ShortCreateCampaign(const coupond::api::v1::ShortCreateCampaignRequest& request,
                                        Call call) {
  if (request.has_coupon_count() && request.has_total_coupons() &&
      request.coupon_count() != request.total_coupons()) {
    return call->Fail({.code = connect::Code::kInvalidArgument,
                       .message = "coupon_count and total_coupons differ; give one of them"});
  }
  coupon::v1::CreateCampaignRequest full;
  full.set_name(request.name());
  full.set_total_coupons(request.has_coupon_count() ? request.coupon_count()
                                                    : request.total_coupons());
  if (request.has_start_time()) *full.mutable_start_time() = request.start_time();
  if (request.has_start_in()) *full.mutable_start_in() = request.start_in();
  Create(full, std::move(call),
         [](const coupon::v1::CreateCampaignResponse& response, Call answered) {
           answered->Finish(response.campaign());
         });
}

void CouponMethods::Create(const coupon::v1::CreateCampaignRequest& request, Call call,
                           CampaignCreatedDone done) {
  const CampaignId id{AsRandomUuid(shared_.entropy.Random16())};
  auto command = MapCreateCampaign(request, id);
  if (!command) return call->Fail(std::move(command.error()));
  coupon::v1::CreateCampaignResponse response;
  coupon::v1::Campaign& campaign = *response.mutable_campaign();
  campaign.set_id(FormatUuid(id.bytes));
  campaign.set_name(command->name);
  campaign.set_total_coupons(request.total_coupons());
  const bool by_start_in = request.has_start_in();
  dispatcher_.Submit(
      std::move(*command), [call = std::move(call), response = std::move(response),
                            done = std::move(done), by_start_in](Result<Reply> reply) mutable {
        if (!reply) return call->Fail(OperatingError(reply.error()));
        if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
          return call->Fail(by_start_in ? StartInRefusalError(*refusal, reply->sequence)
                                        : RefusalError(*refusal, reply->sequence));
        }
        SetTimestamp(std::get<Done>(reply->outcome).start_time,
                     *response.mutable_campaign()->mutable_start_time());
        SetTimestamp(reply->time, *response.mutable_campaign()->mutable_created_at());
        response.set_sequence(reply->sequence.value());
        done(std::move(response), std::move(call));
      });
}

void CouponMethods::IssueCoupon(const coupon::v1::IssueCouponRequest& request, Call call) {
  auto command = MapIssueCoupon(request, claims_);
  if (!command) return call->Fail(std::move(command.error()));
  // In a table and not in the continuation, which so needs no memory of its own.
  const std::uint64_t ticket =
      issues_.Add({.call = std::move(call),
                   .campaign = command->campaign_id,
                   .user_id = command->user_id,
                   .user_id_as_sent = command->claim_as_sent ? request.user_id() : std::string()});
  dispatcher_.Submit(*std::move(command),
                     [this, ticket](Result<Reply> reply) { AnswerIssue(ticket, reply); });
}

void CouponMethods::AnswerIssue(std::uint64_t ticket, const Result<Reply>& reply) {
  const WaitingIssue issue = issues_.Take(ticket);
  if (!reply) return issue.call->Fail(OperatingError(reply.error()));
  if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
    return issue_answers_.Refuse(*issue.call, *refusal, *reply);
  }
  const auto& granted = std::get<GrantedCoupon>(reply->outcome);
  issue.call->FinishEncoded(issue_answers_.Write(
      issue.call->codec(),
      {.campaign = issue.campaign,
       .coupon = granted,
       .user_id = granted.found_as_sent ? issue.user_id_as_sent : issue.user_id,
       .sequence = reply->sequence}));
}

void CouponMethods::DeleteCampaign(const coupon::v1::DeleteCampaignRequest& request, Call call) {
  auto command = MapDeleteCampaign(request);
  if (!command) return call->Fail(std::move(command.error()));
  coupon::v1::DeleteCampaignResponse response;
  if (!*command) {
    SetNothingDeleted(response);
    return call->Finish(response);
  }
  dispatcher_.Submit(std::move(**command), [call = std::move(call)](Result<Reply> reply) {
    if (!reply) return call->Fail(OperatingError(reply.error()));
    coupon::v1::DeleteCampaignResponse answer;
    answer.set_sequence(reply->sequence.value());
    if (std::holds_alternative<Refusal>(reply->outcome)) {
      SetNothingDeleted(answer);
    } else {
      answer.set_success(true);
      answer.set_message("Campaign deleted");
    }
    call->Finish(answer);
  });
}

void CouponMethods::GetCampaign(const coupon::v1::GetCampaignRequest& request, Call call) {
  const auto id = MapCampaignId(request.campaign_id());
  if (!id) return call->Fail(id.error());
  const AnswerCache::Key key{.read = AnswerCache::CampaignRead{*id}, .codec = call->codec()};
  if (const std::string* kept = answers_.Find(key)) return call->FinishEncoded(*kept);
  const Sequence as_of = shared_.engine.durable_sequence();
  dispatcher_.Ask<MaybeFound<CampaignStart>>(
      [id = *id, &codec = shared_.codec](const ViewStore& views) {
        return StartCampaign(views, id, codec);
      },
      [this, call = std::move(call), key, as_of](Result<MaybeFound<CampaignStart>> start) {
        if (!start) return call->Fail(OperatingError(start.error()));
        if (!*start) return call->Fail(NoSuchCampaign(start->error()));
        CampaignStart& found = **start;
        if (found.pages->at_end()) {
          return FinishAndKeep(*call, found.response, key,
                               {.as_of = as_of, .campaign = found.number});
        }
        call->FinishInParts(found.response, coupon::v1::GetCampaignResponse::kCouponsFieldNumber,
                            std::make_unique<CampaignParts>(dispatcher_, std::move(found.pages)));
      });
}

void CouponMethods::FinishAndKeep(connect::UnaryCall& call,
                                  const google::protobuf::Message& response,
                                  const AnswerCache::Key& key, const AnswerCache::Origin& origin) {
  auto bytes = call.Encode(response);
  if (!bytes) return call.Fail(std::move(bytes.error()));
  answers_.Keep(key, origin, *bytes);
  call.FinishEncoded(*std::move(bytes));
}

void CouponMethods::WatchCampaign(const coupon::v1::WatchCampaignRequest& request, Stream stream) {
  const auto id = MapCampaignId(request.campaign_id());
  if (!id) return stream->Fail(id.error());
  auto slot = shared_.watcher_slots.Take();
  if (!slot) return stream->Fail(TooManyWatchers());
  auto watcher = std::make_unique<CampaignWatcher>(watch_rounds_, *std::move(slot), *id);
  dispatcher_.Ask<MaybeFound<CampaignSnapshot>>(
      [id = *id](const ViewStore& views) { return FindSnapshot(views, id); },
      [stream = std::move(stream),
       watcher = std::move(watcher)](Result<MaybeFound<CampaignSnapshot>> first) mutable {
        if (!first) return stream->Fail(OperatingError(first.error()));
        if (!*first) return stream->Fail(NoSuchCampaign(first->error()));
        watcher->BeginWith(**first);
        stream->Respond(std::move(watcher));
      });
}

void CouponMethods::ListCampaigns(const coupon::v1::ListCampaignsRequest& request, Call call) {
  const auto page_size = MapPageSize(request.page_size());
  if (!page_size) return call->Fail(page_size.error());
  CampaignNumber after;
  if (!request.page_token().empty()) {
    const auto token = ReadCampaignsPageToken(request.page_token());
    if (!token) return call->Fail(BadPageToken());
    after = token->after;
  }
  const AnswerCache::Key key{
      .read = AnswerCache::CampaignsRead{.after = after, .page_size = *page_size},
      .codec = call->codec()};
  if (const std::string* kept = answers_.Find(key)) return call->FinishEncoded(*kept);
  const Sequence as_of = shared_.engine.durable_sequence();
  dispatcher_.Ask<coupon::v1::ListCampaignsResponse>(
      [after, page_size = *page_size](const ViewStore& views) {
        return ListCampaignsPage(views, after, page_size);
      },
      [this, call = std::move(call), key,
       as_of](Result<coupon::v1::ListCampaignsResponse> response) {
        if (!response) return call->Fail(OperatingError(response.error()));
        FinishAndKeep(*call, *response, key, {.as_of = as_of, .campaign = {}});
      });
}

void CouponMethods::ListCoupons(const coupon::v1::ListCouponsRequest& request, Call call) {
  const auto id = MapCampaignId(request.campaign_id());
  if (!id) return call->Fail(id.error());
  const auto page_size = MapPageSize(request.page_size());
  if (!page_size) return call->Fail(page_size.error());
  std::optional<CouponsPageToken> token;
  if (!request.page_token().empty()) {
    token = ReadCouponsPageToken(request.page_token());
    if (!token) return call->Fail(BadPageToken());
  }
  dispatcher_.Ask<MaybeFound<CouponsPage>>(
      [id = *id, token, page_size = *page_size, &codec = shared_.codec](const ViewStore& views) {
        return ListCouponsPage(views, id, token, page_size, codec);
      },
      [call = std::move(call)](Result<MaybeFound<CouponsPage>> page) {
        if (!page) return call->Fail(OperatingError(page.error()));
        if (!*page) return call->Fail(NoSuchCampaign(page->error()));
        if ((*page)->bad_token) return call->Fail(BadPageToken());
        call->Finish((*page)->response);
      });
}

}  // namespace coupond::api
