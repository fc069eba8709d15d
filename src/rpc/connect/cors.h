#ifndef COUPOND_RPC_CONNECT_CORS_H_
#define COUPOND_RPC_CONNECT_CORS_H_

#include <cstddef>
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

/// An origin whose web pages may call (https://fetch.spec.whatwg.org/#origin-header), or any
/// origin.
class AllowedOrigin {
 public:
  /// Parses "https://app.example.com", "http://localhost:3000", "http://[::1]:3000", or "*" for
  /// any. The error is a sentence that says what is wrong and what would be right.
  [[nodiscard]] static std::expected<AllowedOrigin, std::string> Parse(std::string_view text);

  [[nodiscard]] bool any() const { return text_ == "*"; }
  /// Returns the origin as browsers send it in their Origin header: in lower case, without the
  /// scheme's default port.
  [[nodiscard]] const std::string& text() const { return text_; }

  friend bool operator==(const AllowedOrigin&, const AllowedOrigin&) = default;

 private:
  explicit AllowedOrigin(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

struct CorsOptions {
  /// The origins of the pages that may call.
  std::vector<AllowedOrigin> origins;
  /// Request header fields that pages may send besides those of the protocols and of tracing.
  std::vector<std::string> allowed_headers = {};
  /// Response header fields that pages may read besides those of the protocols themselves, such as
  /// "Retry-After", or "Trailer-Bar" for a trailer Bar of unary calls.
  std::vector<std::string> exposed_headers = {};
  /// Appended to the error for a page that may not call, to say how an operator would allow it; may
  /// be empty.
  std::string advice = {};
};

/// The rules that follow from the options, made once for all workers. Immutable, so any thread may
/// use it.
class CorsPolicy {
 public:
  explicit CorsPolicy(CorsOptions options);

  /// Reports whether pages of any origin besides the server's own may call.
  [[nodiscard]] bool allows_any() const { return !origins_.empty(); }
  /// Returns the value of Access-Control-Allow-Origin for a page of that origin, or null if it is
  /// not allowed. The value lives as long as the policy.
  [[nodiscard]] const std::string* AllowOriginFor(std::string_view origin) const;

  /// Reports whether a page of `origin` may call methods with side effects on a server that it
  /// addresses as `authority` (http::Request). It may if its origin is allowed, or is the server's
  /// own: the same host and port. The page's scheme is taken for the server's, which a proxy may
  /// hide.
  [[nodiscard]] bool MayChange(std::string_view origin, std::string_view authority) const;
  [[nodiscard]] const std::string& advice() const { return advice_; }

  /// Returns the response to a preflight: always 204; without Access-Control fields it is a
  /// refusal. `allow_origin` may be null.
  [[nodiscard]] http::Response PreflightReply(const std::string* allow_origin) const;
  /// Adds the fields without which a browser hides the response from the page. If `allow_origin` is
  /// null, adds only that the response depends on the origin.
  void AddFields(const std::string* allow_origin, http::Response& response) const;

 private:
  std::vector<AllowedOrigin> origins_;
  bool any_origin_;
  std::string allowed_headers_;
  std::string exposed_headers_;
  std::string advice_;
};

/// Reports whether `text` may be the name of a header field (RFC 9110, section 5.1).
[[nodiscard]] bool IsHeaderName(std::string_view text);

/// Answers preflights, and adds the CORS fields to the responses of another handler.
///
/// - A preflight is OPTIONS with Origin and Access-Control-Request-Method. It is answered here,
///   whatever its path. An origin that is not allowed gets 204 without any Access-Control field, as
///   rs/cors does, which Connect's document recommends. The method and header names that the
///   preflight asks for are ignored: the response always has the same lists, and the browser
///   compares.
/// - Every other request goes to the inner handler, whatever its origin: CORS only hides responses
///   from pages. The router decides which pages may cause side effects (CorsPolicy::MayChange).
/// - Without Origin (a client that is not a browser, or a page of the server's own origin) the
///   exchange is passed through, except for GET and HEAD, whose responses a cache may store and
///   give to a page later.
/// - Cookies and other credentials are never allowed.
///
/// Each worker has its own, for its thread only. Exchanges may outlive it.
class CorsHandler final : public http::Handler {
 public:
  CorsHandler(std::shared_ptr<const CorsPolicy> policy, std::unique_ptr<http::Handler> inside)
      : policy_(std::move(policy)), inside_(std::move(inside)) {}

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override;
  [[nodiscard]] std::size_t BodyBytesMax(const http::Request& head,
                                         std::size_t usual_bytes_max) override {
    return inside_->BodyBytesMax(head, usual_bytes_max);
  }
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message) override;

 private:
  const std::shared_ptr<const CorsPolicy> policy_;
  const std::unique_ptr<http::Handler> inside_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CORS_H_
