#include "system/conformance/request_info.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>

namespace coupond::conformance {
namespace {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return lower;
}

}  // namespace

RequestInfo RequestInfoOf(const connect::Call& call, const google::protobuf::Message& request) {
  RequestInfo info;
  // The suite wants all values of a name in one entry.
  std::map<std::string, connectrpc::conformance::v1::Header*> by_name;
  for (const http::HeaderField& field : call.http_request().headers) {
    auto& header = by_name[LowerCase(field.name)];
    if (header == nullptr) {
      header = info.add_request_headers();
      header->set_name(std::string(field.name));
    }
    header->add_value(std::string(field.value));
  }
  if (call.timeout()) info.set_timeout_ms(call.timeout()->count());
  info.add_requests()->PackFrom(request);
  // Its presence says that it was a GET. The parameters may be left out, and are: the message and
  // the headers above have come out of them.
  if (call.is_get()) info.mutable_connect_get_info();
  return info;
}

}  // namespace coupond::conformance
