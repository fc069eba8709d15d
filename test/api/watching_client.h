#ifndef COUPOND_TEST_API_WATCHING_CLIENT_H_
#define COUPOND_TEST_API_WATCHING_CLIENT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/campaign_watchers.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/fake_exchange.h"
#include "rpc/json/json_format.h"
#include "support/builders.h"
#include "support/manual_executor.h"

namespace coupond::api {

/// A client that watches a campaign; it reads when it is told to, or all the time.
class WatchingClient {
 public:
  WatchingClient(WatchRounds& rounds, test::ManualExecutor& executor, std::uint8_t id,
                 WatchUntil until)
      : watcher_(std::make_unique<CampaignWatcher>(rounds, *Slots().Take(), test::Id(id), until)),
        call_(connect::CallStart{
            .exchange = exchange_,
            .executor = executor,
            .context = {},
            .format = {.dialect = {connect::Protocol::kConnectStream, connect::Codec::kProto},
                       .json = std::make_shared<connect::JsonFormat>(
                           coupon::v1::WatchCampaignResponse::descriptor())}}) {}

  /// Dropping the stream reports its end to members of this object.
  ~WatchingClient() { exchange_.reset(); }
  WatchingClient(const WatchingClient&) = delete;
  WatchingClient& operator=(const WatchingClient&) = delete;

  /// Gives the watcher the campaign as it was read.
  WatchingClient& Begin(const Campaign& campaign, std::uint64_t sequence) {
    watcher_->BeginWith({.campaign = campaign, .sequence = Sequence(sequence)});
    call_.Respond(std::move(watcher_));
    return *this;
  }
  /// Reads the next message when it arrives, and all later ones.
  void ReadOn() {
    exchange_->pieces()->Next(
        [this](http::BodySource::Progress progress, const std::string& piece) {
          if (progress == http::BodySource::Progress::kEnd) {
            end_ = piece.substr(connect::kEnvelopeHeadBytes);
            return;
          }
          coupon::v1::WatchCampaignResponse message;
          EXPECT_TRUE(message.ParseFromString(piece.substr(connect::kEnvelopeHeadBytes)));
          messages_.push_back(message);
          if (reads_on_) ReadOn();
        });
  }
  void ReadOne() {
    reads_on_ = false;
    ReadOn();
  }

  [[nodiscard]] const std::vector<coupon::v1::WatchCampaignResponse>& messages() const {
    return messages_;
  }
  /// Returns the numbers of issued coupons that it received, in order.
  [[nodiscard]] std::vector<int> counts() const {
    std::vector<int> counts;
    for (const auto& message : messages_) counts.push_back(message.campaign().issued_coupons());
    return counts;
  }
  /// Returns the states of the campaign that it received, in order.
  [[nodiscard]] std::vector<coupon::v1::CampaignState> states() const {
    std::vector<coupon::v1::CampaignState> states;
    for (const auto& message : messages_) states.push_back(message.campaign().state());
    return states;
  }
  /// Returns the content of the stream's end; empty before it.
  [[nodiscard]] const std::string& end() const { return end_; }

 private:
  static coupond::Slots& Slots() {
    static coupond::Slots slots(10'000);
    return slots;
  }

  std::shared_ptr<connect::FakeExchange> exchange_ = std::make_shared<connect::FakeExchange>();
  std::unique_ptr<CampaignWatcher> watcher_;
  connect::StreamCall call_;
  std::vector<coupon::v1::WatchCampaignResponse> messages_;
  std::string end_;
  bool reads_on_ = true;
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_WATCHING_CLIENT_H_
