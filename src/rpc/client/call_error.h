#ifndef COUPOND_RPC_CLIENT_CALL_ERROR_H_
#define COUPOND_RPC_CLIENT_CALL_ERROR_H_

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/client/server_address.h"
#include "rpc/connect/error.h"

/// Why a call returned no message: what kind of failure it was, for programs, and what happened,
/// for people. What to do about it is for the program to say.
namespace coupond::rpc_client {

enum class Failure : std::uint8_t {
  kAnswered,           ///< the server answered with an error
  kForeign,            ///< something that does not speak Connect answered, such as a proxy
  kConnectionRefused,  ///< no server listens at the address
  kUnreachable,        ///< no connection could be made for another reason
  kTimedOut,           ///< the answer was not complete in time
  kNoAnswer,           ///< the connection ended before the answer was complete
  kUnreadable,         ///< the answer is malformed
  kUntrusted,          ///< the certificate of a server with TLS is not believed
  kMisnamed,           ///< its certificate is that of another name
  kCertificateWanted,  ///< it wants a certificate of the client, and did nothing without one
  kNoTls,              ///< it does not speak TLS, although its address is one with TLS
};

struct CallError {
  Failure failure = Failure::kAnswered;
  /// With kAnswered, the server's code; with kForeign, the one that the protocol assigns to the
  /// HTTP status. Otherwise nullopt.
  std::optional<connect::Code> code = {};
  std::string message = {};  ///< not safe to print on a terminal if the server wrote it
  bool may_be_done = false;  ///< whether the server may have done what it was asked to do
  int http_status = 0;       ///< with kForeign

  /// Returns the name of the code, such as "not_found", or an empty text if there is no code.
  [[nodiscard]] std::string_view CodeName() const;
};

/// Reports whether the server refused this very request, and would refuse it again. False if it
/// could not answer.
[[nodiscard]] bool IsRefusal(const CallError& error);

/// Reports whether this code leaves open whether the server did what it was asked to do, as
/// "unavailable" does.
[[nodiscard]] bool LeavesOutcomeOpen(connect::Code code);

// The errors that have no code. `path` is that of the method.

/// Returns the error for a connection that could not be made. Nothing was asked.
[[nodiscard]] CallError CannotReach(const ServerAddress& server,
                                    const boost::system::error_code& error);
/// Returns the error for a connection that failed while an answer was awaited.
[[nodiscard]] CallError NoAnswer(const ServerAddress& server, std::string_view path,
                                 const boost::system::error_code& error);
/// Returns the error for a connection that ended without a complete answer.
[[nodiscard]] CallError NoAnswer(const ServerAddress& server, std::string_view path,
                                 std::string_view why);
/// Returns the error for an answer that was not complete in time.
[[nodiscard]] CallError TimedOut(const ServerAddress& server, std::string_view path,
                                 std::string_view why);
/// Returns the error for a malformed answer.
[[nodiscard]] CallError UnreadableAnswer(const ServerAddress& server, std::string_view path,
                                         std::string_view why);
/// Returns the error for a stream that ended after a message, but without its end.
[[nodiscard]] CallError LostStream(const ServerAddress& server, std::string_view path,
                                   std::string_view why);

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_CALL_ERROR_H_
