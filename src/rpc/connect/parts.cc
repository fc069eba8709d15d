#include "rpc/connect/parts.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <utility>

#include "rpc/connect/codec.h"
#include "rpc/connect/envelope.h"
#include "rpc/json/json_writer.h"

namespace coupond::connect {
namespace {

using google::protobuf::Message;

class PartsBody final : public http::BodySource {
 public:
  PartsBody(std::shared_ptr<PartEncoder> encoder, std::unique_ptr<PartSource> parts)
      : encode_([encoder = std::move(encoder)](Progress progress, const Message& part) {
          return encoder->Encode(progress, part);
        }),
        parts_(std::move(parts)) {}

  void Next(Deliver deliver) override {
    parts_->Next(encode_,
                 [deliver = std::move(deliver)](Progress progress, EncodedPart part) mutable {
                   if (progress == Progress::kFailed || !part)
                     return deliver(Progress::kFailed, {});
                   deliver(progress, *std::move(part));
                 });
  }

 private:
  const EncodePart encode_;
  const std::unique_ptr<PartSource> parts_;
};

}  // namespace

PartEncoder::PartEncoder(AnswerFormat format, int repeated_field_number)
    : format_(std::move(format)), repeated_field_number_(repeated_field_number) {
  if (!format_.has_envelopes() && format_.compression == Compression::kGzip) gzip_.emplace();
}

EncodedPart PartEncoder::EncodeFirst(const Message& first) {
  const auto* list = first.GetDescriptor()->FindFieldByNumber(repeated_field_number_);
  list_is_empty_ = first.GetReflection()->FieldSize(first, list) == 0;
  std::string bytes;
  if (format_.dialect.codec == Codec::kProto) {
    if (!first.SerializeToString(&bytes)) return std::unexpected(EncodingError("too large"));
  } else {
    auto written = WriteJsonOpenList(*format_.json, first, repeated_field_number_, bytes);
    if (!written) return std::unexpected(EncodingError(written.error()));
  }
  if (gzip_) return gzip_->Compress(bytes);
  return bytes;
}

EncodedPart PartEncoder::EncodeElements(const Message& part) {
  std::string bytes;
  if (format_.dialect.codec == Codec::kProto) {
    if (!part.SerializeToString(&bytes)) return std::unexpected(EncodingError("too large"));
    return bytes;
  }
  auto written = WriteJsonElements(*format_.json, part, repeated_field_number_, bytes);
  if (!written) return std::unexpected(EncodingError(written.error()));
  if (list_is_empty_ && !bytes.empty()) {
    bytes.erase(0, 1);
    list_is_empty_ = false;
  }
  return bytes;
}

EncodedPart PartEncoder::Encode(PartProgress progress, const Message& part) {
  EncodedPart bytes = EncodeElements(part);
  if (!bytes) return bytes;
  const bool is_last = progress == PartProgress::kEnd;
  if (is_last && format_.dialect.codec == Codec::kJson) bytes->append(kJsonListEnd);
  if (!gzip_) return bytes;
  std::string compressed = gzip_->Compress(*bytes);
  if (is_last) compressed.append(gzip_->Finish());
  return compressed;
}

std::unique_ptr<http::BodySource> MakePartsBody(std::shared_ptr<PartEncoder> encoder,
                                                std::unique_ptr<PartSource> parts) {
  return std::make_unique<PartsBody>(std::move(encoder), std::move(parts));
}

GatheredParts::GatheredParts(Answer answer, std::string first, std::unique_ptr<PartSource> parts,
                             std::size_t bytes_max)
    : answer_(std::move(answer)),
      message_(std::move(first)),
      parts_(std::move(parts)),
      bytes_max_(bytes_max) {}

/// Parts that are delivered at once are handled in a loop, without recursion.
void GatheredParts::Gather() {
  asking_ = true;
  while (more_) {
    arrived_ = false;
    parts_->Next(
        [encoder = answer_.encoder](PartProgress progress, const Message& part) {
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
    return Fail({.code = Code::kInternal, .message = "the response could not be made"});
  }
  message_.append(*part);
  if (message_.size() > bytes_max_) {
    return Fail({.code = Code::kResourceExhausted,
                 .message = "the response has more than " + std::to_string(bytes_max_) +
                            " bytes, which gRPC-Web would have to send in one piece; ask for it in "
                            "pages, or with the Connect protocol",
                 .reason = "ANSWER_TOO_LARGE",
                 .facts = {{"bytes_max", std::to_string(bytes_max_)}}});
  }
  if (progress == PartProgress::kEnd) return Finish();
  more_ = answer_.exchange != nullptr;  // it is null if the deadline has passed
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
