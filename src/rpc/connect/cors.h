#ifndef COUPOND_RPC_CONNECT_CORS_H_
#define COUPOND_RPC_CONNECT_CORS_H_

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/http/handler.h"

/// Which web pages may call from a browser, and the header fields that tell the browser so.
/// Sources: https://fetch.spec.whatwg.org/#http-cors-protocol, https://connectrpc.com/docs/cors
namespace coupond::connect {

/// Whose web pages may call: one origin (https://fetch.spec.whatwg.org/#origin-header), or any.
class AllowedOrigin {
 public:
  /// "https://app.example.com", "http://localhost:3000", "http://[::1]:3000", or "*" for any. The
  /// error is a sentence that says what is wrong and what would be right.
  [[nodiscard]] static std::expected<AllowedOrigin, std::string> Parse(std::string_view text);

  [[nodiscard]] bool any() const { return text_ == "*"; }
  /// As browsers spell it in their Origin header: in lower case, without the scheme's own port.
  [[nodiscard]] const std::string& text() const { return text_; }

  friend bool operator==(const AllowedOrigin&, const AllowedOrigin&) = default;

 private:
  explicit AllowedOrigin(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

struct CorsOptions {
  /// One that is `any` is as good as all.
  std::vector<AllowedOrigin> origins;
  /// Request header fields that pages may send besides those of the protocols and of tracing.
  std::vector<std::string> allowed_headers = {};
  /// Response header fields that pages may read besides those of the protocols themselves, such as
  /// "Retry-After", or "Trailer-Bar" for a trailer Bar of unary calls.
  std::vector<std::string> exposed_headers;
};

/// What the options come to, made once for all workers. Never changes, so any thread may use it.
class CorsPolicy {
 public:
  explicit CorsPolicy(CorsOptions options);

  /// Whether pages of any other origin than the server's own may call.
  [[nodiscard]] bool allows_any() const { return !origins_.empty(); }
  /// The value of Access-Control-Allow-Origin for a page of that origin, or null if it is not
  /// allowed. Lives as long as the policy.
  [[nodiscard]] const std::string* AllowOriginFor(std::string_view origin) const;

  /// Whether a page of `origin` may change something through a server that it calls `authority`
  /// (http::Request): a page of the server's own, which has that host and port, or one that is
  /// allowed. Behind a proxy, the scheme is that of the page.
  [[nodiscard]] bool MayChange(std::string_view origin, std::string_view authority) const;

  /// 204, as for every preflight; what it lacks says no. `allow_origin` may be null.
  [[nodiscard]] http::Response PreflightReply(const std::string* allow_origin) const;
  /// Adds what a browser needs before it shows the response to the page. `allow_origin` may be
  /// null: then only that the response is not the same for every origin.
  void AddFields(const std::string* allow_origin, http::Response& response) const;

 private:
  std::vector<AllowedOrigin> origins_;
  bool any_origin_;
  std::string allowed_headers_;
  std::string exposed_headers_;
};

/// Whether `text` may be the name of a header field (RFC 9110, section 5.1).
[[nodiscard]] bool IsHeaderName(std::string_view text);

/// Answers preflights, and adds the header fields to what the handler inside answers.
///
/// - A preflight is OPTIONS with Origin and Access-Control-Request-Method. It is answered here,
///   whatever its path; to an origin that is not allowed, with 204 and no Access-Control field at
///   all, as rs/cors does, which Connect's document recommends. The method and header names that it
///   asks for are not looked at: it is told the same lists always, and the browser compares.
/// - Every other request goes to the handler inside, whatever its origin: CORS keeps answers from
///   pages. What a page may change is the router's to decide (CorsPolicy::MayChange).
/// - Without Origin (no browser, or a page of this server's own) the exchange is passed on as it
///   is. Not so for GET and HEAD, whose answers a cache may keep for a page that asks later.
/// - Cookies and other credentials are never allowed.
///
/// One for each worker, used on its thread only. Exchanges may outlive it.
class CorsHandler final : public http::Handler {
 public:
  CorsHandler(std::shared_ptr<const CorsPolicy> policy, std::unique_ptr<http::Handler> inside)
      : policy_(std::move(policy)), inside_(std::move(inside)) {}

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override;
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message) override;

 private:
  const std::shared_ptr<const CorsPolicy> policy_;
  const std::unique_ptr<http::Handler> inside_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CORS_H_
