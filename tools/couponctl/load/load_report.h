#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_REPORT_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "couponctl/load/consistency_check.h"
#include "couponctl/load/load_generator.h"

/// What a load tells: while it runs, to people, and to programs.
namespace coupond::ctl {

/// What the consistency check came to.
struct CheckOutcome {
  enum class State : std::uint8_t { kPassed, kFailed, kSkipped, kImpossible };
  State state = State::kSkipped;
  std::string why_impossible = {};  ///< with kImpossible: what the server did not answer
  std::int64_t issued_before = 0;
  std::int64_t issued_after = 0;
  std::int64_t total = 0;
  std::uint64_t listed = 0;
  std::vector<Fault> faults = {};  ///< with kFailed
};

/// One line without a newline, for a terminal or a log.
[[nodiscard]] std::string ProgressLine(const LoadProgress& progress);

/// The summary for people: what was sent, what came of it, latencies, the check.
[[nodiscard]] std::string SummaryText(const LoadPlan& plan, const LoadResult& result,
                                      const CheckOutcome& check);

/// The same as one JSON object, on one line with its newline.
[[nodiscard]] std::string SummaryJson(const LoadPlan& plan, const LoadResult& result,
                                      const CheckOutcome& check);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_REPORT_H_
