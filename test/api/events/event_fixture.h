#ifndef COUPOND_TEST_API_EVENTS_EVENT_FIXTURE_H_
#define COUPOND_TEST_API_EVENTS_EVENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/admin_service.pb.h"
#include "rpc/connect/envelope.h"

namespace coupond::api {

/// JsonServiceFixture's service, by clients that read events.
class EventFixture : public JsonServiceFixture {
 protected:
  using Progress = http::BodySource::Progress;

  void SetUp() override {
    // As in every store. Clients are not shown this event, but it has a sequence.
    ASSERT_TRUE(log_.Append({GroupNumber(1), Sequence(1), test::At(0), {StoreCreated{}}}));
    ASSERT_NO_FATAL_FAILURE(JsonServiceFixture::SetUp());
  }

  /// A client's side of an answer in pieces.
  class Reader {
   public:
    Reader(Exchange exchange, test::ManualExecutor& executor)
        : exchange_(std::move(exchange)), executor_(&executor) {}

    [[nodiscard]] const Exchange& exchange() const { return exchange_; }
    /// Asks for the next piece, unless it has been asked for.
    void Ask() {
      if (asked_) return;
      asked_ = std::make_shared<std::optional<std::pair<Progress, std::string>>>();
      exchange_->pieces()->Next([asked = asked_](Progress progress, std::string piece) {
        asked->emplace(progress, std::move(piece));
      });
    }
    [[nodiscard]] bool arrived() const { return asked_ && asked_->has_value(); }
    /// Returns the next piece, for which it waits.
    std::pair<Progress, std::string> Read() {
      Ask();
      EXPECT_TRUE(executor_->RunUntil([this] { return arrived(); }));
      auto piece = asked_->value_or(std::pair(Progress::kFailed, std::string()));
      asked_.reset();
      return piece;
    }
    /// Returns the next message, or nullopt at the end, whose envelope is in end().
    std::optional<coupon::v1::ReadEventsResponse> ReadMessage() {
      const auto [progress, piece] = Read();
      const std::string content = piece.substr(connect::kEnvelopeHeadBytes);
      if (progress != Progress::kMore) {
        end_ = content;
        return std::nullopt;
      }
      coupon::v1::ReadEventsResponse message;
      EXPECT_TRUE(message.ParseFromString(content));
      return message;
    }
    [[nodiscard]] const std::string& end() const { return end_; }
    /// Closes the connection.
    void Leave() { exchange_.reset(); }

   private:
    Exchange exchange_;
    test::ManualExecutor* executor_;
    std::shared_ptr<std::optional<std::pair<Progress, std::string>>> asked_;
    std::string end_;
  };

  /// Asks for a stream, and waits for the answer's beginning.
  Reader Open(const coupon::v1::ReadEventsRequest& request) {
    std::string body;
    connect::AppendEnvelope(0, request.SerializeAsString(), body);
    const http::HeaderField type{"Content-Type", "application/connect+proto"};
    return Reader(Handle({.method = "POST",
                          .path = "/coupon.v1.AdminService/ReadEvents",
                          .query = {},
                          .body = body,
                          .headers = {&type, 1}}),
                  executor_);
  }
  Reader OpenFrom(std::uint64_t from, bool follow = false) {
    coupon::v1::ReadEventsRequest request;
    request.set_from_sequence(from);
    request.set_follow(follow);
    return Open(request);
  }
  /// Asks for lines.
  Reader Get(std::string_view query, std::span<const http::HeaderField> headers = {}) {
    return Reader(
        Handle(
            {.method = "GET", .path = "/events", .query = query, .body = {}, .headers = headers}),
        executor_);
  }
  /// Waits until the views contain everything that has happened.
  void AwaitViews() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (engine_->view_head().sequence() < engine_->durable_sequence() &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
  }
  /// Sends a request when the views contain everything, so that what is there is sent together.
  Exchange Handle(const http::Request& request) {
    AwaitViews();
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle(request, exchange);
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
  /// Returns the end of a stream that was refused.
  static std::string RefusalOf(const Reader& reader) {
    return reader.exchange()->response().body.substr(connect::kEnvelopeHeadBytes);
  }

  /// Returns "sequence type" of each event.
  static std::vector<std::string> Outline(const coupon::v1::ReadEventsResponse& message) {
    std::vector<std::string> outline;
    for (const auto& event : message.events()) {
      outline.push_back(std::to_string(event.sequence()) + " " + event.type());
    }
    return outline;
  }
  /// Returns all events to the end of the stream.
  static std::vector<std::string> ReadAll(Reader reader) {
    std::vector<std::string> outline;
    while (const auto message = reader.ReadMessage()) {
      for (std::string& line : Outline(*message)) outline.push_back(std::move(line));
    }
    EXPECT_EQ(reader.end(), "{}");
    return outline;
  }
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_EVENTS_EVENT_FIXTURE_H_
