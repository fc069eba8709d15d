#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_JUDGE_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_JUDGE_H_

#include <algorithm>
#include <cstddef>
#include <utility>

namespace coupond::test {

/// Counts a run's failed kills: if new faults were found, all kills since the last judgement have
/// failed. New faults without a new kill fail one of the earlier kills. So with any fault and any
/// kill, at least one has failed. One thread.
class KillJudge {
 public:
  void CountKill() { ++kills_; }
  /// Judges the kills since the last call. `faults` is the number of faults so far.
  void Judge(std::size_t faults) {
    const std::size_t new_kills = kills_ - std::exchange(kills_judged_, kills_);
    if (faults <= std::exchange(faults_judged_, faults)) return;
    failed_ = std::min(kills_, failed_ + std::max<std::size_t>(new_kills, 1));
  }

  [[nodiscard]] std::size_t kills() const { return kills_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }

 private:
  std::size_t kills_ = 0;
  std::size_t kills_judged_ = 0;
  std::size_t faults_judged_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILL_JUDGE_H_
