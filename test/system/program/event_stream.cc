#include "system/program/event_stream.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "rpc/connect/envelope.h"
#include "system/program/http_client.h"

namespace coupond::test {
namespace {

int Connected(std::uint16_t port) {
  const int number = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::shutdown(number, SHUT_RDWR);  // every read and write fails then, as if the server had gone
  }
  return number;
}

}  // namespace

std::string EventsRequest(const coupon::v1::ReadEventsRequest& request) {
  std::string body;
  connect::AppendEnvelope(0, request.SerializeAsString(), body);
  return PostRequest("/coupon.v1.AdminService/ReadEvents", "application/connect+proto", body);
}

std::string GetEventsRequest(std::string_view query, std::string_view headers) {
  return "GET /events?" + std::string(query) + " HTTP/1.1\r\nHost: localhost\r\n" +
         std::string(headers) + "\r\n";
}

ChunkStream::ChunkStream(std::uint16_t port, std::string_view request) : socket_(Connected(port)) {
  static_cast<void>(::send(socket_.number(), request.data(), request.size(), MSG_NOSIGNAL));
  head_ = TakeUntil("\r\n\r\n").value_or("");
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (head_.starts_with(kVersion)) status_ = std::stoi(head_.substr(kVersion.size()));
}

bool ChunkStream::ReadMore() {
  std::array<char, 64 * 1'024> some;
  const ssize_t count = ::recv(socket_.number(), some.data(), some.size(), 0);
  if (count <= 0) return false;
  unread_.append(some.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> ChunkStream::TakeUntil(std::string_view separator) {
  std::size_t end = unread_.find(separator);
  for (; end == std::string::npos; end = unread_.find(separator)) {
    if (!ReadMore()) return std::nullopt;
  }
  std::string taken = unread_.substr(0, end);
  unread_.erase(0, end + separator.size());
  return taken;
}

std::optional<std::string> ChunkStream::ReadChunk() {
  constexpr std::string_view kLineEnd = "\r\n";
  constexpr int kHexadecimal = 16;
  const auto length = TakeUntil(kLineEnd);
  if (!length || length->empty()) return std::nullopt;
  const std::size_t bytes = std::stoul(*length, nullptr, kHexadecimal);
  while (unread_.size() < bytes + kLineEnd.size()) {
    if (!ReadMore()) return std::nullopt;
  }
  std::string chunk = unread_.substr(0, bytes);
  unread_.erase(0, bytes + kLineEnd.size());
  if (bytes > 0) return chunk;
  complete_ = true;
  return std::nullopt;
}

std::optional<coupon::v1::ReadEventsResponse> EventStream::Read() {
  const auto chunk = chunks_.ReadChunk();
  if (!chunk || chunk->size() < connect::kEnvelopeHeadBytes) return std::nullopt;
  const std::string content = chunk->substr(connect::kEnvelopeHeadBytes);
  if (chunk->front() == connect::kConnectEndFlag) {
    end_ = content;
    return std::nullopt;
  }
  coupon::v1::ReadEventsResponse message;
  if (!message.ParseFromString(content)) throw std::runtime_error("not a message");
  return message;
}

std::vector<coupon::v1::Event> ReadAllEvents(std::uint16_t port,
                                             const coupon::v1::ReadEventsRequest& request) {
  EventStream stream(port, request);
  std::vector<coupon::v1::Event> events;
  while (auto message = stream.Read()) {
    for (auto& event : *message->mutable_events()) events.push_back(std::move(event));
  }
  if (stream.end() != "{}") throw std::runtime_error("the stream ended with " + stream.end());
  return events;
}

}  // namespace coupond::test
