#include "rpc/http/worker.h"

#include <algorithm>
#include <list>
#include <utility>

#include "base/error.h"
#include "base/thread.h"
#include "rpc/http/server.h"
#include "rpc/http/tcp_transport.h"
#include "rpc/http/tls_transport.h"

namespace coupond::http {
namespace {

constexpr std::size_t kEventsPerTurnMin = 32;

std::chrono::milliseconds TickLength(const Limits& limits) {
  const auto shortest = std::min({limits.idle_timeout, limits.header_timeout, limits.body_timeout,
                                  limits.write_timeout, limits.linger_timeout});
  return std::clamp(shortest / 4, kTickMin, kTickMax);
}

/// Calls `visit` for every session. A session may leave the list during its visit.
template <typename Visit>
void ForEach(std::list<std::shared_ptr<Session>>& sessions, Visit visit) {
  for (auto next = sessions.begin(); next != sessions.end();) {
    const std::shared_ptr<Session> session = *next++;
    visit(*session);
  }
}

}  // namespace

Worker::Worker(const ServerOptions& options, Slots& large_bodies)
    : loop_(options.busy_wait), tls_(options.tls) {
  scope_.limits = options.limits;
  scope_.hosts = options.hosts;
  scope_.log = options.log;
  scope_.error_format = options.error_format;
  scope_.large_bodies = &large_bodies;
  scope_.tick_length = TickLength(options.limits);
  scope_.on_session_end = [this] { EndWhenEmpty(); };
  const auto wake = [this] { loop_.Wake(); };
  const auto set_alarm = [this](TimerQueue::Clock::time_point due) { alarm_ = due; };
  scope_.mailbox = std::make_shared<Mailbox>(wake, set_alarm, scope_.log);
}

Worker::~Worker() = default;

void Worker::Start(std::unique_ptr<Handler> handler) {
  scope_.handler = std::move(handler);
  thread_ = std::thread([this] { Run(); });
}

void Worker::Run() {
  NameThisThread("http-worker");
  scope_.mailbox->OpenHere();
  AwaitTick();
  while (runs_) {
    try {
      Turn();
    } catch (...) {
      scope_.log("a worker continues after an exception: " + DescribeThrown());
    }
  }
  ticker_.reset();
  scope_.mailbox->Close();
  scope_.handler.reset();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  ended_changed_.notify_all();
}

void Worker::Turn() {
  // Half of the connections at most, so that replies to the others need not wait for all.
  loop_.Turn(alarm_,
             std::clamp(scope_.sessions.size() / 2, kEventsPerTurnMin, EventLoop::kEventsMax));
  scope_.mailbox->RunTasks();
  const auto now = TimerQueue::Clock::now();
  if (alarm_ <= now) {
    alarm_ = TimerQueue::Clock::time_point::max();
    scope_.mailbox->timers().RunDue(now);
  }
}

void Worker::AwaitTick() {
  ticker_ = scope_.mailbox->StartTimer(scope_.tick_length, [this] {
    ++scope_.tick;
    ForEach(scope_.sessions, [](Session& session) { session.CheckDeadline(); });
    if (runs_) AwaitTick();
  });
}

void Worker::Adopt(FileDescriptor socket, Seat seat, std::optional<Rejection> rejection) {
  scope_.mailbox->Post(
      [this, rejection, socket = std::move(socket), seat = std::move(seat)]() mutable {
        // Without a session, the socket closes when this task is destroyed.
        if (scope_.stopping || (tls_ != nullptr && rejection)) return;
        const auto session =
            std::make_shared<Session>(NewTransport(std::move(socket)), std::move(seat), scope_);
        if (rejection) {
          session->StartRefusing(*rejection);
        } else {
          session->Start();
        }
      });
}

std::unique_ptr<Transport> Worker::NewTransport(FileDescriptor socket) {
  auto tcp = std::make_unique<TcpTransport>(std::move(socket), loop_);
  if (tls_ == nullptr) return tcp;
  return std::make_unique<TlsTransport>(std::move(tcp), *tls_, loop_);
}

void Worker::BeginStop() {
  scope_.mailbox->Post([this] {
    scope_.stopping = true;
    ForEach(scope_.sessions, [](Session& session) { session.BeginStop(); });
    EndWhenEmpty();
  });
}

void Worker::EndWhenEmpty() {
  if (scope_.stopping && scope_.sessions.empty()) runs_ = false;
}

void Worker::WaitUntilEnded(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  ended_changed_.wait_until(lock, deadline, [this] { return ended_; });
}

void Worker::Join() {
  if (!thread_.joinable()) return;
  scope_.mailbox->Post(
      [this] { ForEach(scope_.sessions, [](Session& session) { session.Close(); }); });
  thread_.join();
}

}  // namespace coupond::http
