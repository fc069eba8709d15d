#include "engine/clock/steered_clock.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "engine/clock/system_clock.h"

namespace coupond {
namespace {

constexpr std::int64_t kToleranceNs = std::chrono::nanoseconds(SteeredClock::kTolerance).count();
/// The times that the clocks are read once more, because the thread was held up between them.
constexpr int kReadAgainMax = 5;

bool Agree(std::int64_t ahead) { return ahead <= kToleranceNs && ahead >= -kToleranceNs; }

}  // namespace

SteeredClock::SteeredClock(const Clock& since_boot, const Clock& machine,
                           std::chrono::nanoseconds slack, ClockObserver observer)
    : since_boot_(since_boot),
      machine_(machine),
      slack_(slack.count()),
      observer_(std::move(observer)),
      offset_(machine.Now().unix_nanoseconds() - since_boot.Now().unix_nanoseconds()) {}

ClockReading SteeredClock::Read() const {
  // In this order, so that a time is never ahead of one that is read later, when the machine's
  // clock has been set back.
  const std::int64_t since_boot = since_boot_.Now().unix_nanoseconds();
  const Timestamp machine = machine_.Now();
  if (steering_.load(std::memory_order_acquire) || !IsPlausible(machine)) return ReadSteering();
  const Timestamp now = At(since_boot);
  if (!Agree(machine.Since(now).count())) return ReadSteering();
  return {.now = now};
}

ClockReading SteeredClock::ReadSteering() const {
  std::unique_lock lock(mutex_);
  std::int64_t since_boot = since_boot_.Now().unix_nanoseconds();
  Timestamp machine;
  for (int i = 0; i < kReadAgainMax; ++i) {
    const std::int64_t before = since_boot;
    machine = machine_.Now();
    since_boot = since_boot_.Now().unix_nanoseconds();
    if (since_boot - before <= kToleranceNs) break;
  }
  const bool implausible = !IsPlausible(machine);
  const bool newly_implausible = implausible && !implausible_;
  implausible_ = implausible;
  if (implausible) {
    slewed_at_.reset();
    disputed_ = false;  // so that it is reported again once the reading is plausible
    steering_.store(true, std::memory_order_release);
    const ClockReading reading{.now = At(since_boot)};
    lock.unlock();
    if (newly_implausible && observer_.on_implausible) observer_.on_implausible(machine);
    return reading;
  }
  const std::int64_t ahead = machine.Since(At(since_boot)).count();
  const bool disputed = ahead > slack_ || ahead < -slack_;
  if (disputed) {
    slewed_at_.reset();
  } else {
    Follow(since_boot, ahead);
  }
  steering_.store(disputed || slewed_at_, std::memory_order_release);
  const ClockReading reading{.now = At(since_boot),
                             .disputed = disputed ? std::optional(machine) : std::nullopt};
  const bool is_new = std::exchange(disputed_, disputed) != disputed;
  lock.unlock();
  if (is_new && observer_.on_dispute) observer_.on_dispute(reading);
  return reading;
}

void SteeredClock::Follow(std::int64_t since_boot, std::int64_t ahead) const {
  if (Agree(ahead)) {
    slewed_at_.reset();
    return;
  }
  if (ahead > 0) {
    slewed_at_.reset();
    offset_.store(offset() + ahead, std::memory_order_release);
    return;
  }
  const std::int64_t passed = since_boot - slewed_at_.value_or(since_boot);
  slewed_at_ = since_boot;
  offset_.store(offset() - std::min(passed / 2, -ahead), std::memory_order_release);
}

void SteeredClock::Accept(Timestamp time) const {
  bool was_disputed = false;
  {
    const std::lock_guard lock(mutex_);
    offset_.store(time.unix_nanoseconds() - since_boot_.Now().unix_nanoseconds(),
                  std::memory_order_release);
    slewed_at_.reset();
    was_disputed = std::exchange(disputed_, false);
    steering_.store(true, std::memory_order_release);  // until a reading finds that they agree
  }
  if (was_disputed && observer_.on_dispute) observer_.on_dispute({.now = time});
}

}  // namespace coupond
