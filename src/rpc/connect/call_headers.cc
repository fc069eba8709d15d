#include "rpc/connect/call_headers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ascii.h"
#include "base/display_text.h"

namespace coupond::connect {
namespace {

constexpr std::size_t kConnectDigitsMax = 10;
constexpr std::size_t kGrpcDigitsMax = 8;

using std::chrono::milliseconds;

std::optional<std::int64_t> ParseDigits(std::string_view text, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Connect's longest timeout, about 116 days. gRPC can name 11,000 years; now plus that overflows.
constexpr milliseconds kTimeoutMax{9'999'999'999};

std::optional<milliseconds> ParseGrpc(std::string_view text) {
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

}  // namespace

std::optional<milliseconds> ParseTimeout(TimeoutForm form, std::string_view text) {
  if (form == TimeoutForm::kGrpc) {
    const auto timeout = ParseGrpc(text);
    return timeout ? std::optional(std::min(*timeout, kTimeoutMax)) : std::nullopt;
  }
  const auto value = ParseDigits(text, kConnectDigitsMax);
  if (!value || *value == 0) return std::nullopt;
  return milliseconds(*value);
}

std::string_view Describe(TimeoutForm form) {
  if (form == TimeoutForm::kGrpc) return "1 to 8 digits and one of the units H, M, S, m, u, n";
  return "a positive whole number of at most 10 digits";
}

namespace {

constexpr std::string_view kProtocolVersion = "1";
constexpr std::string_view kStrict = "1";

struct Row {
  std::string_view name;
  CallHeaders::Value CallHeaders::* value;
};

constexpr std::array kRows = {
    Row{"content-type", &CallHeaders::content_type},
    Row{"content-encoding", &CallHeaders::content_encoding},
    Row{"accept-encoding", &CallHeaders::accept_encoding},
    Row{"connect-protocol-version", &CallHeaders::connect_protocol_version},
    Row{"connect-timeout-ms", &CallHeaders::connect_timeout_ms},
    Row{"connect-content-encoding", &CallHeaders::connect_content_encoding},
    Row{"connect-accept-encoding", &CallHeaders::connect_accept_encoding},
    Row{"grpc-timeout", &CallHeaders::grpc_timeout},
    Row{"grpc-encoding", &CallHeaders::grpc_encoding},
    Row{"grpc-accept-encoding", &CallHeaders::grpc_accept_encoding},
    Row{"if-none-match", &CallHeaders::if_none_match},
    Row{"coupond-strict", &CallHeaders::coupond_strict},
    Row{"origin", &CallHeaders::origin},
};

/// Where the values are found that HeadersOf(protocol) names.
struct HeaderPlaces {
  CallHeaders::Value CallHeaders::* encoding;
  CallHeaders::Value CallHeaders::* accept_encoding;
  CallHeaders::Value CallHeaders::* timeout;
  TimeoutForm timeout_form;
};

// In the order of the enum.
constexpr std::array kPlaces = {
    HeaderPlaces{&CallHeaders::content_encoding, &CallHeaders::accept_encoding,
                 &CallHeaders::connect_timeout_ms, TimeoutForm::kConnect},
    HeaderPlaces{&CallHeaders::connect_content_encoding, &CallHeaders::connect_accept_encoding,
                 &CallHeaders::connect_timeout_ms, TimeoutForm::kConnect},
    HeaderPlaces{&CallHeaders::grpc_encoding, &CallHeaders::grpc_accept_encoding,
                 &CallHeaders::grpc_timeout, TimeoutForm::kGrpc},
};
static_assert(kPlaces.size() == static_cast<std::size_t>(Protocol::kGrpcWeb) + 1);

/// The lengths of the names in kRows, a bit each: most headers of a request are told from all of
/// them by their length alone.
constexpr std::uint64_t kNameLengths = [] {
  std::uint64_t lengths = 0;
  for (const Row& row : kRows) lengths |= std::uint64_t{1} << row.name.size();
  return lengths;
}();

bool MayBeOurs(std::string_view name) {
  return name.size() < 64 && (kNameLengths >> name.size() & 1) != 0;
}

/// Whether the name claims to be this program's own, and is not.
bool IsUnknownOwn(std::string_view name) {
  constexpr std::string_view kOwn = "coupond";
  return name.size() >= kOwn.size() && EqualsIgnoringCase(name.substr(0, kOwn.size()), kOwn) &&
         !EqualsIgnoringCase(name, "coupond-strict");
}

}  // namespace

CallHeaders GatherCallHeaders(const http::Request& request) {
  CallHeaders headers;
  for (const http::HeaderField& field : request.headers) {
    if (IsUnknownOwn(field.name)) headers.unknown_own_name = field.name;
    if (!MayBeOurs(field.name)) continue;
    for (const Row& row : kRows) {
      if (!EqualsIgnoringCase(field.name, row.name)) continue;
      CallHeaders::Value& value = headers.*row.value;
      // Of a repeated field the first value counts, but no second one may take its strictness back.
      const bool is_strict = row.value == &CallHeaders::coupond_strict && value == kStrict;
      if (!value || is_strict) value = field.value;
      break;
    }
  }
  return headers;
}

std::expected<Compression, Error> ReadCompression(std::string_view header, std::string_view name) {
  if (const auto compression = CompressionByName(name)) return *compression;
  return MakeError(Code::kUnimplemented,
                   std::string(header) + " " + Quoted(name) +
                       " is not supported; supported are: " + std::string(kCompressionNames));
}

std::expected<void, Error> CheckProtocolVersion(const CallHeaders& headers) {
  const CallHeaders::Value& version = headers.connect_protocol_version;
  if (!version || *version == kProtocolVersion) return {};
  return MakeError(Code::kInvalidArgument,
                   "Connect-Protocol-Version must be \"1\", not " + Quoted(*version));
}

std::expected<CallTerms, Error> ReadCallTerms(Protocol protocol, const CallHeaders& headers) {
  const HeaderPlaces& places = kPlaces.at(static_cast<std::size_t>(protocol));
  const ProtocolHeaders& names = HeadersOf(protocol);
  CallTerms terms;
  if (protocol != Protocol::kGrpcWeb) {
    if (auto checked = CheckProtocolVersion(headers); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
  }
  if (const CallHeaders::Value& timeout = headers.*places.timeout) {
    terms.timeout = ParseTimeout(places.timeout_form, *timeout);
    if (!terms.timeout) {
      return MakeError(Code::kInvalidArgument, std::string(names.timeout) + " must be " +
                                                   std::string(Describe(places.timeout_form)) +
                                                   ", not " + Quoted(*timeout));
    }
  }
  if (const CallHeaders::Value& encoding = headers.*places.encoding) {
    auto compression = ReadCompression(names.encoding, *encoding);
    if (!compression) return std::unexpected(std::move(compression.error()));
    terms.of_request = *compression;
  }
  if (headers.unknown_own_name) {
    return MakeError(Code::kInvalidArgument, Quoted(*headers.unknown_own_name) +
                                                 ": unknown header; did you mean Coupond-Strict?");
  }
  if (const CallHeaders::Value& strict = headers.coupond_strict) {
    if (*strict != kStrict) {
      return MakeError(Code::kInvalidArgument, "Coupond-Strict must be \"1\", not " +
                                                   Quoted(*strict) +
                                                   "; leave it out for the usual leniency");
    }
    terms.strict = true;
  }
  terms.of_answer = ChooseCompression(headers.*places.accept_encoding, terms.of_request);
  return terms;
}

}  // namespace coupond::connect
