#ifndef COUPOND_RPC_CONNECT_CODE_H_
#define COUPOND_RPC_CONNECT_CODE_H_

#include <optional>
#include <string_view>

/// The sixteen error codes of the Connect protocol: how each is spelled and which HTTP status it
/// travels with. Source: https://connectrpc.com/docs/protocol#error-codes
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

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CODE_H_
