#include "rpc/http/http1/reply_head.h"

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <cstdint>

namespace coupond::http {
namespace {

constexpr std::array<std::string_view, 4> kServersOwn = {"Content-Length", "Transfer-Encoding",
                                                         "Connection", "Date"};

bool IsTokenCharacter(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsValueCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

void AppendNumber(std::string& out, std::uint64_t number, int base) {
  std::array<char, 20> digits;
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), end);
}

void AppendStatusLine(std::string& out, int status) {
  if (status == 200) [[likely]] {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  AppendNumber(out, static_cast<std::uint64_t>(status), 10);
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  const auto reason = boost::beast::http::obsolete_reason(known);
  out.append(" ").append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

bool IsSendable(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  if (!std::ranges::all_of(response.content_type, IsValueCharacter)) return false;
  return std::ranges::all_of(response.headers, [](const auto& field) {
    const auto& [name, value] = field;
    return !name.empty() && std::ranges::all_of(name, IsTokenCharacter) &&
           std::ranges::all_of(value, IsValueCharacter) &&
           std::ranges::none_of(kServersOwn, [&name](std::string_view own) {
             return boost::beast::iequals(name, own);
           });
  });
}

std::string KeepAliveLine(std::chrono::milliseconds idle_timeout) {
  std::string line = "Connection: keep-alive\r\n";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(idle_timeout).count();
  if (seconds > 0) line += "Keep-Alive: timeout=" + std::to_string(seconds) + "\r\n";
  return line;
}

void AppendReplyHead(std::string& out, const Response& response, const ReplyHead& head) {
  AppendStatusLine(out, response.status);
  out.append(head.date_line);
  if (!response.content_type.empty()) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  switch (head.framing) {
    case Framing::kLength:
      // Of a 304 it would be the length of what a 200 would have sent, which nobody knows here.
      if (HasNoBody(response.status)) break;
      out.append("Content-Length: ");
      AppendNumber(out, head.content_length, 10);
      out.append("\r\n");
      break;
    case Framing::kChunked:
      out.append("Transfer-Encoding: chunked\r\n");
      break;
    case Framing::kUntilClose:
      break;
  }
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
  switch (head.persistence) {
    case Persistence::kKeep:
      out.append(head.keep_alive_line);
      break;
    case Persistence::kClose:
      out.append("Connection: close\r\n");
      break;
  }
  out.append("\r\n");
}

void AppendChunk(std::string& out, std::string_view piece) {
  if (piece.empty()) return;
  AppendNumber(out, piece.size(), 16);
  out.append("\r\n").append(piece).append("\r\n");
}

}  // namespace coupond::http
