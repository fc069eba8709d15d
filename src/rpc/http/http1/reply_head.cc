#include "rpc/http/http1/reply_head.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <span>
#include <utility>

#include "base/ascii.h"

namespace coupond::http {
namespace {

/// Fields that the server adds itself.
constexpr std::array<std::string_view, 5> kServersOwn = {"Content-Length", "Transfer-Encoding",
                                                         "Connection", "Date", "Trailer"};
/// Fields that a client needs before the body, or to decide how to treat it.
constexpr std::array<std::string_view, 12> kNeverTrailers = {
    "Content-Type",  "Content-Encoding", "Content-Range", "Host",     "Cache-Control", "Expires",
    "Authorization", "Set-Cookie",       "Age",           "Location", "Retry-After",   "Vary"};

bool IsTokenCharacter(char c) {
  return IsLetter(c) || IsDigit(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
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

bool IsOneOf(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](std::string_view each) { return EqualsIgnoringCase(each, name); });
}

bool IsSendableField(const std::pair<std::string, std::string>& field) {
  const auto& [name, value] = field;
  return !name.empty() && std::ranges::all_of(name, IsTokenCharacter) &&
         std::ranges::all_of(value, IsValueCharacter) && !IsOneOf(kServersOwn, name);
}

void AppendFields(std::string& out, const FieldList& fields) {
  for (const auto& [name, value] : fields) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
}

void AppendTrailerNames(std::string& out, const FieldList& trailers) {
  out.append("Trailer: ");
  for (const auto& [name, value] : trailers) out.append(name).append(", ");
  out.resize(out.size() - 2);
  out.append("\r\n");
}

void AppendKeepAlive(std::string& out, std::chrono::milliseconds idle_timeout) {
  out.append("Connection: keep-alive\r\n");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(idle_timeout).count();
  if (seconds <= 0) return;
  out.append("Keep-Alive: timeout=");
  AppendNumber(out, static_cast<std::uint64_t>(seconds), 10);
  out.append("\r\n");
}

}  // namespace

bool IsSendable(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  if (!std::ranges::all_of(response.content_type, IsValueCharacter)) return false;
  return std::ranges::all_of(response.headers, IsSendableField) &&
         AreSendableTrailers(response.trailers);
}

bool AreSendableTrailers(const FieldList& trailers) {
  return std::ranges::all_of(trailers, [](const auto& field) {
    return IsSendableField(field) && !IsOneOf(kNeverTrailers, field.first);
  });
}

void AppendReplyHead(std::string& out, const Response& response, const ReplyHead& head) {
  AppendStatusLine(out, response.status);
  if (!head.date.empty()) out.append("Date: ").append(head.date).append("\r\n");
  if (!response.content_type.empty()) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  switch (head.framing) {
    case Framing::kLength:
      // In a 304 it would be the length that a 200 would have had, which is not known here.
      if (HasNoBody(response.status)) break;
      out.append("Content-Length: ");
      AppendNumber(out, head.content_length, 10);
      out.append("\r\n");
      break;
    case Framing::kChunked:
      out.append("Transfer-Encoding: chunked\r\n");
      if (head.has_trailers) AppendTrailerNames(out, response.trailers);
      break;
    case Framing::kUntilClose:
      break;
  }
  AppendFields(out, response.headers);
  switch (head.persistence) {
    case Persistence::kKeep:
      AppendKeepAlive(out, head.idle_timeout);
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

void AppendLastChunk(std::string& out, const FieldList& trailers) {
  out.append("0\r\n");
  AppendFields(out, trailers);
  out.append("\r\n");
}

std::string_view DateText::At(std::time_t time) {
  if (time == written_for_) return text_;
  // Not strftime: the names must be English in every locale.
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 80> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                                   kMonths[static_cast<std::size_t>(utc.tm_mon)],
                                   utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  text_.assign(text.data(), static_cast<std::size_t>(length));
  written_for_ = time;
  return text_;
}

}  // namespace coupond::http
