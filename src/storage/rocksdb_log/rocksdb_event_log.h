#ifndef COUPOND_STORAGE_ROCKSDB_LOG_ROCKSDB_EVENT_LOG_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_ROCKSDB_EVENT_LOG_H_

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "engine/ports/event_log.h"
#include "storage/format/event_codec.h"
#include "storage/rocksdb_log/whole_records.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// The event log in a RocksDB of its own: one key per commit group, one synced write per Append.
/// docs/LOG_FORMAT.md describes the keys and values.
///
/// Threads as in EventLog. The files stay open until destruction; RocksDB keeps a second opener of
/// the same directory out.
class RocksDbEventLog final : public EventLog {
 public:
  enum class Mode {
    kCreate,    ///< there must be no log yet
    kAppend,    ///< there must be a log
    kReadOnly,  ///< the same, and not a byte in the directory changes; Append is kUnavailable
  };

  /// Opens the log in `directory` and checks its last group against the one before. The log is not
  /// verified any further: that is what Read does. Reading only, a torn record at the end is left
  /// out (whole_records.h). `env` (not owned; null: the system's files) must
  /// outlive the log.
  [[nodiscard]] static Result<std::unique_ptr<RocksDbEventLog>> Open(
      const std::filesystem::path& directory, Mode mode, rocksdb::Env* env = nullptr);

  ~RocksDbEventLog() override;
  RocksDbEventLog(const RocksDbEventLog&) = delete;
  RocksDbEventLog& operator=(const RocksDbEventLog&) = delete;

  [[nodiscard]] LogTip Tip() const override;
  [[nodiscard]] Status Append(const CommitGroup& group) override;
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override;

  /// The group of that number and its hash, checked against the hash of the group before. kLogGap
  /// if there is none.
  struct Entry {
    CommitGroup group;
    GroupHash hash{};
  };
  [[nodiscard]] Result<Entry> ReadOne(GroupNumber number) const;

  /// Of a log that was opened for reading only: what was left out of it.
  [[nodiscard]] const WholeRecords& whole_records() const { return whole_records_; }

 private:
  RocksDbEventLog(std::filesystem::path directory, Mode mode, WholeRecords whole,
                  std::unique_ptr<rocksdb::DB> db);

  [[nodiscard]] Status FindTip();
  /// The tip as it was just after `group`; group 0 gives the beginning.
  [[nodiscard]] Result<LogTip> TipAfter(GroupNumber group) const;
  [[nodiscard]] Result<std::string> ReadRecord(GroupNumber number) const;
  /// Parses and checks one record that must follow `previous`.
  [[nodiscard]] Result<Entry> CheckEntry(GroupNumber number, std::string_view bytes,
                                         const LogTip& previous, EventCodec& codec) const;
  /// "group 17 of the log in /data/log: <what>".
  [[nodiscard]] std::unexpected<Error> At(GroupNumber group, ErrorCode code,
                                          std::string_view what) const;

  const std::filesystem::path directory_;
  const Mode mode_;
  const WholeRecords whole_records_;  ///< outlives the database
  const std::unique_ptr<rocksdb::DB> db_;
  std::atomic<bool> failed_ = false;  ///< an append has failed; there will be no other

  // The sequencer's working memory.
  EventCodec append_codec_;
  std::string record_;

  mutable std::mutex tip_mutex_;
  LogTip tip_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_ROCKSDB_EVENT_LOG_H_
