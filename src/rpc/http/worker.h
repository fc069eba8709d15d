#ifndef COUPOND_RPC_HTTP_WORKER_H_
#define COUPOND_RPC_HTTP_WORKER_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/file_descriptor.h"
#include "base/slots.h"
#include "rpc/http/event_loop.h"
#include "rpc/http/handler.h"
#include "rpc/http/http1/rejection.h"
#include "rpc/http/http1/session.h"

namespace coupond::http {

class TlsContext;
struct ServerOptions;

/// One thread with an event loop, a handler and the sessions assigned to it. Workers share nothing,
/// so only the mailbox needs a lock.
///
/// Any thread may call the functions, unless they say otherwise. Destroy it after Join.
class Worker {
 public:
  /// `large_bodies` must outlive this.
  Worker(const ServerOptions& options, Slots& large_bodies);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Returns the event loop, for this worker's thread only.
  [[nodiscard]] EventLoop& loop() { return loop_; }
  [[nodiscard]] Executor& executor() { return *scope_.mailbox; }

  /// Starts the thread. Call it once. The handler is used and destroyed on the worker's thread.
  void Start(std::unique_ptr<Handler> handler);

  /// Takes over a connection, whose socket must not block. With a rejection it is only answered
  /// why it is refused. Under TLS a connection to be refused is just closed: its handshake would
  /// cost more than serving it.
  void Adopt(FileDescriptor socket, Seat seat, std::optional<Rejection> rejection);

  /// Closes idle connections and lets the busy ones finish; the thread ends with the last of them.
  void BeginStop();
  /// Returns when the thread has ended or `deadline` has come.
  void WaitUntilEnded(std::chrono::steady_clock::time_point deadline);
  /// Closes what is left, and waits for the thread. Call it after BeginStop.
  void Join();

 private:
  void Run();
  void Turn();
  void AwaitTick();
  void EndWhenEmpty();

  [[nodiscard]] std::unique_ptr<Transport> NewTransport(FileDescriptor socket);

  EventLoop loop_;
  TimerQueue::Clock::time_point alarm_ = TimerQueue::Clock::time_point::max();
  std::unique_ptr<Timer> ticker_;
  bool runs_ = true;
  SessionScope scope_;
  const std::shared_ptr<TlsContext> tls_;  // null: none
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;  // guarded by mutex_
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_WORKER_H_
