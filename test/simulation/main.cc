// coupond_simulate: runs the engine in one thread from one seed, and looks for broken promises.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>
#include <vector>

#include "simulation/report.h"
#include "simulation/simulation.h"

namespace coupond::simulation {
namespace {

constexpr const char* kDescription =
    "Runs the whole engine in one thread, with its clients, its clock and its disk, all drawn "
    "from\n"
    "a seed, and compares every reply with an independent model. The same seed and number of\n"
    "commands always run the same way.";
constexpr const char* kFooter =
    "Exit codes:\n"
    "  0  no promise was broken\n"
    "  1  one was: the seed and the last steps are printed\n"
    "  2  the command line is wrong\n";
constexpr int kBroken = 1;
constexpr int kUsage = 2;
constexpr std::uint64_t kFreshSeedBits = 48;  // short enough to type, and exact in any JSON

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1;
  std::uint64_t fresh = 0;
  std::uint64_t commands = SimulationOptions{}.commands;
  bool stop_at_failure = false;
  bool json = false;
};

void Declare(CLI::App& app, Options& options) {
  app.add_option("--seed", options.seed, "The first seed")->capture_default_str();
  app.add_option("--runs", options.runs, "Number of seeds, one after the other, from --seed on")
      ->capture_default_str();
  app.add_option("--fresh", options.fresh, "Number of additional random seeds")
      ->capture_default_str();
  app.add_option("--commands", options.commands, "Number of commands in a run")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--stop-at-failure", options.stop_at_failure, "Stop at the first run that fails");
  app.add_flag("--json", options.json, "Print one JSON object instead of text");
}

std::vector<std::uint64_t> SeedsOf(const Options& options) {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < options.runs; ++i) seeds.push_back(options.seed + i);
  std::random_device chance;
  for (std::uint64_t i = 0; i < options.fresh; ++i) {
    const std::uint64_t bits = std::uint64_t{chance()} << 32 | chance();
    seeds.push_back(bits >> (64 - kFreshSeedBits));
  }
  return seeds;
}

int Run(const Options& options) {
  const std::vector<std::uint64_t> seeds = SeedsOf(options);
  const bool progress = ::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) != 1;
  Report report{.commands_asked = options.commands, .runs = {}};
  const auto start = std::chrono::steady_clock::now();
  for (const std::uint64_t seed : seeds) {
    const SimulationResult& run =
        report.runs.emplace_back(Simulate({.seed = seed, .commands = options.commands}));
    if (!options.json) fmt::print("{}", RunInWords(run, options.commands));
    if (progress) fmt::print(stderr, "\r{} of {} seeds", report.runs.size(), seeds.size());
    if (run.violation && options.stop_at_failure) break;
  }
  if (progress) fmt::print(stderr, "\n");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  report.seconds = took.count();
  fmt::print("{}", options.json ? ReportInJson(report) : SummaryInWords(report));
  return report.failed() == 0 ? 0 : kBroken;
}

int ParseAndRun(int argc, char** argv) {
  CLI::App app(kDescription, "coupond_simulate");
  app.footer(kFooter);
  Options options;
  Declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (options.runs + options.fresh == 0) {
    fmt::print(stderr, "coupond_simulate: nothing to run: give --runs or --fresh\n");
    return kUsage;
  }
  return Run(options);
}

}  // namespace
}  // namespace coupond::simulation

int main(int argc, char** argv) {
  try {
    return coupond::simulation::ParseAndRun(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "coupond_simulate: {}\n", error.what());
    return coupond::simulation::kUsage;
  }
}
