#include "system/conformance/request_info.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "base/ascii.h"

namespace coupond::conformance {
namespace {

struct LessIgnoringCase {
  bool operator()(std::string_view a, std::string_view b) const {
    return std::ranges::lexicographical_compare(a, b, {}, LowerCase, LowerCase);
  }
};

}  // namespace

std::expected<void, connect::Error> HeaderKeeper::OnStart(connect::CallContext& context,
                                                          const http::Request& request) {
  for (const http::HeaderField& field : request.headers) {
    context.request_headers.emplace_back(field.name, field.value);
  }
  return {};
}

RequestInfo RequestInfoOf(const connect::Call& call, const google::protobuf::Message& request) {
  RequestInfo info;
  // The suite expects all values of a name in one entry.
  std::map<std::string_view, connectrpc::conformance::v1::Header*, LessIgnoringCase> by_name;
  for (const auto& [name, value] : call.context().request_headers) {
    auto& header = by_name[name];
    if (header == nullptr) {
      header = info.add_request_headers();
      header->set_name(name);
    }
    header->add_value(value);
  }
  if (call.timeout()) info.set_timeout_ms(call.timeout()->count());
  info.add_requests()->PackFrom(request);
  // Its presence marks a GET. The parameters are optional and left out: the message and the headers
  // above were decoded from them.
  if (call.is_get()) info.mutable_connect_get_info();
  return info;
}

}  // namespace coupond::conformance
