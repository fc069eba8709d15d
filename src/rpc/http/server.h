#ifndef COUPOND_RPC_HTTP_SERVER_H_
#define COUPOND_RPC_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/slots.h"
#include "rpc/http/bound_port.h"
#include "rpc/http/handler.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/limits.h"

namespace coupond::http {

class Listener;
class TlsContext;
class Worker;

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< as for BoundPort::Bind
  std::uint16_t port = 8080;          ///< 0 picks a free port
  unsigned threads = 1;               ///< workers; 0 counts as 1
  /// How long a worker stays awake before it sleeps. Zero is right unless there are processors to
  /// spare.
  std::chrono::nanoseconds busy_wait{0};
  Limits limits = {};
  HostPolicy hosts = {};  ///< the hosts that requests may be for; any host by default
  ErrorFormat error_format = PlainError;
  LogHook log = {};                      ///< may be empty
  std::shared_ptr<TlsContext> tls = {};  ///< null: HTTP without encryption
};

/// Makes the handler of one worker. Called in Start, on its caller's thread, once per worker. The
/// executor is the worker's; it may be used as long as the server lives.
using HandlerFactory = std::function<std::unique_ptr<Handler>(Executor&)>;

/// An HTTP/1.1 server (RFC 9110, RFC 9112) for any handler.
///
/// Each worker has a thread, an event loop, a handler and its own share of the connections. The
/// handler is used and destroyed on the worker's thread. Call Start and Join, and destroy the
/// server, on one thread. BeginStop may be called on any thread, but neither before Start nor
/// during the destructor.
class Server {
 public:
  Server(ServerOptions options, HandlerFactory handlers);
  /// Stops and joins without waiting, if that has not been done.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds the address and port of the options, then starts as the other overload does.
  [[nodiscard]] Status Start();
  /// Listens on a port that was bound before, and starts the threads. Fails with kCannotListen;
  /// nothing has been started then. Throws std::system_error if the system has no more threads or
  /// descriptors; the threads that were started end with the server.
  [[nodiscard]] Status Start(BoundPort port);
  /// Returns the port that the server listens on. Call it after Start.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Returns the number of connections. Call it after Start; any thread.
  [[nodiscard]] std::size_t connections() const;
  /// Returns how many connections were refused because their address had too many. Call it after
  /// Start; any thread.
  [[nodiscard]] std::uint64_t refused_connections() const;

  /// Stops accepting, closes idle connections, and lets requests in flight be answered. Returns at
  /// once. Calling it again does nothing.
  void BeginStop();
  /// Calls BeginStop if that has not been done, waits until every connection has ended or
  /// `deadline` has come, closes what is left, and waits for the threads. A handler that blocks
  /// delays it.
  void Join(std::chrono::steady_clock::time_point deadline);

 private:
  const ServerOptions options_;
  const HandlerFactory handlers_;
  Slots large_bodies_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Listener> listener_;
  std::uint16_t port_ = 0;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_SERVER_H_
