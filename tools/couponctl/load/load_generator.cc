#include "couponctl/load/load_generator.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/error.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/event_loop.h"
#include "couponctl/load/issue_requests.h"
#include "couponctl/load/load_connection.h"
#include "couponctl/load/load_pass.h"
#include "rpc/client/call_error.h"
#include "rpc/client/tls_trust.h"

namespace coupond::ctl {
namespace {

using Time = LoadWork::Time;
using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kSweepEvery{50};
/// Redeeming without a rate lasts until all coupons are redeemed, or the server stalls.
constexpr nanoseconds kEndless = std::chrono::hours(24 * 365 * 100);
/// How long open outcomes are asked about, even if nothing else would be repeated.
constexpr nanoseconds kSettleForMin = std::chrono::seconds(1);

std::expected<LoadTarget, std::string> MakeTarget(const LoadPlan& plan) {
  auto endpoints = TRY(FindLoadEndpoints(plan));
  LoadTarget target{.endpoints = std::move(endpoints),
                    .request_timeout = plan.request_timeout,
                    .repeat_for = plan.retry_for};
  if (!plan.server.secure) return target;
  target.host = plan.server.host;
  target.trust = plan.server.trust;
  if (target.trust == nullptr) target.trust = TRY(rpc_client::LoadTrust({}));
  return target;
}

RequestIdentity IdentityOf(const LoadPlan& plan) {
  const bool several_each = plan.users.count > 0 && !plan.users.one_each();
  const bool repeats_anonymous = plan.users.count == 0 && plan.retry_for;
  return {.request_ids = several_each || repeats_anonymous, .users = plan.users.count};
}

/// One run of a load: hands the requests of one pass after the other to connections.
class LoadRun final : public LoadWork {
 public:
  LoadRun(const LoadPlan& plan, LoadTarget target, nanoseconds progress_every,
          const std::function<void(const LoadProgress&)>& on_progress)
      : plan_(plan),
        target_(std::move(target)),
        progress_every_(progress_every),
        next_progress_(progress_every),
        on_progress_(on_progress),
        issue_requests_(plan.server, plan.campaign_id, IdentityOf(plan)),
        redeem_requests_(plan.server, plan.campaign_id),
        issue_answers_(plan.campaign_id),
        tally_(plan.schedule.count(), plan.users) {
    connections_.reserve(plan.connections);
    for (std::size_t i = 0; i < plan.connections; ++i) {
      connections_.push_back(std::make_unique<LoadConnection>(loop_, target_, reading_, *this));
    }
  }

  LoadResult Run() {
    LoadResult result;
    start_ = Time::clock::now();
    if (plan_.with_course) timeline_.emplace(plan_.schedule.duration());
    RunPass(plan_.schedule, {.drain_for = plan_.drain_for}, tally_);
    result.elapsed = pass_->elapsed();
    result.use = pass_->TakeUse();
    if (timeline_) result.course = timeline_->Finish(pass_->elapsed());
    if (plan_.redeem && !interrupted_) Redeem(result);
    result.tally = std::move(tally_);
    result.interrupted = interrupted_;
    return result;
  }

  std::optional<Time> TakeDue(Time now) override { return pass_->Take(now, false); }

  LoadRequest NextRequest(std::string& bytes) override {
    if (!redeeming_) return {.user = issue_requests_.Next(bytes)};
    while (settling_ && tally_.held()[next_coupon_].redemption != RedeemOutcome::kOpen) {
      ++next_coupon_;
    }
    const std::size_t place = next_coupon_++;
    const HeldCoupon& coupon = tally_.held()[place];
    redeem_requests_.Write(coupon, bytes);
    return {.user = coupon.user, .redeems = place, .may_be_done = settling_};
  }

  LoadAnswer Read(const LoadRequest& request, const rpc_client::HttpAnswer& answer) override {
    if (!request.redeems) return issue_answers_.Read(answer, UserName(request.user));
    return redeem_answers_.Read(answer, tally_.held()[*request.redeems].code.text());
  }

