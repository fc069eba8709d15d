#include "couponctl/load/arrival_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace coupond::ctl {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

std::expected<ArrivalSchedule, std::string> ArrivalSchedule::Make(
    std::optional<double> rate_per_second, std::chrono::nanoseconds duration) {
  if (duration <= std::chrono::nanoseconds(0)) {
    return std::unexpected(std::string("the duration must be more than 0"));
  }
  if (!rate_per_second) return ArrivalSchedule(rate_per_second, duration, kRequestsPerRunMax);
  if (!(*rate_per_second > 0 && *rate_per_second <= kRatePerSecondMax)) {
    return std::unexpected(fmt::format("the rate must be above 0 and at most {} per second",
                                       static_cast<std::uint64_t>(kRatePerSecondMax)));
  }
  const double count = std::floor(*rate_per_second *
                                  (static_cast<double>(duration.count()) / kNanosecondsPerSecond));
  if (count > static_cast<double>(kRequestsPerRunMax)) {
    return std::unexpected(
        fmt::format("rate times duration is {:.0f} requests; one run sends at most {}", count,
                    kRequestsPerRunMax));
  }
  // A run of less than one interval still sends the request that is due at its start.
  return ArrivalSchedule(rate_per_second, duration,
                         std::max<std::uint64_t>(1, static_cast<std::uint64_t>(count)));
}

std::chrono::nanoseconds ArrivalSchedule::DueAt(std::uint64_t request) const {
  return std::chrono::nanoseconds(
      std::llround(static_cast<double>(request) / *rate_per_second_ * kNanosecondsPerSecond));
}

std::optional<std::chrono::nanoseconds> ArrivalSchedule::NextDue() const {
  if (!rate_per_second_ || taken_ >= count_) return std::nullopt;
  return DueAt(taken_);
}

std::optional<std::chrono::nanoseconds> ArrivalSchedule::Take(std::chrono::nanoseconds elapsed) {
  if (Exhausted(elapsed)) return std::nullopt;
  const std::chrono::nanoseconds due = rate_per_second_ ? DueAt(taken_) : elapsed;
  if (due > elapsed) return std::nullopt;
  ++taken_;
  return due;
}

std::uint64_t ArrivalSchedule::DueBefore(std::chrono::nanoseconds elapsed) const {
  if (elapsed <= std::chrono::nanoseconds(0)) return 0;
  const double estimate =
      std::ceil(static_cast<double>(elapsed.count()) / kNanosecondsPerSecond * *rate_per_second_);
  auto due = static_cast<std::uint64_t>(std::min(estimate, static_cast<double>(count_)));
  // The estimate and DueAt may round to different sides.
  while (due > 0 && DueAt(due - 1) >= elapsed) --due;
  while (due < count_ && DueAt(due) < elapsed) ++due;
  return due;
}

std::uint64_t ArrivalSchedule::Waiting(std::chrono::nanoseconds elapsed) const {
  if (!rate_per_second_) return 0;
  const std::uint64_t due = DueBefore(elapsed + std::chrono::nanoseconds(1));
  return due > taken_ ? due - taken_ : 0;
}

bool ArrivalSchedule::Exhausted(std::chrono::nanoseconds elapsed) const {
  return taken_ >= count_ || (!rate_per_second_ && elapsed >= duration_);
}

void ArrivalSchedule::EndAt(std::chrono::nanoseconds elapsed) {
  duration_ = std::min(duration_, elapsed);
  if (rate_per_second_) count_ = std::min(count_, std::max(taken_, DueBefore(elapsed)));
}

}  // namespace coupond::ctl
