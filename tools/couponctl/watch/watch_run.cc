#include "couponctl/watch/watch_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/duration_text.h"
#include "couponctl/commands/coupon_service.h"
#include "rpc/client/client_socket.h"
#include "rpc/client/stream_reader.h"
#include "rpc/client/tls_trust.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using connect::Code;
using rpc_client::CallError;
using rpc_client::Endpoints;
using rpc_client::ServerAddress;
using rpc_client::StreamEnd;

constexpr std::size_t kOpeningAtOnceMax = 128;
// The maximum size of a message. A campaign with its name takes less than 1000 bytes.
constexpr std::size_t kMessageBytesMax = 64 * 1024;

/// The parameters that all streams of a watch share.
struct WatchTarget {
  ServerAddress server;
  Endpoints endpoints;
  std::string request;  ///< the bytes of one WatchCampaign request
  bool follow = false;
  /// The maximum time from the start to the first message.
  std::chrono::nanoseconds answer_timeout{};
  /// The maximum time from one message to the next. The server repeats its state, so a longer
  /// silence means that something in between has silently dropped the connection.
  std::chrono::nanoseconds silence_timeout{};
};

bool IsLast(coupon::v1::WatchState state, bool follow) {
  switch (state) {
    case coupon::v1::WATCH_STATE_DELETED:
      return true;
    case coupon::v1::WATCH_STATE_SOLD_OUT:
    case coupon::v1::WATCH_STATE_ENDED:
      return !follow;
    default:
      return false;
  }
}

/// One WatchCampaign call on a connection of its own. It is not retried when it breaks. Runs on the
/// single thread of its io_context, and lives at least until OnEnd has been called and its pending
/// operations have completed.
class WatchStream : public std::enable_shared_from_this<WatchStream> {
 public:
  WatchStream(boost::asio::io_context& context, const WatchTarget& target, std::size_t number,
              WatchListener& listener);

  void Start();

 private:
  using Time = WatchListener::Time;

  void AwaitDeadline();
  void TimedOut();
  void OnConnected(const boost::system::error_code& error);
  void Read();
  void OnRead(const boost::system::error_code& error, std::size_t count);
  void TakeMessages();
  void End(const StreamEnd& end);
  /// Ends the stream with an error, because the server's answer is not what it should be.
  void Break(std::string_view why);

  const WatchTarget& target_;
  const std::size_t number_;
  WatchListener& listener_;
  rpc_client::ClientSocket socket_;
  boost::asio::steady_timer timer_;
  Time deadline_;  // for the next message
  rpc_client::StreamReader reader_;
  coupon::v1::WatchCampaignResponse message_;  // the newest message
  bool ended_ = false;
};

WatchStream::WatchStream(asio::io_context& context, const WatchTarget& target, std::size_t number,
                         WatchListener& listener)
    : target_(target),
      number_(number),
      listener_(listener),
      socket_(context, target.server),
      timer_(context),
      reader_(kMessageBytesMax) {}

void WatchStream::Start() {
  deadline_ = std::chrono::steady_clock::now() + target_.answer_timeout;
  AwaitDeadline();
  socket_.Connect(target_.endpoints, [self = shared_from_this()](const error_code& error) {
    self->OnConnected(error);
  });
}

// Waits for the deadline. Each message moves it, but it is examined only when the timer fires.
void WatchStream::AwaitDeadline() {
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || self->ended_) return;
    if (std::chrono::steady_clock::now() < self->deadline_) return self->AwaitDeadline();
    self->TimedOut();
  });
}

void WatchStream::TimedOut() {
  if (message_.has_campaign()) {
    return Break(fmt::format("nothing came for {}; does a proxy in between hold it back?",
                             FormatDuration(target_.silence_timeout)));
  }
  End(std::unexpected(rpc_client::TimedOut(
      target_.server, kWatchCampaign,
      fmt::format("none came within {}", FormatDuration(target_.answer_timeout)))));
}