  LoadAnswer ReadMessage(const LoadRequest& request, std::string_view message) override {
    if (!request.redeems) return issue_answers_.ReadMessage(message, UserName(request.user));
    return redeem_answers_.ReadMessage(message, tally_.held()[*request.redeems].code.text());
  }

  void Idle(LoadConnection& connection) override {
    if (connection.in_line) return;
    connection.in_line = true;
    line_.push_back(&connection);
  }

  void WakeAt(LoadConnection& connection, Time time) override { wakes_.push({time, &connection}); }
  void Connected() override { tally_.AddConnection(); }
  void Attempted(bool first) override { pass_->tally().AddAttempt(first && !settling_); }
  void AttemptFailed(std::string_view error) override { pass_->tally().AddError(error); }

  void Finished(const LoadRequest& request, Time due, Time now, const LoadAnswer& answer) override {
    if (request.redeems) {
      FinishedRedeeming(*request.redeems, due, now, std::get<RedeemAnswer>(answer));
    } else {
      const auto& issue = std::get<IssueAnswer>(answer);
      tally_.AddOutcome(issue, request.user, now - due);
      if (timeline_) timeline_->Add(issue, now - due, now - pass_->start());
    }
    pass_->AddOutcome(now);
  }

 private:
  struct Wake {
    Time time;
    LoadConnection* connection = nullptr;
    friend bool operator>(const Wake& a, const Wake& b) { return a.time > b.time; }
  };

  /// Redeems the coupons that were issued, and settles the outcomes that stay open.
  void Redeem(LoadResult& result) {
    RedeemResult& redeemed = result.redeemed.emplace();
    redeeming_ = &redeemed.tally;
    redeemed.request_ids = redeem_requests_.request_ids();
    redeemed.begin = Time::clock::now() - start_;
    const std::uint64_t coupons = tally_.held().size();
    if (coupons == 0) return;
    const ArrivalSchedule schedule = plan_.schedule.Of(coupons, kEndless);
    // Without a rate, how long it should take is not known.
    const bool has_rate = schedule.rate_per_second().has_value();
    if (timeline_) timeline_.emplace(has_rate ? schedule.duration() : result.elapsed);
    PassLimits limits{.drain_for = plan_.drain_for};
    if (!has_rate) {
      // Requests that are repeated may have no outcome for as long as they are.
      limits.stall_for = std::max(plan_.drain_for + plan_.request_timeout,
                                  plan_.retry_for.value_or(nanoseconds(0)));
    }
    RunPass(schedule, limits, redeemed.tally);
    redeemed.elapsed = pass_->elapsed();
    redeemed.use = pass_->TakeUse();
    if (timeline_) Append(timeline_->Finish(pass_->elapsed()), redeemed.begin, result.course);
    timeline_.reset();
    if (redeemed.tally.open() > 0 && !interrupted_) Settle(redeemed);
  }

  /// Asks again what became of the redemptions whose outcome is open.
  void Settle(RedeemResult& redeemed) {
    settling_ = true;
    next_coupon_ = 0;
    const nanoseconds patience =
        std::max({plan_.retry_for.value_or(nanoseconds(0)), plan_.drain_for, kSettleForMin});
    target_.repeat_for = patience;
    const auto at_once = ArrivalSchedule::Make(std::nullopt, patience).value();
    // As many as there are should take no longer than the first time.
    RunPass(at_once.Of(redeemed.tally.open(), patience + redeemed.elapsed), {}, redeemed.tally);
  }

  static void Append(std::vector<LoadInterval> course, nanoseconds begin,
                     std::vector<LoadInterval>& to) {
    for (LoadInterval& interval : course) {
      interval.begin += begin;
      interval.end += begin;
      to.push_back(interval);
    }
  }

