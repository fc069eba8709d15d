#include "api/connect/cors.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "api/connect/ascii_text.h"

namespace coupond::connect {
namespace {

constexpr int kHttpNoContent = 204;

// The lists of https://connectrpc.com/docs/cors, for Connect and for gRPC-Web: a proxy in front may
// speak that. What browsers allow always, or add by themselves, is not in them.
constexpr const char* kAllowedMethods = "GET, POST";
constexpr const char* kAllowedHeaders =
    "Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms, Grpc-Timeout, X-Grpc-Web, "
    "X-User-Agent, Coupond-Strict";
constexpr const char* kExposedHeaders = "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin";
/// Chrome keeps an answer no longer than these two hours.
constexpr const char* kMaxAgeSeconds = "7200";

constexpr const char* kPreflightVary =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// Whether a comma-separated list has that name, or "*", which stands for all.
bool ListHas(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::string_view element = TakeUntil(',', list);
    if (element == "*" || EqualsIgnoringCase(element, name)) return true;
  }
  return false;
}

void AddVaryOrigin(http::Response& response) {
  std::string* vary = nullptr;
  for (auto& [name, value] : response.headers) {
    if (!EqualsIgnoringCase(name, "Vary")) continue;
    if (ListHas(value, "Origin")) return;
    vary = &value;
  }
  if (vary == nullptr) {
    response.headers.emplace_back("Vary", "Origin");
  } else {
    vary->append(vary->empty() ? "Origin" : ", Origin");
  }
}

/// Adds the header fields on the way out.
class CorsExchange final : public http::Exchange {
 public:
  CorsExchange(std::shared_ptr<const CorsPolicy> policy, const std::string* allow_origin,
               std::shared_ptr<http::Exchange> inside)
      : policy_(std::move(policy)), allow_origin_(allow_origin), inside_(std::move(inside)) {}

  void Respond(http::Response response) override {
    policy_->AddFields(allow_origin_, response);
    inside_->Respond(std::move(response));
  }

  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override {
    policy_->AddFields(allow_origin_, head);
    inside_->RespondInPieces(std::move(head), std::move(pieces));
  }

 private:
  const std::shared_ptr<const CorsPolicy> policy_;
  const std::string* const allow_origin_;  // the policy's own
  const std::shared_ptr<http::Exchange> inside_;
};

/// What makes a request a page's of another origin, and a preflight.
struct CorsHeaders {
  std::optional<std::string_view> origin;
  bool request_method = false;
};

CorsHeaders GatherCorsHeaders(const http::Request& request) {
  CorsHeaders headers;
  for (const http::HeaderField& field : request.headers) {
    if (!headers.origin && EqualsIgnoringCase(field.name, "Origin")) headers.origin = field.value;
    if (EqualsIgnoringCase(field.name, "Access-Control-Request-Method")) {
      headers.request_method = true;
    }
  }
  return headers;
}

}  // namespace

CorsPolicy::CorsPolicy(CorsOptions options)
    : origins_(std::move(options.origins)),
      any_origin_(std::ranges::any_of(origins_, &AllowedOrigin::any)),
      exposed_headers_(kExposedHeaders) {
  for (const std::string& name : options.exposed_headers)
    exposed_headers_.append(", ").append(name);
}

const std::string* CorsPolicy::AllowOriginFor(std::string_view origin) const {
  const auto found = any_origin_ ? std::ranges::find_if(origins_, &AllowedOrigin::any)
                                 : std::ranges::find(origins_, origin, &AllowedOrigin::text);
  return found == origins_.end() ? nullptr : &found->text();
}

http::Response CorsPolicy::PreflightReply(const std::string* allow_origin) {
  http::Response reply{.status = kHttpNoContent,
                       .content_type = {},
                       .headers = {{"Vary", kPreflightVary}},
                       .body = {}};
  if (allow_origin != nullptr) {
    reply.headers.emplace_back("Access-Control-Allow-Origin", *allow_origin);
    reply.headers.emplace_back("Access-Control-Allow-Methods", kAllowedMethods);
    reply.headers.emplace_back("Access-Control-Allow-Headers", kAllowedHeaders);
    reply.headers.emplace_back("Access-Control-Max-Age", kMaxAgeSeconds);
  }
  return reply;
}

void CorsPolicy::AddFields(const std::string* allow_origin, http::Response& response) const {
  if (!any_origin_) AddVaryOrigin(response);
  if (allow_origin == nullptr) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", *allow_origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", exposed_headers_);
}

void CorsHandler::Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) {
  const CorsHeaders headers = GatherCorsHeaders(request);
  const bool may_be_cached = request.method == "GET" || request.method == "HEAD";
  if (!headers.origin && !may_be_cached) return inside_->Handle(request, std::move(exchange));
  const std::string* allow_origin = policy_->AllowOriginFor(headers.origin.value_or(""));
  if (request.method == "OPTIONS" && headers.request_method) {
    return exchange->Respond(CorsPolicy::PreflightReply(allow_origin));
  }
  inside_->Handle(request,
                  std::make_shared<CorsExchange>(policy_, allow_origin, std::move(exchange)));
}

http::Response CorsHandler::BodyTooLarge(const http::Request& request, http::Response plain) {
  http::Response response = inside_->BodyTooLarge(request, std::move(plain));
  if (const auto origin = GatherCorsHeaders(request).origin) {
    policy_->AddFields(policy_->AllowOriginFor(*origin), response);
  }
  return response;
}

}  // namespace coupond::connect
