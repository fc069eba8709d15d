#include "rpc/connect/unary.h"

#include <google/protobuf/message.h>

#include <utility>

#include "rpc/connect/conditional_get.h"
#include "rpc/connect/gathered_parts.h"
#include "rpc/connect/parts_body.h"

namespace coupond::connect {

using google::protobuf::Message;

void UnaryCall::Finish(const Message& response) {
  CheckType(response);
  const auto exchange = TakeExchange();
  if (!exchange) return;
  http::Response answer = MessageAnswer(format(), response, TakeMetadata());
  if (is_get()) {
    AddCacheHeaders(answer);
    AddEntityTag(known_entity_tags(), answer);
  }
  exchange->Respond(std::move(answer));
}

void UnaryCall::FinishInParts(const Message& first, int repeated_field_number,
                              std::unique_ptr<PartSource> parts) {
  CheckType(first);
  auto exchange = TakeExchange();
  if (!exchange) return;
  AnswerMetadata metadata = TakeMetadata();
  auto encoder = std::make_shared<PartEncoder>(format(), repeated_field_number);
  auto body = encoder->EncodeFirst(first);
  if (!body) {
    return exchange->Respond(FailureAnswer(format(), std::move(body.error()), std::move(metadata)));
  }
  if (format().has_envelopes()) {
    const auto gathered =
        std::make_shared<GatheredParts>(GatheredParts::Answer{.exchange = std::move(exchange),
                                                              .format = format(),
                                                              .metadata = std::move(metadata),
                                                              .encoder = std::move(encoder)},
                                        *std::move(body), std::move(parts));
    gathered->SetDeadline(
        StartDeadline([weak = std::weak_ptr(gathered),
                       timeout = timeout().value_or(std::chrono::milliseconds())] {
          if (const auto alive = weak.lock()) alive->Fail(DeadlineExceeded(timeout));
        }));
    return gathered->Gather();
  }
  http::Response head = AnswerHead(format(), encoder->compresses(), std::move(metadata));
  if (is_get()) AddCacheHeaders(head);
  head.body = *std::move(body);
  exchange->RespondInPieces(std::move(head), MakePartsBody(std::move(encoder), std::move(parts)));
}

}  // namespace coupond::connect
