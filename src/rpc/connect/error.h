#ifndef COUPOND_RPC_CONNECT_ERROR_H_
#define COUPOND_RPC_CONNECT_ERROR_H_

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/connect/metadata.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

/// What a call answers instead of a message: one of the sixteen codes of the Connect protocol,
/// words for people, and details for programs. Source:
/// https://connectrpc.com/docs/protocol#error-codes
namespace coupond::connect {

/// The numbers are those that gRPC gives the same codes.
enum class Code {
  kCanceled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

/// "invalid_argument", …
[[nodiscard]] std::string_view CodeName(Code code);

[[nodiscard]] int HttpStatusOf(Code code);

/// The code of that name, if there is one. Names are compared exactly.
[[nodiscard]] std::optional<Code> CodeByName(std::string_view name);

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
