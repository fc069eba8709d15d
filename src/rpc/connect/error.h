#ifndef COUPOND_RPC_CONNECT_ERROR_H_
#define COUPOND_RPC_CONNECT_ERROR_H_

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/connect/metadata.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

/// Errors of calls: one of the sixteen codes of the Connect protocol, a message for people, and
/// details for programs. Source: https://connectrpc.com/docs/protocol#error-codes
namespace coupond::connect {

/// The numbers are gRPC's for the same codes.
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

/// Returns "invalid_argument", …
[[nodiscard]] std::string_view CodeName(Code code);

[[nodiscard]] int HttpStatusOf(Code code);

/// Returns the code of that name, or nullopt. Names are compared exactly.
[[nodiscard]] std::optional<Code> CodeByName(std::string_view name);

struct ErrorDetail {
  std::string type;   ///< the full name of the message's type, "google.rpc.RetryInfo"
  std::string value;  ///< the message in the binary format
  /// The message as JSON, for people who read the error; empty: not shown.
  std::string debug = {};

  friend bool operator==(const ErrorDetail&, const ErrorDetail&) = default;
};

// Reasons that are given in several places.
inline constexpr std::string_view kBodyTooLargeReason = "BODY_TOO_LARGE";  ///< HTTP's limit
inline constexpr std::string_view kFieldInvalid = "FIELD_INVALID";
inline constexpr std::string_view kFieldUnknown = "FIELD_UNKNOWN";

struct Error {
  Code code = Code::kUnknown;
  std::string message = {};  ///< may be empty
  std::vector<ErrorDetail> details = {};
  /// Sent with the response, such as Allow.
  Metadata headers = {};

  // From these, AddStandardDetails (error_details.h) makes what programs read:

  /// A constant that names the cause, "NAME_TAKEN". Empty: the name of the code.
  std::string_view reason = {};
  /// The path of the request's field that is wrong; empty if no field is.
  std::string field = {};
  /// How long to wait before asking again, if waiting may help. Also sent as Retry-After.
  std::optional<std::chrono::milliseconds> retry_delay = {};
  /// More about the cause. The names are constants.
  std::vector<std::pair<std::string_view, std::string>> facts = {};

  void AddDetail(const google::protobuf::Message& detail, std::string debug = {});
};

/// Returns an error as the result of a function that may fail.
[[nodiscard]] std::unexpected<Error> MakeError(Code code, std::string message,
                                               std::string_view reason = {});

/// Returns {"code":…,"message":…?,"details":…?}.
[[nodiscard]] std::string ErrorJson(const Error& error);

/// Returns the response that carries the error, with the HTTP status of its code.
[[nodiscard]] http::Response ErrorResponse(Error error);
/// Returns the same with another status, for requests that reach no method (404, 405, 415).
[[nodiscard]] http::Response ErrorResponse(Error error, int http_status);

/// Returns an error of the HTTP server's own, with the code that is closest to its status.
[[nodiscard]] Error ErrorOf(const http::ServerError& error);
/// Returns the response that carries it, without details. An http::ErrorFormat.
[[nodiscard]] http::Response ServerErrorResponse(const http::ServerError& error);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ERROR_H_
