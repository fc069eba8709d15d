#include "api/coupon_methods.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "api/command_mapping.h"
#include "api/page_tokens.h"
#include "api/refusal_mapping.h"
#include "api/status_answer.h"
#include "api/text_mapping.h"

namespace coupond::api {
namespace {

connect::Error UserNeedsToken() {
  return {.code = connect::Code::kPermissionDenied,
          .message =
              "a public key may not say who the user is, because everybody has it; give an "
              "entry_token, or leave out user_id",
          .reason = "USER_ID_NOT_ALLOWED",
          .field = "user_id"};
}

connect::Error EntryTokensOff() {
  return {.code = connect::Code::kFailedPrecondition,
          .message =
              "this server takes no entry tokens; its settings must have entry-token-secret or "
              "entry-token-public-key",
          .reason = "ENTRY_TOKENS_OFF"};
}

connect::Error TooManyWatchers() {
  return TryLater("TOO_MANY_WATCHERS", "too many watchers; retry later, or poll GetCampaign");
}

}  // namespace

CouponMethods::CouponMethods(Dispatcher& dispatcher, WatchRounds& watch_rounds,
                             const Shared& shared)
    : dispatcher_(dispatcher),
      watch_rounds_(watch_rounds),
      shared_(shared),
      claims_(shared.code_key),
      issue_answers_(shared.codes.whole),
      answers_(shared.engine) {}

void CouponMethods::IssueCoupon(const coupon::v1::IssueCouponRequest& request, Call call) {
  const bool is_public = HasRole(*call, access::Role::kPublic);
  if (is_public && !request.user_id().empty()) return call->Fail(UserNeedsToken());
  if (!is_public || request.entry_token().empty()) return Issue(request, std::move(call));
  IssueByToken(request, std::move(call));
}

void CouponMethods::IssueByToken(const coupon::v1::IssueCouponRequest& request, Call call) {
  if (shared_.entry_tokens == nullptr) return call->Fail(EntryTokensOff());
  const auto campaign = MapCampaignId(request.campaign_id());
  if (!campaign) return call->Fail(campaign.error());
  auto user = UserOfEntryToken(*shared_.entry_tokens->key(), request.entry_token(), *campaign,
                               shared_.engine.clock().Now());
  const auto mapped = user ? MapIdText(kUserIdField, *user) : InvalidField("entry_token", "");
  if (!mapped || mapped->normal().empty()) {
    if (shared_.access_counters != nullptr)
      shared_.access_counters->Count(AuthFailure::kEntryToken);
    return call->Fail(EntryTokenInvalid());
  }
  coupon::v1::IssueCouponRequest named = request;
  named.clear_entry_token();
  named.set_user_id(*std::move(user));
  Issue(named, std::move(call));
}

void CouponMethods::Issue(const coupon::v1::IssueCouponRequest& request, Call call) {
  const bool is_public = HasRole(*call, access::Role::kPublic);
  auto command = MapIssueCoupon(request, claims_, call->context().idempotency_key,
                                is_public ? ClaimKind::kPublicRequest : ClaimKind::kRequest);
  if (!command) return call->Fail(std::move(command.error()));
  if (!request.entry_token().empty()) {
    return call->Fail(
        InvalidField("entry_token", "only for public keys; give the user in user_id").error());
  }
  const KeyId key = CallerKeyId(*call);
  // In a table and not in the continuation, which so needs no memory of its own.
  const std::uint64_t ticket =
      issues_.Add({.call = std::move(call),
                   .campaign = command->campaign_id,
                   .user_id = command->user_id,
                   .user_id_as_sent = command->holder_as_sent ? request.user_id() : std::string()});
  dispatcher_.Submit(
      *std::move(command), [this, ticket](Result<Reply> reply) { AnswerIssue(ticket, reply); },
      key);
}

void CouponMethods::AnswerIssue(std::uint64_t ticket, const Result<Reply>& reply) {
  const WaitingIssue issue = issues_.Take(ticket);
  if (!reply) return issue.call->Fail(OperatingError(reply.error()));
  if (WorkerFigures* const figures = dispatcher_.figures()) figures->issues().Count(*reply);
  if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
    return issue_answers_.Refuse(*issue.call, *refusal, *reply);
  }
  const auto& granted = std::get<GrantedCoupon>(reply->outcome);
  const IssueAnswerWriter::Issued issued{
      .campaign = issue.campaign,
      .coupon = granted,
      .user_id = granted.found_as_sent ? issue.user_id_as_sent : issue.user_id,
      .sequence = reply->sequence};
  if (granted.limit_reached) {
    return issue_answers_.RefuseOneMore(*issue.call, issued, reply->time);
  }
  issue.call->FinishEncoded(issue_answers_.Write(issue.call->codec(), issued));
}

void CouponMethods::DeleteCampaign(const coupon::v1::DeleteCampaignRequest& request, Call call) {
  auto command = MapDeleteCampaign(request);
  if (!command) return call->Fail(std::move(command.error()));
  const KeyId key = CallerKeyId(*call);
  auto answer = [call = std::move(call)](Result<Reply> reply) {
    if (!reply) return call->Fail(OperatingError(reply.error()));
    coupon::v1::DeleteCampaignResponse response;
    response.set_sequence(reply->sequence.value());
    if (std::holds_alternative<Refusal>(reply->outcome)) {
      SetNothingDeleted(response);
    } else {
      response.set_success(true);
      response.set_message("Campaign deleted");
    }
    call->Finish(response);
  };
  dispatcher_.Submit(*std::move(command), std::move(answer), key);
}

