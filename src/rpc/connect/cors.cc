#include "rpc/connect/cors.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "base/hex.h"

namespace coupond::connect {
namespace {

constexpr std::string_view kSchemeEnd = "://";

bool IsScheme(std::string_view text) {
  return !text.empty() && IsLetter(text.front()) && std::ranges::all_of(text, [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '+' || c == '-' || c == '.';
  });
}

bool IsHost(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return std::ranges::all_of(text.substr(1, text.size() - 2),
                               [](char c) { return HexDigitValue(c) || c == ':' || c == '.'; });
  }
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '-' || c == '.' || c == '_';
  });
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '0';
}

bool IsSchemesOwnPort(std::string_view scheme, std::string_view port) {
  return (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
}

std::unexpected<std::string> Wrong(std::string_view text, const std::string& why) {
  return std::unexpected("\"" + std::string(text) + "\" is no origin: " + why +
                         "; give one such as https://app.example.com or http://localhost:3000, "
                         "or * for any");
}

}  // namespace

std::expected<AllowedOrigin, std::string> AllowedOrigin::Parse(std::string_view text) {
  if (text == "*") return AllowedOrigin("*");
  // Sandboxed frames and local files send it, whoever made them.
  if (text == "null") return Wrong(text, "it would stand for pages of anybody's");

  std::string origin(text);
  std::ranges::transform(origin, origin.begin(), LowerCase);
  const std::size_t scheme_bytes = origin.find(kSchemeEnd);
  if (scheme_bytes == std::string::npos) return Wrong(text, "it does not begin with a scheme");
  const std::string_view scheme = std::string_view(origin).substr(0, scheme_bytes);
  if (!IsScheme(scheme)) return Wrong(text, "its scheme is malformed");

  const std::size_t host_begin = scheme_bytes + kSchemeEnd.size();
  const std::string_view authority = std::string_view(origin).substr(host_begin);
  if (authority.find_first_of("/?#") != std::string_view::npos) {
    return Wrong(text, "nothing follows its host and port, not even a slash");
  }
  if (authority.find('*') != std::string_view::npos) {
    return Wrong(text, "patterns are not known, each origin is named whole");
  }
  // The colons of an IPv6 address are in brackets.
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!IsHost(authority.substr(0, colon))) {
    return Wrong(text,
                 "its host must be a name of ASCII letters (others are spelled xn--...), an IPv4 "
                 "address, or an IPv6 address in brackets");
  }
  if (colon == std::string_view::npos) return AllowedOrigin(std::move(origin));
  const std::string_view port = authority.substr(colon + 1);
  if (!IsPort(port)) return Wrong(text, "its port must be a number from 1 to 65535");
  if (IsSchemesOwnPort(scheme, port)) origin.resize(host_begin + colon);
  return AllowedOrigin(std::move(origin));
}

namespace {

constexpr int kHttpNoContent = 204;

constexpr std::string_view kHttpPort = "80";
constexpr std::string_view kHttpsPort = "443";

constexpr const char* kAllowedMethods = "GET, POST";
// The lists of https://connectrpc.com/docs/cors, for Connect and for gRPC-Web, and what a client
// that compresses its requests says so with; conditional requests of scripts; what tracing
// libraries add to every request (https://www.w3.org/TR/trace-context/,
// https://www.w3.org/TR/baggage/); and the server's own. What browsers allow always, or add by
// themselves, is not in it.
constexpr const char* kAllowedHeaders =
    "Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms, Connect-Content-Encoding, "
    "Connect-Accept-Encoding, Content-Encoding, Grpc-Timeout, Grpc-Encoding, Grpc-Accept-Encoding, "
    "X-Grpc-Web, X-User-Agent, If-None-Match, Cache-Control, Traceparent, Tracestate, Baggage, "
    "X-Request-Id, Coupond-Strict";
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

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

/// Splits "host:port", of which the port may be missing: then it is `own_port`.
HostAndPort Split(std::string_view authority, std::string_view own_port) {
  // The colons of an IPv6 address are in brackets.
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) {
    return {.host = authority, .port = own_port};
  }
  const std::string_view port = authority.substr(colon + 1);
  return {.host = authority.substr(0, colon), .port = port.empty() ? own_port : port};
}

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
      allowed_headers_(kAllowedHeaders),
      exposed_headers_(kExposedHeaders) {
  for (const std::string& name : options.allowed_headers)
    allowed_headers_.append(", ").append(name);
  for (const std::string& name : options.exposed_headers)
    exposed_headers_.append(", ").append(name);
}

const std::string* CorsPolicy::AllowOriginFor(std::string_view origin) const {
  const auto found = any_origin_ ? std::ranges::find_if(origins_, &AllowedOrigin::any)
                                 : std::ranges::find(origins_, origin, &AllowedOrigin::text);
  return found == origins_.end() ? nullptr : &found->text();
}

bool CorsPolicy::MayChange(std::string_view origin, std::string_view authority) const {
  if (AllowOriginFor(origin) != nullptr) return true;
  // "null", which stands for pages of nobody knows whom, has no host.
  const std::size_t scheme_bytes = origin.find(kSchemeEnd);
  if (scheme_bytes == std::string_view::npos) return false;
  const std::string_view scheme = origin.substr(0, scheme_bytes);
  if (scheme != "http" && scheme != "https") return false;
  // Browsers spell both alike.
  const std::string_view own_port = scheme == "https" ? kHttpsPort : kHttpPort;
  const HostAndPort page = Split(origin.substr(scheme_bytes + kSchemeEnd.size()), own_port);
  const HostAndPort server = Split(authority, own_port);
  return !server.host.empty() && EqualsIgnoringCase(page.host, server.host) &&
         page.port == server.port;
}

http::Response CorsPolicy::PreflightReply(const std::string* allow_origin) const {
  http::Response reply{.status = kHttpNoContent,
                       .content_type = {},
                       .headers = {{"Vary", kPreflightVary}},
                       .body = {}};
  if (allow_origin != nullptr) {
    reply.headers.emplace_back("Access-Control-Allow-Origin", *allow_origin);
    reply.headers.emplace_back("Access-Control-Allow-Methods", kAllowedMethods);
    reply.headers.emplace_back("Access-Control-Allow-Headers", allowed_headers_);
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
    return exchange->Respond(policy_->PreflightReply(allow_origin));
  }
  inside_->Handle(request,
                  std::make_shared<CorsExchange>(policy_, allow_origin, std::move(exchange)));
}

http::Response CorsHandler::BodyTooLarge(const http::Request& request, http::Response plain,
                                         std::string_view message) {
  http::Response response = inside_->BodyTooLarge(request, std::move(plain), message);
  if (const auto origin = GatherCorsHeaders(request).origin) {
    policy_->AddFields(policy_->AllowOriginFor(*origin), response);
  }
  return response;
}

bool IsHeaderName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return IsLetter(c) || IsDigit(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

}  // namespace coupond::connect
