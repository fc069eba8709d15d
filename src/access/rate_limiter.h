#ifndef COUPOND_ACCESS_RATE_LIMITER_H_
#define COUPOND_ACCESS_RATE_LIMITER_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "base/entropy.h"

namespace coupond::access {

/// Holds each of many askers to a number of requests in a minute. An asker has that many tokens,
/// which come back evenly: one after each interval of a minute divided by their number (the generic
/// cell rate algorithm, ITU-T I.371, which keeps one time for each asker and no counter).
///
/// Memory is bounded: of more than kAskersMax who have asked lately, those are forgotten who are
/// nearest to having all their tokens again. Any thread; one request takes one lock, which it
/// shares with one in kLocks of the others.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  using Asker = std::span<const std::uint8_t>;  ///< what tells one from another

  static constexpr std::size_t kAskersMax = 65'536;

  /// How an asker stands.
  struct Standing {
    bool taken = false;                      ///< TryTake took a token
    unsigned left = 0;                       ///< tokens
    std::chrono::nanoseconds until_next{0};  ///< 0 if there is a token
    std::chrono::nanoseconds until_full{0};  ///< 0 if there are all
  };

  /// `per_minute` is at least 1. The random bytes keep askers from choosing each other's places.
  RateLimiter(unsigned per_minute, Entropy& entropy);

  /// Returns how an asker stands, without taking anything.
  [[nodiscard]] Standing Look(Asker asker, Clock::time_point now);
  /// Takes a token if there is one, and returns how the asker stands then.
  Standing TryTake(Asker asker, Clock::time_point now);
  /// Takes a token even if there is none: the asker has to wait for it later, however long that
  /// takes. So a caller that asks for much at once gets no more in the long run.
  void Take(Asker asker, Clock::time_point now);

  [[nodiscard]] unsigned per_minute() const { return per_minute_; }

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kSets = kAskersMax / kWays;
  static constexpr std::size_t kLocks = 64;

  struct Place {
    std::uint64_t asker = 0;  ///< its digest
    Clock::time_point full_at{};
  };
  using Set = std::array<Place, kWays>;

  [[nodiscard]] std::uint64_t DigestOf(Asker asker) const;
  /// Returns the place of an asker, or the one that it may have.
  [[nodiscard]] static Place& Find(Set& set, std::uint64_t digest);
  [[nodiscard]] Standing StandingOf(const Place& place, Clock::time_point now) const;
  /// Calls `act` with the asker's place under its lock.
  template <typename Act>
  auto With(Asker asker, Act act);

  const unsigned per_minute_;
  const std::chrono::nanoseconds interval_;  ///< after which a token comes back
  const std::array<std::uint8_t, 16> secret_;
  std::array<std::mutex, kLocks> mutexes_;
  std::vector<Set> sets_;  // a set is guarded by the mutex of its number modulo kLocks
};

}  // namespace coupond::access

#endif  // COUPOND_ACCESS_RATE_LIMITER_H_
