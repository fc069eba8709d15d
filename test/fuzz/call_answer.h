#ifndef COUPOND_TEST_FUZZ_CALL_ANSWER_H_
#define COUPOND_TEST_FUZZ_CALL_ANSWER_H_

#include <string_view>
#include <vector>

#include "every_kind.pb.h"
#include "rpc/http/handler.h"

/// Reads answers as a client would. Each function ends the program if a client of the answer's
/// protocol could not read the answer.
namespace coupond::fuzz {

struct CallAnswer {
  bool ended_well = false;
  /// Decompressed and decoded.
  std::vector<connecttest::Basket> messages;
};

/// Reads the whole answer of a method that answers with baskets, in the protocol of its content
/// type.
[[nodiscard]] CallAnswer ReadCallAnswer(const http::Response& answer);

/// Requires {"code":…,"message":…?,"details":…?} and nothing else.
void CheckErrorJson(std::string_view json);
/// Checks the last message of a Connect stream. Returns whether the call ended well.
bool CheckConnectEnd(std::string_view json);
/// Checks the last message of gRPC-Web. Returns whether the call ended well.
bool CheckGrpcWebTrailers(std::string_view trailers);

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_CALL_ANSWER_H_