  void FinishedRedeeming(std::size_t place, Time due, Time now, const RedeemAnswer& answer) {
    tally_.SetRedemption(place, answer.outcome);
    if (settling_) return redeeming_->Settle(answer);
    redeeming_->AddOutcome(answer, now - due);
    if (timeline_) timeline_->Add(answer, now - due, now - pass_->start());
  }

  /// Sends the requests of a schedule, and returns when all that were sent have an outcome.
  void RunPass(const ArrivalSchedule& schedule, PassLimits limits, RequestTally& tally) {
    const Time start = Time::clock::now();
    pass_.emplace(schedule, limits, tally, start);
    next_sweep_ = start + kSweepEvery;
    line_.clear();
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i]->in_line = false;
      WakeAt(*connections_[i], start + schedule.BeginOf(i, connections_.size()));
    }
    while (!pass_->over()) {
      loop_.Wait(NextTime());
      const Time now = Time::clock::now();
      if (loop_.interrupted() && !interrupted_) {
        interrupted_ = true;
        pass_->Interrupt(now);
      }
      WakeConnections(now);
      DealOut();
      if (now >= next_sweep_) Sweep(now);
    }
  }

  /// Returns when there is something to do even if nothing happens.
  [[nodiscard]] Time NextTime() const {
    Time next = next_sweep_;
    if (!wakes_.empty()) next = std::min(next, wakes_.top().time);
    const auto due = pass_->NextDue();
    if (due && !line_.empty()) next = std::min(next, *due);
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
        const auto due = pass_->Take(now, true);
        if (!due) return;
        line_.pop_front();
        connection.in_line = false;
        connection.Begin(*due, now);
      } else {
        line_.pop_front();
        connection.in_line = false;
      }
    }
  }

  void Sweep(Time now) {
    for (const auto& connection : connections_) connection->Sweep(now);
    pass_->Sweep(now);
    const nanoseconds elapsed = now - start_;
    if (elapsed >= next_progress_) {
      next_progress_ = elapsed + progress_every_;
      on_progress_({.elapsed = elapsed,
                    .waiting = pass_->Waiting(now),
                    .tally = tally_,
                    .redeeming = redeeming_});
    }
    next_sweep_ = now + kSweepEvery;
  }

  const LoadPlan& plan_;
  LoadTarget target_;
  nanoseconds progress_every_;
  nanoseconds next_progress_;
  const std::function<void(const LoadProgress&)>& on_progress_;
  IssueRequests issue_requests_;
  RedeemRequests redeem_requests_;
  IssueAnswerReader issue_answers_;
  RedeemAnswerReader redeem_answers_;
  LoadReading reading_;

  EventLoop loop_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::deque<LoadConnection*> line_;  ///< the idle ones, the longest idle first
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  LoadTally tally_;
  RedeemTally* redeeming_ = nullptr;  ///< null until redeeming begins
  bool settling_ = false;
  std::size_t next_coupon_ = 0;  ///< the place in tally_.held() of the next one to redeem
  std::optional<LoadTimeline> timeline_;
  std::optional<LoadPass> pass_;
  Time start_;
  Time next_sweep_;
  bool interrupted_ = false;
};

}  // namespace

std::expected<rpc_client::Endpoints, std::string> FindLoadEndpoints(const LoadPlan& plan) {
  auto endpoints = rpc_client::FindServer(plan.server);
  if (!endpoints) {
    return std::unexpected(MessageOf(rpc_client::CannotReach(plan.server, endpoints.error())));
  }
  if (!plan.allow_remote) TRY(ExpectOnThisMachine(plan.server, *endpoints));
  return std::move(*endpoints);
}

std::expected<LoadResult, std::string> RunLoad(
    const LoadPlan& plan, nanoseconds progress_every,
    const std::function<void(const LoadProgress&)>& on_progress) {
  COUPOND_CHECK(plan.connections >= 1 && plan.connections <= kLoadConnectionsMax);
  LoadTarget target = TRY(MakeTarget(plan));
  return LoadRun(plan, std::move(target), progress_every, on_progress).Run();
}

}  // namespace coupond::ctl
