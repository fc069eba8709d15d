#ifndef COUPOND_TEST_FUZZ_RECORDED_EXCHANGE_H_
#define COUPOND_TEST_FUZZ_RECORDED_EXCHANGE_H_

#include <memory>
#include <optional>
#include <utility>

#include "fuzz/invariant.h"
#include "rpc/http/handler.h"

namespace coupond::fuzz {

/// Keeps the answer; a second one is a failure.
class RecordedExchange final : public http::Exchange {
 public:
  void Respond(http::Response response) override {
    Require(!response_.has_value(), "a request is answered once");
    response_ = std::move(response);
  }
  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override {
    Respond(std::move(head));
    pieces_ = std::move(pieces);
  }

  /// Returns nullopt until there is an answer.
  [[nodiscard]] const std::optional<http::Response>& response() const { return response_; }
  /// Returns the source of the rest of the body; null if the response has all of it.
  [[nodiscard]] http::BodySource* pieces() { return pieces_.get(); }

 private:
  std::optional<http::Response> response_;
  std::unique_ptr<http::BodySource> pieces_;
};

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_RECORDED_EXCHANGE_H_
