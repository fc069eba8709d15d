#include "api/answer_cache.h"

#include <utility>

namespace coupond::api {
namespace {

/// What the map and the memory allocator take for an answer, about.
constexpr std::size_t kBytesAround = 160;

std::size_t BytesOf(const std::string& answer) { return kBytesAround + answer.capacity(); }

}  // namespace

bool AnswerCache::IsUnchanged(const Origin& origin) const {
  const ChangeMarks& changes = engine_.changes();
  const Sequence last_change =
      origin.campaign ? changes.LastChange(*origin.campaign) : changes.LastChange();
  return last_change <= origin.as_of;
}

std::optional<AnswerCache::Found> AnswerCache::Find(const Key& key) {
  Answer* answer = nullptr;
  if (const auto young = young_.answers.find(key); young != young_.answers.end()) {
    answer = &young->second;
  } else if (const auto old = old_.answers.find(key); old != old_.answers.end()) {
    Answer moved = std::move(old->second);
    old_.answers.erase(old);
    answer = &Add(key, std::move(moved));
  }
  if (answer == nullptr) return std::nullopt;
  const Origin& origin = answer->origin;
  // The time first: what has not changed by then had not changed at that time.
  const Timestamp now = engine_.clock().Now();
  // If the clock went back, what had begun then may not have begun now.
  if (now < origin.time || now >= origin.holds_until) return std::nullopt;
  if (!IsUnchanged(origin)) return std::nullopt;
  return Found{.bytes = answer->bytes, .time = now};
}

void AnswerCache::Keep(const Key& key, const Origin& origin, std::string_view bytes) {
  if (bytes.size() > kKeptAnswerBytesMax) return;
  Add(key, Answer{.origin = origin, .bytes = std::string(bytes)});
}

AnswerCache::Answer& AnswerCache::Add(const Key& key, Answer&& answer) {
  if (young_.bytes >= kKeptAnswersBytesMax / 2) old_ = std::exchange(young_, Generation{});
  const auto [place, is_new] = young_.answers.try_emplace(key);
  if (!is_new) young_.bytes -= BytesOf(place->second.bytes);
  young_.bytes += BytesOf(answer.bytes);
  place->second = std::move(answer);
  return place->second;
}

}  // namespace coupond::api
