#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TALLY_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TALLY_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "couponctl/load/issue_answer.h"
#include "couponctl/load/latency_record.h"

namespace coupond::ctl {

/// What came of the requests of a load. Every request that was sent ends as exactly one of issued,
/// refused, failed and open. One thread at a time.
class LoadTally {
 public:
  static constexpr std::size_t kRefusals = 4;

  /// One sending of a request; a repeated one is not the first.
  void AddAttempt(bool first);
  /// One attempt that brought no answer, or an error. Names beyond the first 32 count as "other".
  void AddError(std::string_view name);
  /// The end of a request, `latency` after it was due. Every due request has one latency, so what
  /// a stalled server made wait, or never answered, is not left out of the percentiles.
  void AddOutcome(const IssueAnswer& answer, std::chrono::nanoseconds latency);
  /// A request that was due but could not be sent before the run was over.
  void AddNotSent(std::chrono::nanoseconds latency);
  void AddConnection() { ++connections_; }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }
  /// Those that got an answer: issued, refused or failed.
  [[nodiscard]] std::uint64_t answered() const;
  [[nodiscard]] std::uint64_t finished() const { return answered() + open_; }
  [[nodiscard]] std::uint64_t issued() const { return held_.size(); }
  /// Of the issued ones, those that only a repeated request brought to light.
  [[nodiscard]] std::uint64_t already_issued() const { return already_issued_; }
  [[nodiscard]] std::uint64_t refused(IssueAnswer::Refused reason) const;
  [[nodiscard]] std::uint64_t refused_in_all() const;
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  /// Whether these got a coupon is not known.
  [[nodiscard]] std::uint64_t open() const { return open_; }
  [[nodiscard]] std::uint64_t not_sent() const { return not_sent_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& errors() const {
    return errors_;
  }
  [[nodiscard]] const LatencyRecord& latency() const { return latency_; }
  [[nodiscard]] const std::vector<HeldCoupon>& held() const { return held_; }

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t attempts_ = 0;
  std::uint64_t already_issued_ = 0;
  std::array<std::uint64_t, kRefusals> refused_{};
  std::uint64_t failed_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t not_sent_ = 0;
  std::uint64_t connections_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> errors_;
  LatencyRecord latency_;
  std::vector<HeldCoupon> held_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TALLY_H_
