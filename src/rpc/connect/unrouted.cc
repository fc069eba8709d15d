#include "rpc/connect/unrouted.h"

#include <optional>
#include <string_view>
#include <utility>

#include "rpc/connect/call_headers.h"
#include "rpc/connect/protocol.h"

namespace coupond::connect {
namespace {

bool SpeaksConnect(std::optional<std::string_view> content_type) {
  if (!content_type) return true;
  const std::optional<Dialect> dialect = DialectOf(*content_type);
  return dialect && dialect->protocol != Protocol::kGrpcWeb;
}

}  // namespace

http::Response UnroutedResponse(const http::Request& request, int http_status, Error error) {
  if (SpeaksConnect(GatherCallHeaders(request).content_type)) {
    return ErrorResponse(std::move(error), http_status);
  }
  return {.status = http_status,
          .content_type = "text/plain",
          .headers = std::move(error.headers),
          .body = std::move(error.message)};
}

}  // namespace coupond::connect
