#include "rpc/connect/protocol.h"

#include <array>
#include <cstddef>

#include "base/ascii.h"

namespace coupond::connect {
namespace {

// In the order of the enum.
constexpr std::array kHeaders = {
    ProtocolHeaders{"Content-Encoding", "Accept-Encoding", "Connect-Timeout-Ms"},
    ProtocolHeaders{"Connect-Content-Encoding", "Connect-Accept-Encoding", "Connect-Timeout-Ms"},
    ProtocolHeaders{"Grpc-Encoding", "Grpc-Accept-Encoding", "Grpc-Timeout"},
};
static_assert(kHeaders.size() == static_cast<std::size_t>(Protocol::kGrpcWeb) + 1);

struct Row {
  std::string_view content_type;
  Dialect dialect;
};

// Where a dialect has several names, the first is the one that answers have.
constexpr std::array kRows = {
    Row{"application/json", {Protocol::kConnectUnary, Codec::kJson}},
    Row{"application/proto", {Protocol::kConnectUnary, Codec::kProto}},
    Row{"application/connect+proto", {Protocol::kConnectStream, Codec::kProto}},
    Row{"application/connect+json", {Protocol::kConnectStream, Codec::kJson}},
    Row{"application/grpc-web+proto", {Protocol::kGrpcWeb, Codec::kProto}},
    Row{"application/grpc-web+json", {Protocol::kGrpcWeb, Codec::kJson}},
    Row{"application/grpc-web", {Protocol::kGrpcWeb, Codec::kProto}},
};

}  // namespace

const ProtocolHeaders& HeadersOf(Protocol protocol) {
  return kHeaders.at(static_cast<std::size_t>(protocol));
}

std::string_view ContentTypeOf(const Dialect& dialect) {
  for (const Row& row : kRows) {
    if (row.dialect == dialect) return row.content_type;
  }
  return {};  // cannot be: the table has them all
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

std::optional<Dialect> DialectOf(std::string_view content_type) {
  if (OtherCharset(content_type)) return std::nullopt;
  const std::string_view type = TakeUntil(';', content_type);
  for (const Row& row : kRows) {
    if (EqualsIgnoringCase(type, row.content_type)) return row.dialect;
  }
  return std::nullopt;
}

}  // namespace coupond::connect
