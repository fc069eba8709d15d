#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_WITNESSED_LOG_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_WITNESSED_LOG_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "coupon_audit/model/erasures.h"
#include "coupon_audit/model/finding.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/files/watermark.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/stored_log.h"

namespace coupond::audit {

/// What the files beside a log say of it.
struct LogWitnesses {
  StoreId store_id;              ///< from FORMAT
  storage::Watermark watermark;  ///< from WATERMARK
};

/// Reads the witnesses of the log in a data directory. Call it before the log is opened, or a
/// running server may be further on than they say. An Error is kNotADataDirectory,
/// kFormatUnsupported or kIo.
[[nodiscard]] Audited<LogWitnesses> ReadWitnesses(const std::filesystem::path& directory);

/// The log of a data directory, opened for reading only, with its witnesses. The server may be
/// running: no lock is taken and nothing is changed. Any thread.
class WitnessedLog {
 public:
  [[nodiscard]] static Audited<WitnessedLog> Open(const std::filesystem::path& directory,
                                                  const LogWitnesses& witnesses);
  /// Reads the witnesses, and opens the log.
  [[nodiscard]] static Audited<WitnessedLog> Open(const std::filesystem::path& directory);

  /// Reads the groups of a log in order, and checks that it is one (stored_log.h) and the right
  /// one: it belongs to the store that FORMAT names, and has the watermark's group with its hash.
  /// Belongs to one thread, and must not outlive the log.
  class Reader {
   public:
    explicit Reader(const WitnessedLog& log) : log_(log), groups_(*log.log_) {}

    /// Returns the next group, or nullopt after the last. After a finding there is no next one.
    [[nodiscard]] Audited<std::optional<storage::CheckedRecord>> Next();

   private:
    [[nodiscard]] Audited<void> CheckEnd() const;
    [[nodiscard]] Audited<void> CheckWitnesses(const storage::CheckedRecord& record) const;

    const WitnessedLog& log_;
    storage::StoredLog::Groups groups_;
  };

  /// Returns what the log says of erased users, from its beginning to its end. The log is not
  /// checked: what cannot be decoded is passed over, and Reader finds it. A finding if the log
  /// cannot be read to its end.
  [[nodiscard]] Audited<Erasures> FindErasures() const;

  /// Returns the number of the last group, for showing progress; 0 if its key is not a number.
  [[nodiscard]] GroupNumber last_group() const { return log_->Tip().group; }
  /// Returns the size of what a power failure has torn from the last write, or of what a running
  /// server has not finished writing.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return log_->left_out_bytes(); }
  /// Returns the size of the files that hold groups: tables and write-ahead logs.
  [[nodiscard]] std::uint64_t bytes_on_disk() const { return bytes_on_disk_; }

 private:
  WitnessedLog(const LogWitnesses& witnesses, std::unique_ptr<storage::StoredLog> log,
               std::uint64_t bytes_on_disk);

  LogWitnesses witnesses_;
  std::unique_ptr<storage::StoredLog> log_;
  std::uint64_t bytes_on_disk_ = 0;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_WITNESSED_LOG_H_
