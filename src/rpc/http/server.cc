#include "rpc/http/server.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <utility>

#include "rpc/http/slots.h"
#include "rpc/http/worker.h"

namespace coupond::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Accepts connections on one address and hands them to the workers in turn. Runs on the first
/// worker's thread; no error ends it. A client over the connection limit is answered with 503.
class Listener {
 public:
  /// The workers must not be empty and must outlive the listener.
  Listener(std::vector<Worker*> workers, const Limits& limits, LogHook log);

  /// Listens: from then on, clients are no longer refused. Fails with kCannotListen.
  [[nodiscard]] Status Open(BoundPort port);

  // On the first worker's thread:
  void Accept();
  void Close();

 private:
  void OnSocket(tcp::socket socket, Worker& worker);
  void PauseAfter(const error_code& error);

  const std::vector<Worker*> workers_;
  const LogHook log_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  Slots seats_;
  Slots refusals_;
  std::size_t turn_ = 0;
  bool failing_ = false;  // the last accept failed, and that has been logged
};

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
  // Otherwise the socket closes here, without a response.
}

/// Pauses, because the process is most likely out of file descriptors, and trying again at once
/// would spin.
void Listener::PauseAfter(const error_code& error) {
  if (!std::exchange(failing_, true)) {
    log_("cannot accept connections; trying again every " + std::to_string(kAcceptPause.count()) +
         " ms: " + error.message());
  }
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) Accept();
  });
}

namespace {

ServerOptions WithDefaults(ServerOptions options) {
  if (!options.log) options.log = [](const std::string&) {};
  options.threads = std::max(options.threads, 1U);
  return options;
}

}  // namespace

Server::Server(ServerOptions options, HandlerFactory handlers)
    : options_(WithDefaults(std::move(options))), handlers_(std::move(handlers)) {}

Server::~Server() { Join(std::chrono::steady_clock::now()); }

Status Server::Start() {
  BoundPort port = TRY(BoundPort::Bind(options_.address, options_.port));
  return Start(std::move(port));
}

Status Server::Start(BoundPort port) {
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<Worker*> borrowed;
  for (unsigned i = 0; i < options_.threads; ++i) {
    workers.push_back(std::make_unique<Worker>(options_));
    borrowed.push_back(workers.back().get());
  }
  auto listener = std::make_unique<Listener>(borrowed, options_.limits, options_.log);
  const std::uint16_t number = port.endpoint().port();
  TRY(listener->Open(std::move(port)));
  port_ = number;
  workers_ = std::move(workers);
  listener_ = std::move(listener);
  for (const auto& worker : workers_) worker->Start(handlers_(worker->executor()));
  workers_.front()->executor().Post([this] { listener_->Accept(); });
  return {};
}

void Server::BeginStop() {
  if (workers_.empty()) return;
  workers_.front()->executor().Post([this] { listener_->Close(); });
  for (const auto& worker : workers_) worker->BeginStop();
}

void Server::Join(std::chrono::steady_clock::time_point deadline) {
  BeginStop();
  for (const auto& worker : workers_) worker->WaitUntilEnded(deadline);
  for (const auto& worker : workers_) worker->Join();
}

}  // namespace coupond::http
