#ifndef COUPOND_TEST_API_EXPORTS_EXPORT_FIXTURE_H_
#define COUPOND_TEST_API_EXPORTS_EXPORT_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/limits.h"
#include "rpc/connect/envelope.h"

namespace coupond::api {

/// JsonServiceFixture's service, by a client that exports campaign 1 and reads as it likes.
class ExportFixture : public JsonServiceFixture {
 protected:
  using Progress = http::BodySource::Progress;

  /// What has been read of a stream.
  struct Streamed {
    std::vector<coupon::v1::ExportCouponsResponse> messages;
    std::string end;  ///< the JSON of the last envelope; empty before it

    /// Returns the coupons of all messages.
    [[nodiscard]] std::vector<coupon::v1::Coupon> coupons() const {
      std::vector<coupon::v1::Coupon> coupons;
      for (const auto& message : messages) {
        coupons.insert(coupons.end(), message.coupons().begin(), message.coupons().end());
      }
      return coupons;
    }
  };

  /// Gives campaign 1 room for many coupons, and issues that many.
  void IssueMany(std::size_t count) {
    static_cast<void>(Update(R"(,"totalCoupons":1000000)"));
    Dispatcher issuing(*engine_, executor_);
    std::size_t issued = 0;
    for (std::size_t i = 0; i < count; ++i) {
      issuing.Submit(test::Issue(1), [&issued](const Result<Reply>&) { ++issued; });
    }
    ASSERT_TRUE(executor_.RunUntil([&] { return issued == count; }));
    executor_.RunWaiting();  // what is left uses the dispatcher
  }

  /// Does the same in batches.
  void IssueManyAtOnce(std::size_t count) {
    static_cast<void>(Update(R"(,"totalCoupons":1000000)"));
    Dispatcher issuing(*engine_, executor_);
    for (std::size_t left = count; left > 0;) {
      const std::size_t coupons = std::min(left, limits::kCouponsPerBatchMax);
      bool issued = false;
      issuing.Submit(BatchIssueCoupons{.campaign_id = test::Id(1),
                                       .anonymous = static_cast<std::uint32_t>(coupons)},
                     [&issued](const Result<Reply>& reply) {
                       issued = reply && std::holds_alternative<Done>(reply->outcome);
                     });
      ASSERT_TRUE(executor_.RunUntil([&] { return issued; }));
      left -= coupons;
    }
    executor_.RunWaiting();
  }

  coupon::v1::ExportCouponsRequest RequestFor(std::vector<coupon::v1::CouponState> states = {}) {
    coupon::v1::ExportCouponsRequest request;
    request.set_campaign_id(id_);
    for (const coupon::v1::CouponState state : states) request.add_states(state);
    return request;
  }
  /// Asks for a stream, and waits for the answer's beginning.
  Exchange Export(const coupon::v1::ExportCouponsRequest& request) {
    std::string body;
    connect::AppendEnvelope(0, request.SerializeAsString(), body);
    const http::HeaderField type{"Content-Type", "application/connect+proto"};
    Exchange exchange = Post("ExportCoupons", body, {&type, 1});
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
  /// Asks for a file, and waits for the answer's beginning.
  Exchange Get(std::string_view path, std::string_view query = "",
               std::string_view method = "GET") {
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle({.method = method, .path = path, .query = query, .body = {}, .headers = {}},
                     exchange);
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
  Exchange GetFile(std::string_view name, std::string_view query = "",
                   std::string_view method = "GET") {
    return Get("/campaigns/" + id_ + "/" + std::string(name), query, method);
  }

  /// Reads the next piece.
  std::pair<Progress, std::string> ReadPiece(const Exchange& exchange) {
    std::optional<std::pair<Progress, std::string>> read;
    exchange->pieces()->Next([&read](Progress progress, std::string piece) {
      read.emplace(progress, std::move(piece));
    });
    EXPECT_TRUE(executor_.RunUntil([&] { return read.has_value(); }));
    return read.value_or(std::pair(Progress::kFailed, std::string()));
  }
  /// Reads the next message, or the end.
  void ReadOne(const Exchange& exchange, Streamed& streamed) {
    const auto [progress, piece] = ReadPiece(exchange);
    const std::string content = piece.substr(connect::kEnvelopeHeadBytes);
    if (progress != Progress::kMore) {
      streamed.end = content;
    } else {
      EXPECT_TRUE(streamed.messages.emplace_back().ParseFromString(content));
    }
  }
  void ReadRest(const Exchange& exchange, Streamed& streamed) {
    while (streamed.end.empty()) ReadOne(exchange, streamed);
  }
  Streamed ReadAll(const Exchange& exchange) {
    Streamed streamed;
    // A refused stream has no source.
    if (exchange->pieces() == nullptr) {
      streamed.end = exchange->response().body.substr(connect::kEnvelopeHeadBytes);
    }
    ReadRest(exchange, streamed);
    return streamed;
  }
  Streamed ExportAll(std::vector<coupon::v1::CouponState> states = {}) {
    return ReadAll(Export(RequestFor(std::move(states))));
  }
  /// Returns the whole file, or nullopt if it breaks off.
  std::optional<std::string> ReadFile(const Exchange& exchange) {
    std::string text = exchange->response().body;
    while (true) {
      const auto [progress, piece] = ReadPiece(exchange);
      text += piece;
      if (progress == Progress::kFailed) return std::nullopt;
      if (progress == Progress::kEnd) return text;
    }
  }
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_EXPORTS_EXPORT_FIXTURE_H_
