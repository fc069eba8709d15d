#ifndef COUPOND_RPC_HTTP_LISTENER_H_
#define COUPOND_RPC_HTTP_LISTENER_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "rpc/http/bound_port.h"
#include "rpc/http/limits.h"
#include "rpc/http/log_hook.h"
#include "rpc/http/slots.h"
#include "rpc/http/worker.h"

namespace coupond::http {

/// Accepts connections on one address and hands them to the workers in turn. Runs on the first
/// worker's thread; no error ends it. Over the connection limit, a client is told so.
class Listener {
 public:
  /// The workers must not be empty and must outlive the listener.
  Listener(std::vector<Worker*> workers, const Limits& limits, LogHook log);

  /// Listens: from here on, clients are no longer refused. Fails with kCannotListen.
  [[nodiscard]] Status Open(BoundPort port);

  // On the first worker's thread:
  void Start();
  void Close();

 private:
  void Accept();
  void OnSocket(boost::asio::ip::tcp::socket socket, Worker& worker);
  void PauseAfter(const boost::system::error_code& error);

  const std::vector<Worker*> workers_;
  const LogHook log_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  Slots seats_;
  Slots refusals_;
  std::size_t turn_ = 0;
  bool failing_ = false;  // the last accept failed, and that has been logged
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_LISTENER_H_
