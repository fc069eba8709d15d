// Passes the bytes of one connection to the reader of requests. What they mean must not depend on
// how the network cuts them, and a request must be within the limits and contain nothing that later
// stages could misread.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "rpc/http/http1/request_reader.h"

namespace coupond::fuzz {
namespace {

using http::HeaderField;
using http::HostPolicy;
using http::Limits;
using http::Request;
using http::RequestReader;

/// Returns limits that are small enough for the fuzzer to reach.
Limits TightLimits() {
  Limits limits;
  limits.header_block_bytes_max = 256;
  limits.header_fields_max = 5;
  limits.request_body_bytes_max = 64;
  return limits;
}

bool IsToken(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool IsOneLine(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void CheckRequest(const Request& request, const Limits& limits) {
  Require(IsToken(request.method), "a method is a token");
  Require(request.path == "*" || request.path.starts_with('/'), "a path is * or begins with /");
  Require(IsOneLine(request.path) && IsOneLine(request.query), "a target is within one line");
  Require(request.path.find_first_of("? ") == std::string_view::npos, "a path has no query");
  Require(request.body.size() <= limits.request_body_bytes_max, "a body is within its limit");
  Require(request.headers.size() <= limits.header_fields_max,
          "header fields are within their limit");
  std::size_t header_bytes = request.method.size() + request.path.size() + request.query.size();
  for (const HeaderField& field : request.headers) {
    Require(IsToken(field.name), "a header field's name is a token");
    Require(IsOneLine(field.value), "a header field's value is within one line");
    header_bytes += field.name.size() + field.value.size();
  }
  Require(header_bytes <= limits.header_block_bytes_max, "a header block is within its limit");
}

void CheckAuthority(std::string_view text, const HostPolicy& hosts) {
  if (text.empty()) return;
  const auto authority = http::ParseAuthority(text);
  Require(authority.has_value(), "a malformed host is refused");
  Require(hosts.Accepts(*authority), "a foreign host is refused");
}

void AppendTo(std::string& seen, const Request& request) {
  seen.append(request.method).append(" ").append(request.authority).append(request.path);
  seen.append("?").append(request.query);
  for (const HeaderField& field : request.headers) {
    seen.append("\n").append(field.name).append("=").append(field.value);
  }
  seen.append("\n\n").append(request.body).append("\n--\n");
}

/// The number of bytes of each read, repeated; empty for as many as there is room for.
using Portions = std::span<const std::uint8_t>;

/// Returns each request and the end as text. The reason for a rejection is left out: which of
/// several faults is seen first may depend on the portions.
std::string ReadAll(std::string_view bytes, const Limits& limits, const HostPolicy& hosts,
                    Portions portions) {
  RequestReader reader(limits, hosts);
  std::string seen;
  for (std::size_t reads = 0;;) {
    switch (reader.Parse()) {
      case RequestReader::Progress::kWhole:
        CheckRequest(reader.request(), limits);
        CheckAuthority(reader.request().authority, hosts);
        AppendTo(seen, reader.request());
        seen.append(reader.keep_alive() ? "stays" : "closes");
        reader.Next();
        break;
      case RequestReader::Progress::kRejected:
        Require(http::Describe(reader.rejection(), limits, reader.authority()).status >= 400,
                "a rejection is an error");
        return seen + "rejected";
      case RequestReader::Progress::kNeedMore: {
        const bool is_idle = reader.phase() == RequestReader::Phase::kNothing;
        Require(!reader.TakeContinueWish() || !is_idle,
                "only a request in progress waits to continue");
        // The end of the input within a request is a rejection too.
        if (bytes.empty()) return seen + (is_idle ? "end" : "rejected");
        const std::span<char> space = reader.Space();
        Require(!space.empty(), "a reader that needs more has room for it");
        std::size_t count = std::min(space.size(), bytes.size());
        if (!portions.empty()) {
          count = std::min<std::size_t>(count, portions[reads++ % portions.size()] + 1U);
        }
        std::copy_n(bytes.begin(), count, space.begin());
        reader.Commit(count);
        bytes.remove_prefix(count);
        break;
      }
    }
  }
}

}  // namespace

void FuzzHttp(std::string_view bytes) {
  Input input(bytes);
  const std::size_t kind = input.Choose(4);
  const Limits limits = kind % 2 == 0 ? Limits() : TightLimits();
  const HostPolicy hosts = kind < 2 ? HostPolicy() : HostPolicy("127.0.0.1", {});
  std::array<std::uint8_t, 10> portions;
  const std::size_t count = input.Choose(portions.size());
  for (std::size_t i = 0; i < count; ++i) {
    portions[i] = static_cast<std::uint8_t>(input.TakeByte());
  }
  const std::string at_once = ReadAll(input.rest(), limits, hosts, {});
  const std::string in_portions =
      ReadAll(input.rest(), limits, hosts, Portions(portions).first(count));
  Require(at_once == in_portions, "how bytes are cut does not change their meaning",
          "at once:\n" + at_once + "\nin portions:\n" + in_portions);
}

}  // namespace coupond::fuzz
