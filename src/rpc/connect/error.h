#ifndef COUPOND_RPC_CONNECT_ERROR_H_
#define COUPOND_RPC_CONNECT_ERROR_H_

#include <expected>
#include <string>
#include <vector>

#include "rpc/connect/code.h"
#include "rpc/connect/metadata.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class Message;
}

/// What a call answers instead of a message: a code, words for people, and details for programs.
namespace coupond::connect {

struct ErrorDetail {
  std::string type;   ///< the message's full name, "google.rpc.RetryInfo"
  std::string value;  ///< its bytes

  friend bool operator==(const ErrorDetail&, const ErrorDetail&) = default;
};

struct Error {
  Code code = Code::kUnknown;
  std::string message = {};  ///< may be empty
  std::vector<ErrorDetail> details = {};
  /// Sent along with the answer, such as Retry-After.
  Metadata headers = {};

  void AddDetail(const google::protobuf::Message& detail);
};

/// An error as the result of a function that may fail.
[[nodiscard]] std::unexpected<Error> MakeError(Code code, std::string message);

/// {"code":…,"message":…?,"details":…?}
[[nodiscard]] std::string ErrorJson(const Error& error);

/// The answer that carries the error, with the status that belongs to its code.
[[nodiscard]] http::Response ErrorResponse(Error error);
/// The same with another status, for what is wrong before any method is reached (404, 405, 415).
[[nodiscard]] http::Response ErrorResponse(Error error, int http_status);

/// Writes an error of the HTTP server's own with the code that is closest to its status. An
/// http::ErrorFormat.
[[nodiscard]] http::Response ServerErrorResponse(const http::ServerError& error);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ERROR_H_
