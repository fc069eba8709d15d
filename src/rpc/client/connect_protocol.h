#ifndef COUPOND_RPC_CLIENT_CONNECT_PROTOCOL_H_
#define COUPOND_RPC_CLIENT_CONNECT_PROTOCOL_H_

#include <expected>
#include <string>
#include <string_view>

#include "rpc/client/response_reader.h"
#include "rpc/client/server_address.h"

/// The Connect protocol's calls on HTTP/1.1, as a client writes and reads them: those with one
/// answer, and those with a stream of them. Messages travel as protobuf: requests of one kind then
/// have one length, so that the load generator prepares the bytes once, and answers are read
/// without allocating. Errors are always JSON. Every call asks the server to refuse what it does
/// not know (Coupond-Strict: 1), so that a newer couponctl is never half understood. Source:
/// https://connectrpc.com/docs/protocol
namespace coupond::ctl {

/// Why a call gave no answer message.
struct CallError {
  std::string code;  ///< the protocol's name, such as "not_found"; empty: there was no answer
  std::string message = {};  ///< what the server said, or what went wrong on the way
  bool may_be_done = false;  ///< whether the server may have done what it was asked to
  bool foreign = false;      ///< whether something answered that is not coupond, such as a proxy
};

inline constexpr std::string_view kCouponService = "coupon.v1.CouponService";
inline constexpr std::string_view kAdminService = "coupon.v1.AdminService";

/// The whole request: head and body.
[[nodiscard]] std::string EncodeCall(const ServerAddress& server, std::string_view method,
                                     std::string_view body,
                                     std::string_view service = kCouponService);

/// The same for a call that is answered with a stream.
[[nodiscard]] std::string EncodeStreamCall(const ServerAddress& server, std::string_view method,
                                           std::string_view message,
                                           std::string_view service = kCouponService);

/// Whether the answer's body is the answer message (and not an error). Parameters of the content
/// type do not matter, nor do capitals.
[[nodiscard]] bool IsMessage(const HttpAnswer& answer);

/// Whether the answer's body is a stream (and not an error).
[[nodiscard]] bool IsStream(const HttpAnswer& answer);

/// How a stream ended: well, or why not.
using StreamEnd = std::expected<void, CallError>;

/// Reads the last envelope of a stream.
[[nodiscard]] StreamEnd DecodeStreamEnd(std::string_view json);

/// Reads an answer that is neither: an error as the protocol writes it, or else something that is
/// not coupond's (foreign_answer.h).
[[nodiscard]] CallError DecodeError(const HttpAnswer& answer);

/// Whether this code leaves open if the server did what it was asked to ("unavailable", say).
/// Codes that the protocol does not know leave it open too.
[[nodiscard]] bool LeavesOutcomeOpen(std::string_view code);

/// Reports whether the server said no to this very request. False if it could not answer.
[[nodiscard]] bool IsRefusal(const CallError& error);

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_CONNECT_PROTOCOL_H_
