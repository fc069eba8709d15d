#include "rpc/http/handler.h"

#include "base/ascii.h"

namespace coupond::http {

std::optional<std::string_view> Request::Header(std::string_view name) const {
  for (const HeaderField& field : headers) {
    if (EqualsIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

Response PlainError(const ServerError& error) {
  Response response;
  response.status = error.status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = error.message + "\n";
  return response;
}

}  // namespace coupond::http
