#include "coupond/http_options.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <string_view>

#include "program/options.h"
#include "rpc/connect/cors.h"

namespace coupond {
namespace {

using std::chrono::milliseconds;

using DurationRange = OptionRange<std::chrono::nanoseconds>;

constexpr DurationRange kHeartbeatRange{.min = milliseconds(100), .max = std::chrono::minutes(5)};
constexpr DurationRange kIdleTimeoutRange{.min = std::chrono::seconds(1),
                                          .max = std::chrono::hours(24)};
constexpr DurationRange kDrainDelayRange{.min = milliseconds(0), .max = std::chrono::hours(1)};

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
  return "\"" + text + "\" is not the name of a header field; give one such as X-Trace-Id";
}

}  // namespace

void AddHttpOptions(CLI::App& app, HttpOptions& options) {
  AddList(
      app, "--host", "NAME",
      "Name under which clients reach this server, such as coupons.example.com: one that a proxy "
      "passes on in the Host field. Repeatable. A port is compared if it is given. Without "
      "--host, a server on a loopback address answers only for loopback names, any other server "
      "for all names",
      CheckHostName, [&options](const Texts& texts) {
        options.hosts.clear();
        for (const std::string& text : texts) {
          options.hosts.push_back(*http::HostName::Parse(text));
        }
      });
  AddList(app, "--cors-header", "NAME",
          "Request header field that the pages of --cors-origin may send, besides those of the "
          "protocols and of tracing. Repeatable",
          CheckHeaderName, [&options](const Texts& texts) { options.cors_headers = texts; });
  AddSeconds(app, "--heartbeat", options.heartbeat, kHeartbeatRange,
             "Longest silence on a stream: the newest state is sent again before it has passed. "
             "Must be shorter than the read timeout of proxies");
  AddSeconds(app, "--idle-timeout", options.idle_timeout, kIdleTimeoutRange,
             "How long a connection stays open without a request. Must be longer than "
             "proxies keep theirs open");
  AddSeconds(app, "--drain-delay", options.drain_delay, kDrainDelayRange,
             "How long the server keeps serving after SIGTERM or SIGINT while /readyz answers 503, "
             "so that balancers stop sending requests. A second signal ends the delay");
}

}  // namespace coupond
