#include "rpc/connect/gathered_parts.h"

#include <google/protobuf/message.h>

#include <utility>

#include "rpc/connect/envelope.h"

namespace coupond::connect {

GatheredParts::GatheredParts(Answer answer, std::string first, std::unique_ptr<PartSource> parts)
    : answer_(std::move(answer)), message_(std::move(first)), parts_(std::move(parts)) {}

/// Parts that are there at once are asked for in a loop, without recursion.
void GatheredParts::Gather() {
  asking_ = true;
  while (more_) {
    arrived_ = false;
    parts_->Next(
        [encoder = answer_.encoder](PartProgress progress, const google::protobuf::Message& part) {
          return encoder->Encode(progress, part);
        },
        [self = shared_from_this()](PartProgress progress, EncodedPart part) {
          self->Take(progress, std::move(part));
        });
    if (!arrived_) break;
  }
  asking_ = false;
}

void GatheredParts::Take(PartProgress progress, EncodedPart part) {
  arrived_ = true;
  more_ = false;
  if (!part) return Fail(std::move(part.error()));
  if (progress == PartProgress::kFailed) {
    return Fail({.code = Code::kInternal, .message = "the answer could not be made"});
  }
  message_.append(*part);
  if (message_.size() > kGatheredBytesMax) {
    return Fail({.code = Code::kResourceExhausted,
                 .message = "the answer has more than " + std::to_string(kGatheredBytesMax) +
                            " bytes, which gRPC-Web would have to send in one piece; ask for it in "
                            "pages, or with the Connect protocol"});
  }
  if (progress == PartProgress::kEnd) return Finish();
  more_ = answer_.exchange != nullptr;  // not if the time is up
  if (more_ && !asking_) Gather();
}

std::shared_ptr<http::Exchange> GatheredParts::TakeExchange() {
  deadline_.reset();
  return std::exchange(answer_.exchange, nullptr);
}

void GatheredParts::Fail(Error error) {
  if (const auto exchange = TakeExchange()) {
    exchange->Respond(FailureAnswer(answer_.format, std::move(error), std::move(answer_.metadata)));
  }
}

void GatheredParts::Finish() {
  if (const auto exchange = TakeExchange()) {
    std::string envelope;
    AppendEnvelope(0, message_, envelope);
    exchange->Respond(
        EnvelopesAnswer(answer_.format, std::move(envelope), nullptr, std::move(answer_.metadata)));
  }
}

}  // namespace coupond::connect
