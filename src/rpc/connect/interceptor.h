#ifndef COUPOND_RPC_CONNECT_INTERCEPTOR_H_
#define COUPOND_RPC_CONNECT_INTERCEPTOR_H_

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/block_cache.h"
#include "rpc/connect/error.h"
#include "rpc/connect/protocol.h"
#include "rpc/http/handler.h"

namespace google::protobuf {
class MethodDescriptor;
}

/// Code that runs around each call, whatever its method: authentication, metrics, access logs,
/// tracing.
namespace coupond::connect {

enum class MethodKind {
  kUnary,         ///< Connect and gRPC-Web
  kServerStream,  ///< the same, with any number of responses
  kPlainJson,     ///< unary, for plain HTTP clients: JSON only
};

struct MethodDescriptor {
  /// "/package.Service/Method". For a plain path, that of the method it leads to.
  std::string path;
  MethodKind kind = MethodKind::kUnary;
  bool has_side_effects = true;
  /// The method in the .proto file, or null if the program has no method of that path.
  const google::protobuf::MethodDescriptor* proto = nullptr;
};

/// An authenticated caller. The interceptor that authenticates derives what is known about it.
class Principal {
 public:
  virtual ~Principal() = default;
};

/// The facts about one call. It owns everything it holds, so it may outlive the request and the
/// handler. Worker's thread only.
struct CallContext {
  std::shared_ptr<const MethodDescriptor> method = {};
  http::PeerAddress peer = {};
  Protocol protocol = Protocol::kConnectUnary;
  /// When the client stops waiting, if it said so.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  /// The header of that name as sent, all its values joined by commas (idempotency_key.h).
  std::optional<std::string> idempotency_key = {};
  // Set by interceptors:
  std::shared_ptr<const Principal> principal = {};  ///< the authenticated caller, or null
  std::string trace_id = {};                        ///< empty if the call is not traced
  /// The client's address as a trusted proxy names it, or nullopt if the peer is the client.
  std::optional<http::PeerAddress> forwarded_client = {};
  /// Sent before the answer, unless an interceptor refuses the call.
  Metadata answer_headers = {};
  /// Copies of request headers that the handler needs; empty by default.
  Metadata request_headers = {};
};

/// The outcome of a call.
struct CallOutcome {
  std::optional<Code> error;  ///< nullopt if the call succeeded
  /// The size of the response's body, compressed and in its envelopes, as far as it was sent.
  std::uint64_t body_bytes = 0;
  /// From the arrival of the whole request until the last of the response was handed to HTTP.
  std::chrono::nanoseconds duration{0};
};

/// Sees each call before its handler and after its end. Workers call on their own threads; an
/// interceptor that several workers share must be thread-safe.
///
/// Requests that are not calls are not seen: those for an unknown path, those with a Content-Type,
/// protocol version, timeout or compression that cannot be served, and those of web pages that may
/// not call.
class Interceptor {
 public:
  virtual ~Interceptor() = default;

  /// Called when the head of a POST has been read whose body is longer than usual, and whose method
  /// takes longer messages than the others; perhaps more than once. An error refuses the request,
  /// and its body is not read.
  [[nodiscard]] virtual std::expected<void, Error> BeforeLargeBody(
      const MethodDescriptor& /*method*/, const http::Request& /*head*/) {
    return {};
  }

  /// Called when the request has been read, before its message is decompressed and decoded. May
  /// fill the context, which the handler and the following interceptors see. An error refuses the
  /// call, and neither the following interceptors nor the handler see it. The request is valid
  /// during this function only.
  [[nodiscard]] virtual std::expected<void, Error> OnStart(CallContext& /*context*/,
                                                           const http::Request& /*request*/) {
    return {};
  }

  /// Reports whether OnEnd does anything. If none of a router's interceptors needs it, calls are
  /// not followed to their end, which saves their cost.
  [[nodiscard]] virtual bool needs_end() const { return true; }

  /// Called once for each call that OnStart has seen, including one that it refused: when the last
  /// part of the response is about to be sent, or will never be sent. A client that leaves before a
  /// stream's end counts as `canceled`. The interceptors are called in reverse order.
  virtual void OnEnd(const CallContext& /*context*/, const CallOutcome& /*outcome*/) {}
};

/// The interceptors of a router, in the order in which they see a call.
using Interceptors = std::vector<std::shared_ptr<Interceptor>>;

/// Runs OnStart of the interceptors until one of them refuses the call.
[[nodiscard]] std::expected<void, Error> StartAll(const Interceptors& interceptors,
                                                  CallContext& context,
                                                  const http::Request& request);

/// A call that interceptors follow to its end, and its exchange: counts the bytes of the response,
/// and ends the call with it. Worker's thread only.
class WatchedCall final : public http::Exchange, public std::enable_shared_from_this<WatchedCall> {
 public:
  /// Returns a call that answers `inside`. Its memory comes from the cache.
  [[nodiscard]] static std::shared_ptr<WatchedCall> Make(
      const std::shared_ptr<BlockCache>& memory, std::shared_ptr<const Interceptors> interceptors,
      std::shared_ptr<http::Exchange> inside);

  WatchedCall(std::shared_ptr<const Interceptors> interceptors,
              std::shared_ptr<http::Exchange> inside);
  /// Ends the call if that has not happened.
  ~WatchedCall() override;
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;

  /// Runs the interceptors until one of them refuses the call.
  [[nodiscard]] std::expected<void, Error> Start(CallContext& context,
                                                 const http::Request& request);
  /// Records that the call fails. The first error counts.
  void SetError(Code code);
  void AddBytes(std::uint64_t bytes) { outcome_.body_bytes += bytes; }
  /// Reports the outcome to the interceptors. Only the first call has an effect.
  void End();
  [[nodiscard]] bool ended() const { return ended_; }

  void Respond(http::Response response) override;
  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override;

 private:
  const std::shared_ptr<const Interceptors> interceptors_;
  std::shared_ptr<http::Exchange> inside_;  ///< null once it is answered
  const std::chrono::steady_clock::time_point start_;
  CallContext context_;
  std::size_t started_ = 0;  ///< interceptors that have seen the start
  CallOutcome outcome_;
  bool ended_ = false;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_INTERCEPTOR_H_
