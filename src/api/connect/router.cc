#include "api/connect/router.h"

#include <google/protobuf/message.h>

#include <cstddef>

#include "api/connect/bug.h"
#include "api/connect/call_headers.h"
#include "api/connect/codec.h"
#include "api/connect/error.h"
#include "api/connect/json_text.h"

namespace coupond::connect {
namespace {

/// A request message that had a longer body is not kept, so that one large request does not hold
/// its memory for ever.
constexpr std::size_t kSpareBodyBytesMax = 4'096;
constexpr std::size_t kQuotedBytesMax = 100;

constexpr int kHttpNotFound = 404;
constexpr int kHttpMethodNotAllowed = 405;
constexpr int kHttpUnsupportedMediaType = 415;

// The codes of these three answers are those that a Connect client would make of the bare status.

http::Response NotFound(std::string_view path) {
  return ErrorResponse({.code = Code::kUnimplemented,
                        .message = "there is nothing at " + Clip(path, kQuotedBytesMax)},
                       kHttpNotFound);
}

http::Response MethodNotAllowed(std::string_view method, std::string allowed) {
  return ErrorResponse(
      {.code = Code::kUnknown,
       .message = "this path is for " + allowed + ", not for " + Clip(method, kQuotedBytesMax),
       .headers = {{"Allow", allowed}}},
      kHttpMethodNotAllowed);
}

http::Response UnsupportedMediaType(std::optional<std::string_view> content_type,
                                    std::string accepted) {
  const std::string given =
      content_type ? "\"" + Clip(*content_type, kQuotedBytesMax) + "\"" : "missing";
  return ErrorResponse({.code = Code::kUnknown,
                        .message = "Content-Type is " + given + "; accepted is: " + accepted,
                        .headers = {{"Accept-Post", accepted}}},
                       kHttpUnsupportedMediaType);
}

}  // namespace

Router::Router() = default;
Router::~Router() = default;

void Router::AddGet(std::string path, GetHandler handler) {
  Route& route = routes_[std::move(path)];
  BugUnless(!route.get, "a path has one GET handler");
  route.get = std::move(handler);
}

void Router::AddMethod(std::string path, Audience audience, const Message& request,
                       const Message& response, UnaryHandler<Message> handler) {
  Route& route = routes_[std::move(path)];
  BugUnless(!route.post, "a path has one method");
  route.post = std::make_unique<Method>();
  route.post->audience = audience;
  route.post->request_prototype = &request;
  route.post->request_format = std::make_shared<const JsonFormat>(request.GetDescriptor());
  route.post->response_format = std::make_shared<const JsonFormat>(response.GetDescriptor());
  route.post->handler = std::move(handler);
}

void Router::Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) {
  const auto found = routes_.find(request.path);
  if (found == routes_.end()) {
    exchange->Respond(NotFound(request.path));
    return;
  }
  Route& route = found->second;
  if (route.post && request.method == "POST") {
    HandleCall(*route.post, request, std::move(exchange));
  } else if (route.get && (request.method == "GET" || request.method == "HEAD")) {
    route.get(request, std::move(exchange));
  } else {
    std::string allowed = route.get ? "GET, HEAD" : "";
    if (route.post) allowed += allowed.empty() ? "POST" : ", POST";
    exchange->Respond(MethodNotAllowed(request.method, std::move(allowed)));
  }
}

void Router::HandleCall(Method& method, const http::Request& request,
                        std::shared_ptr<http::Exchange> exchange) {
  const CallHeaders headers = GatherCallHeaders(request);
  const std::optional<Codec> codec = CodecFor(method.audience, headers.content_type);
  if (!codec) {
    std::string accepted(ContentTypeOf(Codec::kJson));
    if (method.audience == Audience::kConnect) {
      accepted = std::string(ContentTypeOf(Codec::kProto)) + ", " + accepted;
    }
    exchange->Respond(UnsupportedMediaType(headers.content_type, std::move(accepted)));
    return;
  }
  auto timeout = CheckCallHeaders(headers);
  if (!timeout) {
    exchange->Respond(ErrorResponse(std::move(timeout.error())));
    return;
  }
  // Taken out for the time of the call, because answering it may bring the next request at once.
  std::unique_ptr<Message> message = std::move(method.spare_request);
  if (!message) message.reset(method.request_prototype->New());
  auto decoded = Decode(*codec, *method.request_format, request.body, *message);
  if (!decoded) {
    exchange->Respond(ErrorResponse(std::move(decoded.error())));
    return;
  }
  const bool keep = request.body.size() <= kSpareBodyBytesMax;
  method.handler(*message, std::make_unique<UnaryCall>(std::move(exchange), *codec,
                                                       method.response_format, *timeout));
  if (keep) method.spare_request = std::move(message);
}

std::optional<Codec> Router::CodecFor(Audience audience,
                                      std::optional<std::string_view> content_type) {
  const bool json_only = audience == Audience::kPlainJson;
  if (!content_type) return json_only ? std::optional(Codec::kJson) : std::nullopt;
  const std::optional<Codec> codec = CodecOfContentType(*content_type);
  if (json_only && codec != Codec::kJson) return std::nullopt;
  return codec;
}

}  // namespace coupond::connect
