// The whole engine in one process on a real disk, from commands to durable replies, compared with
// the ceiling that the disk and RocksDB alone allow for the same bytes.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "engine/engine.h"
#include "engine_on_disk.h"
#include "issue_client.h"
#include "log_ceiling.h"
#include "temporary_directory.h"
#include "watching_worker.h"
#include "workload.h"

namespace coupond::bench {
namespace {

/// Creates the big campaign, which is open at once.
void OpenCampaign(EngineOnDisk& on_disk, IssueClient& client, std::uint64_t total) {
  const CreateCampaign command =
      CreateBigCampaign(static_cast<std::int64_t>(total), std::chrono::nanoseconds(0));
  const Reply created = client.Ask(on_disk.engine(), command);
  COUPOND_CHECK(std::holds_alternative<Done>(created.outcome));
}

bool IsSoldOut(EngineOnDisk& on_disk, IssueClient& client) {
  const Reply reply = client.Ask(on_disk.engine(), AnonymousIssue());
  const auto* refusal = std::get_if<Refusal>(&reply.outcome);
  return refusal != nullptr && refusal->reason == RefusalReason::kSoldOut;
}

double Percentile(std::vector<std::uint32_t>& values, double fraction) {
  const auto place = static_cast<std::size_t>(fraction * static_cast<double>(values.size() - 1));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

/// Returns the processor time that all threads of this process have used so far.
std::chrono::duration<double> ProcessorTime() {
  struct rusage usage{};
  COUPOND_CHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// Reports the size of the files, and how fast RocksDB alone writes and syncs the same.
void ReportDisk(benchmark::State& state, const std::filesystem::path& data, double issues,
                std::chrono::duration<double> engine_time) {
  state.counters["log_bytes_per_issue"] = static_cast<double>(DataBytesIn(data / "log")) / issues;
  state.counters["view_bytes_per_issue"] =
      static_cast<double>(DataBytesIn(data / "views")) / issues;
  const std::vector<LogRecord> records = ReadRecords(data / "log");
  state.counters["mean_group"] = issues / static_cast<double>(records.size());
  const auto ceiling_time = WriteRecords(records, data / "ceiling");
  state.counters["ceiling_per_second"] = issues / ceiling_time.count();
  state.counters["of_ceiling"] = ceiling_time / engine_time;
}

/// `watched` is the number of campaigns that are watched meanwhile, including the one whose coupons
/// are issued.
void IssueAll(benchmark::State& state, IssueClient::Kind kind, std::size_t watched = 0) {
  const auto in_flight = static_cast<std::size_t>(state.range(0));
  const auto issues = static_cast<std::uint64_t>(state.range(1));
  for (auto _ : state) {
    const TemporaryDirectory temporary;
    const std::filesystem::path data = temporary.path() / "data";
    IssueClient client;
    EngineOnDisk on_disk(data);
    OpenCampaign(on_disk, client, issues);
    std::optional<WatchingWorker> worker;
    if (watched > 0) worker.emplace(on_disk.engine().watches(), watched);
    // The serials of the first campaign begin at 1.
    const auto processor_time = ProcessorTime();
    IssueRun run = client.Issue(on_disk.engine(), kind, issues, in_flight, Serial(1));
    if (run.fault.empty() && !IsSoldOut(on_disk, client)) {
      run.fault = "the campaign had more coupons than it should";
    }
    on_disk.engine().Stop();
    if (worker && worker->Finish() != state.range(1) && run.fault.empty()) {
      run.fault = "the watcher was not told of every coupon";
    }
    worker.reset();
    on_disk.Close();
    // Includes bringing the views up to date, which the last replies do not wait for.
    state.counters["cpu_ns_per_issue"] =
        (ProcessorTime() - processor_time).count() * 1e9 / static_cast<double>(issues);
    if (!run.fault.empty()) {
      state.SkipWithError(run.fault.c_str());
      break;
    }
    state.SetIterationTime(run.duration.count());
    state.counters["p50_us"] = Percentile(run.latencies_us, 0.50);
    state.counters["p99_us"] = Percentile(run.latencies_us, 0.99);
    ReportDisk(state, data, static_cast<double>(issues), run.duration);
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

/// Every holder asks again for their coupon. `kind` says how the answer is found.
void AskAgain(benchmark::State& state, IssueClient::Kind kind) {
  const auto in_flight = static_cast<std::size_t>(state.range(0));
  const auto issues = static_cast<std::uint64_t>(state.range(1));
  for (auto _ : state) {
    const TemporaryDirectory temporary;
    IssueClient client;
    EngineOnDisk on_disk(temporary.path() / "data");
    OpenCampaign(on_disk, client, issues);
    IssueRun run = client.Issue(on_disk.engine(), IssueClient::Kind::kWithClaims, issues, in_flight,
                                Serial(1));
    if (run.fault.empty()) {
      run = client.Issue(on_disk.engine(), kind, issues, in_flight, Serial(1));
    }
    on_disk.engine().Stop();
    if (!run.fault.empty()) {
      state.SkipWithError(run.fault.c_str());
      break;
    }
    state.SetIterationTime(run.duration.count());
    state.counters["p50_us"] = Percentile(run.latencies_us, 0.50);
    state.counters["p99_us"] = Percentile(run.latencies_us, 0.99);
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void EngineHeld(benchmark::State& state) { AskAgain(state, IssueClient::Kind::kHeld); }
/// Measures the cost of a look-up on the query thread for each answer.
void EngineHeldLookedUp(benchmark::State& state) {
  AskAgain(state, IssueClient::Kind::kHeldLookedUp);
}
void EngineAnonymous(benchmark::State& state) { IssueAll(state, IssueClient::Kind::kAnonymous); }
void EngineWatched(benchmark::State& state) {
  IssueAll(state, IssueClient::Kind::kAnonymous, 1'000);
}
void EngineWithClaims(benchmark::State& state) { IssueAll(state, IssueClient::Kind::kWithClaims); }

BENCHMARK(EngineAnonymous)
    ->ArgNames({"in_flight", "issues"})
    ->Args({64, 2'000})
    ->Args({64, 100'000})
    ->Args({1'024, 1'000'000})
    ->Args({8'192, 1'000'000})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(EngineWatched)
    ->ArgNames({"in_flight", "issues"})
    ->Args({64, 2'000})
    ->Args({1'024, 1'000'000})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(EngineHeld)
    ->ArgNames({"in_flight", "issues"})
    ->Args({64, 2'000})
    ->Args({1'024, 200'000})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(EngineHeldLookedUp)
    ->ArgNames({"in_flight", "issues"})
    ->Args({64, 2'000})
    ->Args({1'024, 200'000})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(EngineWithClaims)
    ->ArgNames({"in_flight", "issues"})
    ->Args({64, 2'000})
    ->Args({1'024, 500'000})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coupond::bench
