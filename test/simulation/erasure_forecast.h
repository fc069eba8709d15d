#ifndef COUPOND_TEST_SIMULATION_ERASURE_FORECAST_H_
#define COUPOND_TEST_SIMULATION_ERASURE_FORECAST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/eraser.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "simulation/simulated_log.h"

namespace coupond::simulation {

/// Follows the eraser from outside, and says which command it must put into the queue next: those
/// who judge the sequencer must know everything that is in it. One thread.
class ErasureForecast {
 public:
  /// `found_max` is the number of coupons after which a search ends.
  ErasureForecast(const SimulatedLog& log, std::size_t found_max)
      : log_(log), found_max_(found_max) {}

  /// Records that a request waits.
  void OnAsked(std::uint64_t id, const ErasureRequest& request) {
    waiting_.push_back({.id = id, .request = request, .found = {}});
  }
  /// Records that the eraser has answered a request.
  void OnAnswered(std::uint64_t id);
  /// The process died, and its eraser with all requests.
  void OnCrash();

  /// Returns the command that the eraser submits in its next step, if the queue has room for it.
  [[nodiscard]] std::optional<Command> Next() const;
  /// Records that it has submitted it.
  void OnSubmitted() { awaits_reply_ = true; }
  /// Records that its reply has come, and that it has taken note of it.
  void OnReply(bool is_dropped);
  /// Records any other step, after which it shows this progress. `purged`: it has removed all texts
  /// from the files.
  void OnStep(const ErasureProgress& progress, bool purged);

  [[nodiscard]] bool awaits_reply() const { return awaits_reply_; }
  /// Returns the request whose command is next or on its way.
  [[nodiscard]] std::optional<std::uint64_t> current() const;
  /// Returns the key with which the command was allowed that is next or on its way.
  [[nodiscard]] KeyId key() const { return current() ? jobs_[next_job_].request.key : kNoKey; }

 private:
  enum class Stage : std::uint8_t { kOther, kSearching, kLogging, kFinishing };
  struct Job {
    std::uint64_t id = 0;
    ErasureRequest request;
    std::vector<CouponIssued> found;
  };

  /// Takes what waits, except for users of whom another request is in progress.
  void BeginSearch(GroupNumber last);
  /// Finds the coupons, as a reader of the log does.
  void EndSearch();
  void Find(const CommitGroup& group);

  const SimulatedLog& log_;
  const std::size_t found_max_;
  Stage stage_ = Stage::kOther;
  std::vector<Job> waiting_;
  std::vector<Job> jobs_;  // in progress
  GroupNumber last_group_;
  std::size_t found_ = 0;
  bool search_again_ = false;
  std::size_t next_job_ = 0;
  bool awaits_reply_ = false;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_ERASURE_FORECAST_H_
