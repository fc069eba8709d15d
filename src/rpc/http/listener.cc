#include "rpc/http/listener.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "rpc/http/tcp_transport.h"

namespace coupond::http {
namespace {

/// Connections accepted before other events have their turn.
constexpr int kAcceptsPerTurn = 64;

/// Reports whether accept failed for this client only: it has gone already.
bool HasClientGone(int error_number) {
  return error_number == ECONNABORTED || error_number == EPROTO || error_number == EINTR;
}

}  // namespace

Listener::Listener(std::vector<Worker*> workers, const Limits& limits, LogHook log)
    : workers_(std::move(workers)),
      log_(std::move(log)),
      seats_(limits.connections_max),
      address_seats_(limits.connections_per_address_max, limits.unlimited_addresses),
      refusals_(kRefusalsAtOnceMax) {}

Status Listener::Open(BoundPort port) {
  const auto endpoint = port.endpoint();
  socket_ = port.TakeSocket();
  socket_file_ = port.TakeFile();
  const int flags = ::fcntl(socket_.number(), F_GETFL);
  if (flags < 0 || ::fcntl(socket_.number(), F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::listen(socket_.number(), kListenBacklog) != 0) {
    return socket_file_ ? socket_file_->CannotListen(errno) : CannotListen(endpoint, errno);
  }
  return {};
}

void Listener::Accept() {
  if (!workers_.front()->loop().Watch(socket_.number(), *this)) {
    log_("cannot accept connections: " + std::generic_category().message(errno));
  }
}

void Listener::Close() {
  workers_.front()->loop().Forget(*this);
  socket_.Close();
  socket_file_.reset();
  pause_.reset();
}

void Listener::OnReady(EventLoop::Readiness /*ready*/) {
  if (pause_ != nullptr) return;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    FileDescriptor socket(
        ::accept4(socket_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      failing_ = false;
      HandOut(std::move(socket));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (!HasClientGone(errno)) {
      return PauseAfter(errno);
    }
  }
  workers_.front()->loop().Resume(*this);
}

void Listener::HandOut(FileDescriptor socket) {
  Worker& worker = *workers_[turn_];
  turn_ = (turn_ + 1) % workers_.size();
  if (auto seat = FindSeat(socket.number())) {
    worker.Adopt(std::move(socket), *std::move(seat), std::nullopt);
  } else if (auto refusal = refusals_.Take()) {
    worker.Adopt(std::move(socket), {.of_server = *std::move(refusal)}, seat.error());
  }
  // Otherwise the socket closes here, without a response.
}

std::expected<Seat, Rejection> Listener::FindSeat(int socket) {
  auto of_address = address_seats_.Take(PeerOf(socket));
  if (!of_address) {
    refused_of_addresses_.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(Rejection::kTooManyFromAddress);
  }
  auto of_server = seats_.Take();
  if (!of_server) return std::unexpected(Rejection::kTooManyConnections);
  return Seat{.of_server = *std::move(of_server), .of_address = std::move(of_address)};
}

/// Pauses, because the process is most likely out of file descriptors, and trying again at once
/// would spin.
void Listener::PauseAfter(int error_number) {
  if (!std::exchange(failing_, true)) {
    log_("cannot accept connections; trying again every " + std::to_string(kAcceptPause.count()) +
         " ms: " + std::generic_category().message(error_number));
  }
  pause_ = workers_.front()->executor().StartTimer(kAcceptPause, [this] {
    pause_.reset();
    OnReady({});
  });
}

}  // namespace coupond::http
