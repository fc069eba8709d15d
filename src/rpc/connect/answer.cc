#include "rpc/connect/answer.h"

#include <google/protobuf/message.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "rpc/connect/codec.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/error_details.h"

namespace coupond::connect {
namespace {

/// Marks the trailers of a unary response, which are sent among its headers.
constexpr std::string_view kTrailerPrefix = "Trailer-";

bool IsWorthCompressing(const AnswerFormat& format, std::size_t bytes) {
  return format.compression != Compression::kIdentity && bytes > 0 &&
         bytes >= format.compress_bytes_min;
}

void MoveFields(Metadata& from, std::string_view prefix, Metadata& to) {
  for (auto& [name, value] : from) {
    to.emplace_back(std::string(prefix) + name, std::move(value));
  }
}

/// Appends a message that is encoded already, in its envelope.
void AppendEncoded(const AnswerFormat& format, std::string_view encoded, std::string& body) {
  if (IsWorthCompressing(format, encoded.size())) {
    AppendEnvelope(kCompressedFlag, Gzip(encoded), body);
  } else {
    AppendEnvelope(0, encoded, body);
  }
}

/// Reports whether a client that sends this Content-Type reads Connect's errors.
bool ReadsConnectErrors(std::optional<std::string_view> content_type) {
  if (!content_type) return true;
  const std::optional<Dialect> dialect = DialectOf(*content_type);
  return dialect && dialect->protocol != Protocol::kGrpcWeb;
}

}  // namespace

http::Response AnswerHead(const AnswerFormat& format, bool compressed, AnswerMetadata metadata) {
  http::Response response;
  response.content_type = ContentTypeOf(format.dialect);
  response.headers = std::move(metadata.headers);
  MoveFields(metadata.trailers, kTrailerPrefix, response.headers);
  if (compressed || (format.has_envelopes() && format.compression != Compression::kIdentity)) {
    response.headers.emplace_back(HeadersOf(format.dialect.protocol).encoding,
                                  CompressionName(format.compression));
  }
  return response;
}

http::Response EnvelopesAnswer(const AnswerFormat& format, std::string body, const Error* error,
                               AnswerMetadata metadata) {
  const Metadata trailers = std::exchange(metadata.trailers, {});
  http::Response response = AnswerHead(format, false, std::move(metadata));
  response.body = std::move(body);
  AppendEnd(format, error, trailers, response.body);
  return response;
}

http::Response EncodedAnswer(const AnswerFormat& format, std::string message,
                             AnswerMetadata metadata) {
  if (format.has_envelopes()) {
    std::string body;
    AppendEncoded(format, message, body);
    return EnvelopesAnswer(format, std::move(body), nullptr, std::move(metadata));
  }
  const bool compress = IsWorthCompressing(format, message.size());
  http::Response response = AnswerHead(format, compress, std::move(metadata));
  response.body = compress ? Gzip(message) : std::move(message);
  return response;
}

http::Response FailureAnswer(const AnswerFormat& format, Error error, AnswerMetadata metadata) {
  if (format.watched) format.watched->SetError(error.code);
  if (format.has_envelopes()) return EnvelopesAnswer(format, {}, &error, std::move(metadata));
  AddStandardDetails(format.error_domain, error);
  Metadata headers = std::move(metadata.headers);
  MoveFields(error.headers, {}, headers);
  MoveFields(metadata.trailers, kTrailerPrefix, headers);
  error.headers = std::move(headers);
  return ErrorResponse(std::move(error));
}

std::expected<void, Error> AppendMessage(const AnswerFormat& format,
                                         const google::protobuf::Message& message,
                                         std::string& body) {
  const std::string encoded = TRY(Encode(format.dialect.codec, *format.json, message));
  AppendEncoded(format, encoded, body);
  return {};
}

void AppendEnd(const AnswerFormat& format, const Error* error, const Metadata& trailers,
               std::string& body) {
  std::optional<Error> answered;
  if (error != nullptr) {
    if (format.watched) format.watched->SetError(error->code);
    answered = *error;
    AddStandardDetails(format.error_domain, *answered);
    error = &*answered;
  }
  if (format.dialect.protocol == Protocol::kGrpcWeb) {
    AppendEnvelope(kGrpcWebTrailersFlag, GrpcWebTrailers(error, trailers), body);
  } else {
    AppendEnvelope(kConnectEndFlag, ConnectStreamEnd(error, trailers), body);
  }
}

http::Response UnroutedResponse(const http::Request& request, int http_status, Error error,
                                std::string_view error_domain) {
  AddStandardDetails(error_domain, error);
  if (ReadsConnectErrors(GatherCallHeaders(request).content_type)) {
    return ErrorResponse(std::move(error), http_status);
  }
  return {.status = http_status,
          .content_type = "text/plain",
          .headers = std::move(error.headers),
          .body = std::move(error.message)};
}

}  // namespace coupond::connect
