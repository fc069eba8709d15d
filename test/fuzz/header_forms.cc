// The small text forms around messages: timeouts, content types, lists of compressions, origins and
// queries of requests; trailers of answers. What is accepted means what its rules say, computed in
// another way.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "fuzz/call_answer.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/cors.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/error_details.h"
#include "rpc/connect/get_request.h"
#include "rpc/connect/idempotency_key.h"
#include "rpc/connect/protocol.h"
#include "rpc/http/client_address.h"
#include "rpc/http/ip_network.h"
#include "rpc/json/base64.h"

namespace coupond::fuzz {
namespace {

using connect::Compression;
using connect::TimeoutForm;

bool IsDigits(std::string_view text, std::size_t digits_max) {
  return !text.empty() && text.size() <= digits_max &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string InCapitals(std::string_view text) {
  std::string capitals(text);
  std::ranges::transform(capitals, capitals.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return capitals;
}

void CheckConnectTimeout(std::string_view text) {
  const auto timeout = connect::ParseTimeout(TimeoutForm::kConnect, text);
  const bool is_right = IsDigits(text, 10) && text.find_first_not_of('0') != text.npos;
  Require(timeout.has_value() == is_right, "a timeout is a positive number of at most 10 digits");
  if (!timeout) return;
  const std::string written = std::to_string(timeout->count());
  Require(text.ends_with(written), "milliseconds are read as written", written);
}

void CheckGrpcTimeout(std::string_view text) {
  /// A unit of `times` / `parts` milliseconds.
  struct Unit {
    char letter;
    std::int64_t times;
    std::int64_t parts;
  };
  constexpr std::array kUnits = {Unit{'H', 3'600'000, 1}, Unit{'M', 60'000, 1},
                                 Unit{'S', 1'000, 1},     Unit{'m', 1, 1},
                                 Unit{'u', 1, 1'000},     Unit{'n', 1, 1'000'000}};
  const auto timeout = connect::ParseTimeout(TimeoutForm::kGrpc, text);
  const auto unit =
      text.empty() ? kUnits.end() : std::ranges::find(kUnits, text.back(), &Unit::letter);
  const bool is_right = unit != kUnits.end() && IsDigits(text.substr(0, text.size() - 1), 8);
  Require(timeout.has_value() == is_right, "a timeout is 1 to 8 digits and a unit");
  if (!timeout) return;
  const std::int64_t value = std::stoll(std::string(text));
  constexpr std::int64_t kMillisecondsMax = 9'999'999'999;
  const std::int64_t milliseconds =
      std::min((value * unit->times + unit->parts - 1) / unit->parts, kMillisecondsMax);
  Require(timeout->count() == milliseconds,
          "a timeout is rounded up, and capped at Connect's longest",
          std::to_string(timeout->count()));
}

void CheckContentType(std::string_view text) {
  const auto dialect = connect::DialectOf(text);
  Require(dialect == connect::DialectOf(InCapitals(text)), "capitals do not matter");
  Require(!connect::DialectOf(std::string(text) + ";charset=latin1"), "only UTF-8 is read");
  if (!dialect) return;
  Require(dialect == connect::DialectOf(std::string(text) + "; charset=\"utf-8\"; q=1"),
          "further parameters do not matter");
  const std::string_view canonical = connect::ContentTypeOf(*dialect);
  Require(connect::DialectOf(canonical) == dialect, "an answer's type is the same dialect",
          canonical);
  const std::string_view type = TakeUntil(';', text);
  Require(EqualsIgnoringCase(type, canonical) ||
              EqualsIgnoringCase(std::string(type) + "+proto", canonical),
          "a dialect is the one that is named", canonical);
}

void CheckCompressions(std::string_view text) {
  for (const Compression of_request : {Compression::kIdentity, Compression::kGzip}) {
    Require(connect::ChooseCompression(std::nullopt, of_request) == of_request,
            "without a list, the request's compression is chosen");
    const Compression chosen = connect::ChooseCompression(text, of_request);
    Require(chosen == connect::ChooseCompression(InCapitals(text), of_request),
            "capitals do not matter");
    Require(chosen != Compression::kGzip || InCapitals(text).find("GZIP") != std::string::npos,
            "only what is named is chosen");
    const std::string list(text);
    Require(
        connect::ChooseCompression("gzip," + list, of_request) == Compression::kGzip &&
            connect::ChooseCompression("identity," + list, of_request) == Compression::kIdentity,
        "the first of a list is chosen");
    Require(connect::ChooseCompression("br;q=1.0,gzip;q=0.0," + list, of_request) == chosen &&
                connect::ChooseCompression(list + ",br, ,*", of_request) == chosen,
            "unknown and unwanted compressions do not matter");
  }
  const auto compression = connect::CompressionByName(text);
  Require(!compression || EqualsIgnoringCase(connect::CompressionName(*compression), text),
          "a compression has one name");
}

void CheckOrigin(std::string_view text) {
  const auto origin = connect::AllowedOrigin::Parse(text);
  if (!origin) return Require(!origin.error().empty(), "a refusal says why");
  const std::string& written = origin->text();
  Require(connect::AllowedOrigin::Parse(written) == *origin, "an origin is read back equal",
          written);
  Require(connect::AllowedOrigin::Parse(InCapitals(text)) == *origin, "capitals do not matter");
  Require(std::ranges::all_of(written, [](char c) { return c > ' ' && c <= '~'; }) &&
              written.find_first_of("/?#", written.find("://") + 3) == std::string::npos,
          "an origin has no path, and fits in a header", written);

  const connect::CorsPolicy policy({.origins = {*origin}, .exposed_headers = {}});
  const std::string* allowed = policy.AllowOriginFor(written);
  Require(allowed != nullptr && *allowed == written, "an allowed origin is allowed", written);
  const std::string other = written + "x";
  Require((policy.AllowOriginFor(other) == nullptr) == !origin->any(), "no other origin is allowed",
          other);
  if (origin->any()) return;
  const bool is_https = written.starts_with("https://");
  if (!is_https && !written.starts_with("http://")) return;
  const auto with_port = connect::AllowedOrigin::Parse(written + (is_https ? ":443" : ":80"));
  Require(!with_port || with_port->text() == written, "the scheme's default port is left out");
}

/// Percent-encodes most characters, and spaces in both possible ways.
std::string QueryEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ' && encoded.size() % 2 == 0) {
      encoded.push_back('+');
    } else if (c == '{' || c == '"' || c == ':' || (c >= '0' && c <= 'z' && c != '=')) {
      encoded.push_back(c);
    } else {
      encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 0xf]});
    }
  }
  return encoded;
}

/// Checks the text as a query, and as the message in a query.
void CheckQuery(std::string_view text) {
  const connect::GetParameters raw = connect::ReadGetParameters(text);
  if (raw.message) Require(text.find("message") != text.npos, "nothing is read that is not there");
  static_cast<void>(connect::CodecOf(raw));
  const auto request = connect::ReadGetRequest(raw);
  Require(request.has_value() || !request.error().message.empty(), "a refusal says why");
  Require(!request || raw.message.has_value(), "there is no call without a message");

  const std::string encoded = "message=" + QueryEncoded(text) + "&unknown=%&encoding=proto";
  const auto parameters = connect::ReadGetParameters(encoded + "&encoding=json&message=other");
  Require(parameters.message == text, "a message is read back equal", encoded);
  Require(connect::CodecOf(parameters) == connect::Codec::kProto, "the first of two counts");
  Require(!parameters.base64 && !parameters.compression && !parameters.connect,
          "what is not there is not read", encoded);

  std::string base64;
  connect::AppendBase64(text, connect::Base64Padding::kUnpadded, base64);
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '/', '_');
  for (const std::string_view padding : {"", "%3d"}) {
    const bool fits = padding.empty() || text.size() % 3 == 2;
    const auto whole = connect::ReadGetRequest(connect::ReadGetParameters(
        "connect=v1&base64=1&compression=gzip&message=" + base64 + std::string(padding)));
    if (!fits) continue;
    Require(whole.has_value() && whole->message == text && whole->compression == Compression::kGzip,
            "bytes in base64 are read back equal", base64);
  }
}

/// Checks the text as the message of an error and the value of a trailer.
void CheckEnd(std::string_view text) {
  const std::string message(text);
  connect::Error error{.code = connect::Code::kAborted,
                       .message = message,
                       .details = {{.type = "test.Detail", .value = message}},
                       .headers = {{"Other", message}},
                       .field = message.substr(0, message.find(':')),
                       .facts = {{"text", std::to_string(message.size())}}};
  connect::AddStandardDetails("fuzz", error);
  const connect::Metadata trailers = {{"Note", message}, {"note", "second"}};
  CheckErrorJson(connect::ErrorJson(error));
  Require(CheckConnectEnd(connect::ConnectStreamEnd(nullptr, trailers)),
          "without an error there is no code");
  Require(!CheckConnectEnd(connect::ConnectStreamEnd(&error, trailers)), "an error is reported");
  Require(CheckGrpcWebTrailers(connect::GrpcWebTrailers(nullptr, trailers)),
          "without an error the status is 0");
  Require(!CheckGrpcWebTrailers(connect::GrpcWebTrailers(&error, trailers)),
          "an error has another status");
}

void CheckIdempotencyKey(std::string_view text) {
  const auto key = connect::ReadIdempotencyKey(text);
  if (!key) {
    return Require(key.error().message.starts_with("Idempotency-Key "),
                   "a refusal names the header");
  }
  Require(!key->empty() && std::ranges::all_of(*key, [](char c) { return c >= ' ' && c <= '~'; }),
          "a key is printable", *key);
  std::string quoted = "\"";
  for (const char c : *key) quoted.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
  quoted.push_back('"');
  Require(connect::ReadIdempotencyKey(quoted) == *key, "a key is read back equal", quoted);
  Require(Trimmed(text) == *key || Trimmed(text) == quoted, "there is one way to write it", text);
  Require(!connect::ReadIdempotencyKey(std::string(text) + ", " + quoted), "there is only one");
}

/// Checks the text as what proxies say of their clients, in either field.
void CheckForwarded(std::string_view text) {
  const auto trusted = http::IpNetwork::Parse("10.0.0.0/8");
  const http::PeerAddress socket{.is_unix = true};
  for (const auto field :
       {http::ForwardedField::kXForwardedFor, http::ForwardedField::kForwarded}) {
    const bool standard = field == http::ForwardedField::kForwarded;
    const std::string_view name = standard ? "Forwarded" : "X-Forwarded-For";
    const std::string by_proxy = standard ? "for=192.0.2.7" : "192.0.2.7";
    const auto client_of = [&](std::vector<http::HeaderField> fields, const http::PeerAddress& peer,
                               bool sockets = true) {
      const http::Request request{
          .method = "GET", .path = "/", .query = "", .body = "", .headers = fields, .peer = peer};
      return http::ForwardedClient(request,
                                   {.networks = {*trusted}, .sockets = sockets, .field = field});
    };
    Require(!client_of({{name, text}}, http::ParseIpAddress("192.0.2.1").value()),
            "a stranger names nobody");
    Require(!client_of({{name, text}}, socket, false), "nor does one on a socket");
    for (const http::PeerAddress& proxy : {http::ParseIpAddress("10.0.0.1").value(), socket}) {
      const auto named = client_of({{name, text}}, proxy);
      Require(!named || named->port == 0, "a client has no port");
      Require(!named || *named == proxy || !named->is_unix, "nobody is said to be on a socket");
      Require(
          client_of({{name, text}, {name, by_proxy}}, proxy) == http::ParseIpAddress("192.0.2.7"),
          "what a client invents changes nothing");
      const std::string line = std::string(text) + ", " + by_proxy;
      const auto extended = client_of({{name, line}}, proxy);
      Require(extended == http::ParseIpAddress("192.0.2.7") || extended == proxy,
              "nor in the same line");
    }
  }
}

constexpr std::array kChecks = {
    CheckConnectTimeout, CheckGrpcTimeout, CheckContentType,    CheckCompressions, CheckOrigin,
    CheckQuery,          CheckEnd,         CheckIdempotencyKey, CheckForwarded};

}  // namespace

void FuzzHeaderForms(std::string_view bytes) {
  Input input(bytes);
  const auto check = kChecks[input.Choose(kChecks.size())];
  check(input.rest());
}

}  // namespace coupond::fuzz
