#include "couponctl/watch/watch_run.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <random>
#include <vector>

#include "base/check.h"
#include "couponctl/commands/outcome.h"
#include "rpc/client/connect_protocol.h"
#include "rpc/client/network_error.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kOpeningAtOnceMax = 128;

std::string Request(const WatchPlan& plan) {
  coupon::v1::WatchCampaignRequest request;
  request.set_campaign_id(plan.campaign_id);
  return EncodeStreamCall(plan.server, "WatchCampaign", request.SerializeAsString());
}

bool MayGoAway(const CallError& error, bool has_message) {
  if (!has_message) return error.code == "unavailable" && !error.foreign;
  // A proxy in between may also be reconfigured or restarted.
  return ExitCodeOf(error) != ExitCode::kRefused || error.code == "resource_exhausted" ||
         error.code == "aborted";
}

class WatchRun final : public WatchListener {
 public:
  using OnTick = std::function<void(Time)>;

  WatchRun(const WatchPlan& plan, WatchListener& listener, std::chrono::nanoseconds tick_every,
           const OnTick& on_tick)
      : target_{.server = plan.server,
                .endpoints = plan.endpoints,
                .request = Request(plan),
                .answer_timeout = plan.answer_timeout,
                .silence_timeout = plan.silence_timeout},
        streams_all_(plan.streams),
        reconnect_(plan.reconnect),
        duration_(plan.duration),
        listener_(listener),
        tick_every_(tick_every),
        on_tick_(on_tick) {}

  WatchOver Run() {
    signals_.async_wait([this](const error_code& error, int) {
      if (!error) Stop(WatchOver::kInterrupted);
    });
    if (duration_) {
      duration_timer_.expires_after(*duration_);
      duration_timer_.async_wait([this](const error_code& error) {
        if (!error) Stop(WatchOver::kTimeUp);
      });
    }
    ArmTick();
    OpenMore();
    context_.run();
    return over_;
  }

  void OnMessage(std::size_t stream, const coupon::v1::WatchCampaignResponse& message,
                 Time now) override {
    if (reconnect_) PolicyOf(stream).OnMessage(now);
    listener_.OnMessage(stream, message, now);
    Opened(stream);
  }

  void OnEnd(std::size_t stream, const StreamEnd& end, Time now) override {
    if (reconnect_ && !end) {
      if (const auto pause = PolicyOf(stream).OnError(end.error(), now)) {
        listener_.OnLost(stream, end.error(), *pause, now);
        return Reconnect(stream, *pause);
      }
    }
    listener_.OnEnd(stream, end, now);
    Opened(stream);
    if (++ended_ == streams_all_) Stop(WatchOver::kAllEnded);
  }

 private:
  void OpenMore() {
    while (opening_ < kOpeningAtOnceMax && streams_.size() < streams_all_) {
      const std::size_t number = streams_.size();
      ++opening_;
      opened_.push_back(false);
      streams_.emplace_back();
      Open(number);
    }
  }

  void Open(std::size_t stream) {
    streams_[stream] = std::make_shared<WatchStream>(context_, target_, stream, *this);
    streams_[stream]->Start();
  }

  void Reconnect(std::size_t stream, std::chrono::milliseconds pause) {
    auto timer = std::make_shared<asio::steady_timer>(context_, pause);
    timer->async_wait([this, stream, timer](const error_code& error) {
      if (!error) FindServerAgain(stream);
    });
  }

  // Looks up the server's name again, because a server that moved has other addresses now.
  void FindServerAgain(std::size_t stream) {
    resolver_.async_resolve(target_.server.host, target_.server.port,
                            [this, stream](const error_code& error, const auto& found) {
                              if (error) {
                                return OnEnd(stream,
                                             std::unexpected(CannotReach(target_.server, error)),
                                             std::chrono::steady_clock::now());
                              }
                              target_.endpoints.assign(found.begin(), found.end());
                              Open(stream);
                            });
  }

  ReconnectPolicy& PolicyOf(std::size_t stream) {
    while (policies_.size() <= stream) policies_.emplace_back(std::random_device()());
    return policies_[stream];
  }

  void Opened(std::size_t stream) {
    if (opened_[stream]) return;
    opened_[stream] = true;
    --opening_;
    OpenMore();
  }

  void ArmTick() {
    tick_timer_.expires_after(tick_every_);
    tick_timer_.async_wait([this](const error_code& error) {
      if (error) return;
      on_tick_(std::chrono::steady_clock::now());
      ArmTick();
    });
  }

  void Stop(WatchOver why) {
    over_ = why;
    context_.stop();
  }

  WatchTarget target_;
  const std::size_t streams_all_;
  const bool reconnect_;
  const std::optional<std::chrono::nanoseconds> duration_;
  WatchListener& listener_;
  const std::chrono::nanoseconds tick_every_;
  const OnTick& on_tick_;

  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGINT, SIGTERM};
  asio::steady_timer duration_timer_{context_};
  asio::steady_timer tick_timer_{context_};
  asio::ip::tcp::resolver resolver_{context_};
  std::vector<std::shared_ptr<WatchStream>> streams_;  // those that have been started
  std::vector<ReconnectPolicy> policies_;              // by stream, if streams are reconnected
  std::vector<bool> opened_;  // whether each stream has had a message, or ended
  std::size_t opening_ = 0;
  std::size_t ended_ = 0;
  WatchOver over_ = WatchOver::kAllEnded;
};

}  // namespace

void ReconnectPolicy::OnMessage(Time now) {
  has_message_ = true;
  if (!message_since_) message_since_ = now;
}

std::optional<std::chrono::milliseconds> ReconnectPolicy::OnError(const CallError& error,
                                                                  Time now) {
  if (!MayGoAway(error, has_message_)) return std::nullopt;
  // A connection that breaks right after its first message is no better than none.
  if (message_since_ && now - *message_since_ >= kPauseMax) pause_ = 2 * kPauseMin;
  message_since_.reset();
  std::uniform_int_distribution<std::chrono::milliseconds::rep> draw(pause_.count() / 2,
                                                                     pause_.count());
  pause_ = std::min(pause_ * 2, kPauseMax);
  return std::chrono::milliseconds(draw(random_));
}

WatchOver RunWatch(const WatchPlan& plan, WatchListener& listener,
                   std::chrono::nanoseconds tick_every,
                   const std::function<void(WatchListener::Time now)>& on_tick) {
  COUPOND_CHECK(plan.streams >= 1 && plan.streams <= kWatchStreamsMax);
  return WatchRun(plan, listener, tick_every, on_tick).Run();
}

}  // namespace coupond::ctl
