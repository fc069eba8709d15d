#include "api/batches/batch_methods.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>

#include "api/access/caller.h"
#include "api/campaign_queries.h"
#include "api/refusal_mapping.h"
#include "api/time_mapping.h"
#include "base/display_text.h"
#include "base/retry_delay.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "rpc/connect/error.h"

namespace coupond::api {
namespace {

/// The most that an answer over gRPC-Web may have, whose length must be sent first: more than any
/// has.
constexpr std::size_t kAnswerBytesMax = 16 * 1024 * 1024;

connect::Error TooManyBatches() {
  return TryLater("TOO_MANY_BATCHES", "not done: too many large batches are in progress; retry");
}

/// Names the first user who has as many coupons as allowed, and says how many others there are.
void NameUsersAtLimit(const AskedBatch& asked, connect::Error& error) {
  std::optional<std::size_t> first;
  std::unordered_set<Claim> users;
  for (std::size_t i = 0; i < asked.results->coupons.size(); ++i) {
    const auto& refusal = asked.results->coupons[i].refusal;
    if (!refusal || refusal->reason != RefusalReason::kUserLimitReached) continue;
    if (!first) first = i;
    users.insert(asked.users[i].holder);
  }
  if (!first) return;
  const std::size_t others = users.size() - 1;
  error.field = "user_ids[" + std::to_string(*first) + "]";
  error.message = error.field + ": " + Quoted(asked.users[*first].user_id) +
                  " has as many coupons as the campaign allows";
  if (others > 0) {
    error.message += ", and so " + std::string(others == 1 ? "has 1 other" : "have ") +
                     (others == 1 ? "" : std::to_string(others) + " others");
  }
  error.message += others > 0 ? "; leave them out, or set allow_partial"
                              : "; leave the user out, or set allow_partial";
  error.facts.emplace_back("users", std::to_string(users.size()));
}

/// Returns the error for a batch that was refused as a whole, as `reply` says: what RefusalError
/// returns, and since when or until when the refusal holds, or which users it is about.
connect::Error BatchRefusalError(const Refusal& refusal, const Reply& reply,
                                 const AskedBatch& asked) {
  connect::Error error = RefusalError(refusal, reply.sequence);
  switch (refusal.reason) {
    case RefusalReason::kBatchTooLarge:
      if (asked.users.empty()) return error;
      return RefusalErrorIn("user_ids", refusal, reply.sequence);
    case RefusalReason::kUserRequired:
      return RefusalErrorIn("user_ids", refusal, reply.sequence);
    case RefusalReason::kUserLimitReached:
      NameUsersAtLimit(asked, error);
      return error;
    case RefusalReason::kNotStarted:
      error.message += "; it starts at " + FormatTimestamp(refusal.at);
      error.facts.emplace_back("start_time", FormatTimestamp(refusal.at));
      error.retry_delay =
          std::chrono::ceil<std::chrono::milliseconds>(refusal.at.Since(reply.time));
      return error;
    case RefusalReason::kEnded:
      error.message += "; it ended at " + FormatTimestamp(refusal.at);
      error.facts.emplace_back("end_time", FormatTimestamp(refusal.at));
      return error;
    case RefusalReason::kSoldOut:
      error.facts.emplace_back("sold_out_at", FormatTimestamp(refusal.at));
      return error;
    case RefusalReason::kPaused:
      error.retry_delay = RetryDelay();
      return error;
    default:
      return error;
  }
}

}  // namespace

void BatchMethods::BatchIssueCoupons(const coupon::v1::BatchIssueCouponsRequest& request,
                                     Call call) {
  auto mapping = BatchMapping::Begin(request, call->context().idempotency_key);
  if (!mapping) return call->Fail(std::move(mapping.error()));
  std::optional<Slots::Slot> slot;
  if (mapping->coupons() > kFirstPageCoupons) {
    slot = shared_.slots.Take();
    if (!slot) return call->Fail(TooManyBatches());
  }
  MapUsers(std::make_unique<Asking>(*std::move(mapping), std::move(slot), std::move(call)));
}

void BatchMethods::MapUsers(std::unique_ptr<Asking> asking) {
  const auto complete = asking->mapping.MapSome(claims_, kUsersMappedPerTurn);
  if (!complete) return asking->call->Fail(complete.error());
  if (!*complete) {
    return executor_.Post(
        [this, asking = std::move(asking)]() mutable { MapUsers(std::move(asking)); });
  }
  MappedBatch batch = asking->mapping.Take(claims_);
  AskedBatch asked{.campaign = batch.command.campaign_id,
                   .users = std::move(batch.users),
                   .results = batch.command.results,
                   .slot = std::move(asking->slot)};
  const KeyId key = CallerKeyId(*asking->call);
  auto answer = [this, asked = std::move(asked),
                 call = std::move(asking->call)](const Result<Reply>& reply) mutable {
    Answer(std::move(asked), reply, std::move(call));
  };
  dispatcher_.Submit(std::move(batch.command), std::move(answer), key);
}

void BatchMethods::Answer(AskedBatch asked, const Result<Reply>& reply, Call call) {
  if (!reply) return call->Fail(OperatingError(reply.error()));
  if (WorkerFigures* const figures = dispatcher_.figures()) {
    figures->issues().CountBatch(*reply, *asked.results);
  }
  if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
    return call->Fail(BatchRefusalError(*refusal, *reply, asked));
  }
  if (std::get<Done>(reply->outcome).repeated) {
    auto reader = std::make_shared<BatchReader>(shared_.engine.stored_log(), shared_.engine.clock(),
                                                asked.campaign, reply->sequence);
    return AnswerRepeated(std::move(reader), std::move(asked), *reply, std::move(call));
  }
  Finish(std::make_shared<const BatchAnswer>(std::move(asked), shared_.codec), *reply,
         std::move(call));
}

void BatchMethods::AnswerRepeated(std::shared_ptr<BatchReader> reader, AskedBatch asked,
                                  const Reply& reply, Call call) {
  dispatcher_.Ask<Found<bool>>(
      [reader](const ViewStore& views) { return reader->ReadSome(views); },
      [this, reader, asked = std::move(asked), reply,
       call = std::move(call)](Found<bool> complete) mutable {
        if (!complete) {
          return call->Fail(NoResultError(complete.error(), RefusalReason::kNoSuchCampaign));
        }
        if (!*complete) {
          return AnswerRepeated(std::move(reader), std::move(asked), reply, std::move(call));
        }
        Finish(std::make_shared<const BatchAnswer>(std::move(asked), reader->Take(), shared_.codec),
               reply, std::move(call));
      });
}

void BatchMethods::Finish(std::shared_ptr<const BatchAnswer> answer, const Reply& reply,
                          Call call) {
  coupon::v1::BatchIssueCouponsResponse response;
  answer->SetHead(reply, response);
  const std::size_t first = std::min(kFirstPageCoupons, answer->elements());
  answer->Append(0, first, response);
  if (first == answer->elements()) return call->Finish(response);
  const int field = answer->field_number();
  call->FinishInParts(response, field,
                      std::make_unique<BatchParts>(dispatcher_, std::move(answer), first),
                      kAnswerBytesMax);
}

}  // namespace coupond::api
