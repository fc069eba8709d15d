#include "coupon_audit/read/log_reader.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/big_endian.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/format/commit_record.h"

namespace coupond::audit {
namespace {

using storage::CommitRecord;
using storage::FormatHash;

/// Names what the decoder refused. It refuses StoreCreated at another place than the first because
/// no such group was ever written, but to an auditor that is an event that broke a rule.
std::unexpected<Finding> Undecodable(GroupNumber number, std::string_view payload,
                                     std::string detail) {
  storage::v1::CommitGroup message;
  if (message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    for (int i = 0; i < message.events_size(); ++i) {
      const Sequence sequence =
          Sequence(message.first_sequence()).Plus(static_cast<std::uint64_t>(i));
      const Place place{.group = number, .sequence = sequence, .campaign = {}};
      if (message.events(i).has_store_created() && sequence != Sequence(1)) {
        return Unsound(ViolationKind::kStoreCreatedAgain, place,
                       "the event says that the store is created");
      }
      if (sequence == Sequence(1) && !message.events(i).has_store_created()) {
        return Unsound(ViolationKind::kStoreNotCreated, place,
                       "the event says something else than that the store is created");
      }
    }
  }
  return Unsound(ViolationKind::kGroupUndecodable,
                 {.group = number, .sequence = {}, .campaign = {}}, std::move(detail));
}

/// Whether a decoded group follows the one before it.
Audited<void> CheckFollows(const CommitGroup& group, GroupNumber number, const LogTip& previous) {
  Place place{.group = number, .sequence = {}, .campaign = {}};
  if (group.number != number) {
    return Unsound(ViolationKind::kGroupNumberWrong, place,
                   fmt::format("the group at key {} says that it is group {}", number.value(),
                               group.number.value()));
  }
  place.sequence = previous.sequence.Next();
  if (group.first_sequence != previous.sequence.Next()) {
    return Unsound(ViolationKind::kSequenceGap, place,
                   fmt::format("the group begins with sequence {}, but the one before ends with {}",
                               group.first_sequence.value(), previous.sequence.value()));
  }
  if (previous.group != GroupNumber() && group.commit_time < previous.time) {
    return Unsound(
        ViolationKind::kTimeWentBack, place,
        fmt::format("the group is {} ns older than the one before",
                    previous.time.unix_nanoseconds() - group.commit_time.unix_nanoseconds()));
  }
  return {};
}

}  // namespace

Audited<std::optional<LoggedGroup>> LogReader::AtEnd() const {
  if (Status end = cursor_.status(); !end) {
    Finding finding = FindingOf(std::move(end.error()));
    if (auto* violation = std::get_if<Violation>(&finding)) {
      violation->place.group = tip_.group.Next();
    }
    return std::unexpected(std::move(finding));
  }
  const GroupNumber acknowledged = witnesses_.watermark.group;
  if (tip_.group < acknowledged) {
    return Unsound(ViolationKind::kLogBehindWatermark,
                   {.group = tip_.group.Next(), .sequence = tip_.sequence.Next(), .campaign = {}},
                   fmt::format("the log ends with group {}, but WATERMARK says that group {} was "
                               "acknowledged",
                               tip_.group.value(), acknowledged.value()));
  }
  return std::nullopt;
}

Audited<void> LogReader::CheckKey() const {
  const GroupNumber number = tip_.group.Next();
  const Place place{.group = number, .sequence = {}, .campaign = {}};
  const std::string_view key = cursor_.key();
  if (key == storage::LogKey(number)) return {};
  if (key.size() != storage::kBigEndianBytes || key < storage::LogKey(number)) {
    return Unsound(ViolationKind::kKeyWrong, place,
                   fmt::format("a row has a key of {} bytes that is no group's", key.size()));
  }
  return Unsound(ViolationKind::kGroupMissing, place,
                 fmt::format("group {} is missing, but group {} is there", number.value(),
                             storage::ReadBigEndian(key)));
}

Audited<void> LogReader::CheckWitnesses(const CommitGroup& group, const GroupHash& hash) const {
  const Place place{.group = group.number, .sequence = {}, .campaign = {}};
  if (group.number == witnesses_.watermark.group && hash != witnesses_.watermark.hash) {
    return Unsound(ViolationKind::kWatermarkHashWrong, place,
                   fmt::format("the log has the hash {}, but WATERMARK says {}", FormatHash(hash),
                               FormatHash(witnesses_.watermark.hash)));
  }
  if (group.number != GroupNumber(1)) return {};
  const auto* const created = std::get_if<StoreCreated>(&group.events.front());
  if (created != nullptr && created->store_id != witnesses_.store_id) {
    return Unsound(
        ViolationKind::kLogOfAnotherStore, place,
        fmt::format("FORMAT names the store {}, but the log is of {}",
                    FormatUuid(witnesses_.store_id.bytes), FormatUuid(created->store_id.bytes)));
  }
  return {};
}

Audited<std::optional<LoggedGroup>> LogReader::Next() {
  if (!cursor_.Valid()) return AtEnd();
  if (auto key = CheckKey(); !key) return std::unexpected(std::move(key.error()));
  const GroupNumber number = tip_.group.Next();
  const Place place{.group = number, .sequence = {}, .campaign = {}};
  const Result<CommitRecord> record = storage::ParseRecord(cursor_.value());
  if (!record) return Unsound(ViolationKind::kGroupUndecodable, place, record.error().message);
  const GroupHash hash = storage::ChainHash(tip_.hash, record->payload);
  if (hash != record->hash) {
    return Unsound(
        ViolationKind::kChainBroken, place,
        fmt::format("the log has the hash {}, but {} follows from the group before and the bytes",
                    FormatHash(record->hash), FormatHash(hash)));
  }
  Result<CommitGroup> group = codec_.Decode(record->payload);
  if (!group) return Undecodable(number, record->payload, std::move(group.error().message));
  if (auto follows = CheckFollows(*group, number, tip_); !follows) {
    return std::unexpected(std::move(follows.error()));
  }
  if (auto fits = CheckWitnesses(*group, hash); !fits) {
    return std::unexpected(std::move(fits.error()));
  }
  tip_ = {.group = number,
          .sequence = group->last_sequence(),
          .time = group->commit_time,
          .hash = hash};
  cursor_.Next();
  return LoggedGroup{.group = std::move(*group), .hash = hash};
}

}  // namespace coupond::audit
