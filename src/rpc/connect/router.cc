#include "rpc/connect/router.h"

#include <google/protobuf/message.h>

#include <optional>

#include "base/ascii.h"
#include "base/check.h"
#include "base/display_text.h"
#include "rpc/connect/answer.h"
#include "rpc/connect/error.h"
#include "rpc/connect/get_request.h"

namespace coupond::connect {
namespace {

constexpr int kHttpNoContent = 204;
constexpr int kHttpNotFound = 404;
constexpr int kHttpMethodNotAllowed = 405;

http::Response NotFound(const http::Request& request, std::string_view error_domain) {
  return UnroutedResponse(request, kHttpNotFound,
                          {.code = Code::kUnimplemented,
                           .message = "there is nothing at " + Clipped(request.path),
                           .reason = "PATH_UNKNOWN"},
                          error_domain);
}

http::Response MethodNotAllowed(const http::Request& request, std::string allowed,
                                std::string_view error_domain) {
  std::string either = allowed;
  if (const std::size_t comma = either.rfind(", "); comma != std::string::npos) {
    either.replace(comma, 2, " or ");
  }
  return UnroutedResponse(
      request, kHttpMethodNotAllowed,
      {.code = Code::kUnknown,
       .message = "this path is for " + either + ", not for " + Clipped(request.method),
       .headers = {{"Allow", allowed}},
       .reason = "HTTP_METHOD_NOT_ALLOWED"},
      error_domain);
}

/// Returns the origin of the page that sent the request, if that page may not cause side effects,
/// or nullopt. Browsers send Origin with every POST; programs do not.
std::optional<std::string_view> ForeignOrigin(const CorsPolicy& pages,
                                              const http::Request& request) {
  for (const http::HeaderField& field : request.headers) {
    if (!EqualsIgnoringCase(field.name, "Origin")) continue;
    if (!pages.MayChange(field.value, request.authority)) return field.value;
  }
  return std::nullopt;
}

Error MayNotChange(std::string_view origin, const http::Request& request, std::string_view advice) {
  return {.code = Code::kPermissionDenied,
          .message = "a web page of " + Quoted(origin) +
                     " may not call this method: its origin is neither the server's own, " +
                     Quoted(request.authority) + " (the request's Host), nor an allowed one" +
                     std::string(advice),
          .reason = "ORIGIN_NOT_ALLOWED"};
}

/// Returns what stands between `before` and `after` in the path, or an empty text if the path is
/// none of these or has more than one segment there.
std::string_view SegmentOf(std::string_view path, std::string_view before, std::string_view after) {
  if (path.size() <= before.size() + after.size()) return {};
  if (!path.starts_with(before) || !path.ends_with(after)) return {};
  const std::string_view segment =
      path.substr(before.size(), path.size() - before.size() - after.size());
  return segment.contains('/') ? std::string_view() : segment;
}

constexpr const char* kPageMethods = "GET, HEAD";

/// Answers `OPTIONS *`, which asks about the server rather than a path (RFC 9110, section 9.3.7).
http::Response ServerOptions() {
  return {.status = kHttpNoContent,
          .content_type = {},
          .headers = {{"Allow", "GET, HEAD, POST, OPTIONS"}},
          .body = {}};
}

/// The exchange of a GET: keeps caches from storing errors.
class UncachedErrors final : public http::Exchange {
 public:
  explicit UncachedErrors(std::shared_ptr<http::Exchange> inside) : inside_(std::move(inside)) {}

  void Respond(http::Response response) override {
    ForbidKeepingErrors(response);
    inside_->Respond(std::move(response));
  }
  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override {
    ForbidKeepingErrors(head);
    inside_->RespondInPieces(std::move(head), std::move(pieces));
  }

