#ifndef COUPOND_TOOLS_COUPONCTL_COMMAND_LINE_H_
#define COUPOND_TOOLS_COUPONCTL_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "couponctl/watch/watch_run.h"
#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// What can be said on the command line, of all commands together.
struct Options {
  std::string server = "http://127.0.0.1:8080";
  bool json = false;
  std::optional<std::chrono::nanoseconds> timeout;

  std::string backup_name;

  std::string campaign_id;
  std::string name;
  std::int32_t total = 0;
  std::optional<std::chrono::nanoseconds> start_in;
  std::optional<Timestamp> start;
  std::string request_id;
  std::string user_id;
  std::optional<std::uint64_t> limit;

  std::size_t concurrency = 50;
  std::optional<double> rate = 500;
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::chrono::nanoseconds drain = std::chrono::seconds(10);
  bool retry = false;
  std::chrono::nanoseconds retry_for = std::chrono::seconds(30);
  bool allow_remote = false;
  bool skip_check = false;
  bool progress = false;

  std::optional<std::size_t> streams;
  std::optional<std::chrono::nanoseconds> watch_for;
  std::chrono::nanoseconds silence_timeout = kSilenceTimeout;
  bool no_reconnect = false;
};

/// Lets `app` fill in `options`, which must live as long. What makes no sense by itself is a
/// CLI::ParseError when it is parsed.
void AddOptions(CLI::App& app, Options& options);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMAND_LINE_H_
