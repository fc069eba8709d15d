#include "storage/format/record_check.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "base/big_endian.h"
#include "storage/format/commit_record.h"

namespace coupond::storage {

using enum RecordFaultKind;

ErrorCode ErrorCodeOf(RecordFaultKind kind) {
  switch (kind) {
    case kGroupMissing:
    case kGroupNumberWrong:
    case kSequenceGap:
      return ErrorCode::kLogGap;
    case kChainBroken:
      return ErrorCode::kLogChainBroken;
    case kKeyWrong:
    case kUndecodable:
    case kTimeWentBack:
    case kClockResetWrong:
    case kStoreNotCreated:
    case kStoreCreatedAgain:
      break;
  }
  return ErrorCode::kLogUndecodable;
}

LogTip TipOf(const CommitGroup& group, const GroupHash& hash) {
  return {.group = group.number,
          .sequence = group.last_sequence(),
          .time = group.commit_time,
          .hash = hash};
}

std::optional<Sequence> MisplacedStoreCreation(const CommitGroup& group) {
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const Sequence sequence = group.first_sequence.Plus(i);
    const bool creates = std::holds_alternative<StoreCreated>(group.events[i]);
    if (creates != (sequence == Sequence(1))) return sequence;
  }
  return std::nullopt;
}

std::optional<Sequence> MisplacedClockReset(const CommitGroup& group, const LogTip& tip) {
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const auto* const reset = std::get_if<ClockReset>(&group.events[i]);
    if (reset == nullptr) continue;
    if (group.events.size() != 1 || reset->previous_time != tip.time) {
      return group.first_sequence.Plus(i);
    }
  }
  return std::nullopt;
}

std::unexpected<RecordFault> RecordChain::Fault(RecordFaultKind kind,
                                                std::optional<Sequence> sequence,
                                                std::string detail) const {
  return std::unexpected(RecordFault{
      .kind = kind, .group = tip_.group.Next(), .sequence = sequence, .detail = std::move(detail)});
}

std::expected<void, RecordFault> RecordChain::CheckKey(std::string_view key) const {
  const std::string expected = LogKey(tip_.group.Next());
  if (key == expected) return {};
  if (key.size() != kBigEndianBytes || key < expected) {
    return Fault(
        kKeyWrong, {},
        "a row has a key of " + std::to_string(key.size()) + " bytes that is not the next group's");
  }
  return Fault(kGroupMissing, {},
               "it is missing, but group " + std::to_string(ReadBigEndian(key)) + " is there");
}

std::expected<CheckedRecord, RecordFault> RecordChain::Take(std::string_view bytes) {
  const Result<CommitRecord> record = ParseRecord(bytes, format_);
  if (!record) return Fault(kUndecodable, {}, record.error().message);
  const GroupHash hash = ChainHash(tip_.hash, record->payload);
  if (hash != record->hash) {
    return Fault(kChainBroken, {},
                 "its hash is " + FormatHash(record->hash) +
                     ", but does not follow from the group before it, which gives " +
                     FormatHash(hash) + "; this group, or that one, was altered");
  }
  Result<CommitGroup> group = codec_.Decode(*record);
  if (!group) return Fault(kUndecodable, {}, std::move(group.error().message));
  TRY(CheckFollows(*group));
  tip_ = TipOf(*group, hash);
  return CheckedRecord{.group = std::move(*group), .hash = hash};
}

std::expected<void, RecordFault> RecordChain::CheckFollows(const CommitGroup& group) const {
  if (group.number != tip_.group.Next()) {
    return Fault(kGroupNumberWrong, {},
                 "it says that it is group " + std::to_string(group.number.value()));
  }
  const Sequence next = tip_.sequence.Next();
  if (group.first_sequence != next) {
    return Fault(kSequenceGap, next,
                 "it begins with sequence " + std::to_string(group.first_sequence.value()) +
                     ", but the group before ends with " + std::to_string(tip_.sequence.value()));
  }
  if (const std::optional<Sequence> misplaced = MisplacedClockReset(group, tip_)) {
    return Fault(kClockResetWrong, misplaced,
                 "it has clock_reset beside other events, or with another previous_time than that "
                 "of the group before it");
  }
  const bool is_reset = std::holds_alternative<ClockReset>(group.events.front());
  if (tip_.group != GroupNumber() && group.commit_time < tip_.time && !is_reset) {
    // The times are whatever the record says: their difference need not fit a signed number.
    const std::uint64_t older = static_cast<std::uint64_t>(tip_.time.unix_nanoseconds()) -
                                static_cast<std::uint64_t>(group.commit_time.unix_nanoseconds());
    return Fault(kTimeWentBack, next,
                 "it is " + std::to_string(older) + " ns older than the group before it");
  }
  if (const std::optional<Sequence> misplaced = MisplacedStoreCreation(group)) {
    if (*misplaced == Sequence(1)) {
      return Fault(kStoreNotCreated, misplaced, "its first event is not store_created");
    }
    return Fault(kStoreCreatedAgain, misplaced,
                 "it has store_created at sequence " + std::to_string(misplaced->value()));
  }
  return {};
}

}  // namespace coupond::storage
