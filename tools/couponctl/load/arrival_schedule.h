#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_ARRIVAL_SCHEDULE_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_ARRIVAL_SCHEDULE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace coupond::ctl {

/// The maximum number of requests in one run, which bounds its memory: 48 bytes for each coupon.
inline constexpr std::uint64_t kRequestsPerRunMax = 10'000'000;
inline constexpr double kRatePerSecondMax = 1'000'000;

/// The times at which requests are due: request k (0, 1, 2, …) at k / rate after the start,
/// whatever became of the requests before it; or, without a rate, whenever a connection is free (a
/// closed loop). With a ramp, the rate grows linearly from 0 within it; without a rate, the number
/// of connections that may send does. Reads no clock: times are counted from the start of the run.
class ArrivalSchedule {
 public:
  /// Without a rate, requests are sent as fast as possible. The ramp is a part of the duration. The
  /// error says, for the user, which limit is exceeded.
  [[nodiscard]] static std::expected<ArrivalSchedule, std::string> Make(
      std::optional<double> rate_per_second, std::chrono::nanoseconds duration,
      std::chrono::nanoseconds ramp = std::chrono::nanoseconds(0));

  /// Returns a schedule of exactly `count` requests (1 … kRequestsPerRunMax) with the same rate and
  /// ramp, however long they take; without a rate, within `duration_max`.
  [[nodiscard]] ArrivalSchedule Of(std::uint64_t count,
                                   std::chrono::nanoseconds duration_max) const;

  /// Takes the next request if it is due at `elapsed`, and returns when it was due.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> Take(std::chrono::nanoseconds elapsed);
  /// Returns when the next request is due, or nullopt if there is none, or if it only waits for a
  /// connection.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> NextDue() const;
  /// Returns when the last of all requests is due; without a rate, the end of the duration.
  [[nodiscard]] std::chrono::nanoseconds LastDue() const;
  /// Returns the number of requests that are due at `elapsed` and not taken yet; 0 without a rate.
  [[nodiscard]] std::uint64_t Waiting(std::chrono::nanoseconds elapsed) const;
  /// Reports whether there will be no further request at or after `elapsed`.
  [[nodiscard]] bool Exhausted(std::chrono::nanoseconds elapsed) const;
  /// Drops the requests that are due at or after `elapsed`.
  void EndAt(std::chrono::nanoseconds elapsed);

  /// The number of all requests; without a rate, the maximum.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  [[nodiscard]] std::optional<double> rate_per_second() const { return rate_per_second_; }
  [[nodiscard]] std::chrono::nanoseconds duration() const { return duration_; }
  [[nodiscard]] std::chrono::nanoseconds ramp() const { return ramp_; }
  /// Returns when a connection (0, 1, … connections - 1) begins to send: at the start, or without a
  /// rate and with a ramp, one after the other within the ramp.
  [[nodiscard]] std::chrono::nanoseconds BeginOf(std::size_t connection,
                                                 std::size_t connections) const;

 private:
  ArrivalSchedule(std::optional<double> rate_per_second, std::chrono::nanoseconds duration,
                  std::chrono::nanoseconds ramp)
      : rate_per_second_(rate_per_second), duration_(duration), ramp_(ramp) {}
  /// Returns how many requests the rate makes until `elapsed`, with its fraction.
  [[nodiscard]] double Made(std::chrono::nanoseconds elapsed) const;
  [[nodiscard]] std::chrono::nanoseconds DueAt(std::uint64_t request) const;
  [[nodiscard]] std::uint64_t DueBefore(std::chrono::nanoseconds elapsed) const;

  std::optional<double> rate_per_second_;
  std::chrono::nanoseconds duration_;
  std::chrono::nanoseconds ramp_;
  std::uint64_t count_ = kRequestsPerRunMax;
  std::uint64_t taken_ = 0;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_ARRIVAL_SCHEDULE_H_
