#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_JUDGE_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_JUDGE_H_

#include <algorithm>
#include <cstddef>
#include <utility>

namespace coupond::test {

/// Says how many of a run's kills have failed: those since the last look at the faults, if there
/// are more faults by now. Faults that no new kill explains fail one that had passed, as long as
/// there is one. So with any fault at all, and any kill, at least one has failed. One thread.
class KillJudge {
 public:
  void CountKill() { ++kills_; }
  /// `faults`: all that were found so far.
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
