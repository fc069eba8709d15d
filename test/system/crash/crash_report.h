#ifndef COUPOND_TEST_SYSTEM_CRASH_CRASH_REPORT_H_
#define COUPOND_TEST_SYSTEM_CRASH_CRASH_REPORT_H_

#include <cstddef>
#include <string>

#include "system/crash/crash_run.h"
#include "system/crash/fault_log.h"

/// What people and programs are told of a crash run.
namespace coupond::test {

/// Shows on standard error how far it is: a bar on a terminal, elsewhere a line now and then.
class CrashProgress {
 public:
  explicit CrashProgress(std::size_t kills);
  void Show(const CrashResult& result, std::size_t faults);
  void Finish() const;

 private:
  const std::size_t kills_;
  const bool on_terminal_;
};

/// The table, every fault in words, and "N passed, N failed" as the last line.
[[nodiscard]] std::string CrashText(const CrashOptions& options, const CrashResult& result,
                                    const FaultLog& faults);
/// The same as one JSON document.
[[nodiscard]] std::string CrashJson(const CrashOptions& options, const CrashResult& result,
                                    const FaultLog& faults);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_CRASH_REPORT_H_
