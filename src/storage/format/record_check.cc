#include "storage/format/record_check.h"

#include <string>
#include <utility>

#include "storage/format/commit_record.h"

namespace coupond::storage {

Result<CheckedRecord> CheckRecord(GroupNumber number, std::string_view bytes,
                                  const LogTip& previous, EventCodec& codec) {
  const CommitRecord record = TRY(ParseRecord(bytes));
  if (ChainHash(previous.hash, record.payload) != record.hash) {
    return MakeError(ErrorCode::kLogChainBroken,
                     "its hash does not follow from the group before it; this group, or that one, "
                     "was altered");
  }
  CommitGroup group = TRY(codec.Decode(record.payload));
  if (group.number != number) {
    return MakeError(ErrorCode::kLogGap,
                     "it says that it is group " + std::to_string(group.number.value()));
  }
  if (group.first_sequence != previous.sequence.Next()) {
    return MakeError(ErrorCode::kLogGap, "it begins with sequence " +
                                             std::to_string(group.first_sequence.value()) +
                                             ", but the group before ends with " +
                                             std::to_string(previous.sequence.value()));
  }
  if (previous.group.value() != 0 && group.commit_time < previous.time) {
    return MakeError(ErrorCode::kLogUndecodable, "it is older than the group before it");
  }
  return CheckedRecord{std::move(group), record.hash};
}

LogTip TipOf(const CommitGroup& group, const GroupHash& hash) {
  return {.group = group.number,
          .sequence = group.last_sequence(),
          .time = group.commit_time,
          .hash = hash};
}

}  // namespace coupond::storage
