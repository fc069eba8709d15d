#ifndef COUPOND_COUPOND_HTTP_OPTIONS_H_
#define COUPOND_COUPOND_HTTP_OPTIONS_H_

#include <chrono>
#include <string>
#include <vector>

#include "api/watch_rounds.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/limits.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond {

/// The options that concern proxies, balancers and browsers.
struct HttpOptions {
  /// Names of this server in addition to the loopback names.
  std::vector<http::HostName> hosts;
  /// Request header fields that web pages may send in addition to those of the protocols.
  std::vector<std::string> cors_headers;
  /// The maximum silence on a stream.
  std::chrono::milliseconds heartbeat = service::kHeartbeat;
  /// The time for which the server keeps serving after the signal to stop, while it reports that it
  /// is not ready.
  std::chrono::milliseconds drain_delay{0};
  /// The time for which a connection without a request stays open.
  std::chrono::milliseconds idle_timeout = http::kIdleTimeout;
};

/// Declares these options, which are parsed into `options`; its current values are the defaults.
/// `options` must outlive `app`.
void AddHttpOptions(CLI::App& app, HttpOptions& options);

}  // namespace coupond

#endif  // COUPOND_COUPOND_HTTP_OPTIONS_H_
