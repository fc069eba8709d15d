#include "coupond/server_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include "base/decimal_text.h"
#include "program/command_line.h"
#include "program/config_file.h"
#include "program/options.h"

namespace coupond {
namespace {

constexpr int kExitFailed = 1;
constexpr unsigned kThreadsMax = 256;
constexpr std::uint16_t kPortMax = 65'535;

constexpr const char* kDescription =
    "coupond gives out a limited number of coupons, first come, first served, from an exact moment "
    "on.\nEvery answer is on disk before it is given.";

constexpr const char* kFooter =
    "Exit status: 0 after SIGTERM or SIGINT; 1 if it could not start, a write failed or a file of "
    "the store was lost; 2 for wrong usage.\nA configuration file has lines such as  data-dir = "
    "\"/var/lib/coupond\" ; flags win.";

/// Returns the default of --threads. One core is left for the thread that writes.
unsigned DefaultThreads() { return std::max(2U, std::thread::hardware_concurrency()) - 1; }

std::string CheckListenAddress(const std::string& text) {
  if (ParseListenAddress(text)) return {};
  return "\"" + text +
         "\" is not an address and port; give one such as 127.0.0.1:8080 or [::1]:8080";
}

std::string CheckCorsOrigin(const std::string& text) {
  const auto origin = connect::AllowedOrigin::Parse(text);
  return origin ? "" : origin.error();
}

}  // namespace

std::optional<ListenAddress> ParseListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[') {
    if (host.back() != ']' || host.size() < 3) return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // IPv6 needs its brackets, or the port could not be told from it
  }
  const std::string_view digits = text.substr(colon + 1);
  const auto port = ParseDecimalAs<std::uint16_t>(digits, 0, kPortMax);
  if (!port) return std::nullopt;
  return ListenAddress{std::string(host), *port};
}

std::string FormatListenAddress(const ListenAddress& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

void AddServerOptions(CLI::App& app, ServerOptions& options, ServerOptionTexts& texts) {
  app.footer(kFooter);
  // Scripts give defaults first and pass on what the user said after them.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("--listen", texts.listen,
                 "Address and port to listen on; port 0 takes a free one. There is no access "
                 "control: keep it on loopback or behind a proxy")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str()
      ->check(CheckListenAddress);
  app.add_option("--data-dir", options.data_directory,
                 "Folder of the store; created if it does not exist. One server at a time")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option(
         "--backup-dir", options.backup_directory,
         "Folder for backups requested while the server runs (couponctl backup); created if it "
         "does not exist. Best on another disk. Without it backups are off")
      ->type_name("DIR");
  AddInteger(app, "--threads", options.threads, OptionRange{1U, kThreadsMax},
             "Threads that speak HTTP. One less than the number of cores is a good choice")
      ->default_str(std::to_string(options.threads));
  app.add_option("--cors-origin", texts.cors_origins,
                 "Origin whose web pages may call from a browser, such as https://app.example.com; "
                 "* for any. Repeatable. Without it no page of another origin may call")
      ->type_name("ORIGIN")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CheckCorsOrigin);
  AddHttpOptions(app, options.http);
  app.add_option("--log-level", options.log_level,
                 "Lowest level of log lines on standard error: trace, debug, info, warning, error "
                 "or off")
      ->type_name("LEVEL")
      ->capture_default_str()
      ->check(CLI::IsMember(
          std::set<std::string>{"trace", "debug", "info", "warning", "error", "off"}));
  AddConfigFile(app);
}

std::expected<ServerOptions, int> ParseServerOptions(int argc, const char* const* argv) {
  ServerOptions options{.listen = {},
                        .data_directory = "./coupon-data",
                        .backup_directory = {},
                        .threads = DefaultThreads(),
                        .cors_origins = {},
                        .http = {},
                        .log_level = "info"};
  ServerOptionTexts texts;
  CLI::App app(kDescription, "coupond");
  AddServerOptions(app, options, texts);
  if (const auto status = ParseCommandLine(app, argc, argv, kExitFailed)) {
    return std::unexpected(*status);
  }
  options.listen = *ParseListenAddress(texts.listen);
  for (const std::string& origin : texts.cors_origins) {
    options.cors_origins.push_back(*connect::AllowedOrigin::Parse(origin));
  }
  return options;
}

}  // namespace coupond
