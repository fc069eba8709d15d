#ifndef COUPOND_TEST_SYSTEM_CRASH_CRASH_REPORT_H_
#define COUPOND_TEST_SYSTEM_CRASH_CRASH_REPORT_H_

#include <cstddef>
#include <string>

#include "system/crash/crash_run.h"
#include "system/crash/fault_log.h"

/// Reports of a crash run, for people and for programs.
namespace coupond::test {

/// Shows progress on standard error: a bar on a terminal, elsewhere an occasional line.
class CrashProgress {
 public:
  explicit CrashProgress(std::size_t kills);
  void Show(const CrashResult& result, std::size_t faults);
  void Finish() const;

 private:
  const std::size_t kills_;
  const bool on_terminal_;
};

/// Returns the table, a description of every fault, and "N passed, N failed" as the last line.
[[nodiscard]] std::string CrashText(const CrashOptions& options, const CrashResult& result,
                                    const FaultLog& faults);
/// Returns the same as one JSON document.
[[nodiscard]] std::string CrashJson(const CrashOptions& options, const CrashResult& result,
                                    const FaultLog& faults);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_CRASH_REPORT_H_
