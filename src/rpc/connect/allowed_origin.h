#ifndef COUPOND_RPC_CONNECT_ALLOWED_ORIGIN_H_
#define COUPOND_RPC_CONNECT_ALLOWED_ORIGIN_H_

#include <expected>
#include <string>
#include <string_view>
#include <utility>

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

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ALLOWED_ORIGIN_H_
