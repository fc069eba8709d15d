#include "simulation/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace coupond::simulation {
namespace {

constexpr double kSecondsPerMinute = 60;

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string RunInJson(const SimulationResult& run) {
  std::string json = fmt::format(R"({{"seed":{},"commands":{},"digest":"{:016x}","ok":{})",
                                 run.seed, run.commands, run.digest, !run.violation);
  if (run.violation) {
    json += fmt::format(R"(,"promise":{},"seen":{},"last_steps":[)", Quoted(run.violation->promise),
                        Quoted(run.violation->seen));
    for (std::size_t i = 0; i < run.last_steps.size(); ++i) {
      json += (i == 0 ? "" : ",") + Quoted(run.last_steps[i]);
    }
    json += ']';
  }
  return json + '}';
}

}  // namespace

std::uint64_t Report::commands() const {
  std::uint64_t commands = 0;
  for (const SimulationResult& run : runs) commands += run.commands;
  return commands;
}

std::uint64_t Report::failed() const {
  return static_cast<std::uint64_t>(
      std::count_if(runs.begin(), runs.end(),
                    [](const SimulationResult& run) { return run.violation.has_value(); }));
}

Coverage Report::coverage() const {
  Coverage all;
  for (const SimulationResult& run : runs) all.Add(run.coverage);
  return all;
}

std::string RunInWords(const SimulationResult& run, std::uint64_t commands_asked) {
  if (!run.violation) {
    return fmt::format("seed {}: ok, {} commands, {} events, {} crashes, digest {:016x}\n",
                       run.seed, run.commands, run.coverage[Counter::kEvents],
                       run.coverage[Counter::kCrashes], run.digest);
  }
  std::string words =
      fmt::format("seed {}: FAILED after {} commands: {}\n  {}\n  the last steps:\n", run.seed,
                  run.commands, run.violation->promise, run.violation->seen);
  for (const std::string& step : run.last_steps) words += fmt::format("    {}\n", step);
  return words + fmt::format("  to run it again: coupond_simulate --seed {} --commands {}\n",
                             run.seed, commands_asked);
}

std::string SummaryInWords(const Report& report) {
  const Coverage coverage = report.coverage();
  std::string words = "\n";
  for (std::size_t i = 0; i < kCounters; ++i) {
    words += fmt::format("{:>12}  {}\n", coverage.counts()[i], kCounterNames[i]);
  }
  const double per_minute =
      static_cast<double>(report.commands()) / report.seconds * kSecondsPerMinute;
  words += fmt::format("\n{} commands in {:.3f} s, {:.1f} million a minute\n", report.commands(),
                       report.seconds, per_minute / 1e6);
  return words + fmt::format("{} passed, {} failed\n", report.runs.size() - report.failed(),
                             report.failed());
}

std::string ReportInJson(const Report& report) {
  const Coverage coverage = report.coverage();
  std::string json = fmt::format(
      R"({{"passed":{},"failed":{},"commands":{},"commands_asked_per_run":{},"seconds":{:.3f},)",
      report.runs.size() - report.failed(), report.failed(), report.commands(),
      report.commands_asked, report.seconds);
  json += R"("coverage":{)";
  for (std::size_t i = 0; i < kCounters; ++i) {
    json += fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", kCounterNames[i], coverage.counts()[i]);
  }
  json += R"(},"runs":[)";
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    json += (i == 0 ? "" : ",") + RunInJson(report.runs[i]);
  }
  return json + "]}\n";
}

}  // namespace coupond::simulation
