#ifndef COUPOND_RPC_CONNECT_INTERCEPTOR_H_
#define COUPOND_RPC_CONNECT_INTERCEPTOR_H_

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rpc/connect/error.h"
#include "rpc/connect/metadata.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class MethodDescriptor;
}

/// What runs around each call, whatever its method: authentication, metrics, access logs, tracing.
namespace coupond::connect {

enum class MethodKind {
  kUnary,         ///< Connect and gRPC-Web
  kServerStream,  ///< the same, with any number of responses
  kPlainJson,     ///< unary, for plain HTTP clients: JSON only
};

struct MethodDescriptor {
  std::string
      path;  ///< "/package.Service/Method", of a plain method that of the method it stands for
  MethodKind kind = MethodKind::kUnary;
  bool has_side_effects = true;
  /// What the .proto file says, or null if the program knows no method of that path.
  const google::protobuf::MethodDescriptor* proto = nullptr;
};

/// What is known about one call. It owns all that it holds, so it may outlive the request and the
/// handler. Worker's thread only.
struct CallContext {
  std::shared_ptr<const MethodDescriptor> method = {};
  http::PeerAddress peer = {};
  /// When the client stops waiting, if it said so.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  // Set by interceptors:
  std::string principal = {};  ///< who calls; empty if nobody has been authenticated
  std::string trace_id = {};   ///< empty if the call is not traced
  /// Copies of request headers that the handler needs; by default none is kept.
  Metadata request_headers = {};
};

/// How a call ended.
struct CallOutcome {
  std::optional<Code> error;  ///< nullopt if the call succeeded
  /// The size of the response's body, compressed and in its envelopes, as far as it was sent.
  std::uint64_t body_bytes = 0;
  /// From the arrival of the whole request until the last of the response was handed to HTTP.
  std::chrono::nanoseconds duration{0};
};

/// Sees each call before its handler and after its end. A worker calls on its own thread; an
/// interceptor that several workers share must be safe for them.
///
/// Requests that are no call are not seen: those for an unknown path, with a Content-Type, protocol
/// version, timeout or compression that cannot be served, and those of web pages that may not call.
class Interceptor {
 public:
  virtual ~Interceptor() = default;

  /// Called when the headers have been understood, before the message is decoded. May fill the
  /// context, which the handler and the following interceptors see. An error refuses the call,
  /// which neither they nor the handler see then. The headers are valid during this function only.
  [[nodiscard]] virtual std::expected<void, Error> OnStart(
      CallContext& /*context*/, std::span<const http::HeaderField> /*headers*/) {
    return {};
  }

  /// Called once for each call that OnStart has seen, also for one that it refused: when the last
  /// of the response is about to be sent, or will never be. A client that leaves before a stream's
  /// end counts as `canceled`. The interceptors are called in the reverse order.
  virtual void OnEnd(const CallContext& /*context*/, const CallOutcome& /*outcome*/) {}
};

/// In the order in which they see a call.
using Interceptors = std::vector<std::shared_ptr<Interceptor>>;

/// One call that interceptors follow. Calls without interceptors have none.
class WatchedCall {
 public:
  explicit WatchedCall(std::shared_ptr<const Interceptors> interceptors);
  /// Ends the call if that has not happened.
  ~WatchedCall();
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;

  /// Runs the interceptors until one of them refuses the call.
  [[nodiscard]] std::expected<void, Error> Start(CallContext& context,
                                                 std::span<const http::HeaderField> headers);
  /// Notes that the call fails. The first error counts.
  void SetError(Code code);
  void AddBytes(std::uint64_t bytes) { outcome_.body_bytes += bytes; }
  /// Reports the outcome to the interceptors, the first time that it is called.
  void End();
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  const std::shared_ptr<const Interceptors> interceptors_;
  const std::chrono::steady_clock::time_point start_;
  CallContext context_;
  std::size_t started_ = 0;  ///< interceptors that have seen the start
  CallOutcome outcome_;
  bool ended_ = false;
};

/// Returns an exchange that counts the bytes of the response and ends the call with it.
[[nodiscard]] std::shared_ptr<http::Exchange> WatchedExchange(
    std::shared_ptr<WatchedCall> call, std::shared_ptr<http::Exchange> inside);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_INTERCEPTOR_H_
