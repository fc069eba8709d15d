#ifndef COUPOND_RPC_CONNECT_UNARY_H_
#define COUPOND_RPC_CONNECT_UNARY_H_

#include <memory>
#include <utility>

#include "rpc/connect/call.h"
#include "rpc/connect/parts.h"

/// One call with one request and one response.
namespace coupond::connect {

/// Answered exactly once, on the worker's thread, during the handler's call or at any time after
/// it. A call that is destroyed unanswered, also on the worker's thread, answers `internal`.
class UnaryCall final : public Call {
 public:
  explicit UnaryCall(CallStart&& start) : Call(std::move(start)) {}

  /// The response must be of the method's response type.
  void Finish(const google::protobuf::Message& response);
  /// Answers with a response that nobody holds whole: `first` has all fields and perhaps some
  /// elements of the repeated field; `parts` brings the others. In protobuf the parts follow one
  /// another, which by the wire format is one message; in JSON the field is written last.
  ///
  /// gRPC-Web says a message's length before the message, so there the parts are gathered, and an
  /// answer of more than kGatheredBytesMax (gathered_parts.h) fails with `resource_exhausted`.
  void FinishInParts(const google::protobuf::Message& first, int repeated_field_number,
                     std::unique_ptr<PartSource> parts);
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_UNARY_H_
