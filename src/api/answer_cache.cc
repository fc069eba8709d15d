#include "api/answer_cache.h"

#include <utility>

namespace coupond::api {
namespace {

/// What the map and the memory allocator take for an answer, about.
constexpr std::size_t kBytesAround = 160;

std::size_t BytesOf(const std::string& answer) { return kBytesAround + answer.capacity(); }

}  // namespace

bool AnswerCache::IsCurrent(const Origin& origin) const {
  const ChangeMarks& changes = engine_.changes();
  const Sequence last_change =
      origin.campaign ? changes.LastChange(*origin.campaign) : changes.LastChange();
  return last_change <= origin.as_of;
}

const std::string* AnswerCache::Find(const Key& key) {
  Answer* answer = nullptr;
  if (const auto young = young_.answers.find(key); young != young_.answers.end()) {
    answer = &young->second;
  } else if (const auto old = old_.answers.find(key); old != old_.answers.end()) {
    Answer moved = std::move(old->second);
    old_.answers.erase(old);
    answer = &Add(key, std::move(moved));
  }
  return answer != nullptr && IsCurrent(answer->origin) ? &answer->bytes : nullptr;
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
