#include "system/conformance/answer_definition.h"

#include <string>

namespace coupond::conformance {

void AddMetadata(const Headers& defined, connect::Metadata& metadata) {
  for (const auto& header : defined) {
    for (const std::string& value : header.value()) metadata.emplace_back(header.name(), value);
  }
}

connect::Error ErrorOf(const connectrpc::conformance::v1::Error& defined) {
  // The suite and the library use the same numbers for codes, those of gRPC.
  connect::Error error{.code = static_cast<connect::Code>(defined.code()),
                       .message = defined.message()};
  for (const auto& detail : defined.details()) {
    // A detail's type is that of the Any without its host.
    const std::string& url = detail.type_url();
    error.details.push_back({url.substr(url.rfind('/') + 1), detail.value()});
  }
  return error;
}

}  // namespace coupond::conformance
