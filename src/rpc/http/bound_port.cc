#include "rpc/http/bound_port.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <sstream>
#include <system_error>

namespace coupond::http {
namespace {

using boost::asio::ip::tcp;

bool SetOption(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

/// Reads the actual endpoint of the socket, which differs from the requested one for port 0.
bool ReadEndpoint(int socket, tcp::endpoint& endpoint) {
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket, endpoint.data(), &size) != 0) return false;
  endpoint.resize(size);
  return true;
}

/// Returns what the system's own message leaves open, or an empty text.
const char* Explanation(int error_number) {
  switch (error_number) {
    case EADDRINUSE:
      return " (another program listens there)";
    case EADDRNOTAVAIL:
      return " (this machine does not have that address)";
    case EACCES:
      return " (a port below 1024 needs CAP_NET_BIND_SERVICE)";
    default:
      return "";
  }
}

}  // namespace

std::unexpected<Error> CannotListen(const tcp::endpoint& endpoint, int error_number) {
  std::ostringstream place;
  place << endpoint;
  return MakeError(ErrorCode::kCannotListen, "cannot listen on " + place.str() + ": " +
                                                 std::generic_category().message(error_number) +
                                                 Explanation(error_number));
}

Result<BoundPort> BoundPort::Bind(const std::string& address, std::uint16_t port) {
  if (const auto path = SocketPathOf(address)) {
    SocketFile::Bound made = TRY(SocketFile::Bind(*path));
    BoundPort bound(std::move(made.socket));
    bound.file_ = std::move(made.file);
    return bound;
  }
  boost::system::error_code unknown;
  const auto ip =
      boost::asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, unknown);
  if (unknown) {
    return MakeError(ErrorCode::kCannotListen, "cannot listen on " + address + ":" +
                                                   std::to_string(port) + ": not an IP address");
  }
  const tcp::endpoint endpoint(ip, port);
  BoundPort bound(FileDescriptor(
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)));
  const int socket = bound.socket_.number();
  // Without SO_REUSEADDR, connections of the previous server would block the port for a minute.
  // "::" means every address of the machine, both IPv4 and IPv6.
  if (socket < 0 || !SetOption(socket, SOL_SOCKET, SO_REUSEADDR, 1) ||
      (ip.is_v6() && !SetOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0)) ||
      ::bind(socket, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
      !ReadEndpoint(socket, bound.endpoint_)) {
    return CannotListen(endpoint, errno);
  }
  return bound;
}

}  // namespace coupond::http