void WatchStream::OnConnected(const error_code& error) {
  if (ended_) return;
  if (error) return End(std::unexpected(rpc_client::CannotReach(target_.server, error)));
  // A dead server is as silent as a quiet campaign; keep-alive tells them apart.
  socket_.KeepAlive();
  socket_.Write(target_.request, [self = shared_from_this()](const error_code& failed,
                                                             std::size_t) {
    // A server that answers before it has read the whole request may then close
    // the connection. Its answer counts; if there is none, reading fails too.
    const bool gone = failed == asio::error::broken_pipe || failed == asio::error::connection_reset;
    if (failed && !gone && !self->ended_) self->Break(failed.message());
  });
  Read();
}

void WatchStream::Read() {
  const std::span<char> space = reader_.Space();
  socket_.ReadSome(space, [self = shared_from_this()](const error_code& error, std::size_t count) {
    self->OnRead(error, count);
  });
}

void WatchStream::OnRead(const error_code& error, std::size_t count) {
  if (ended_) return;
  if (error && rpc_client::FaultOf(error)) {
    return End(std::unexpected(rpc_client::NoAnswer(target_.server, kWatchCampaign, error)));
  }
  if (error && error != asio::error::eof) return Break(error.message());
  if (error) {
    reader_.Closed();
  } else {
    reader_.Received(count);
  }
  TakeMessages();
  if (!ended_) Read();
}

void WatchStream::TakeMessages() {
  const Time now = std::chrono::steady_clock::now();
  while (const auto message = reader_.Next()) {
    const bool read = message_.ParseFromArray(message->data(), static_cast<int>(message->size()));
    if (!read || !message_.has_campaign()) return Break("a message cannot be read");
    deadline_ = now + target_.silence_timeout;
    if (deadline_ < timer_.expiry()) AwaitDeadline();
    listener_.OnMessage(number_, message_, now);
  }
  const auto& end = reader_.end();
  if (!end) return;
  if (!*end && !end->error().code) return Break(end->error().message);
  if (*end && !IsLast(message_.state(), target_.follow))
    return Break("the stream ended, but the campaign did not");
  End(*end);
}

void WatchStream::End(const StreamEnd& end) {
  ended_ = true;
  timer_.cancel();
  socket_.Close();
  listener_.OnEnd(number_, end, std::chrono::steady_clock::now());
}

void WatchStream::Break(std::string_view why) {
  End(std::unexpected(message_.has_campaign()
                          ? rpc_client::LostStream(target_.server, kWatchCampaign, why)
                          : rpc_client::NoAnswer(target_.server, kWatchCampaign, why)));
}

std::string Request(const WatchPlan& plan) {
  coupon::v1::WatchCampaignRequest request;
  request.set_campaign_id(plan.campaign_id);
  request.set_follow(plan.follow);
  return rpc_client::EncodeStreamCall(plan.server, kWatchCampaign, request.SerializeAsString(),
                                      RequestHeaders());
}

// Reports whether the cause of the error may go away by itself.
bool MayGoAway(const CallError& error, bool has_message) {
  const bool answered = error.failure == rpc_client::Failure::kAnswered;
  if (!has_message) return answered && error.code == Code::kUnavailable;
  // A proxy in between may also be reconfigured or restarted.
  return !rpc_client::IsRefusal(error) || error.code == Code::kResourceExhausted ||
         error.code == Code::kAborted;
}

class WatchRun final : public WatchListener {
 public:
  using OnTick = std::function<void(Time)>;

  WatchRun(const WatchPlan& plan, WatchListener& listener, std::chrono::nanoseconds tick_every,
           const OnTick& on_tick)
      : target_{.server = plan.server,
                .endpoints = plan.endpoints,
                .request = Request(plan),
                .follow = plan.follow,
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
    resolver_.async_resolve(
        target_.server.host, target_.server.port,
        [this, stream](const error_code& error, const auto& found) {
          if (error) {
            return OnEnd(stream, std::unexpected(rpc_client::CannotReach(target_.server, error)),
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
