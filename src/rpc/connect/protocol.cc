#include "rpc/connect/protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/error.h"

namespace coupond::connect {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kProtocolVersion = "1";
constexpr std::string_view kStrict = "1";

/// Where a protocol says what the others say in other headers.
struct ProtocolRow {
  ProtocolHeaders names;
  CallHeaders::Value CallHeaders::* encoding;
  CallHeaders::Value CallHeaders::* accept_encoding;
  CallHeaders::Value CallHeaders::* timeout;
  TimeoutForm timeout_form;
};

// In the order of the enum.
constexpr std::array kProtocols = {
    ProtocolRow{{"Content-Encoding", "Accept-Encoding", "Connect-Timeout-Ms"},
                &CallHeaders::content_encoding,
                &CallHeaders::accept_encoding,
                &CallHeaders::connect_timeout_ms,
                TimeoutForm::kConnect},
    ProtocolRow{{"Connect-Content-Encoding", "Connect-Accept-Encoding", "Connect-Timeout-Ms"},
                &CallHeaders::connect_content_encoding,
                &CallHeaders::connect_accept_encoding,
                &CallHeaders::connect_timeout_ms,
                TimeoutForm::kConnect},
    ProtocolRow{{"Grpc-Encoding", "Grpc-Accept-Encoding", "Grpc-Timeout"},
                &CallHeaders::grpc_encoding,
                &CallHeaders::grpc_accept_encoding,
                &CallHeaders::grpc_timeout,
                TimeoutForm::kGrpc},
};
static_assert(kProtocols.size() == static_cast<std::size_t>(Protocol::kGrpcWeb) + 1);

const ProtocolRow& RowOf(Protocol protocol) {
  return kProtocols.at(static_cast<std::size_t>(protocol));
}

struct ContentTypeRow {
  std::string_view content_type;
  Dialect dialect;
};

// Responses have the first name of their dialect.
constexpr std::array kContentTypes = {
    ContentTypeRow{"application/json", {Protocol::kConnectUnary, Codec::kJson}},
    ContentTypeRow{"application/proto", {Protocol::kConnectUnary, Codec::kProto}},
    ContentTypeRow{"application/connect+proto", {Protocol::kConnectStream, Codec::kProto}},
    ContentTypeRow{"application/connect+json", {Protocol::kConnectStream, Codec::kJson}},
    ContentTypeRow{"application/grpc-web+proto", {Protocol::kGrpcWeb, Codec::kProto}},
    ContentTypeRow{"application/grpc-web+json", {Protocol::kGrpcWeb, Codec::kJson}},
    ContentTypeRow{"application/grpc-web", {Protocol::kGrpcWeb, Codec::kProto}},
};

struct HeaderRow {
  std::string_view name;
  CallHeaders::Value CallHeaders::* value;
};

constexpr std::array kCallHeaders = {
    HeaderRow{"content-type", &CallHeaders::content_type},
    HeaderRow{"content-encoding", &CallHeaders::content_encoding},
    HeaderRow{"accept-encoding", &CallHeaders::accept_encoding},
    HeaderRow{"connect-protocol-version", &CallHeaders::connect_protocol_version},
    HeaderRow{"connect-timeout-ms", &CallHeaders::connect_timeout_ms},
    HeaderRow{"connect-content-encoding", &CallHeaders::connect_content_encoding},
    HeaderRow{"connect-accept-encoding", &CallHeaders::connect_accept_encoding},
    HeaderRow{"grpc-timeout", &CallHeaders::grpc_timeout},
    HeaderRow{"grpc-encoding", &CallHeaders::grpc_encoding},
    HeaderRow{"grpc-accept-encoding", &CallHeaders::grpc_accept_encoding},
    HeaderRow{"if-none-match", &CallHeaders::if_none_match},
    HeaderRow{"coupond-strict", &CallHeaders::coupond_strict},
    HeaderRow{"idempotency-key", &CallHeaders::idempotency_key},
    HeaderRow{"origin", &CallHeaders::origin},
};

/// The lengths of the names in kCallHeaders, one bit each: most other headers can be told from all
/// of them by their length alone.
constexpr std::uint64_t kNameLengths = [] {
  std::uint64_t lengths = 0;
  for (const HeaderRow& row : kCallHeaders) lengths |= std::uint64_t{1} << row.name.size();
  return lengths;
}();

bool MayBeCallHeader(std::string_view name) {
  return name.size() < 64 && (kNameLengths >> name.size() & 1) != 0;
}

/// Reports whether the name begins as this program's own headers do, but is not one of them.
bool IsUnknownOwn(std::string_view name) {
  constexpr std::string_view kOwn = "coupond";
  return name.size() >= kOwn.size() && EqualsIgnoringCase(name.substr(0, kOwn.size()), kOwn) &&
         !EqualsIgnoringCase(name, "coupond-strict");
}

constexpr std::size_t kConnectDigitsMax = 10;
constexpr std::size_t kGrpcDigitsMax = 8;
/// Connect's longest timeout, about 116 days. gRPC can name 11,000 years; now plus that overflows.
constexpr milliseconds kTimeoutMax{9'999'999'999};

std::optional<std::int64_t> ParseDigits(std::string_view text, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  if (!std::ranges::all_of(text, IsDigit)) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<milliseconds> ParseGrpcTimeout(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto value = ParseDigits(text.substr(0, text.size() - 1), kGrpcDigitsMax);
  if (!value) return std::nullopt;
  switch (text.back()) {
    case 'H':
      return std::chrono::hours(*value);
    case 'M':
      return std::chrono::minutes(*value);
    case 'S':
      return std::chrono::seconds(*value);
    case 'm':
      return milliseconds(*value);
    case 'u':
      return std::chrono::ceil<milliseconds>(std::chrono::microseconds(*value));
    case 'n':
      return std::chrono::ceil<milliseconds>(std::chrono::nanoseconds(*value));
    default:
      return std::nullopt;
  }
}

std::expected<milliseconds, Error> ReadTimeout(const ProtocolRow& row, std::string_view text) {
  if (const auto timeout = ParseTimeout(row.timeout_form, text)) return *timeout;
  const std::string_view form = row.timeout_form == TimeoutForm::kGrpc
                                    ? "1 to 8 digits and one of the units H, M, S, m, u, n"
                                    : "a positive whole number of at most 10 digits";
  return BadHeader(row.names.timeout, std::string(row.names.timeout) + " must be " +
                                          std::string(form) + ", not " + Quoted(text));
}

std::expected<void, Error> CheckProtocolVersion(const CallHeaders& headers) {
  const CallHeaders::Value& version = headers.connect_protocol_version;
  if (!version || *version == kProtocolVersion) return {};
  return BadHeader("Connect-Protocol-Version",
                   "Connect-Protocol-Version must be \"1\", not " + Quoted(*version));
}

/// Reports whether the request is strict.
std::expected<bool, Error> ReadStrict(const CallHeaders& headers) {
  if (headers.unknown_own_name) {
    return BadHeader("Coupond-Strict", Quoted(*headers.unknown_own_name) +
                                           ": unknown header; did you mean Coupond-Strict?");
  }
  if (headers.coupond_strict && *headers.coupond_strict != kStrict) {
    return BadHeader("Coupond-Strict", "Coupond-Strict must be \"1\", not " +
                                           Quoted(*headers.coupond_strict) +
                                           "; leave it out for the usual leniency");
  }
  return headers.coupond_strict.has_value();
}

}  // namespace

std::unexpected<Error> BadHeader(std::string_view name, std::string message) {
  return std::unexpected(Error{.code = Code::kInvalidArgument,
                               .message = std::move(message),
                               .reason = "HEADER_INVALID",
                               .facts = {{"header", std::string(name)}}});
}

const ProtocolHeaders& HeadersOf(Protocol protocol) { return RowOf(protocol).names; }

std::string_view ContentTypeOf(const Dialect& dialect) {
  for (const ContentTypeRow& row : kContentTypes) {
    if (row.dialect == dialect) return row.content_type;
  }
  return {};  // unreachable: the table has every dialect
}

std::optional<Dialect> DialectOf(std::string_view content_type) {
  if (OtherCharset(content_type)) return std::nullopt;
  const std::string_view type = TakeUntil(';', content_type);
  for (const ContentTypeRow& row : kContentTypes) {
    if (EqualsIgnoringCase(type, row.content_type)) return row.dialect;
  }
  return std::nullopt;
}

std::optional<std::string_view> OtherCharset(std::string_view content_type) {
  (void)TakeUntil(';', content_type);
  while (!content_type.empty()) {
    std::string_view parameter = TakeUntil(';', content_type);
    if (!EqualsIgnoringCase(TakeUntil('=', parameter), "charset")) continue;
    std::string_view charset = Trimmed(parameter);
    if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
      charset = charset.substr(1, charset.size() - 2);
    }
    if (!EqualsIgnoringCase(charset, "utf-8")) return charset;
  }
  return std::nullopt;
}

CallHeaders GatherCallHeaders(const http::Request& request) {
  CallHeaders headers;
  for (const http::HeaderField& field : request.headers) {
    if (IsUnknownOwn(field.name)) headers.unknown_own_name = field.name;
    if (!MayBeCallHeader(field.name)) continue;
    for (const HeaderRow& row : kCallHeaders) {
      if (!EqualsIgnoringCase(field.name, row.name)) continue;
      CallHeaders::Value& value = headers.*row.value;
      // The first value counts; but a wrong Coupond-Strict is not hidden by a right one before it.
      const bool is_strict = row.value == &CallHeaders::coupond_strict && value == kStrict;
      if (!value || is_strict) value = field.value;
      break;
    }
  }
  return headers;
}

std::expected<CallTerms, Error> ReadCallTerms(Protocol protocol, const CallHeaders& headers) {
  const ProtocolRow& row = RowOf(protocol);
  CallTerms terms;
  if (protocol != Protocol::kGrpcWeb) TRY(CheckProtocolVersion(headers));
  if (const CallHeaders::Value& timeout = headers.*row.timeout) {
    terms.timeout = TRY(ReadTimeout(row, *timeout));
  }
  if (const CallHeaders::Value& encoding = headers.*row.encoding) {
    terms.of_request = TRY(ReadCompression(row.names.encoding, *encoding));
  }
  terms.strict = TRY(ReadStrict(headers));
  terms.of_answer = ChooseCompression(headers.*row.accept_encoding, terms.of_request);
  return terms;
}

std::expected<Compression, Error> ReadCompression(std::string_view header, std::string_view name) {
  if (const auto compression = CompressionByName(name)) return *compression;
  return MakeError(Code::kUnimplemented,
                   std::string(header) + " " + Quoted(name) +
                       " is not supported; supported are: " + std::string(kCompressionNames),
                   "COMPRESSION_UNSUPPORTED");
}

std::optional<milliseconds> ParseTimeout(TimeoutForm form, std::string_view text) {
  if (form == TimeoutForm::kGrpc) {
    const auto timeout = ParseGrpcTimeout(text);
    return timeout ? std::optional(std::min(*timeout, kTimeoutMax)) : std::nullopt;
  }
  const auto value = ParseDigits(text, kConnectDigitsMax);
  if (!value || *value == 0) return std::nullopt;
  return milliseconds(*value);
}

}  // namespace coupond::connect
