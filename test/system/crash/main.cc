// Kills the real server at random moments under load, and compares the clients' ledger with what
// the server has after each restart. script/crash builds and runs this.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <system_error>

#include "system/crash/crash_report.h"
#include "system/crash/crash_run.h"
#include "system/crash/fault_log.h"

namespace coupond::test {
namespace {

constexpr int kExitFaults = 1;
constexpr int kExitUsage = 2;
constexpr int kExitFailed = 3;
constexpr std::size_t kClientsMax = 256;
constexpr std::size_t kKillsMax = 1'000'000;

struct Arguments {
  CrashOptions crash;
  bool json = false;
};

/// Returns what is wrong with a directory that is not new; empty if it is new. The contents of an
/// earlier run's store would all count as faults.
std::string WhyNotNew(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error) || std::filesystem::is_empty(directory, error)) {
    return "";
  }
  return directory + " is not an empty directory; choose a new one";
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  CrashOptions& crash = arguments.crash;
  app.footer(
      "A seed determines the requests of each client and the moments of the kills. The scheduling of\n"
      "threads and processes is up to the machine, so a seed repeats the plan, not the exact run.\n\n"
      "Exit status: 0 no fault, 1 faults were found, 2 wrong usage, 3 could not run.");
  app.add_option("--kills", crash.kills, "Number of kills")
      ->check(CLI::Range(std::size_t{1}, kKillsMax))
      ->default_val(50);
  app.add_option("--seed", crash.seed, "Seed of the plan (default: a random one)");
  app.add_option("--clients", crash.clients, "Number of clients that ask at the same time")
      ->check(CLI::Range(std::size_t{1}, kClientsMax))
      ->default_val(8);
  app.add_option("--server", crash.server, "Program to kill: coupond")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--data-dir", crash.data_directory,
                 "Data directory of the server; must be empty or not exist. It is not removed")
      ->required()
      ->check(CLI::Validator(&WhyNotNew, "NEW DIRECTORY"));
  app.add_option("--audit", crash.audit,
                 "Program that verifies the data after each restart: coupon-audit");
  app.add_flag("--json", arguments.json, "Print the result as one JSON document");
}

std::string HowToRepeat(const CrashOptions& crash) {
  return fmt::format("--kills {} --seed {} --clients {}", crash.kills, crash.seed, crash.clients);
}

int Run(const Arguments& arguments) {
  const CrashOptions& crash = arguments.crash;
  fmt::print(stderr, "seed {}; to repeat the plan: script/crash {}\n", crash.seed,
             HowToRepeat(crash));
  FaultLog faults;
  CrashProgress progress(crash.kills);
  CrashRun run(crash, faults);
  const CrashResult result =
      run.Run([&](const CrashResult& so_far) { progress.Show(so_far, faults.total()); });
  progress.Finish();
  const bool sound = faults.total() == 0;
  if (!sound) {
    fmt::print(stderr, "faults were found; the data is in {}\n", crash.data_directory.string());
  }
  fmt::print("{}",
             arguments.json ? CrashJson(crash, result, faults) : CrashText(crash, result, faults));
  return sound ? 0 : kExitFaults;
}

int Main(int argc, char** argv) {
  CLI::App app("Kills coupond again and again under load, and checks that nothing is lost.",
               "coupond_crash");
  Arguments arguments;
  arguments.crash.seed = std::random_device()();
  AddOptions(app, arguments);
  try {
    app.parse(argc, argv);
    return Run(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "coupond_crash: {}\n", error.what());
    return kExitFailed;
  }
}

}  // namespace
}  // namespace coupond::test

int main(int argc, char** argv) { return coupond::test::Main(argc, argv); }
