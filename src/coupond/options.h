#ifndef COUPOND_COUPOND_OPTIONS_H_
#define COUPOND_COUPOND_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/campaign_watchers.h"
#include "base/error.h"
#include "coupond/kept_access.h"
#include "coupond/limit_options.h"
#include "coupond/listen_address.h"
#include "coupond/log_format.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "rpc/connect/cors.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/limits.h"
#include "rpc/http/tls_context.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond {

/// The most campaigns that the metrics show the coupons of.
inline constexpr std::size_t kMetricsCampaignsMax = 100;

/// The options that concern proxies, load balancers and browsers.
struct HttpOptions {
  /// Names of this server in addition to the loopback names.
  std::vector<http::HostName> hosts;
  /// Request header fields that web pages may send in addition to those of the protocols.
  std::vector<std::string> cors_headers;
  /// The maximum silence on a stream.
  std::chrono::milliseconds heartbeat = api::kHeartbeat;
  /// The time for which the server keeps serving after the signal to stop, while it reports that it
  /// is not ready.
  std::chrono::milliseconds drain_delay{0};
  /// The time for which a connection without a request stays open.
  std::chrono::milliseconds idle_timeout = http::kIdleTimeout;
};

/// The options of coupond, from the command line and the configuration file.
struct ServerOptions {
  ListenAddress listen;
  /// Where health, metrics and AdminService are served; nullopt: where everything else is.
  std::optional<ListenAddress> ops_listen = {};
  std::vector<CampaignId> metrics_campaigns = {};
  std::string data_directory;
  std::string backup_directory;  ///< empty: backups are off
  unsigned threads = 1;          ///< HTTP workers
  /// How long workers and sequencer stay awake before they sleep.
  std::chrono::nanoseconds busy_wait{0};
  std::vector<connect::AllowedOrigin> cors_origins;  ///< empty: no pages of other origins may call
  HttpOptions http;
  AccessFiles access;
  LimitOptions limits;
  http::TlsFiles tls;  ///< without a certificate: HTTP without encryption
  /// Whether a server without keys may listen where other machines reach it.
  bool insecure = false;
  /// How far the machine's clock may be set without an operator having to accept it, and the log
  /// may end ahead of it.
  std::chrono::nanoseconds clock_slack = kClockSlack;
  std::string log_level;  ///< one that spdlog knows
  LogFormat log_format = LogFormat::kText;
  std::uint64_t access_log = 0;  ///< one request in this many has a line; 0: none
};

/// Options that are kept as text until the whole command line has been read.
struct ServerOptionTexts {
  std::string listen = "127.0.0.1:8080";
  std::string ops_listen = {};
  std::vector<std::string> cors_origins;
};

/// Declares the options of coupond, which are read into `options` (its values are the defaults) and
/// `texts`. Both must outlive `app`.
void AddServerOptions(CLI::App& app, ServerOptions& options, ServerOptionTexts& texts);

/// Reads the options of coupond. The error is the exit status, after help or a usage error has been
/// printed.
[[nodiscard]] std::expected<ServerOptions, int> ParseServerOptions(int argc,
                                                                   const char* const* argv);

/// The steps of a start that an option can mend.
enum class StartStep : std::uint8_t { kListen, kListenForOperation, kOpenStore, kOpenBackups };

/// Adds to the error of a step which option mends it, if one does. The libraries that report the
/// error do not know the command line.
[[nodiscard]] Error Advised(StartStep step, Error error);

/// Returns the result of a step; an error is advised.
template <typename T>
[[nodiscard]] Result<T> Advised(StartStep step, Result<T> result) {
  if (result) return result;
  return std::unexpected(Advised(step, std::move(result.error())));
}

/// The message for those who ask for a backup from a server without --backup-dir.
inline constexpr std::string_view kBackupsOff =
    "this server makes no backups; start it with --backup-dir DIR";

}  // namespace coupond

#endif  // COUPOND_COUPOND_OPTIONS_H_
