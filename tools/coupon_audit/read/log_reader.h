#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_LOG_READER_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_LOG_READER_H_

#include <optional>

#include "coupon_audit/model/finding.h"
#include "engine/ports/commit_group.h"
#include "storage/files/watermark.h"
#include "storage/format/event_codec.h"
#include "storage/rocksdb_log/raw_rows.h"

namespace coupond::audit {

/// A group and the hash that the log holds for it.
struct LoggedGroup {
  CommitGroup group;
  GroupHash hash{};
};

/// What the files beside the log say of it. They must have been read before the log was opened, or
/// a running server may be further on than they say.
struct LogWitnesses {
  StoreId store_id;
  storage::Watermark watermark;
};

/// Reads a log from its first group to its last and checks that it is one, and the right one: keys
/// and group numbers without gaps, each hash following from the one before, sequences without gaps,
/// time that does not go back; the store that FORMAT names; the watermark's group with its hash.
///
/// The same checks as the server's own reading makes, made on the raw rows, so that each fault has
/// its name and place, also in the last group, with which the server would not open the log at all.
/// One thread; the rows must outlive the reader.
class LogReader {
 public:
  LogReader(const storage::RawRows& rows, const LogWitnesses& witnesses)
      : cursor_(rows.From("")), witnesses_(witnesses) {}

  /// The next group; nothing: that was the last. After a finding there is no next one.
  [[nodiscard]] Audited<std::optional<LoggedGroup>> Next();
  /// The last group that Next gave.
  [[nodiscard]] const LogTip& tip() const { return tip_; }

 private:
  [[nodiscard]] Audited<std::optional<LoggedGroup>> AtEnd() const;
  [[nodiscard]] Audited<void> CheckKey() const;
  /// What the witnesses say of the group.
  [[nodiscard]] Audited<void> CheckWitnesses(const CommitGroup& group, const GroupHash& hash) const;

  storage::RawRows::Cursor cursor_;
  const LogWitnesses witnesses_;
  storage::EventCodec codec_;
  LogTip tip_;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_LOG_READER_H_
