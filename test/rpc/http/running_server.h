#ifndef COUPOND_TEST_RPC_HTTP_RUNNING_SERVER_H_
#define COUPOND_TEST_RPC_HTTP_RUNNING_SERVER_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rpc/http/server.h"
#include "rpc/http/tls_context.h"

namespace coupond::http {

using HandleFunction = std::function<void(const Request&, std::shared_ptr<Exchange>, Executor&)>;

inline Response Text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

/// Returns the response "<method> <path>?<query> <body>".
inline void Echo(const Request& request, const std::shared_ptr<Exchange>& exchange,
                 Executor& /*worker*/) {
  std::string text(request.method);
  text.append(" ").append(request.path).append("?").append(request.query).append(" ");
  exchange->Respond(Text(text.append(request.body)));
}

/// Lines that tests wait for, in order of arrival. Thread-safe.
class Notes {
 public:
  void Add(std::string note) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
    changed_.notify_all();
  }
  /// Waits up to a minute until a line contains `text`.
  [[nodiscard]] bool Await(const std::string& text, std::size_t times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return Count(text) >= times; });
  }
  /// Reports whether that many lines contain `text` so far.
  [[nodiscard]] bool Has(const std::string& text, std::size_t times = 1) {
    const std::lock_guard lock(mutex_);
    return Count(text) >= times;
  }
  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    return notes_.size();
  }

 private:
  [[nodiscard]] std::size_t Count(const std::string& text) const {
    std::size_t found = 0;
    for (const std::string& note : notes_) found += note.find(text) != std::string::npos;
    return found;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> notes_;
};

/// A server on a free port whose workers all handle requests with one function.
class RunningServer {
 public:
  explicit RunningServer(HandleFunction handle = Echo, Limits limits = {}, unsigned threads = 1,
                         std::string address = "127.0.0.1",
                         std::shared_ptr<TlsContext> tls = nullptr)
      : server_({.address = std::move(address),
                 .port = 0,
                 .threads = threads,
                 .limits = limits,
                 .log = [this](std::string line) { log_.Add(std::move(line)); },
                 .tls = std::move(tls)},
                [handle = std::move(handle)](Executor& worker) {
                  return std::make_unique<FunctionHandler>(handle, worker);
                }) {
    const auto started = server_.Start();
    EXPECT_TRUE(started.has_value()) << started.error().message;
  }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] Server& server() { return server_; }
  [[nodiscard]] Notes& log() { return log_; }

 private:
  class FunctionHandler final : public Handler {
   public:
    FunctionHandler(HandleFunction handle, Executor& worker)
        : handle_(std::move(handle)), worker_(worker) {}
    void Handle(const Request& request, std::shared_ptr<Exchange> exchange) override {
      handle_(request, std::move(exchange), worker_);
    }

   private:
    HandleFunction handle_;
    Executor& worker_;
  };

  Notes log_;  // before the server, whose threads use it
  Server server_;
};

/// Exchanges that a test holds and answers later.
class HeldExchanges {
 public:
  HandleFunction Holder() {
    return [this](const Request&, std::shared_ptr<Exchange> exchange, Executor& worker) {
      const std::lock_guard lock(mutex_);
      held_.emplace_back(std::move(exchange), &worker);
      changed_.notify_all();
    };
  }
  /// Waits up to a minute until that many are held.
  [[nodiscard]] bool Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return held_.size() >= count; });
  }
  [[nodiscard]] std::size_t count() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  void AnswerAll(const std::string& body) {
    AnswerAllWith([body](Exchange& exchange) { exchange.Respond(Text(body)); });
  }
  /// Answers them, on their workers' threads.
  void AnswerAllWith(const std::function<void(Exchange&)>& answer) {
    for (auto& [exchange, worker] : Take()) {
      worker->Post([held = std::move(exchange), answer] { answer(*held); });
    }
  }
  /// Drops them on the calling thread.
  void DropAll() { Take().clear(); }

 private:
  using Held = std::pair<std::shared_ptr<Exchange>, Executor*>;
  std::deque<Held> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(held_, {});
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Held> held_;
};

}  // namespace coupond::http

#endif  // COUPOND_TEST_RPC_HTTP_RUNNING_SERVER_H_