 private:
  const std::shared_ptr<http::Exchange> inside_;
};

}  // namespace

Router::Router(http::Executor& executor, MethodLimits limits,
               std::shared_ptr<const CorsPolicy> pages)
    : host_{.executor = executor, .limits = limits},
      pages_(pages ? std::move(pages) : std::make_shared<const CorsPolicy>(CorsOptions{})) {}
Router::~Router() = default;

void Router::AddInterceptor(std::shared_ptr<Interceptor> interceptor) {
  Interceptors all = host_.interceptors ? *host_.interceptors : Interceptors();
  host_.follows_calls = host_.follows_calls || interceptor->needs_end();
  all.push_back(std::move(interceptor));
  host_.interceptors = std::make_shared<const Interceptors>(std::move(all));
}

void Router::AddGet(std::string path, GetHandler handler) {
  Route& route = routes_[std::move(path)];
  COUPOND_CHECK(!route.get);
  route.get = std::move(handler);
}

void Router::AddGetWithSegment(std::string before, std::string after, SegmentGetHandler handler) {
  segment_routes_.push_back(
      {.before = std::move(before), .after = std::move(after), .get = std::move(handler)});
}

void Router::AddMethod(std::string path, MethodKind kind, std::string_view method,
                       const google::protobuf::Message& request,
                       const google::protobuf::Message& response, MethodHandler handler,
                       const std::optional<LargeMessages>& large) {
  auto added = std::make_unique<Method>(method, kind, request, response, std::move(handler), large);
  Route& route = routes_[std::move(path)];
  COUPOND_CHECK(!route.method);
  COUPOND_CHECK(!(route.get && added->allows_get()));
  route.method = std::move(added);
}

void Router::Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) {
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (is_get) exchange = std::make_shared<UncachedErrors>(std::move(exchange));
  const auto found = routes_.find(request.path);
  if (found == routes_.end()) return HandleSegment(request, std::move(exchange), is_get);
  Route& route = found->second;
  if (route.method && request.method == "POST") {
    if (route.method->has_side_effects()) {
      if (const auto origin = ForeignOrigin(*pages_, request)) {
        return exchange->Respond(
            route.method->Refuse(request, MayNotChange(*origin, request, pages_->advice()), host_));
      }
    }
    route.method->HandlePost(request, std::move(exchange), host_);
  } else if (route.get && is_get) {
    route.get(request, std::move(exchange));
  } else if (route.method && route.method->allows_get() && is_get) {
    route.method->HandleGet(request, std::move(exchange), host_);
  } else {
    const bool allows_get = route.get || (route.method && route.method->allows_get());
    std::string allowed = allows_get ? kPageMethods : "";
    if (route.method) allowed += allowed.empty() ? "POST" : ", POST";
    exchange->Respond(MethodNotAllowed(request, std::move(allowed), host_.error_domain));
  }
}

void Router::HandleSegment(const http::Request& request, std::shared_ptr<http::Exchange> exchange,
                           bool is_get) {
  for (const SegmentRoute& route : segment_routes_) {
    const std::string_view segment = SegmentOf(request.path, route.before, route.after);
    if (segment.empty()) continue;
    if (is_get) return route.get(request, segment, std::move(exchange));
    return exchange->Respond(MethodNotAllowed(request, kPageMethods, host_.error_domain));
  }
  const bool asks_server = request.method == "OPTIONS" && request.path == "*";
  exchange->Respond(asks_server ? ServerOptions() : NotFound(request, host_.error_domain));
}

std::size_t Router::BodyBytesMax(const http::Request& head, std::size_t usual_bytes_max) {
  const auto found = routes_.find(head.path);
  if (found == routes_.end() || !found->second.method || head.method != "POST") {
    return usual_bytes_max;
  }
  const std::size_t usual_message = host_.limits.message_bytes_max;
  const Method& method = *found->second.method;
  const std::size_t message = method.MessageBytesMax(host_);
  if (message <= usual_message || !method.BeforeLargeBody(head, host_)) return usual_bytes_max;
  return usual_bytes_max + (message - usual_message);
}

http::Response Router::BodyTooLarge(const http::Request& request, http::Response plain,
                                    std::string_view message) {
  const auto found = routes_.find(request.path);
  if (found == routes_.end() || !found->second.method || request.method != "POST") return plain;
  const Method& method = *found->second.method;
  auto allowed = method.BeforeLargeBody(request, host_);
  if (!allowed) return method.Refuse(request, std::move(allowed.error()), host_);
  return method.BodyTooLarge(request, std::move(plain), message, host_);
}

}  // namespace coupond::connect
