#ifndef COUPOND_TEST_SYSTEM_PROGRAM_NOTIFY_SOCKET_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_NOTIFY_SOCKET_H_

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "base/file_descriptor.h"

namespace coupond::test {

/// The end of a service manager: a datagram socket that receives what services say of themselves.
class NotifySocket {
 public:
  /// Binds it to a path, or to an abstract name after "@". Throws std::system_error if it cannot.
  explicit NotifySocket(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (name.size() >= sizeof address.sun_path) throw std::length_error(name);
    std::memcpy(address.sun_path, name.data(), name.size());
    const bool is_abstract = name.starts_with('@');
    if (is_abstract) address.sun_path[0] = '\0';
    const std::size_t size = offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1);
    if (::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address),
               static_cast<socklen_t>(size)) != 0) {
      throw std::system_error(errno, std::generic_category(), "bind " + name);
    }
  }

  /// Returns the next message, or nullopt if none comes in this time.
  [[nodiscard]] std::optional<std::string> Receive(
      std::chrono::milliseconds patience = std::chrono::seconds(60)) const {
    pollfd ready{.fd = socket_.number(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
    std::array<char, 4096> message;
    const ssize_t size = ::recv(socket_.number(), message.data(), message.size(), 0);
    if (size < 0) return std::nullopt;
    return std::string(message.data(), static_cast<std::size_t>(size));
  }

  /// Returns the first message that contains `text`, or nullopt if the messages end without one.
  [[nodiscard]] std::optional<std::string> ReceiveWith(const std::string& text) const {
    for (;;) {
      auto message = Receive();
      if (!message || message->find(text) != std::string::npos) return message;
    }
  }

 private:
  FileDescriptor socket_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_NOTIFY_SOCKET_H_
