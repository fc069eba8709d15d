#include "coupond/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include "base/display_text.h"
#include "program/command_line.h"
#include "program/config_file.h"
#include "rpc/connect/cors.h"

namespace coupond {
namespace {

constexpr int kExitFailed = 1;
constexpr unsigned kThreadsMax = 256;

constexpr const char* kDescription =
    "coupond issues a limited number of coupons, first come, first served, from an exact moment "
    "on.\nEvery answer is on disk before it is sent.";

constexpr const char* kFooter =
    "Exit status: 0 after SIGTERM or SIGINT; 1 if the start failed, a write failed or a file of the "
    "store was lost; 2 for a usage error.\nA configuration file has lines such as  data-dir = "
    "\"/var/lib/coupond\" ; options on the command line override it.";

/// Returns the default of --threads. One core is left for the thread that writes.
unsigned DefaultThreads() { return std::max(2U, std::thread::hardware_concurrency()) - 1; }

std::string CheckListenAddress(const std::string& text) {
  const auto address = ParseListenAddress(text);
  return address ? "" : address.error();
}

std::string CheckCorsOrigin(const std::string& text) {
  const auto origin = connect::AllowedOrigin::Parse(text);
  return origin ? "" : origin.error();
}

using std::chrono::milliseconds;

using DurationRange = OptionRange<std::chrono::nanoseconds>;

constexpr DurationRange kHeartbeatRange{.min = milliseconds(100), .max = std::chrono::minutes(5)};
constexpr DurationRange kIdleTimeoutRange{.min = std::chrono::seconds(1),
                                          .max = std::chrono::hours(24)};
constexpr DurationRange kDrainDelayRange{.min = milliseconds(0), .max = std::chrono::hours(1)};

constexpr DurationRange kBusyWaitRange{.min = milliseconds(0), .max = milliseconds(10)};
constexpr DurationRange kClockSlackRange{.min = std::chrono::seconds(1),
                                         .max = std::chrono::hours(24 * 365)};

/// Adds a duration option. Its default is the current `value`, which is a whole number of seconds.
void AddSeconds(CLI::App& app, const std::string& name, milliseconds& value,
                const DurationRange& range, const std::string& description) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(value);
  AddDuration(app, name, range, description, [&value](std::chrono::nanoseconds duration) {
    value = std::chrono::floor<milliseconds>(duration);
  })->default_str(std::to_string(seconds.count()) + "s");
}

using Texts = std::vector<std::string>;

/// Adds an option that may be given several times.
void AddList(CLI::App& app, const std::string& name, const std::string& type,
             const std::string& description,
             const std::function<std::string(const std::string& text)>& check,
             const std::function<void(const Texts& texts)>& set) {
  app.add_option_function<Texts>(name, set, description)
      ->type_name(type)
      ->take_all()
      ->allow_extra_args(false)
      ->check(check);
}

std::string CheckHostName(const std::string& text) {
  const auto name = http::HostName::Parse(text);
  return name ? "" : name.error();
}

std::string CheckHeaderName(const std::string& text) {
  if (connect::IsHeaderName(text)) return {};
  return Quoted(text) + " is not a header field name; give one such as X-Trace-Id";
}

/// Declares the options that concern proxies, load balancers and browsers.
void AddHttpOptions(CLI::App& app, HttpOptions& options) {
  AddList(
      app, "--host", "NAME",
      "Name under which clients reach this server, such as coupons.example.com, as a proxy passes "
      "it on in the Host field. Repeatable. If it has a port, the port must match too. Without "
      "--host, a server on a loopback address answers only for loopback names, any other server "
      "for all names",
      CheckHostName, [&options](const Texts& texts) {
        options.hosts.clear();
        for (const std::string& text : texts) {
          options.hosts.push_back(*http::HostName::Parse(text));
        }
      });
  AddList(app, "--cors-header", "NAME",
          "Request header field that the pages of --cors-origin may send, in addition to those of "
          "the protocols and of tracing. Repeatable",
          CheckHeaderName, [&options](const Texts& texts) { options.cors_headers = texts; });
  AddSeconds(app, "--heartbeat", options.heartbeat, kHeartbeatRange,
             "Maximum silence on a stream: the newest state is sent again before this time has "
             "passed. Must be shorter than the read timeout of proxies");
  AddSeconds(app, "--idle-timeout", options.idle_timeout, kIdleTimeoutRange,
             "How long a connection stays open without a request. Must be longer than "
             "proxies keep their idle connections open");
  AddSeconds(app, "--drain-delay", options.drain_delay, kDrainDelayRange,
             "How long the server keeps serving after SIGTERM or SIGINT while /readyz answers 503, "
             "so that load balancers stop sending requests. A second signal ends the delay");
}

/// Declares the options about who may call.
void AddAccessOptions(CLI::App& app, ServerOptions& options) {
  AccessFiles& files = options.access;
  app.add_option(
         "--keys-file", files.keys,
         "File of the access keys, which `couponctl keys new` makes; each request then "
         "needs one. Read again on SIGHUP and when it changes. Without it, anyone who reaches "
         "the server may do everything")
      ->type_name("FILE");
  const auto add_entry_token_key = [&](const char* name, api::EntryTokenAlgorithm algorithm,
                                       const char* description) {
    return app
        .add_option_function<std::string>(
            name,
            [&files, algorithm](const std::string& path) {
              files.entry_token_key = path;
              files.entry_token_algorithm = algorithm;
            },
            description)
        ->type_name("FILE");
  };
  CLI::Option* const secret = add_entry_token_key(
      "--entry-token-secret", api::EntryTokenAlgorithm::kHs256,
      "File with the secret of the entry tokens (HS256) with which a public key may name a user. "
      "Read again as the keys file is");
  add_entry_token_key("--entry-token-public-key", api::EntryTokenAlgorithm::kEdDsa,
                      "The same for tokens that are signed: an Ed25519 public key in PEM (EdDSA)")
      ->excludes(secret);
  app.add_flag("--insecure", options.insecure,
               "Listen on an address that other machines reach although there is no --keys-file");
}

std::string CheckCampaignId(const std::string& text) {
  if (ParseUuid(text)) return {};
  return Quoted(text) + " is not the id of a campaign; `couponctl list` shows the ids";
}

/// Declares the options about metrics and the listener for operation.
void AddOperationOptions(CLI::App& app, ServerOptions& options, ServerOptionTexts& texts) {
  app.add_option("--ops-listen", texts.ops_listen,
                 "Another address and port for operation: /livez, /readyz, /metrics and "
                 "AdminService, which are then no longer at --listen. Answers while the log is "
                 "read, too. Takes what --listen takes")
      ->type_name("ADDRESS:PORT")
      ->check(CheckListenAddress);
  AddList(app, "--metrics-campaign", "ID",
          "Campaign whose coupons /metrics counts. Repeatable, at most 100 times", CheckCampaignId,
          [&options](const Texts& ids) {
            options.metrics_campaigns.clear();
            for (const std::string& id : ids) {
              options.metrics_campaigns.push_back(CampaignId{*ParseUuid(id)});
            }
          });
}

/// Returns what is wrong with listening at an address, or an empty text.
std::string FindExposure(const char* option, const ListenAddress& address,
                         const ServerOptions& options) {
  if (IsLoopback(address) || !options.access.keys.empty() || options.insecure) return {};
  return option + (" " + FormatListenAddress(address)) +
         ": other machines reach this address, and without access keys they may do everything. "
         "Give --keys-file (`couponctl keys new` makes one), listen on 127.0.0.1, or say "
         "--insecure";
}

/// Declares the options about encryption.
void AddTlsOptions(CLI::App& app, http::TlsFiles& files) {
  app.add_option("--tls-cert", files.certificate,
                 "File of the server's certificate and of those that lead to its CA, in PEM: the "
                 "server then speaks HTTPS (TLS 1.2 and 1.3) and nothing else. Read again on "
                 "SIGHUP and when it changes, for new connections")
      ->type_name("FILE");
  app.add_option("--tls-key", files.key,
                 "File of that certificate's private key in PEM, without a password. Read again "
                 "as the certificate is")
      ->type_name("FILE");
  app.add_option("--tls-client-ca", files.client_ca,
                 "File of the CA, or of several, in PEM: each client then needs a certificate of "
                 "one of them")
      ->type_name("FILE");
}

/// Declares the options about the log.
void AddLogOptions(CLI::App& app, ServerOptions& options) {
  app.add_option("--log-level", options.log_level,
                 "Minimum level of log lines on standard error: trace, debug, info, warning, error "
                 "or off")
      ->type_name("LEVEL")
      ->capture_default_str()
      ->check(CLI::IsMember(
          std::set<std::string>{"trace", "debug", "info", "warning", "error", "off"}));
  app.add_option_function<std::string>(
         "--log-format",
         [&options](const std::string& name) {
           options.log_format = name == "json" ? LogFormat::kJson : LogFormat::kText;
         },
         "Form of the log lines: text, or json, an object in each line")
      ->type_name("FORMAT")
      ->default_str("text")
      ->check(CLI::IsMember(std::set<std::string>{"text", "json"}));
  AddInteger(app, "--access-log", options.access_log, OptionRange<std::uint64_t>{0, 1'000'000'000},
             "Log one request in N, and each that fails by the server's fault: 1 logs all; 0 logs "
             "none and costs nothing. Written at every --log-level. Answers then have X-Request-Id")
      ->default_str("0");
}

/// Returns what is wrong with the options together, or an empty text.
std::string FindContradiction(const ServerOptions& options) {
  if (auto exposed = FindExposure("--listen", options.listen, options); !exposed.empty()) {
    return exposed;
  }
  if (options.ops_listen) {
    auto exposed = FindExposure("--ops-listen", *options.ops_listen, options);
    if (!exposed.empty()) return exposed;
    if (Collide(options.listen, *options.ops_listen)) {
      return "--ops-listen " + FormatListenAddress(*options.ops_listen) +
             ": --listen is there already; give another address or port";
    }
  }
  if (options.metrics_campaigns.size() > kMetricsCampaignsMax) {
    return "--metrics-campaign: at most " + std::to_string(kMetricsCampaignsMax) +
           " campaigns can be shown";
  }
  if (!options.access.entry_token_key.empty() && options.access.keys.empty()) {
    return "entry tokens come with public keys, so they need --keys-file";
  }
  if (options.tls.certificate.empty() != options.tls.key.empty()) {
    return "--tls-cert and --tls-key go together: a certificate and its private key";
  }
  if (!options.tls.client_ca.empty() && options.tls.certificate.empty()) {
    return "clients show their certificates over TLS, so --tls-client-ca needs --tls-cert and "
           "--tls-key";
  }
  // No limit on asking holds at --ops-listen.
  if (options.limits.asking.proxies.sockets && !IsSocket(options.listen)) {
    return "--trusted-proxy unix is for a proxy that connects to a socket, so it cannot be given "
           "without a socket in --listen (unix:PATH)";
  }
  return {};
}

/// The option that mends an error of a step.
struct Remedy {
  StartStep step;
  ErrorCode code;
  std::string_view option;
  std::string_view effect;
};

constexpr std::array kRemedies = {
    Remedy{StartStep::kListen, ErrorCode::kCannotListen, "--listen", "choose another address"},
    Remedy{StartStep::kListenForOperation, ErrorCode::kCannotListen, "--ops-listen",
           "choose another address"},
    Remedy{StartStep::kOpenStore, ErrorCode::kDataDirectoryInUse, "--data-dir",
           "choose another directory"},
    Remedy{StartStep::kOpenStore, ErrorCode::kNotADataDirectory, "--data-dir",
           "choose another directory"},
    Remedy{StartStep::kOpenStore, ErrorCode::kIsBackup, "--data-dir", "start on that one"},
    Remedy{StartStep::kOpenBackups, ErrorCode::kNotADataDirectory, "--backup-dir",
           "choose another directory"},
    Remedy{StartStep::kOpenBackups, ErrorCode::kInvalidArgument, "--backup-dir",
           "choose another directory, best on another disk"},
};

}  // namespace

void AddServerOptions(CLI::App& app, ServerOptions& options, ServerOptionTexts& texts) {
  app.footer(kFooter);
  // Scripts give defaults first and pass on what the user said after them.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("--listen", texts.listen,
                 "Address and port to listen on; port 0 takes a free one. Or a socket: "
                 "unix:/run/coupond.sock. Any but a loopback address or a socket needs --keys-file "
                 "or --insecure")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str()
      ->check(CheckListenAddress);
  app.add_option("--data-dir", options.data_directory,
                 "Directory of the store; created if it does not exist. One server at a time")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option(
         "--backup-dir", options.backup_directory,
         "Directory for backups requested while the server runs (couponctl backup); created if it "
         "does not exist. Best on another disk. Without it, backups are off")
      ->type_name("DIR");
  AddInteger(app, "--threads", options.threads, OptionRange{1U, kThreadsMax},
             "Number of HTTP threads. One less than the number of cores is a good choice")
      ->default_str(std::to_string(options.threads));
  AddDuration(app, "--busy-wait", kBusyWaitRange,
              "How long the HTTP threads and the thread that writes stay awake before they sleep. "
              "Coupons are issued sooner, but each thread takes a core for most of the time: only "
              "for a machine with more cores than --threads plus two",
              [&options](std::chrono::nanoseconds wait) { options.busy_wait = wait; })
      ->default_str("0s");
  app.add_option("--cors-origin", texts.cors_origins,
                 "Origin whose web pages may call from a browser, such as https://app.example.com; "
                 "* for any. Repeatable. Without it, no page of another origin may call")
      ->type_name("ORIGIN")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CheckCorsOrigin);
  AddHttpOptions(app, options.http);
  AddAccessOptions(app, options);
  AddOperationOptions(app, options, texts);
  AddLimitOptions(app, options.limits);
  AddTlsOptions(app, options.tls);
  AddDuration(app, "--clock-slack", kClockSlackRange,
              "How far the machine's clock may be set while the server runs, or be behind the log "
              "when it starts. Beyond that the server does not follow it until an operator accepts "
              "it (couponctl clock)",
              [&options](std::chrono::nanoseconds slack) { options.clock_slack = slack; })
      ->default_str("5m");
  AddLogOptions(app, options);
  AddConfigFile(app);
}

