#ifndef COUPOND_RPC_HTTP_LISTENER_H_
#define COUPOND_RPC_HTTP_LISTENER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/slots.h"
#include "rpc/http/bound_port.h"
#include "rpc/http/event_loop.h"
#include "rpc/http/handler.h"
#include "rpc/http/limits.h"
#include "rpc/http/socket_file.h"
#include "rpc/http/worker.h"

namespace coupond::http {

/// Accepts connections on one address and hands them to the workers in turn. No error ends it. A
/// client over the connection limit is answered with 503.
///
/// Threads: the first worker's, but for the constructor and Open, which come before it runs.
class Listener final : private EventLoop::Watcher {
 public:
  /// The workers must not be empty and must outlive the listener.
  Listener(std::vector<Worker*> workers, const Limits& limits, LogHook log);

  /// Listens: from then on, clients are no longer refused. Fails with kCannotListen.
  [[nodiscard]] Status Open(BoundPort port);

  void Accept();
  void Close();
  /// Returns the number of connections. Any thread.
  [[nodiscard]] std::size_t connections() const { return seats_.taken(); }

 private:
  void OnReady(EventLoop::Readiness ready) override;
  void HandOut(FileDescriptor socket);
  void PauseAfter(int error_number);

  const std::vector<Worker*> workers_;
  const LogHook log_;
  FileDescriptor socket_;
  std::optional<SocketFile> socket_file_;  ///< of a socket of the Unix domain
  std::unique_ptr<Timer> pause_;
  Slots seats_;
  Slots refusals_;
  std::size_t turn_ = 0;
  bool failing_ = false;  // the last accept failed, and that has been logged
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_LISTENER_H_
