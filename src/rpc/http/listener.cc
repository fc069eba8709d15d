#include "rpc/http/listener.h"

#include <utility>

namespace coupond::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Listener::Listener(std::vector<Worker*> workers, const Limits& limits, LogHook log)
    : workers_(std::move(workers)),
      log_(std::move(log)),
      acceptor_(workers_.front()->io()),
      pause_(workers_.front()->io()),
      seats_(limits.connections_max),
      refusals_(kRefusalsAtOnceMax) {}

Status Listener::Open(BoundPort port) {
  const tcp::endpoint endpoint = port.endpoint();
  error_code error;
  acceptor_.assign(endpoint.protocol(), port.Release(), error);
  if (!error) acceptor_.listen(kListenBacklog, error);
  if (error) return CannotListen(endpoint, error.value());
  return {};
}

void Listener::Start() { Accept(); }

void Listener::Close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::Accept() {
  if (!acceptor_.is_open()) return;
  Worker& worker = *workers_[turn_];
  turn_ = (turn_ + 1) % workers_.size();
  acceptor_.async_accept(worker.io(), [this, &worker](const error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      failing_ = false;
      OnSocket(std::move(socket), worker);
      return Accept();
    }
    // This client has gone already; the next may not have.
    if (error == asio::error::connection_aborted) return Accept();
    PauseAfter(error);
  });
}

void Listener::OnSocket(tcp::socket socket, Worker& worker) {
  if (auto seat = seats_.Take()) {
    worker.Adopt(std::move(socket), std::move(*seat), Worker::Welcome::kServe);
  } else if (auto refusal = refusals_.Take()) {
    worker.Adopt(std::move(socket), std::move(*refusal), Worker::Welcome::kRefuse);
  }
  // Else it is closed: even telling has a limit.
}

/// Most likely the process is out of file descriptors, and trying again at once would spin.
void Listener::PauseAfter(const error_code& error) {
  if (!std::exchange(failing_, true)) {
    log_("cannot accept connections, and will try again and again: " + error.message());
  }
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) Accept();
  });
}

}  // namespace coupond::http
