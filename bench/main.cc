// The benchmarks. The exit status says whether all results were right: each benchmark checks its
// own, and a filter that matches none is an error too.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "filled_views.h"
#include "program/process_environment.h"

namespace {

/// Reports as the flags demand, and records whether a benchmark failed.
class CheckingReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit CheckingReporter(std::unique_ptr<benchmark::BenchmarkReporter> reporter)
      : reporter_(std::move(reporter)) {}

  bool ReportContext(const Context& context) override { return reporter_->ReportContext(context); }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) failed_ = failed_ || run.error_occurred;
    reporter_->ReportRuns(runs);
  }
  void Finalize() override { reporter_->Finalize(); }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  const std::unique_ptr<benchmark::BenchmarkReporter> reporter_;
  bool failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  coupond::KeepFreedMemory();  // as the server does
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  std::unique_ptr<benchmark::BenchmarkReporter> as_flags_say(
      benchmark::CreateDefaultDisplayReporter());
  CheckingReporter reporter(std::move(as_flags_say));
  const std::size_t run = benchmark::RunSpecifiedBenchmarks(&reporter);
  coupond::bench::RemoveSharedViews();
  benchmark::Shutdown();
  return run > 0 && !reporter.failed() ? EXIT_SUCCESS : EXIT_FAILURE;
}