std::expected<ServerOptions, int> ParseServerOptions(int argc, const char* const* argv) {
  ServerOptions options{.listen = {},
                        .data_directory = "./coupon-data",
                        .backup_directory = {},
                        .threads = DefaultThreads(),
                        .cors_origins = {},
                        .http = {},
                        .access = {},
                        .limits = {},
                        .tls = {},
                        .clock_slack = kClockSlack,
                        .log_level = "info",
                        .log_format = LogFormat::kText,
                        .access_log = 0};
  ServerOptionTexts texts;
  CLI::App app(kDescription, "coupond");
  AddServerOptions(app, options, texts);
  if (const auto status = ParseCommandLine(app, argc, argv, kExitFailed)) {
    return std::unexpected(*status);
  }
  options.listen = *ParseListenAddress(texts.listen);
  if (!texts.ops_listen.empty()) options.ops_listen = *ParseListenAddress(texts.ops_listen);
  for (const std::string& origin : texts.cors_origins) {
    options.cors_origins.push_back(*connect::AllowedOrigin::Parse(origin));
  }
  if (const std::string wrong = FindContradiction(options); !wrong.empty()) {
    return std::unexpected(ReportUsageError("coupond", "", wrong));
  }
  return options;
}

Error Advised(StartStep step, Error error) {
  const auto* const remedy = std::ranges::find_if(kRemedies, [&](const Remedy& known) {
    return known.step == step && known.code == error.code;
  });
  if (remedy == kRemedies.end()) return error;
  error.message.append(". Use ").append(remedy->option).append(" to ").append(remedy->effect);
  return error;
}

}  // namespace coupond
