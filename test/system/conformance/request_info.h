#ifndef COUPOND_TEST_SYSTEM_CONFORMANCE_REQUEST_INFO_H_
#define COUPOND_TEST_SYSTEM_CONFORMANCE_REQUEST_INFO_H_

#include <connectrpc/conformance/v1/service.pb.h>

#include "rpc/connect/call.h"

namespace coupond::conformance {

using RequestInfo = connectrpc::conformance::v1::ConformancePayload::RequestInfo;

/// What the server saw of a request, for the suite to hold against what it sent: the headers, the
/// timeout, the message, and the parameters of a GET. To be called during the handler's call.
[[nodiscard]] RequestInfo RequestInfoOf(const connect::Call& call,
                                        const google::protobuf::Message& request);

}  // namespace coupond::conformance

#endif  // COUPOND_TEST_SYSTEM_CONFORMANCE_REQUEST_INFO_H_
