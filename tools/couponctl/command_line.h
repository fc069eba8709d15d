#ifndef COUPOND_TOOLS_COUPONCTL_COMMAND_LINE_H_
#define COUPOND_TOOLS_COUPONCTL_COMMAND_LINE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/campaign_terms.h"
#include "couponctl/commands/commands.h"
#include "couponctl/commands/events_command.h"
#include "couponctl/commands/export_command.h"
#include "couponctl/commands/keys_command.h"
#include "couponctl/watch/watch_run.h"
#include "engine/rules/timestamp.h"
#include "rpc/client/tls_trust.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond::ctl {

/// The end of every help.
inline constexpr std::string_view kFooter =
    "Write durations as 500ms, 30s, 5m, 2h or 1d, and numbers in decimal digits. An option with\n"
    "an empty value is an error, and so is an empty COUPOND_SERVER or COUPOND_KEY.\n\n"
    "Exit codes:\n"
    "  0  done\n"
    "  1  the server refused, or a load's consistency check failed\n"
    "  2  the command line makes no sense\n"
    "  3  no answer, the server failed, or the output or the keys file could not be used\n"
    "130  watch or events was interrupted\n";

/// The options of all commands together.
struct Options {
  std::string command;
  std::string server = "http://127.0.0.1:8080";
  std::string key_file;  ///< with the access key that is sent; empty: COUPOND_KEY, if that is set
  rpc_client::TrustFiles trust;  ///< for a server with TLS
  bool json = false;
  std::optional<std::chrono::nanoseconds> timeout;

  KeysPlan keys;

  std::string backup_name;
  UserErasure erasure;
  /// clock accept: the time to accept
  std::optional<Timestamp> accepted_clock;

  std::string campaign_id;
  std::string name;
  std::int32_t total = 0;
  std::optional<std::chrono::nanoseconds> start_in;
  std::optional<Timestamp> start;
  std::optional<Timestamp> end;
  std::string description;
  CouponTerms terms;
  std::string request_id;
  bool validate_only = false;
  std::string user_id;
  std::optional<std::uint64_t> limit;
  bool archived = false;
  ExportPlan exporting;
  EventsPlan events;
  SearchPlan searching;
  BatchPlan batch;

  std::string code;
  std::string order_ref;
  std::string redeemed_by;
  NamedRedemption redemption;
  bool return_to_pool = false;
  bool free_claim = false;

  CampaignChanges changes;
  coupon::v1::PauseScope scope = coupon::v1::PAUSE_SCOPE_BOTH;
  std::string reason;

  std::size_t concurrency = 50;
  std::optional<double> rate = 500;
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::uint64_t users = 0;
  std::chrono::nanoseconds ramp = std::chrono::nanoseconds(0);
  std::chrono::nanoseconds drain = std::chrono::seconds(10);
  bool retry = false;
  std::chrono::nanoseconds retry_for = std::chrono::seconds(30);
  std::optional<std::string> plot;
  bool allow_remote = false;
  bool skip_check = false;
  bool redeem = false;
  bool progress = false;

  std::optional<std::size_t> streams;
  std::optional<std::chrono::nanoseconds> watch_for;
  std::chrono::nanoseconds silence_timeout = kSilenceTimeout;
  bool no_reconnect = false;
  bool follow = false;
};

/// Declares the commands and their options, which are read into `options`. It must outlive `app`.
void AddOptions(CLI::App& app, Options& options);

/// Reads the command line. The error is the exit status after help or a usage error was printed.
[[nodiscard]] std::expected<Options, int> ParseOptions(int argc, const char* const* argv);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMAND_LINE_H_
