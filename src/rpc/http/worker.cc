#include "rpc/http/worker.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <list>
#include <string>
#include <utility>

#include "rpc/http/server.h"
#include "rpc/http/tcp_transport.h"

namespace coupond::http {
namespace {

namespace asio = boost::asio;

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

// The concurrency hint says that one thread runs the loop, though any may post to it.
Worker::Worker(const ServerOptions& options)
    : io_(1), keep_running_(io_.get_executor()), ticker_(io_), alarm_(io_) {
  scope_.limits = options.limits;
  scope_.hosts = options.hosts;
  scope_.log = options.log;
  scope_.error_format = options.error_format;
  scope_.tick_length = TickLength(options.limits);
  scope_.on_session_end = [this] { EndWhenEmpty(); };
  const auto wake = [this] { asio::post(io_, [this] { scope_.mailbox->RunTasks(); }); };
  const auto set_alarm = [this](std::chrono::steady_clock::time_point due) { SetAlarm(due); };
  scope_.mailbox = std::make_shared<Mailbox>(wake, set_alarm, scope_.log);
}

Worker::~Worker() = default;

void Worker::Start(std::unique_ptr<Handler> handler) {
  scope_.handler = std::move(handler);
  thread_ = std::thread([this] { Run(); });
}

void Worker::Run() {
  scope_.mailbox->OpenHere();
  AwaitTick();
  RunLoop();
  scope_.mailbox->Close();
  scope_.handler.reset();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  ended_changed_.notify_all();
}

void Worker::RunLoop() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      scope_.log(std::string("a worker's event loop continues after an exception: ") +
                 error.what());
    }
  }
}

void Worker::AwaitTick() {
  ticker_.expires_after(scope_.tick_length);
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // cancelled, because the worker ends
    ++scope_.tick;
    ForEach(scope_.sessions, [](Session& session) { session.CheckDeadline(); });
    if (keep_running_.owns_work()) AwaitTick();
  });
}

void Worker::SetAlarm(std::chrono::steady_clock::time_point due) {
  if (!keep_running_.owns_work()) return;  // the worker ends
  alarm_.expires_at(due);                  // cancels the previous wait
  alarm_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    scope_.mailbox->timers().RunDue(std::chrono::steady_clock::now());
  });
}

void Worker::Adopt(asio::ip::tcp::socket socket, Slots::Slot slot, Welcome welcome) {
  scope_.mailbox->Post(
      [this, welcome, socket = std::move(socket), slot = std::move(slot)]() mutable {
        if (scope_.stopping) return;  // the socket closes when this task is destroyed
        const auto session = std::make_shared<Session>(
            std::make_unique<TcpTransport>(std::move(socket)), std::move(slot), scope_);
        if (welcome == Welcome::kServe) {
          session->Start();
        } else {
          session->StartRefusing();
        }
      });
}

void Worker::BeginStop() {
  scope_.mailbox->Post([this] {
    scope_.stopping = true;
    ForEach(scope_.sessions, [](Session& session) { session.BeginStop(); });
    EndWhenEmpty();
  });
}

void Worker::EndWhenEmpty() {
  if (!scope_.stopping || !scope_.sessions.empty()) return;
  ticker_.cancel();
  alarm_.cancel();
  keep_running_.reset();
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
