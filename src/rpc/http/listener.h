#ifndef COUPOND_RPC_HTTP_LISTENER_H_
#define COUPOND_RPC_HTTP_LISTENER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/slots.h"
#include "rpc/http/address_slots.h"
#include "rpc/http/bound_port.h"
#include "rpc/http/event_loop.h"
#include "rpc/http/handler.h"
#include "rpc/http/http1/rejection.h"
#include "rpc/http/http1/session.h"
#include "rpc/http/limits.h"
#include "rpc/http/socket_file.h"
#include "rpc/http/worker.h"

namespace coupond::http {

/// Accepts connections on one address and hands them to the workers in turn. No error ends it. A
/// client over the connection limit is answered with 503, one over that of its address with 429.
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
  /// Returns how many were refused because their address had too many. Any thread.
  [[nodiscard]] std::uint64_t refused_of_addresses() const {
    return refused_of_addresses_.load(std::memory_order_relaxed);
  }

 private:
  void OnReady(EventLoop::Readiness ready) override;
  void HandOut(FileDescriptor socket);
  [[nodiscard]] std::expected<Seat, Rejection> FindSeat(int socket);
  void PauseAfter(int error_number);

  const std::vector<Worker*> workers_;
  const LogHook log_;
  FileDescriptor socket_;
  std::optional<SocketFile> socket_file_;  ///< of a socket of the Unix domain
  std::unique_ptr<Timer> pause_;
  Slots seats_;
  AddressSlots address_seats_;
  std::atomic<std::uint64_t> refused_of_addresses_{0};
  Slots refusals_;
  std::size_t turn_ = 0;
  bool failing_ = false;  // the last accept failed, and that has been logged
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_LISTENER_H_
