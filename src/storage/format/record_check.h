#ifndef COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_
#define COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_

#include <string_view>

#include "base/error.h"
#include "engine/ports/commit_group.h"
#include "storage/format/event_codec.h"

/// What must hold of a record, given where the log ended before it. Pure functions, any thread.
namespace coupond::storage {

struct CheckedRecord {
  CommitGroup group;
  GroupHash hash{};
};

/// Takes apart the record with this number, and checks that it follows from `previous`.
/// kLogUndecodable, kLogChainBroken, kLogGap; the message says what, and leaves it to the caller to
/// say where.
[[nodiscard]] Result<CheckedRecord> CheckRecord(GroupNumber number, std::string_view bytes,
                                                const LogTip& previous, EventCodec& codec);

/// Where a log ends with this group.
[[nodiscard]] LogTip TipOf(const CommitGroup& group, const GroupHash& hash);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_
