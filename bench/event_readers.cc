// Reads the events of a server over many connections, with as little work as possible, and says how
// long after its commit an event arrived. Prints one JSON object.
//
// Usage: coupond_event_readers PORT READERS SECONDS FROM_SEQUENCE
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "coupon/v1/admin_service.pb.h"

namespace coupond::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::size_t kEnvelopeHeadBytes = 5;
constexpr char kEndFlag = 2;

struct Figures {
  std::uint64_t messages = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::vector<double> lags_ms = {};  ///< of the first event of each message
  std::string fault = {};
};

/// Removes a varint from the front.
std::uint64_t TakeVarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

/// One stream. Only the first event of each message is parsed; the others are counted.
class Reader {
 public:
  Reader(std::uint16_t port, std::string_view request)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ok_ = ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address),
                    sizeof address) == 0 &&
          ::send(socket_.number(), request.data(), request.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(request.size());
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] int number() const { return socket_.number(); }

  void Read(Figures& figures) {
    static std::array<char, 256 * 1'024> some;
    const ssize_t count = ::recv(socket_.number(), some.data(), some.size(), MSG_DONTWAIT);
    if (count < 0) return;
    if (count == 0) {
      figures.fault = "a stream ended";
      return;
    }
    unread_.append(some.data(), static_cast<std::size_t>(count));
    figures.bytes += static_cast<std::uint64_t>(count);
    std::string_view rest = unread_;
    while (TakePiece(rest, figures)) {
    }
    unread_.erase(0, unread_.size() - rest.size());
  }

 private:
  /// Removes the answer's head, or a chunk, from the front. Returns false if it is not whole.
  bool TakePiece(std::string_view& rest, Figures& figures) {
    constexpr std::string_view kLineEnd = "\r\n";
    if (!has_head_) {
      const std::size_t end = rest.find("\r\n\r\n");
      if (end == std::string_view::npos) return false;
      if (!rest.starts_with("HTTP/1.1 200")) figures.fault = "a stream was refused";
      rest.remove_prefix(end + 4);
      has_head_ = true;
      return true;
    }
    const std::size_t line = rest.find(kLineEnd);
    if (line == std::string_view::npos) return false;
    std::size_t length = 0;
    const std::string_view digits = rest.substr(0, line);
    std::from_chars(digits.begin(), digits.end(), length, 16);
    const std::size_t whole = line + kLineEnd.size() + length + kLineEnd.size();
    if (rest.size() < whole) return false;
    TakeMessage(rest.substr(line + kLineEnd.size(), length), figures);
    rest.remove_prefix(whole);
    return true;
  }

  static void TakeMessage(std::string_view message, Figures& figures) {
    if (message.size() < kEnvelopeHeadBytes || message.front() == kEndFlag) {
      figures.fault = "a stream ended: " + std::string(message);
      return;
    }
    message.remove_prefix(kEnvelopeHeadBytes);
    constexpr std::uint64_t kEventsTag = 1 << 3 | 2;
    bool is_first = true;
    while (!message.empty() && TakeVarint(message) == kEventsTag) {
      const std::size_t length = TakeVarint(message);
      if (std::exchange(is_first, false)) {
        coupon::v1::Event event;
        if (!event.ParseFromArray(message.data(), static_cast<int>(length))) {
          figures.fault = "an event cannot be read";
          return;
        }
        const auto happened = std::chrono::seconds(event.time().seconds()) +
                              std::chrono::nanoseconds(event.time().nanos());
        const Milliseconds lag = std::chrono::system_clock::now().time_since_epoch() - happened;
        figures.lags_ms.push_back(lag.count());
      }
      message.remove_prefix(std::min(length, message.size()));
      ++figures.events;
    }
    ++figures.messages;
  }

  FileDescriptor socket_;
  bool ok_ = false;
  bool has_head_ = false;
  std::string unread_;
};

std::string RequestFrom(std::uint64_t sequence) {
  coupon::v1::ReadEventsRequest message;
  message.set_from_sequence(sequence);
  message.set_follow(true);
  const std::string encoded = message.SerializeAsString();
  std::string body = {0, 0, 0, 0, static_cast<char>(encoded.size())};
  body += encoded;
  return "POST /coupon.v1.AdminService/ReadEvents HTTP/1.1\r\nHost: localhost\r\n"
         "Content-Type: application/connect+proto\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

Figures ReadFor(std::chrono::seconds duration, std::uint16_t port, std::size_t readers_wanted,
                std::uint64_t from) {
  Figures figures;
  const std::string request = RequestFrom(from);
  const FileDescriptor poll(::epoll_create1(EPOLL_CLOEXEC));
  std::vector<Reader> readers;
  readers.reserve(readers_wanted);
  for (std::size_t i = 0; i < readers_wanted; ++i) {
    Reader& reader = readers.emplace_back(port, request);
    ::epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    if (!reader.ok() || ::epoll_ctl(poll.number(), EPOLL_CTL_ADD, reader.number(), &event) != 0) {
      figures.fault = "cannot connect";
      return figures;
    }
  }
  const auto end = steady_clock::now() + duration;
  std::array<::epoll_event, 64> ready;
  while (figures.fault.empty() && steady_clock::now() < end) {
    const int count = ::epoll_wait(poll.number(), ready.data(), ready.size(), 100);
    for (int i = 0; i < count; ++i) {
      readers[ready[static_cast<std::size_t>(i)].data.u64].Read(figures);
    }
  }
  return figures;
}

double Quantile(std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int Run(const std::vector<std::string_view>& arguments) {
  std::vector<std::uint64_t> numbers;
  for (const std::string_view argument : arguments) {
    if (const auto number = Number(argument)) numbers.push_back(*number);
  }
  if (numbers.size() != 4 || arguments.size() != 4) {
    std::fputs("usage: coupond_event_readers PORT READERS SECONDS FROM_SEQUENCE\n", stderr);
    return 2;
  }
  Figures figures = ReadFor(std::chrono::seconds(numbers[2]),
                            static_cast<std::uint16_t>(numbers[0]), numbers[1], numbers[3]);
  if (!figures.fault.empty()) {
    std::fprintf(stderr, "coupond_event_readers: %s\n", figures.fault.c_str());
    return 1;
  }
  std::ranges::sort(figures.lags_ms);
  std::printf(
      "{\"readers\":%llu,\"messages\":%llu,\"events\":%llu,\"bytes\":%llu,\"lagMedianMs\":%.0f,"
      "\"lagP99Ms\":%.0f,\"lagMaxMs\":%.0f}\n",
      static_cast<unsigned long long>(numbers[1]),
      static_cast<unsigned long long>(figures.messages),
      static_cast<unsigned long long>(figures.events),
      static_cast<unsigned long long>(figures.bytes), Quantile(figures.lags_ms, 0.5),
      Quantile(figures.lags_ms, 0.99), Quantile(figures.lags_ms, 1));
  return 0;
}

}  // namespace
}  // namespace coupond::bench

int main(int argc, char** argv) { return coupond::bench::Run({argv + 1, argv + argc}); }
