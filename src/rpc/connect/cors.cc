#include "rpc/connect/cors.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/hex.h"

namespace coupond::connect {
namespace {

constexpr std::string_view kSchemeEnd = "://";

constexpr int kHttpNoContent = 204;

constexpr const char* kAllowedMethods = "GET, POST";
// The lists of https://connectrpc.com/docs/cors for Connect and gRPC-Web, with the headers of
// compressed requests; those of conditional requests; those that tracing libraries add to every
// request (https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/); that of
// idempotency_key.h; and the server's own. Headers that browsers always allow, or add by
// themselves, are left out.
constexpr const char* kAllowedHeaders =
    "Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms, Connect-Content-Encoding, "
    "Connect-Accept-Encoding, Content-Encoding, Grpc-Timeout, Grpc-Encoding, Grpc-Accept-Encoding, "
    "X-Grpc-Web, X-User-Agent, If-None-Match, Cache-Control, Traceparent, Tracestate, Baggage, "
    "X-Request-Id, Idempotency-Key, Coupond-Strict";
constexpr const char* kExposedHeaders = "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin";
/// Two hours: Chrome caches a preflight no longer.
constexpr const char* kMaxAgeSeconds = "7200";

constexpr const char* kPreflightVary =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

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

/// Returns the default port of "http" or "https", or an empty text for another scheme.
std::string_view DefaultPort(std::string_view scheme) {
  if (scheme == "http") return "80";
  if (scheme == "https") return "443";
  return {};
}

std::unexpected<std::string> Wrong(std::string_view text, const std::string& why) {
  return std::unexpected(Quoted(text) + " is not an origin: " + why +
                         "; give one such as https://app.example.com or http://localhost:3000, "
                         "or * for any");
}

/// Reports whether a comma-separated list has that name, or "*", which stands for all.
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

/// Splits "host:port". A missing port becomes `default_port`.
HostAndPort Split(std::string_view authority, std::string_view default_port) {
  // The colons of an IPv6 address are in brackets.
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) {
    return {.host = authority, .port = default_port};
  }
  const std::string_view port = authority.substr(colon + 1);
  return {.host = authority.substr(0, colon), .port = port.empty() ? default_port : port};
}

/// The headers by which browsers identify requests of other origins and preflights.
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

std::expected<AllowedOrigin, std::string> AllowedOrigin::Parse(std::string_view text) {
  if (text == "*") return AllowedOrigin("*");
  // Sandboxed frames and local files send it, whatever their source.
  if (text == "null") return Wrong(text, "pages from any source can have it");

  std::string origin(text);
  std::ranges::transform(origin, origin.begin(), LowerCase);
  const std::size_t scheme_bytes = origin.find(kSchemeEnd);
  if (scheme_bytes == std::string::npos) return Wrong(text, "it does not begin with a scheme");
  const std::string_view scheme = std::string_view(origin).substr(0, scheme_bytes);
  if (!IsScheme(scheme)) return Wrong(text, "its scheme is malformed");

  const std::size_t host_begin = scheme_bytes + kSchemeEnd.size();
  const std::string_view authority = std::string_view(origin).substr(host_begin);
  if (authority.find_first_of("/?#") != std::string_view::npos) {
    return Wrong(text, "nothing may follow its host and port, not even a slash");
  }
  if (authority.find('*') != std::string_view::npos) {
    return Wrong(text, "patterns are not supported; each origin must be named in full");
  }
  // The colons of an IPv6 address are in brackets.
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!IsHost(authority.substr(0, colon))) {
    return Wrong(text,
                 "its host must be a name of ASCII letters (others are written xn--...), an IPv4 "
                 "address, or an IPv6 address in brackets");
  }
  if (colon == std::string_view::npos) return AllowedOrigin(std::move(origin));
  const std::string_view port = authority.substr(colon + 1);
  if (!IsPort(port)) return Wrong(text, "its port must be a number from 1 to 65535");
  if (port == DefaultPort(scheme)) origin.resize(host_begin + colon);
  return AllowedOrigin(std::move(origin));
}

CorsPolicy::CorsPolicy(CorsOptions options)
    : origins_(std::move(options.origins)),
      any_origin_(std::ranges::any_of(origins_, &AllowedOrigin::any)),
      allowed_headers_(kAllowedHeaders),
      exposed_headers_(kExposedHeaders),
      advice_(std::move(options.advice)) {
  for (const std::string& name : options.allowed_headers) {
    allowed_headers_.append(", ").append(name);
  }
  for (const std::string& name : options.exposed_headers) {
    exposed_headers_.append(", ").append(name);
  }
}

const std::string* CorsPolicy::AllowOriginFor(std::string_view origin) const {
  const auto found = any_origin_ ? std::ranges::find_if(origins_, &AllowedOrigin::any)
                                 : std::ranges::find(origins_, origin, &AllowedOrigin::text);
  return found == origins_.end() ? nullptr : &found->text();
}

bool CorsPolicy::MayChange(std::string_view origin, std::string_view authority) const {
  if (AllowOriginFor(origin) != nullptr) return true;
  // "null", which pages from any source can have, has no host.
  const std::size_t scheme_bytes = origin.find(kSchemeEnd);
  if (scheme_bytes == std::string_view::npos) return false;
  const std::string_view port = DefaultPort(origin.substr(0, scheme_bytes));
  if (port.empty()) return false;
  // Browsers write Origin and Host alike.
  const HostAndPort page = Split(origin.substr(scheme_bytes + kSchemeEnd.size()), port);
  const HostAndPort server = Split(authority, port);
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
