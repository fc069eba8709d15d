#ifndef COUPOND_API_EVENTS_EVENT_BLOCK_H_
#define COUPOND_API_EVENTS_EVENT_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/events/event_types.h"
#include "engine/rules/ids.h"
#include "rpc/connect/codec.h"

/// Encoded events, which all readers share.
namespace coupond::api {

/// A block takes no further event beyond either of these. One event may be larger than the rest.
inline constexpr std::size_t kEventBlockBytesMax = 64 * 1024;
inline constexpr std::size_t kEventBlockSequencesMax = 1'000;

/// Which events a reader wants.
struct EventFilter {
  std::optional<CampaignNumber> campaign = {};  ///< nullopt: of all campaigns
  EventTypes types = EventTypes::All();

  [[nodiscard]] bool passes_all() const { return !campaign && types.HasAll(); }
  [[nodiscard]] bool Passes(CampaignNumber of_campaign, EventType type) const {
    return (!campaign || *campaign == of_campaign) && types.Has(type);
  }
  friend bool operator==(const EventFilter&, const EventFilter&) = default;
};

/// An encoded event of a block.
struct EncodedEvent {
  std::string_view bytes;  ///< as long as the block
  Sequence sequence;
  EventType type = EventType::kCreated;
};

class EventBlock;

/// The events of a part of a block that pass a filter. The block must outlive it. A default one has
/// none.
class EventSelection {
 public:
  EventSelection() = default;

  [[nodiscard]] bool empty() const { return begin_ == end_; }
  /// Returns how many bytes they have together.
  [[nodiscard]] std::size_t bytes() const;
  /// Returns the bytes of all of them, if there is nothing between them in the block that the
  /// filter leaves out; otherwise nullopt.
  [[nodiscard]] std::optional<std::string_view> Contiguous() const;
  [[nodiscard]] std::vector<EncodedEvent> All() const;

 private:
  friend class EventBlock;

  const EventBlock* block_ = nullptr;
  // Places in the block's entries. Unless the filter passes all, that at begin_ passes.
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  EventFilter filter_;
};

/// The events with the sequences first() … next() - 1 that clients are shown, in order, each
/// encoded once. All events of a sequence are in the same block.
///
/// In protobuf, an event is a whole field `events` of ReadEventsResponse, tag and length included,
/// so events in a row are a part of that message. In JSON it is an object with a line break behind
/// it.
///
/// Filled by one thread; after that immutable, for any thread.
class EventBlock {
 public:
  EventBlock(connect::Codec codec, Sequence first) : codec_(codec), first_(first), next_(first) {}

  /// Returns where to encode the next event, which Add then takes.
  [[nodiscard]] std::string& bytes() { return bytes_; }
  /// Takes everything that was appended to bytes() since the last Add as one event of the sequence
  /// next().
  void Add(EventType type, CampaignNumber campaign);
  /// Ends the sequence next().
  void EndSequence() { next_ = next_.Next(); }
  /// Gives back memory that is not used.
  void ShrinkToFit();

  [[nodiscard]] bool full() const {
    return bytes_.size() >= kEventBlockBytesMax ||
           next_.value() - first_.value() >= kEventBlockSequencesMax;
  }
  [[nodiscard]] connect::Codec codec() const { return codec_; }
  [[nodiscard]] Sequence first() const { return first_; }
  [[nodiscard]] Sequence next() const { return next_; }
  [[nodiscard]] bool Covers(Sequence sequence) const {
    return first_ <= sequence && sequence < next_;
  }
  /// Returns roughly how much memory it takes.
  [[nodiscard]] std::size_t memory_bytes() const;

  /// Returns those events that pass the filter with the sequences from `from`, which the block
  /// covers, on and before `end`.
  [[nodiscard]] EventSelection Select(Sequence from, Sequence end, const EventFilter& filter) const;

 private:
  friend class EventSelection;

  struct Entry {
    Sequence sequence;
    CampaignNumber campaign;
    std::uint32_t end = 0;  ///< of its bytes, which begin where those of the entry before end
    EventType type = EventType::kCreated;
  };

  [[nodiscard]] std::size_t BeginOf(std::size_t entry) const {
    return entry == 0 ? 0 : entries_[entry - 1].end;
  }

  const connect::Codec codec_;
  const Sequence first_;
  Sequence next_;
  std::string bytes_;
  std::vector<Entry> entries_;
  EventTypes types_;  // of the entries
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_BLOCK_H_
