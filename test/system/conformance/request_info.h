#ifndef COUPOND_TEST_SYSTEM_CONFORMANCE_REQUEST_INFO_H_
#define COUPOND_TEST_SYSTEM_CONFORMANCE_REQUEST_INFO_H_

#include <connectrpc/conformance/v1/service.pb.h>

#include <expected>
#include <span>

#include "rpc/connect/call.h"
#include "rpc/connect/interceptor.h"

namespace coupond::conformance {

using RequestInfo = connectrpc::conformance::v1::ConformancePayload::RequestInfo;

/// Keeps the request headers of each call for RequestInfoOf.
class HeaderKeeper final : public connect::Interceptor {
 public:
  [[nodiscard]] std::expected<void, connect::Error> OnStart(connect::CallContext& context,
                                                            const http::Request& request) override;
};

/// Returns what the server received of a request, which the suite compares with what it sent: the
/// headers, the timeout, the message, and whether it was a GET.
[[nodiscard]] RequestInfo RequestInfoOf(const connect::Call& call,
                                        const google::protobuf::Message& request);

}  // namespace coupond::conformance

#endif  // COUPOND_TEST_SYSTEM_CONFORMANCE_REQUEST_INFO_H_
