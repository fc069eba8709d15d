// The disk alone: how long one synced append takes, which is what a durable reply waits for at
// least.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "temporary_directory.h"

namespace coupond::bench {
namespace {

/// Appends 4 KiB to a file and calls fdatasync, again and again, as a log does; with a pause before
/// each append.
void AppendAndSync(benchmark::State& state, std::chrono::microseconds pause) {
  constexpr std::size_t kBytes = 4'096;
  const TemporaryDirectory temporary;
  const std::string path = temporary.path() / "appended";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  COUPOND_CHECK(file >= 0);
  const std::string block(kBytes, 'x');
  std::vector<double> microseconds;
  for (auto _ : state) {
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    const auto begin = std::chrono::steady_clock::now();
    const bool written =
        ::write(file, block.data(), block.size()) == ::ssize_t{kBytes} && ::fdatasync(file) == 0;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(taken.count());
    microseconds.push_back(taken.count() * 1e6);
    if (!written) {
      state.SkipWithError("the file could not be written or synced");
      break;
    }
  }
  ::close(file);
  std::ranges::sort(microseconds);
  state.counters["median_us"] = microseconds[microseconds.size() / 2];
  // One of the thousand, so it is only as good as the number of repetitions.
  state.counters["p999_us"] = microseconds[(microseconds.size() - 1) * 999 / 1'000];
}

void Fdatasync(benchmark::State& state) { AppendAndSync(state, {}); }
BENCHMARK(Fdatasync)->Iterations(1'000)->UseManualTime()->Unit(benchmark::kMicrosecond);

/// The same as a server sees it that issues a coupon every millisecond: many disks are slower when
/// they are not kept busy.
void PacedFdatasync(benchmark::State& state) { AppendAndSync(state, std::chrono::milliseconds(1)); }
BENCHMARK(PacedFdatasync)->Iterations(1'000)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace coupond::bench
