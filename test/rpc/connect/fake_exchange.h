#ifndef COUPOND_TEST_RPC_CONNECT_FAKE_EXCHANGE_H_
#define COUPOND_TEST_RPC_CONNECT_FAKE_EXCHANGE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/http/handler.h"

namespace coupond::connect {

/// Keeps the response, and fails the test if there is a second one.
class FakeExchange final : public http::Exchange {
 public:
  void Respond(http::Response response) override {
    EXPECT_FALSE(response_.has_value()) << "answered twice";
    response_ = std::move(response);
  }

  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override {
    Respond(std::move(head));
    pieces_ = std::move(pieces);
  }

  [[nodiscard]] bool answered() const { return response_.has_value(); }
  [[nodiscard]] const http::Response& response() const { return *response_; }
  [[nodiscard]] http::BodySource* pieces() { return pieces_.get(); }

  /// Returns the head's body and all pieces, as a client gets them, or nullopt if the source
  /// failed.
  std::optional<std::string> WholeBody() {
    std::string body = response_->body;
    using Progress = http::BodySource::Progress;
    for (Progress last = pieces_ ? Progress::kMore : Progress::kEnd; last != Progress::kEnd;) {
      bool delivered = false;
      pieces_->Next([&](Progress progress, const std::string& piece) {
        delivered = true;
        last = progress;
        body += piece;
      });
      EXPECT_TRUE(delivered);
      if (!delivered || last == Progress::kFailed) return std::nullopt;
    }
    return body;
  }

  [[nodiscard]] std::string Header(std::string_view name) const {
    for (const auto& [key, value] : response_->headers) {
      if (key == name) return value;
    }
    return "";
  }

 private:
  std::optional<http::Response> response_;
  std::unique_ptr<http::BodySource> pieces_;
};

}  // namespace coupond::connect

#endif  // COUPOND_TEST_RPC_CONNECT_FAKE_EXCHANGE_H_
