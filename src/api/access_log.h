#ifndef COUPOND_API_ACCESS_LOG_H_
#define COUPOND_API_ACCESS_LOG_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "access/key_ring.h"
#include "base/entropy.h"
#include "rpc/http/client_address.h"
#include "rpc/http/handler.h"

/// One line for each request, for operators. Nothing in it is secret: no code, no user, no key and
/// no token, and so no query and no path that the service does not know.
namespace coupond::api {

/// What a line says of a request that has been answered.
struct AccessLogEntry {
  std::string_view method;  ///< of HTTP, "POST"; "-" if it is none of the usual ones
  std::string_view route;   ///< "/coupon.v1.CouponService/IssueCoupon"; "-" for an unknown path
  int status = 0;
  std::uint64_t body_bytes = 0;  ///< of the answer, as far as it was sent
  /// From the arrival of the whole request until the last of the answer was handed to HTTP.
  std::chrono::nanoseconds duration{0};
  bool is_whole = true;    ///< the answer came to its end; otherwise the client left, or it failed
  std::string client;      ///< its address, which a trusted proxy may have named
  std::string request_id;  ///< from X-Request-Id, or made here; the answer has it
  std::string trace_id;    ///< of the request's traceparent; may be empty
  std::string key_id;      ///< of the access key; empty if there was none that is genuine
};

struct AccessLogOptions {
  /// Logs one request in `every`, and every request that fails with 5xx.
  std::uint64_t every = 1;
  http::TrustedProxies proxies = {};
  /// Whose keys are genuine; null: the server has no keys. Must outlive the log.
  const access::KeyRing* keys = nullptr;
  /// Called on any worker's thread.
  std::function<void(const AccessLogEntry& entry)> write;
};

/// The access log of a server, shared by its workers. Any thread.
class AccessLog {
 public:
  AccessLog(AccessLogOptions options, Entropy& entropy);

  /// Returns a handler that does what `inside` does, for one worker. `this` must outlive it and its
  /// exchanges.
  [[nodiscard]] std::unique_ptr<http::Handler> Wrap(std::unique_ptr<http::Handler> inside);

 private:
  friend class LoggedRequest;
  class LoggingHandler;

  [[nodiscard]] std::string MakeRequestId();

  const AccessLogOptions options_;
  const std::string run_;  ///< what the ids of this server's run begin with
  std::atomic<std::uint64_t> requests_{0};
};

/// Returns the method's path, the page's, or "-" if the service has nothing there.
[[nodiscard]] std::string_view RouteOf(std::string_view path);

/// Returns the trace's id in a traceparent field (https://www.w3.org/TR/trace-context/), or an
/// empty text if it is malformed.
[[nodiscard]] std::string_view TraceIdOf(std::string_view traceparent);

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_LOG_H_
