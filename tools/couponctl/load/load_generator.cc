#include "couponctl/load/load_generator.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/entropy.h"
#include "base/error.h"
#include "base/hex.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/load_connection.h"
#include "rpc/client/call_error.h"
#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Time = LoadWork::Time;

constexpr std::chrono::milliseconds kSweepEvery{50};
constexpr std::size_t kRequestIdBytes = 32;

std::expected<LoadTarget, std::string> MakeTarget(const LoadPlan& plan) {
  auto endpoints = rpc_client::FindServer(plan.server);
  if (!endpoints) {
    return std::unexpected(MessageOf(rpc_client::CannotReach(plan.server, endpoints.error())));
  }
  if (!plan.allow_remote) TRY(ExpectOnThisMachine(plan.server, *endpoints));
  LoadTarget target{.endpoints = std::move(*endpoints),
                    .campaign_id = plan.campaign_id,
                    .request_timeout = plan.request_timeout};
  coupon::v1::IssueCouponRequest request;
  request.set_campaign_id(plan.campaign_id);
  const std::string placeholder(kRequestIdBytes, '#');
  if (plan.retry_for) request.set_request_id(placeholder);
  target.request = rpc_client::EncodeCall(plan.server, kIssueCoupon, request.SerializeAsString(),
                                          RequestHeaders());
  if (plan.retry_for) {
    target.retry_for = *plan.retry_for;
    target.request_id_bytes = kRequestIdBytes;
    target.request_id_at = target.request.rfind(placeholder);
    COUPOND_CHECK(target.request_id_at != std::string::npos);
  }
  return target;
}

std::mt19937_64 SeededGenerator() {
  const std::array<std::uint8_t, 16> random = SystemEntropy().Random16();
  std::seed_seq seed(random.begin(), random.end());
  return std::mt19937_64(seed);
}

/// One run of a load: follows the schedule and hands requests to connections.
class LoadRun final : public LoadWork {
 public:
  LoadRun(const LoadPlan& plan, LoadTarget target, std::chrono::nanoseconds progress_every,
          const std::function<void(const LoadProgress&)>& on_progress)
      : target_(std::move(target)),
        schedule_(plan.schedule),
        end_(plan.schedule.duration()),
        drain_for_(plan.drain_for),
        progress_every_(progress_every),
        next_progress_(progress_every),
        on_progress_(on_progress) {
    connections_.reserve(plan.connections);
    for (std::size_t i = 0; i < plan.connections; ++i) {
      connections_.push_back(std::make_unique<LoadConnection>(context_, target_, *this));
    }
  }

  LoadResult Run() {
    start_ = last_outcome_ = std::chrono::steady_clock::now();
    signals_.async_wait([this](const error_code& error, int) {
      if (!error) Interrupt();
    });
    for (const auto& connection : connections_) connection->Start();
    ArmSweep();
    context_.run();
    return {
        .tally = std::move(tally_), .elapsed = last_outcome_ - start_, .interrupted = interrupted_};
  }

  std::optional<Time> TakeDue(Time now) override {
    if (ended_) return std::nullopt;
    const auto due = schedule_.Take(now - start_);
    if (!due) return std::nullopt;
    return start_ + std::chrono::duration_cast<Time::duration>(*due);
  }

