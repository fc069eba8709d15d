#ifndef COUPOND_TEST_SYSTEM_CONFORMANCE_ANSWER_DEFINITION_H_
#define COUPOND_TEST_SYSTEM_CONFORMANCE_ANSWER_DEFINITION_H_

#include <connectrpc/conformance/v1/service.pb.h>

#include "rpc/connect/call.h"
#include "rpc/connect/error.h"

/// Converts the response_definition of the suite's requests, which says what to answer, to the
/// types of a call.
namespace coupond::conformance {

using Headers = google::protobuf::RepeatedPtrField<connectrpc::conformance::v1::Header>;

void AddMetadata(const Headers& defined, connect::Metadata& metadata);

[[nodiscard]] connect::Error ErrorOf(const connectrpc::conformance::v1::Error& defined);

}  // namespace coupond::conformance

#endif  // COUPOND_TEST_SYSTEM_CONFORMANCE_ANSWER_DEFINITION_H_
