#include "program/service_notifier.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

namespace coupond {
namespace {

constexpr timeval kSendTimeout{.tv_sec = 1, .tv_usec = 0};

std::string_view Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Returns the address of the socket, or nullopt if the text names none.
std::optional<std::pair<sockaddr_un, socklen_t>> AddressOf(std::string_view text) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // A path ends with NUL; an abstract name begins with one, in place of the "@".
  if (text.size() < 2 || text.size() >= sizeof address.sun_path) return std::nullopt;
  if (text.front() != '/' && text.front() != '@') return std::nullopt;
  std::memcpy(address.sun_path, text.data(), text.size());
  const bool is_abstract = text.front() == '@';
  if (is_abstract) address.sun_path[0] = '\0';
  const std::size_t size = offsetof(sockaddr_un, sun_path) + text.size() + (is_abstract ? 0 : 1);
  return std::pair(address, static_cast<socklen_t>(size));
}

std::string StatusLine(std::string_view status) { return "STATUS=" + std::string(status) + "\n"; }

/// Returns the monotonic time, which the manager compares with that of its request.
std::chrono::microseconds MonotonicTime() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::seconds(now.tv_sec) +
                                                       std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

ServiceManager ServiceManager::FromEnvironment() {
  ServiceManager manager{.socket = std::string(Variable("NOTIFY_SOCKET")), .watchdog = {}};
  const auto limit = ParseNumber(Variable("WATCHDOG_USEC"));
  const std::string_view process = Variable("WATCHDOG_PID");
  const bool for_this_process = process.empty() || ParseNumber(process) == ::getpid();
  constexpr std::int64_t kMicrosecondsMax = INT64_MAX / 1'000;
  if (limit && *limit > 0 && *limit <= kMicrosecondsMax && for_this_process) {
    manager.watchdog = std::chrono::microseconds(*limit);
  }
  return manager;
}

ServiceNotifier::ServiceNotifier(ServiceManager manager) : manager_(std::move(manager)) {
  if (!AddressOf(manager_.socket)) return;
  socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket_.valid()) return;
  ::setsockopt(socket_.number(), SOL_SOCKET, SO_SNDTIMEO, &kSendTimeout, sizeof kSendTimeout);
}

void ServiceNotifier::Starting(std::string_view status) const {
  constexpr std::chrono::microseconds kMicroseconds = kMoreTime;
  Send(StatusLine(status) + "EXTEND_TIMEOUT_USEC=" + std::to_string(kMicroseconds.count()) + "\n");
}

void ServiceNotifier::Ready(std::string_view status) const {
  Send("READY=1\n" + StatusLine(status));
}

void ServiceNotifier::Reloading() const {
  Send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(MonotonicTime().count()) + "\n");
}

void ServiceNotifier::Stopping(std::string_view status) const {
  // Stopping waits for the disk as long as it takes, which the watchdog must not cut short.
  Send("STOPPING=1\n" + StatusLine(status) + "WATCHDOG_USEC=0\n");
}

void ServiceNotifier::ShowLife() const {
  if (manager_.watchdog) Send("WATCHDOG=1\n");
}

std::optional<std::chrono::nanoseconds> ServiceNotifier::watchdog_interval() const {
  if (!socket_.valid() || !manager_.watchdog) return std::nullopt;
  return *manager_.watchdog / 2;
}

void ServiceNotifier::Send(std::string_view message) const {
  if (!socket_.valid()) return;
  const auto address = AddressOf(manager_.socket);
  // The manager may have been replaced since the last message, so nothing stays connected.
  static_cast<void>(::sendto(socket_.number(), message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address->first), address->second));
}

}  // namespace coupond