void CouponMethods::GetCampaign(const coupon::v1::GetCampaignRequest& request, Call call) {
  const auto id = MapCampaignId(request.campaign_id());
  if (!id) return call->Fail(id.error());
  const CouponCodec& codec = shared_.codes.For(*call);
  const AnswerCache::Key key{
      .read = AnswerCache::CampaignRead{.id = *id,
                                        .shortened_codes = &codec == &shared_.codes.shortened},
      .codec = call->codec()};
  if (const auto kept = answers_.Find(key)) return call->FinishEncoded(std::string(kept->bytes));
  const Sequence as_of = shared_.engine.durable_sequence();
  dispatcher_.Ask<Found<CampaignStart>>(
      [id = *id, &codec, &clock = shared_.engine.clock()](const ViewStore& views) {
        return StartCampaign(views, id, codec, clock);
      },
      [this, call = std::move(call), key, as_of](Found<CampaignStart> start) {
        if (!start) return call->Fail(NoResultError(start.error(), RefusalReason::kNoSuchCampaign));
        if (start->pages->at_end()) {
          return FinishAndKeep(*call, start->response, key,
                               {.as_of = as_of,
                                .campaign = start->number,
                                .time = start->time,
                                .holds_until = start->holds_until});
        }
        call->FinishInParts(start->response, coupon::v1::GetCampaignResponse::kCouponsFieldNumber,
                            std::make_unique<CampaignParts>(dispatcher_, std::move(start->pages)));
      });
}

void CouponMethods::GetCampaignStatus(const coupon::v1::GetCampaignStatusRequest& request,
                                      Call call) {
  const auto id = MapCampaignId(request.campaign_id());
  if (!id) return call->Fail(id.error());
  const AnswerCache::Key key{.read = AnswerCache::StatusRead{*id}, .codec = call->codec()};
  if (const auto kept = answers_.Find(key)) {
    return call->FinishEncoded(WithServerTime(call->codec(), kept->time, kept->bytes));
  }
  const Sequence as_of = shared_.engine.durable_sequence();
  dispatcher_.Ask<Found<CampaignStatus>>(
      [id = *id, &clock = shared_.engine.clock()](const ViewStore& views) {
        return ReadStatus(views, id, clock);
      },
      [this, call = std::move(call), key, as_of](Found<CampaignStatus> status) {
        if (!status) {
          return call->Fail(NoResultError(status.error(), RefusalReason::kNoSuchCampaign));
        }
        const auto rest = call->Encode(status->response);
        if (!rest) return call->Fail(rest.error());
        answers_.Keep(key,
                      {.as_of = as_of,
                       .campaign = status->number,
                       .time = status->time,
                       .holds_until = status->holds_until},
                      *rest);
        call->FinishEncoded(WithServerTime(call->codec(), status->time, *rest));
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
  auto watcher = std::make_unique<CampaignWatcher>(
      watch_rounds_, *std::move(slot), *id,
      request.follow() ? WatchUntil::kDeleted : WatchUntil::kOver);
  dispatcher_.Ask<Found<CampaignSnapshot>>(
      [id = *id](const ViewStore& views) { return FindSnapshot(views, id); },
      [stream = std::move(stream),
       watcher = std::move(watcher)](Found<CampaignSnapshot> first) mutable {
        if (!first) {
          return stream->Fail(NoResultError(first.error(), RefusalReason::kNoSuchCampaign));
        }
        watcher->BeginWith(*first);
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
  CampaignsPage page{
      .after = after, .page_size = *page_size, .show_archived = request.show_archived()};
  const Sequence as_of = shared_.engine.durable_sequence();
  if (const Caller* const caller = CallerOf(*call); caller != nullptr && caller->is_limited()) {
    page.only = caller->key().campaigns;
    return FillPage(std::move(page), std::nullopt, as_of, std::move(call));
  }
  const AnswerCache::Key key{
      .read =
          AnswerCache::CampaignsRead{
              .after = after, .page_size = *page_size, .show_archived = request.show_archived()},
      .codec = call->codec()};
  if (const auto kept = answers_.Find(key)) return call->FinishEncoded(std::string(kept->bytes));
  FillPage(std::move(page), key, as_of, std::move(call));
}

void CouponMethods::FillPage(CampaignsPage page, const std::optional<AnswerCache::Key>& key,
                             Sequence as_of, Call call) {
  dispatcher_.Ask<Result<CampaignsPage>>(
      [page = std::move(page), &clock = shared_.engine.clock()](const ViewStore& views) mutable {
        return FillCampaignsPage(std::move(page), views, clock);
      },
      [this, key, as_of, call = std::move(call)](Result<CampaignsPage> filled) mutable {
        if (!filled) return call->Fail(OperatingError(filled.error()));
        if (!filled->complete) return FillPage(*std::move(filled), key, as_of, std::move(call));
        if (!key) return call->Finish(filled->response);
        FinishAndKeep(*call, filled->response, *key,
                      {.as_of = as_of,
                       .campaign = {},
                       .time = filled->time,
                       .holds_until = filled->holds_until});
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
  const CouponCodec& codec = shared_.codes.For(*call);
  dispatcher_.Ask<Found<CouponsPage>>(
      [id = *id, token, page_size = *page_size, &codec,
       &clock = shared_.engine.clock()](const ViewStore& views) {
        return ListCouponsPage(views, id, token, page_size, codec, clock);
      },
      [call = std::move(call)](Found<CouponsPage> page) {
        if (!page) return call->Fail(NoResultError(page.error(), RefusalReason::kNoSuchCampaign));
        if (page->bad_token) return call->Fail(BadPageToken());
        call->Finish(page->response);
      });
}

}  // namespace coupond::api
