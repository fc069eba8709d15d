#include "access/rate_limiter.h"

#include <crypto++/siphash.h>

#include <algorithm>

namespace coupond::access {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kMinute = std::chrono::minutes(1);

}  // namespace

RateLimiter::RateLimiter(unsigned per_minute, Entropy& entropy)
    : per_minute_(per_minute),
      interval_(kMinute / per_minute),
      secret_(entropy.Random16()),
      sets_(kSets) {}

std::uint64_t RateLimiter::DigestOf(Asker asker) const {
  std::uint64_t digest = 0;
  CryptoPP::SipHash<2, 4> sip(secret_.data(), secret_.size());
  sip.Update(asker.data(), asker.size());
  sip.TruncatedFinal(reinterpret_cast<CryptoPP::byte*>(&digest), sizeof digest);
  return digest;
}

RateLimiter::Place& RateLimiter::Find(Set& set, std::uint64_t digest) {
  const auto known = std::ranges::find(set, digest, &Place::asker);
  if (known != set.end()) return *known;
  Place& longest_ago = *std::ranges::min_element(set, {}, &Place::full_at);
  longest_ago = {.asker = digest};
  return longest_ago;
}

RateLimiter::Standing RateLimiter::StandingOf(const Place& place, Clock::time_point now) const {
  const nanoseconds until_full = std::max(place.full_at, now) - now;
  const nanoseconds spare = interval_ * per_minute_ - until_full;
  Standing standing{.until_full = until_full};
  if (spare >= interval_) {
    standing.left = static_cast<unsigned>(spare / interval_);
  } else {
    standing.until_next = interval_ - spare;
  }
  return standing;
}

template <typename Act>
auto RateLimiter::With(Asker asker, Act act) {
  const std::uint64_t digest = DigestOf(asker);
  const std::size_t number = digest % kSets;
  const std::scoped_lock lock(mutexes_[number % kLocks]);
  return act(sets_[number], digest);
}

RateLimiter::Standing RateLimiter::Look(Asker asker, Clock::time_point now) {
  return With(asker, [&](const Set& set, std::uint64_t digest) {
    const auto known = std::ranges::find(set, digest, &Place::asker);
    return StandingOf(known == set.end() ? Place{} : *known, now);
  });
}

RateLimiter::Standing RateLimiter::TryTake(Asker asker, Clock::time_point now) {
  return With(asker, [&](Set& set, std::uint64_t digest) {
    Place& place = Find(set, digest);
    Standing standing = StandingOf(place, now);
    if (standing.left == 0) return standing;
    place.full_at = std::max(place.full_at, now) + interval_;
    standing = StandingOf(place, now);
    standing.taken = true;
    return standing;
  });
}

void RateLimiter::Take(Asker asker, Clock::time_point now) {
  With(asker, [&](Set& set, std::uint64_t digest) {
    Place& place = Find(set, digest);
    place.full_at = std::max(place.full_at, now) + interval_;
  });
}

}  // namespace coupond::access
