#include "api/batches/batch_methods.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "api/access/caller.h"
#include "api/batches/batch_refusal.h"
#include "api/campaign_queries.h"
#include "api/refusal_mapping.h"
#include "engine/rules/refusal.h"

namespace coupond::api {
namespace {

/// The most that an answer over gRPC-Web may have, whose length must be sent first: more than any
/// has.
constexpr std::size_t kAnswerBytesMax = 16 * 1024 * 1024;

connect::Error TooManyBatches() {
  return TryLater("TOO_MANY_BATCHES", "not done: too many large batches are in progress; retry");
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
  dispatcher_.Ask<MaybeFound<bool>>(
      [reader](const ViewStore& views) { return reader->ReadSome(views); },
      [this, reader, asked = std::move(asked), reply,
       call = std::move(call)](Result<MaybeFound<bool>> complete) mutable {
        if (!complete) return call->Fail(OperatingError(complete.error()));
        if (!*complete) {
          return call->Fail(
              RefusalError({.reason = RefusalReason::kNoSuchCampaign}, complete->error()));
        }
        if (!**complete) {
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
