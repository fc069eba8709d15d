#include "api/connect/unary.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <utility>

#include "api/connect/bug.h"
#include "api/connect/parts_body.h"

namespace coupond::connect {

using google::protobuf::Message;

UnaryCall::UnaryCall(std::shared_ptr<http::Exchange> exchange, Codec codec,
                     std::shared_ptr<const JsonFormat> response_format,
                     std::optional<std::chrono::milliseconds> timeout)
    : exchange_(std::move(exchange)),
      codec_(codec),
      response_format_(std::move(response_format)),
      timeout_(timeout) {}

UnaryCall::~UnaryCall() {
  if (exchange_) {
    Fail({.code = Code::kInternal, .message = "the call was dropped without an answer"});
  }
}

void UnaryCall::Finish(const Message& response) {
  CheckType(response);
  auto body = Encode(codec_, *response_format_, response);
  if (!body) {
    Fail(std::move(body.error()));
    return;
  }
  TakeExchange()->Respond(Success(*std::move(body)));
}

void UnaryCall::Fail(Error error) { TakeExchange()->Respond(ErrorResponse(std::move(error))); }

void UnaryCall::FinishInParts(const Message& first, int repeated_field_number,
                              std::unique_ptr<PartSource> parts) {
  CheckType(first);
  const PartsFormat format{codec_, response_format_, repeated_field_number};
  auto body = EncodeFirstPart(format, first);
  if (!body) {
    Fail(EncodingError(body.error()));
    return;
  }
  const auto* list = first.GetDescriptor()->FindFieldByNumber(repeated_field_number);
  const bool list_is_empty = first.GetReflection()->FieldSize(first, list) == 0;
  TakeExchange()->RespondInPieces(Success(*std::move(body)),
                                  MakePartsBody(format, list_is_empty, std::move(parts)));
}

std::shared_ptr<http::Exchange> UnaryCall::TakeExchange() {
  BugUnless(exchange_ != nullptr, "a call is answered once");
  return std::move(exchange_);
}

http::Response UnaryCall::Success(std::string body) const {
  http::Response response;
  response.content_type = ContentTypeOf(codec_);
  response.body = std::move(body);
  return response;
}

void UnaryCall::CheckType(const Message& response) const {
  BugUnless(response.GetDescriptor() == response_format_->root().type,
            "a response is of the method's response type");
}

}  // namespace coupond::connect
