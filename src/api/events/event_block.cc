#include "api/events/event_block.h"

#include <algorithm>

namespace coupond::api {

void EventBlock::Add(EventType type, CampaignNumber campaign) {
  entries_.push_back({.sequence = next_,
                      .campaign = campaign,
                      .end = static_cast<std::uint32_t>(bytes_.size()),
                      .type = type});
  types_.Add(type);
}

void EventBlock::ShrinkToFit() {
  bytes_.shrink_to_fit();
  entries_.shrink_to_fit();
}

std::size_t EventBlock::memory_bytes() const {
  return sizeof(EventBlock) + bytes_.capacity() + entries_.capacity() * sizeof(Entry);
}

EventSelection EventBlock::Select(Sequence from, Sequence end, const EventFilter& filter) const {
  EventSelection selection;
  if (!types_.HasAnyOf(filter.types)) return selection;
  const auto first = std::ranges::lower_bound(entries_, from, {}, &Entry::sequence);
  const auto last = std::ranges::lower_bound(first, entries_.end(), end, {}, &Entry::sequence);
  const auto begin = std::find_if(first, last, [&filter](const Entry& entry) {
    return filter.Passes(entry.campaign, entry.type);
  });
  selection.block_ = this;
  selection.begin_ = static_cast<std::size_t>(begin - entries_.begin());
  selection.end_ = static_cast<std::size_t>(last - entries_.begin());
  selection.filter_ = filter;
  return selection;
}

std::size_t EventSelection::bytes() const {
  if (empty()) return 0;
  if (filter_.passes_all()) return block_->BeginOf(end_) - block_->BeginOf(begin_);
  std::size_t bytes = 0;
  for (std::size_t i = begin_; i < end_; ++i) {
    const EventBlock::Entry& entry = block_->entries_[i];
    if (filter_.Passes(entry.campaign, entry.type)) bytes += entry.end - block_->BeginOf(i);
  }
  return bytes;
}

std::optional<std::string_view> EventSelection::Contiguous() const {
  if (empty()) return std::string_view();
  if (!filter_.passes_all()) return std::nullopt;
  const std::size_t begin = block_->BeginOf(begin_);
  return std::string_view(block_->bytes_).substr(begin, block_->BeginOf(end_) - begin);
}

std::vector<EncodedEvent> EventSelection::All() const {
  std::vector<EncodedEvent> events;
  if (filter_.passes_all()) events.reserve(end_ - begin_);
  for (std::size_t i = begin_; i < end_; ++i) {
    const EventBlock::Entry& entry = block_->entries_[i];
    if (!filter_.Passes(entry.campaign, entry.type)) continue;
    const std::size_t begin = block_->BeginOf(i);
    events.push_back({.bytes = std::string_view(block_->bytes_).substr(begin, entry.end - begin),
                      .sequence = entry.sequence,
                      .type = entry.type});
  }
  return events;
}

}  // namespace coupond::api
