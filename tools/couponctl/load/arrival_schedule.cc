#include "couponctl/load/arrival_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/duration_text.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

constexpr double kNanosecondsPerSecond = 1e9;

double Seconds(nanoseconds duration) {
  return static_cast<double>(duration.count()) / kNanosecondsPerSecond;
}

}  // namespace

std::expected<ArrivalSchedule, std::string> ArrivalSchedule::Make(
    std::optional<double> rate_per_second, nanoseconds duration, nanoseconds ramp) {
  if (duration <= nanoseconds(0)) {
    return std::unexpected(std::string("the duration must be more than 0"));
  }
  if (ramp < nanoseconds(0) || ramp > duration) {
    return std::unexpected(
        fmt::format("the ramp of {} is longer than the duration of {}; it is a part of that",
                    FormatDuration(ramp), FormatDuration(duration)));
  }
  ArrivalSchedule schedule(rate_per_second, duration, ramp);
  if (!rate_per_second) return schedule;
  if (!(*rate_per_second > 0 && *rate_per_second <= kRatePerSecondMax)) {
    return std::unexpected(fmt::format("the rate must be above 0 and at most {} per second",
                                       static_cast<std::uint64_t>(kRatePerSecondMax)));
  }
  const double count = std::floor(schedule.Made(duration));
  if (count > static_cast<double>(kRequestsPerRunMax)) {
    return std::unexpected(
        fmt::format("rate times duration is {:.0f} requests; one run sends at most {}", count,
                    kRequestsPerRunMax));
  }
  // A run of less than one interval still sends the request that is due at its start.
  schedule.count_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(count));
  return schedule;
}

ArrivalSchedule ArrivalSchedule::Of(std::uint64_t count, nanoseconds duration_max) const {
  ArrivalSchedule schedule(rate_per_second_, duration_max, ramp_);
  schedule.count_ = count;
  if (rate_per_second_) schedule.duration_ = schedule.DueAt(count);
  return schedule;
}

double ArrivalSchedule::Made(nanoseconds elapsed) const {
  const double seconds = Seconds(elapsed);
  const double ramp = Seconds(ramp_);
  // The rate at a moment of the ramp is rate * seconds / ramp; this is its integral.
  if (seconds < ramp) return *rate_per_second_ * seconds * seconds / (2 * ramp);
  return *rate_per_second_ * (seconds - ramp / 2);
}

nanoseconds ArrivalSchedule::DueAt(std::uint64_t request) const {
  const auto made = static_cast<double>(request);
  const double ramp = Seconds(ramp_);
  const bool in_ramp = made < *rate_per_second_ * ramp / 2;
  const double seconds = in_ramp ? std::sqrt(2 * ramp * made / *rate_per_second_)
                                 : made / *rate_per_second_ + ramp / 2;
  return nanoseconds(std::llround(seconds * kNanosecondsPerSecond));
}

nanoseconds ArrivalSchedule::BeginOf(std::size_t connection, std::size_t connections) const {
  if (rate_per_second_) return nanoseconds(0);
  return ramp_ / static_cast<std::int64_t>(connections) * static_cast<std::int64_t>(connection);
}

std::optional<nanoseconds> ArrivalSchedule::NextDue() const {
  if (!rate_per_second_ || taken_ >= count_) return std::nullopt;
  return DueAt(taken_);
}

nanoseconds ArrivalSchedule::LastDue() const {
  return rate_per_second_ ? DueAt(count_ - 1) : duration_;
}

std::optional<nanoseconds> ArrivalSchedule::Take(nanoseconds elapsed) {
  if (Exhausted(elapsed)) return std::nullopt;
  const nanoseconds due = rate_per_second_ ? DueAt(taken_) : elapsed;
  if (due > elapsed) return std::nullopt;
  ++taken_;
  return due;
}

std::uint64_t ArrivalSchedule::DueBefore(nanoseconds elapsed) const {
  if (elapsed <= nanoseconds(0)) return 0;
  const double estimate = std::ceil(Made(elapsed));
  auto due = static_cast<std::uint64_t>(std::min(estimate, static_cast<double>(count_)));
  // The estimate and DueAt may round to different sides.
  while (due > 0 && DueAt(due - 1) >= elapsed) --due;
  while (due < count_ && DueAt(due) < elapsed) ++due;
  return due;
}

std::uint64_t ArrivalSchedule::Waiting(nanoseconds elapsed) const {
  if (!rate_per_second_) return 0;
  const std::uint64_t due = DueBefore(elapsed + nanoseconds(1));
  return due > taken_ ? due - taken_ : 0;
}

bool ArrivalSchedule::Exhausted(nanoseconds elapsed) const {
  return taken_ >= count_ || (!rate_per_second_ && elapsed >= duration_);
}

void ArrivalSchedule::EndAt(nanoseconds elapsed) {
  duration_ = std::min(duration_, elapsed);
  if (rate_per_second_) count_ = std::min(count_, std::max(taken_, DueBefore(elapsed)));
}

}  // namespace coupond::ctl
