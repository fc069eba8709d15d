#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/display_text.h"
#include "couponctl/command_line.h"
#include "couponctl/command_options.h"
#include "couponctl/load/arrival_schedule.h"
#include "couponctl/load/issue_requests.h"
#include "couponctl/load/load_generator.h"
#include "program/command_line.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

/// Reports whether the text is digits with at most one decimal point, without sign or exponent.
bool IsDecimal(const std::string& text) {
  const std::size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  return !whole.empty() && text.find_first_not_of("0123456789.") == std::string::npos &&
         text.find('.', point == std::string::npos ? point : point + 1) == std::string::npos &&
         text.back() != '.' && (whole.size() == 1 || whole.front() != '0');
}

std::string CheckRate(const std::string& text) {
  if (text == "max") return {};
  double rate = 0;
  if (!IsDecimal(text)) {
    return Quoted(text) + " is neither a number nor max; write it as 500 or 0.5";
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error == std::errc() && rate > 0 && rate <= kRatePerSecondMax) return {};
  return "the rate must be above 0 and at most " +
         std::to_string(static_cast<std::uint64_t>(kRatePerSecondMax)) +
         " per second; write max for as fast as possible";
}

/// Stores the rate. `text` has passed CheckRate.
void SetRate(Options& options, const std::string& text) {
  double rate = 0;
  std::from_chars(text.data(), text.data() + text.size(), rate);
  options.rate = text == "max" ? std::nullopt : std::optional(rate);
}

}  // namespace

void AddLoad(CLI::App& app, Options& options) {
  CLI::App* load =
      app.add_subcommand("load", "Request coupons at a constant rate, and check the outcome");
  load->footer(
      "A request is due at its time whatever became of those before, and its latency counts from\n"
      "that time, so a slow server cannot hide. Afterwards, every coupon that was issued is compared\n"
      "with what the server lists and counts, so no other client may use the campaign meanwhile.\n"
      "Without --allow-remote, only a server on this machine is put under load.\n\n"
      "With --redeem, each coupon is then redeemed once, with a request_id of its own. That begins\n"
      "when the last request for a coupon has its outcome, so that neither kind of request delays the\n"
      "other, and uses the same connections, --rate and --ramp. What cannot be sent within --drain is\n"
      "dropped; with --rate max, what is left when no answer has come for --timeout plus --drain, or\n"
      "with --retry for --retry-for if that is longer. An outcome that is still unknown is settled at\n"
      "the end, by asking again with the same request_id. The load then tries to redeem up to 100\n"
      "coupons a second time, with other request_ids, which must be refused, and compares every\n"
      "redemption that it was told of with what the server lists and counts.\n\n"
      "The report says whether the load generator was the limit and not the server: its thread had\n"
      "nothing left to give, or half of the measured latency (p99) was its own lateness. couponctl\n"
      "takes about 100 bytes of memory for each coupon, and 6 for each of --users.\n\n"
      "Examples:\n"
      "  couponctl load ID --rate 2000 --duration 30s --ramp 10s --plot load.svg\n"
      "  couponctl load ID --rate max --concurrency 256 --users 100000\n"
      "  couponctl load ID --rate 2000 --duration 30s --users 20000 --redeem --retry\n\n" +
      std::string(kFooter));
  AddCampaignId(*load, options);
  AddInteger(*load, "--concurrency", options.concurrency,
             OptionRange{std::size_t{1}, kLoadConnectionsMax},
             "Number of connections, each with one request in flight")
      ->default_str(std::to_string(options.concurrency));
  load->add_option_function<std::string>(
          "--rate", [&options](const std::string& text) { SetRate(options, text); },
          "Requests per second: a number above 0, such as 500 or 0.5, up to " +
              std::to_string(static_cast<std::uint64_t>(kRatePerSecondMax)) +
              "; or max, which sends as fast as the connections allow and counts latency from sending")
      ->type_name("NUMBER|max")
      ->default_str("500")
      ->check(CheckRate);
  AddDuration(*load, "--duration", {kDurationMin, kDurationMax}, "How long to send requests",
              [&options](nanoseconds value) { options.duration = value; })
      ->default_str("10s");
  AddInteger(
      *load, "--users", options.users, OptionRange{std::uint64_t{1}, kLoadUsersMax},
      "Let user-1 to user-N ask in turn, and check that each gets one coupon or, each time with "
      "another request_id, as many as the campaign allows a user. Without it, requests name no user; "
      "the campaign must not require one");
  load->add_flag("--redeem", options.redeem,
                 "Afterwards redeem each coupon once, and check that too; redeeming must "
                 "be possible by then");
  AddDuration(*load, "--ramp", {kDurationMin, kDurationMax},
              "Let the rate, or with --rate max the number of connections, rise linearly from 0 "
              "within the first part of --duration; without it, the load begins in full",
              [&options](nanoseconds value) { options.ramp = value; });
  AddDuration(*load, "--drain", {nanoseconds(0), kDurationMax},
              "How long to send overdue requests afterwards; 0s drops them",
              [&options](nanoseconds value) { options.drain = value; })
      ->default_str("10s");
  CLI::Option* retry = load->add_flag(
      "--retry", options.retry,
      "Repeat a request while its outcome is unknown; without --users, each request for a coupon "
      "then has a request_id of its own");
  AddDuration(*load, "--retry-for", {kDurationMin, kDurationMax},
              "With --retry, how long to repeat a request",
              [&options](nanoseconds value) { options.retry_for = value; })
      ->default_str("30s")
      ->needs(retry);
  load->add_option(
          "--plot", options.plot,
          "Write a drawing of the load's course: percentiles of latency, and what requests "
          "got per second")
      ->type_name("FILE.svg")
      ->check([](const std::string& path) {
        if (path.ends_with(".svg")) return std::string();
        return "\"" + path + "\" does not end in .svg, which is what is written";
      });
  load->add_flag("--allow-remote", options.allow_remote,
                 "Allow putting a server on another machine under load");
  load->add_flag(
      "--skip-check", options.skip_check,
      "Do not compare the outcome with what the server says; for benchmarks. The campaign "
      "is then read only before a load with --users or --redeem");
  load->add_flag("--progress", options.progress,
                 "Print a line per second to standard error (a terminal always gets a live line)");
}

}  // namespace coupond::ctl
