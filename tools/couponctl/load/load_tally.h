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

namespace coupond::ctl {

/// The percentiles of latency that are shown of a load, besides the maximum.
struct NamedPercentile {
  std::string_view name;
  double percent = 0;
};
inline constexpr std::array kShownPercentiles = {
    NamedPercentile{"p50", 50},
    NamedPercentile{"p90", 90},
    NamedPercentile{"p99", 99},
    NamedPercentile{"p99.9", 99.9},
};

/// The latencies of many requests in bounded memory: a histogram whose buckets are 1/128 of their
/// value wide. A percentile is at most 0.8 % too high, and any number of latencies takes 57 KiB.
class LatencyRecord {
 public:
  LatencyRecord();

  /// Counts one latency. A negative one counts as 0.
  void Add(std::chrono::nanoseconds latency);
  /// Forgets all latencies.
  void Clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The largest latency exactly, or 0 if there is none.
  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }
  /// Returns the smallest bound that at least `percent` of the latencies do not exceed, or 0 if
  /// there is none. `percent` is in (0, 100].
  [[nodiscard]] std::chrono::nanoseconds Percentile(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds max_{0};
};

/// The outcomes of the requests of a load. Every request that was sent ends as exactly one of
/// issued, refused, failed and open. One thread at a time.
class LoadTally {
 public:
  static constexpr std::size_t kRefusals = 6;

  LoadTally() = default;
  /// Makes room for that many coupons, so that no request waits while the others are moved; the
  /// memory is used only when it is filled. With users, remembers the coupon of each in 4 bytes.
  LoadTally(std::uint64_t coupons_max, std::uint64_t users);

  /// Counts one sending of a request. Only the first one of a request has `first`.
  void AddAttempt(bool first);
  /// Counts an attempt that got no answer, or an error. Names beyond the first 32 count as "other".
  void AddError(std::string_view name);
  /// Counts the end of a request, `latency` after it was due. Every due request has one latency, so
  /// the percentiles include those that a stalled server delayed or never answered. `user` is the
  /// number of the user that it named, or 0.
  void AddOutcome(const IssueAnswer& answer, std::uint64_t user, std::chrono::nanoseconds latency);
  /// Counts a request that was due but could not be sent before the run was over.
  void AddNotSent(std::chrono::nanoseconds latency);
  void AddConnection() { ++connections_; }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }
  /// Returns the number of requests that got an answer: issued, refused or failed.
  [[nodiscard]] std::uint64_t answered() const;
  [[nodiscard]] std::uint64_t finished() const { return answered() + open_; }
  /// The number of coupons that clients hold. A user who is told again of the same coupon holds
  /// one.
  [[nodiscard]] std::uint64_t issued() const { return held_.size(); }
  /// The number of answers that told of a coupon issued to an earlier request.
  [[nodiscard]] std::uint64_t already_issued() const { return already_issued_; }
  /// The number of coupons of users of which no answer said that it had just been issued. Such a
  /// coupon may be older than the load.
  [[nodiscard]] std::uint64_t maybe_older() const { return maybe_older_; }
  [[nodiscard]] std::uint64_t refused(IssueAnswer::Refused reason) const;
  [[nodiscard]] std::uint64_t refused_in_all() const;
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  /// The number of requests that may or may not have got a coupon.
  [[nodiscard]] std::uint64_t open() const { return open_; }
  [[nodiscard]] std::uint64_t not_sent() const { return not_sent_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& errors() const {
    return errors_;
  }
  [[nodiscard]] const LatencyRecord& latency() const { return latency_; }
  [[nodiscard]] std::uint64_t users() const { return users_.empty() ? 0 : users_.size() - 1; }
  [[nodiscard]] const std::vector<HeldCoupon>& held() const { return held_; }

 private:
  /// The coupon that a user was told of first.
  struct UserCoupon {
    std::uint32_t place : 31 = 0;  ///< in held_, counted from 1; 0 if there is none
    std::uint32_t is_new : 1 = 0;  ///< whether an answer said that it had just been issued
  };
  static_assert(sizeof(UserCoupon) == 4);

  void AddCoupon(const IssueAnswer& answer, std::uint64_t user);
  void Hold(const HeldCoupon& coupon, std::uint64_t user);

  std::uint64_t sent_ = 0;
  std::uint64_t attempts_ = 0;
  std::uint64_t coupon_answers_ = 0;
  std::uint64_t already_issued_ = 0;
  std::uint64_t maybe_older_ = 0;
  std::array<std::uint64_t, kRefusals> refused_{};
  std::uint64_t failed_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t not_sent_ = 0;
  std::uint64_t connections_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> errors_;
  LatencyRecord latency_;
  std::vector<HeldCoupon> held_;
  std::vector<UserCoupon> users_;  ///< by the number of the user
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TALLY_H_
