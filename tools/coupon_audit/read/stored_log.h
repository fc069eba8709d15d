#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_STORED_LOG_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_STORED_LOG_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "coupon_audit/model/finding.h"
#include "coupon_audit/read/log_reader.h"
#include "engine/rules/ids.h"
#include "storage/rocksdb_log/raw_rows.h"

namespace coupond::audit {

/// The log of a data directory, opened for reading only, and what FORMAT and WATERMARK say of it.
/// The server may run or not: no lock is taken and not a byte changes. Any thread.
class StoredLog {
 public:
  /// What the files beside the log say; to be read before anything else is opened. An Error is
  /// kNotADataDirectory, kFormatUnsupported or kIo.
  [[nodiscard]] static Audited<LogWitnesses> ReadWitnesses(const std::filesystem::path& directory);

  [[nodiscard]] static Audited<StoredLog> Open(const std::filesystem::path& directory,
                                               const LogWitnesses& witnesses);
  /// Both in one.
  [[nodiscard]] static Audited<StoredLog> Open(const std::filesystem::path& directory);

  [[nodiscard]] const LogWitnesses& witnesses() const { return witnesses_; }
  [[nodiscard]] LogReader Read() const { return {*rows_, witnesses_}; }
  /// The number of the last group, to show progress by; 0 if its key is no number.
  [[nodiscard]] GroupNumber last_group() const { return last_group_; }
  /// What a power failure has torn of the last write, or a running server has not finished yet.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return rows_->left_out_bytes(); }
  /// What the log's rows take on the disk: tables and write-ahead logs.
  [[nodiscard]] std::uint64_t bytes_on_disk() const { return bytes_on_disk_; }

 private:
  StoredLog(const LogWitnesses& witnesses, std::unique_ptr<storage::RawRows> rows,
            GroupNumber last_group, std::uint64_t bytes_on_disk);

  LogWitnesses witnesses_;
  std::unique_ptr<storage::RawRows> rows_;
  GroupNumber last_group_;
  std::uint64_t bytes_on_disk_ = 0;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_STORED_LOG_H_