  void DrawRequestId(char* to, std::size_t size) override {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < size; ++i, bits >>= 4) {
      if (i % 16 == 0) bits = random_();
      to[i] = kHexDigits[bits & 0xf];
    }
  }

  void Idle(LoadConnection& connection) override {
    if (!connection.in_line) {
      connection.in_line = true;
      line_.push_back(&connection);
    }
    ArmDue();
  }

  void Connected() override { tally_.AddConnection(); }
  void Attempted(bool first) override { tally_.AddAttempt(first); }
  void AttemptFailed(std::string_view error) override { tally_.AddError(error); }

  void Finished(Time due, Time now, const IssueAnswer& answer) override {
    last_outcome_ = now;
    tally_.AddOutcome(answer, now - due);
    StopIfOver(now);
  }

 private:
  void StopIfOver(Time now) {
    const bool no_more = ended_ || schedule_.Exhausted(now - start_);
    const std::uint64_t settled = tally_.finished() + tally_.not_sent();
    if (no_more && settled == schedule_.taken()) context_.stop();
  }

  // Sets the timer for the next request that is due, if a connection is free to send it.
  void ArmDue() {
    const auto due = schedule_.NextDue();
    if (due_armed_ || ended_ || !due || line_.empty()) return;
    due_armed_ = true;
    due_timer_.expires_at(start_ + std::chrono::duration_cast<Time::duration>(*due));
    due_timer_.async_wait([this](const error_code& error) {
      due_armed_ = false;
      if (!error) DealOut();
    });
  }

  void DealOut() {
    while (!line_.empty()) {
      LoadConnection& connection = *line_.front();
      if (connection.idle()) {
        const auto due = TakeDue(std::chrono::steady_clock::now());
        if (!due) break;
        line_.pop_front();
        connection.in_line = false;
        connection.Begin(*due);
      } else {
        line_.pop_front();
        connection.in_line = false;
      }
    }
    ArmDue();
  }

  void ArmSweep() {
    sweep_timer_.expires_after(kSweepEvery);
    sweep_timer_.async_wait([this](const error_code& error) {
      if (!error) Sweep();
    });
  }

  void Sweep() {
    const Time now = std::chrono::steady_clock::now();
    const std::chrono::nanoseconds elapsed = now - start_;
    for (const auto& connection : connections_) connection->Sweep(now);
    if (!ended_ && elapsed >= end_ + drain_for_) End(now);
    if (elapsed >= next_progress_) {
      next_progress_ = elapsed + progress_every_;
      on_progress_({.elapsed = elapsed, .waiting = schedule_.Waiting(elapsed), .tally = tally_});
    }
    StopIfOver(now);
    ArmSweep();
  }

  void Interrupt() {
    // A second signal has its default effect.
    signals_.clear();
    interrupted_ = true;
    const Time now = std::chrono::steady_clock::now();
    schedule_.EndAt(now - start_);
    End(now);
    StopIfOver(now);
  }

  // Starts no more requests. Those that are overdue are counted as not sent.
  void End(Time now) {
    ended_ = true;
    while (const auto due =
               schedule_.rate_per_second() ? schedule_.Take(now - start_) : std::nullopt) {
      tally_.AddNotSent(now - start_ - *due);
    }
  }

  LoadTarget target_;
  ArrivalSchedule schedule_;
  std::chrono::nanoseconds end_;
  std::chrono::nanoseconds drain_for_;
  std::chrono::nanoseconds progress_every_;
  std::chrono::nanoseconds next_progress_;
  const std::function<void(const LoadProgress&)>& on_progress_;
  std::mt19937_64 random_ = SeededGenerator();

  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGINT, SIGTERM};
  asio::steady_timer due_timer_{context_};
  asio::steady_timer sweep_timer_{context_};
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::deque<LoadConnection*> line_;  ///< the idle ones, the longest idle first
  LoadTally tally_;
  Time start_;
  Time last_outcome_;
  bool due_armed_ = false;
  bool ended_ = false;
  bool interrupted_ = false;
};

}  // namespace

std::expected<LoadResult, std::string> RunLoad(
    const LoadPlan& plan, std::chrono::nanoseconds progress_every,
    const std::function<void(const LoadProgress&)>& on_progress) {
  COUPOND_CHECK(plan.connections >= 1 && plan.connections <= kLoadConnectionsMax);
  LoadTarget target = TRY(MakeTarget(plan));
  return LoadRun(plan, std::move(target), progress_every, on_progress).Run();
}

}  // namespace coupond::ctl
