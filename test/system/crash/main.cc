// Kills the real server at random moments under load, and holds the clients' ledger against what it
// has after each restart. script/crash builds and runs this.

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

/// What a store of an earlier run holds would all count as faults. Empty: it is fine.
std::string WhyNotNew(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error) || std::filesystem::is_empty(directory, error)) {
    return "";
  }
  return directory + " is not an empty directory; choose one that is new";
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  CrashOptions& crash = arguments.crash;
  app.footer(
      "A seed fixes what each client asks for, one thing after the other, and what is done before\n"
      "each kill. How the threads and processes run is up to the machine, so the same seed "
      "repeats\n"
      "the plan, not every moment of the run.\n\n"
      "Exit codes: 0 no fault, 1 faults were found, 2 the command line makes no sense, 3 could "
      "not\n"
      "run.");
  app.add_option("--kills", crash.kills, "How often to kill it")
      ->check(CLI::Range(std::size_t{1}, kKillsMax))
      ->default_val(50);
  app.add_option("--seed", crash.seed, "What everything is drawn from (default: a new one)");
  app.add_option("--clients", crash.clients, "How many ask at the same time")
      ->check(CLI::Range(std::size_t{1}, kClientsMax))
      ->default_val(8);
  app.add_option("--server", crash.server, "The program to kill")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--data-dir", crash.data_directory,
                 "Where it keeps its data: an empty directory, or none yet. It is left behind")
      ->required()
      ->check(CLI::Validator(&WhyNotNew, "NEW DIRECTORY"));
  app.add_option("--audit", crash.audit, "coupon-audit, to verify the data after each restart");
  app.add_flag("--json", arguments.json, "The result as one JSON document, for programs");
}

std::string HowToRepeat(const CrashOptions& crash) {
  return fmt::format("--kills {} --seed {} --clients {}", crash.kills, crash.seed, crash.clients);
}

int Run(const Arguments& arguments) {
  const CrashOptions& crash = arguments.crash;
  fmt::print(stderr, "seed {}; the same plan again: script/crash {}\n", crash.seed,
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
