#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_REQUEST_TALLY_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_REQUEST_TALLY_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "couponctl/load/latency_record.h"

namespace coupond::ctl {

/// What is counted of a load's requests of either kind. One thread at a time.
class RequestTally {
 public:
  /// Counts one sending of a request. Only the first one of a request has `first`.
  void AddAttempt(bool first);
  /// Counts an attempt that got no answer, or an error. Names beyond the first 32 count as "other".
  void AddError(std::string_view name);
  /// Counts a request that was due but could not be sent before the run was over.
  void AddNotSent(std::chrono::nanoseconds latency);

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }
  [[nodiscard]] std::uint64_t not_sent() const { return not_sent_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& errors() const {
    return errors_;
  }
  /// Every due request has one latency, so the percentiles include those that a stalled server
  /// delayed or never answered.
  [[nodiscard]] const LatencyRecord& latency() const { return latency_; }

 protected:
  RequestTally() = default;
  ~RequestTally() = default;
  RequestTally(const RequestTally&) = default;
  RequestTally(RequestTally&&) = default;
  RequestTally& operator=(const RequestTally&) = default;
  RequestTally& operator=(RequestTally&&) = default;

  void AddLatency(std::chrono::nanoseconds latency) { latency_.Add(latency); }

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t attempts_ = 0;
  std::uint64_t not_sent_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> errors_;
  LatencyRecord latency_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_REQUEST_TALLY_H_
