#include "rpc/http/handler.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/ascii.h"
#include "base/retry_delay.h"

namespace coupond::http {

namespace ip = boost::asio::ip;

std::string PeerAddress::Text() const {
  switch (family) {
    case Family::kIpV4: {
      ip::address_v4::bytes_type address;
      std::copy_n(bytes.begin(), address.size(), address.begin());
      return ip::make_address_v4(address).to_string() + ":" + std::to_string(port);
    }
    case Family::kIpV6: {
      ip::address_v6::bytes_type address;
      std::copy_n(bytes.begin(), address.size(), address.begin());
      return "[" + ip::make_address_v6(address).to_string() + "]:" + std::to_string(port);
    }
    case Family::kUnknown:
      break;
  }
  return is_unix ? "unix" : "";
}

std::optional<std::string_view> Request::Header(std::string_view name) const {
  for (const HeaderField& field : headers) {
    if (EqualsIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool Request::AcceptsByName(std::string_view media_type) const {
  for (const HeaderField& field : headers) {
    if (!EqualsIgnoringCase(field.name, "Accept")) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      std::string_view range = TakeUntil(',', list);
      if (EqualsIgnoringCase(TakeUntil(';', range), media_type) && HasWeight(range)) return true;
    }
  }
  return false;
}

Response PlainError(const ServerError& error) {
  Response response;
  response.status = error.status;
  response.content_type = "text/plain; charset=utf-8";
  if (error.retry_delay) {
    response.headers.emplace_back("Retry-After",
                                  std::to_string(RetryAfter(*error.retry_delay).count()));
  }
  response.body = error.message + "\n";
  return response;
}

}  // namespace coupond::http
