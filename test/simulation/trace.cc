#include "simulation/trace.h"

#include <algorithm>

namespace coupond::simulation {
namespace {

constexpr std::uint64_t kPrime = 0x100000001B3U;  // FNV-1a

std::string InWords(const char* what, const std::array<std::uint64_t, 3>& numbers) {
  std::string text;
  std::size_t next = 0;
  for (const char* at = what; *at != '\0'; ++at) {
    if (at[0] == '{' && at[1] == '}' && next < numbers.size()) {
      text += std::to_string(numbers[next++]);
      ++at;
    } else {
      text += *at;
    }
  }
  return text;
}

}  // namespace

void Trace::Add(const char* what, std::uint64_t first, std::uint64_t second, std::uint64_t third) {
  steps_[added_ % kKept] = Step{what, {first, second, third}};
  ++added_;
  // A few letters distinguish the kinds of steps.
  for (const char* letter = what; *letter != '\0'; ++letter) {
    digest_ = (digest_ ^ static_cast<unsigned char>(*letter)) * kPrime;
  }
  for (const std::uint64_t number : {first, second, third}) {
    digest_ = (digest_ ^ number) * kPrime;
    digest_ ^= digest_ >> 32;
  }
}

std::vector<std::string> Trace::Last(std::size_t count) const {
  const std::uint64_t kept = std::min<std::uint64_t>({added_, kKept, count});
  std::vector<std::string> words;
  for (std::uint64_t i = added_ - kept; i < added_; ++i) {
    const Step& step = steps_[i % kKept];
    words.push_back(std::to_string(i) + ": " + InWords(step.what, step.numbers));
  }
  return words;
}

}  // namespace coupond::simulation
