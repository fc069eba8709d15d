#ifndef COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_
#define COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_

#include <string_view>

#include "base/error.h"
#include "engine/ports/commit_group.h"
#include "storage/format/event_codec.h"

/// Checks a record against the end of the log before it. Pure functions, any thread.
namespace coupond::storage {

struct CheckedRecord {
  CommitGroup group;
  GroupHash hash{};
};

/// Takes apart the record with this number, and checks that it follows from `previous`.
/// kLogUndecodable, kLogChainBroken, kLogGap; the message says what is wrong, and the caller adds
/// where.
[[nodiscard]] Result<CheckedRecord> CheckRecord(GroupNumber number, std::string_view bytes,
                                                const LogTip& previous, EventCodec& codec);

/// Returns the tip of a log that ends with this group.
[[nodiscard]] LogTip TipOf(const CommitGroup& group, const GroupHash& hash);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_
