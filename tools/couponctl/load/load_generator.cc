#include "couponctl/load/load_generator.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/error.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/event_loop.h"
#include "couponctl/load/issue_requests.h"
#include "couponctl/load/load_connection.h"
#include "rpc/client/call_error.h"

namespace coupond::ctl {
namespace {

using Time = LoadWork::Time;

constexpr std::chrono::milliseconds kSweepEvery{50};

std::expected<LoadTarget, std::string> MakeTarget(const LoadPlan& plan) {
  auto endpoints = rpc_client::FindServer(plan.server);
  if (!endpoints) {
    return std::unexpected(MessageOf(rpc_client::CannotReach(plan.server, endpoints.error())));
  }
  if (!plan.allow_remote) TRY(ExpectOnThisMachine(plan.server, *endpoints));
  return LoadTarget{.endpoints = std::move(*endpoints),
                    .request_timeout = plan.request_timeout,
                    .repeat_for = plan.retry_for};
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
        on_progress_(on_progress),
        requests_(plan.server, plan.campaign_id,
                  {.request_ids = plan.retry_for.has_value(), .users = plan.users}),
        reading_{.buffer = {}, .heads = {}, .answers = IssueAnswerReader(plan.campaign_id)},
        tally_(plan.users == 0 ? schedule_.count() : std::min(schedule_.count(), plan.users),
               plan.users) {
    if (plan.with_course) timeline_.emplace(end_);
    connections_.reserve(plan.connections);
    for (std::size_t i = 0; i < plan.connections; ++i) {
      connections_.push_back(std::make_unique<LoadConnection>(loop_, target_, reading_, *this));
    }
  }

  LoadResult Run() {
    start_ = last_outcome_ = Time::clock::now();
    times_before_ = ThreadTimes::OfThisThread();
    next_sweep_ = start_ + kSweepEvery;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      WakeAt(*connections_[i], start_ + schedule_.BeginOf(i, connections_.size()));
    }
    while (!over_) {
      loop_.Wait(NextTime());
      const Time now = Time::clock::now();
      if (loop_.interrupted() && !interrupted_) Interrupt(now);
      WakeConnections(now);
      DealOut();
      if (now >= next_sweep_) Sweep(now);
    }
    if (use_.elapsed.count() == 0) MeasureUse(last_outcome_);
    return {.tally = std::move(tally_),
            .use = std::move(use_),
            .elapsed = last_outcome_ - start_,
            .course =
                timeline_ ? timeline_->Finish(last_outcome_ - start_) : std::vector<LoadInterval>(),
            .interrupted = interrupted_};
  }

  std::optional<Time> TakeDue(Time now) override {
    const auto due = Take(now);
    if (due) use_.AddSent(std::chrono::nanoseconds(0));
    return due;
  }

  std::uint64_t NextRequest(std::string& bytes) override { return requests_.Next(bytes); }

  void Idle(LoadConnection& connection) override {
    if (connection.in_line) return;
    connection.in_line = true;
    line_.push_back(&connection);
  }

  void WakeAt(LoadConnection& connection, Time time) override { wakes_.push({time, &connection}); }
  void Connected() override { tally_.AddConnection(); }
  void Attempted(bool first) override { tally_.AddAttempt(first); }
  void AttemptFailed(std::string_view error) override { tally_.AddError(error); }

  void Finished(std::uint64_t user, Time due, Time now, const IssueAnswer& answer) override {
    last_outcome_ = now;
    tally_.AddOutcome(answer, user, now - due);
    if (timeline_) timeline_->Add(answer, now - due, now - start_);
    EndIfOver(now);
  }

 private:
  struct Wake {
    Time time;
    LoadConnection* connection = nullptr;
    friend bool operator>(const Wake& a, const Wake& b) { return a.time > b.time; }
  };

  std::optional<Time> Take(Time now) {
    if (ended_) return std::nullopt;
    const auto due = schedule_.Take(now - start_);
    if (!due) return std::nullopt;
    return start_ + *due;
  }

  void EndIfOver(Time now) {
    const bool no_more = ended_ || schedule_.Exhausted(now - start_);
    const std::uint64_t settled = tally_.finished() + tally_.not_sent();
    if (no_more && settled == schedule_.taken()) over_ = true;
  }

  /// Returns when there is something to do even if nothing happens.
  [[nodiscard]] Time NextTime() const {
    Time next = next_sweep_;
    if (!wakes_.empty()) next = std::min(next, wakes_.top().time);
    const auto due = schedule_.NextDue();
    if (due && !ended_ && !line_.empty()) next = std::min(next, start_ + *due);
    return next;
  }

  void WakeConnections(Time now) {
    while (!wakes_.empty() && wakes_.top().time <= now) {
      LoadConnection& connection = *wakes_.top().connection;
      wakes_.pop();
      connection.Wake(now);
    }
  }

  /// Gives the requests that are due to idle connections.
  void DealOut() {
    while (!line_.empty()) {
      LoadConnection& connection = *line_.front();
      if (connection.idle()) {
        const Time now = Time::clock::now();
        const auto due = Take(now);
        if (!due) return;
        line_.pop_front();
        connection.in_line = false;
        use_.AddSent(now - *due);
        connection.Begin(*due, now);
      } else {
        line_.pop_front();
        connection.in_line = false;
      }
    }
  }

  /// Measures how busy this thread was while requests were sent.
  void MeasureUse(Time now) {
    const ThreadTimes times = ThreadTimes::OfThisThread();
    use_.elapsed = now - start_;
    use_.times = {.on_processor = times.on_processor - times_before_.on_processor,
                  .waited = times.waited - times_before_.waited};
  }

  void Sweep(Time now) {
    const std::chrono::nanoseconds elapsed = now - start_;
    if (use_.elapsed.count() == 0 && elapsed >= end_) MeasureUse(now);
    for (const auto& connection : connections_) connection->Sweep(now);
    if (!ended_ && elapsed >= end_ + drain_for_) End(now);
    if (elapsed >= next_progress_) {
      next_progress_ = elapsed + progress_every_;
      on_progress_({.elapsed = elapsed, .waiting = schedule_.Waiting(elapsed), .tally = tally_});
    }
    EndIfOver(now);
    next_sweep_ = now + kSweepEvery;
  }

  void Interrupt(Time now) {
    interrupted_ = true;
    schedule_.EndAt(now - start_);
    End(now);
    EndIfOver(now);
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
  IssueRequests requests_;
  LoadReading reading_;

  EventLoop loop_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::deque<LoadConnection*> line_;  ///< the idle ones, the longest idle first
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  LoadTally tally_;
  std::optional<LoadTimeline> timeline_;
  GeneratorUse use_;
  ThreadTimes times_before_;
  Time start_;
  Time last_outcome_;
  Time next_sweep_;
  bool ended_ = false;  ///< no more requests are started
  bool over_ = false;
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
