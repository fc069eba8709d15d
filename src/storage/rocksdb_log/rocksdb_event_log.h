#ifndef COUPOND_STORAGE_ROCKSDB_LOG_ROCKSDB_EVENT_LOG_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_ROCKSDB_EVENT_LOG_H_

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/ports/event_log.h"
#include "engine/ports/text_purge.h"
#include "storage/files/text_rewrite.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/hidden_texts.h"
#include "storage/rocksdb_log/stored_log.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// The event log in a RocksDB of its own: one key per commit group, one synced write per Append.
/// docs/LOG_FORMAT.md describes the keys and values.
///
/// Threads as in EventLog. The files stay open until destruction; RocksDB refuses a second opener
/// of the same directory.
class RocksDbEventLog final : public EventLog {
 public:
  enum class Mode {
    kCreate,    ///< there must be no log yet
    kAppend,    ///< there must be a log
    kReadOnly,  ///< there must be a log; nothing in the directory changes; Append is kUnavailable
  };

  /// Opens the log in `directory` and checks its last group against the one before. Verifies the
  /// log no further: that is what Read does. With kReadOnly, leaves out a torn record at the end
  /// (whole_records.h). `env` (not owned; null: the system's files) must outlive the log.
  [[nodiscard]] static Result<std::unique_ptr<RocksDbEventLog>> Open(
      const std::filesystem::path& directory, Mode mode, rocksdb::Env* env = nullptr);

  /// Opens for appending the log that `look` has shown. The groups of the WALs, which `look` holds
  /// in memory, serve the next reading up to the tip, so that their files are not read once more.
  /// kLogDamaged: RocksDB finds another end than `look`, whose directory must not have changed.
  [[nodiscard]] static Result<std::unique_ptr<RocksDbEventLog>> OpenAfter(
      const RocksDbEventLog& look, rocksdb::Env* env);

  ~RocksDbEventLog() override;
  RocksDbEventLog(const RocksDbEventLog&) = delete;
  RocksDbEventLog& operator=(const RocksDbEventLog&) = delete;

  [[nodiscard]] LogTip Tip() const override;
  [[nodiscard]] Status Append(const CommitGroup& group) override;
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override;

  /// Returns the group of that number, checked against the one before. kLogGap if there is none.
  [[nodiscard]] Result<CheckedRecord> ReadOne(GroupNumber number) const;

  /// Returns the texts that Read leaves out.
  [[nodiscard]] HiddenTexts& hidden_texts() { return *hidden_texts_; }
  /// Removes the hidden texts of these groups from the log's files, as TextPurge::Purge does.
  /// kLogDamaged: a text is still there.
  [[nodiscard]] Result<bool> PurgeHiddenTexts(const TextPlaces& places,
                                              const std::atomic<bool>& stop);

  /// Returns what was left out of a log that was opened for reading only.
  [[nodiscard]] const WholeRecords& whole_records() const { return whole_records_; }

 private:
  class Records;

  RocksDbEventLog(std::filesystem::path directory, Mode mode, ReadOnlyLog opened,
                  std::shared_ptr<HiddenTexts> hidden_texts, rocksdb::Env* env);

  [[nodiscard]] static Result<std::unique_ptr<RocksDbEventLog>> OpenForWriting(
      const std::filesystem::path& directory, Mode mode, rocksdb::Env* env);

  [[nodiscard]] Status FindTip();
  /// Returns the tip as it was just after `group`; group 0 gives the beginning.
  [[nodiscard]] Result<LogTip> TipAfter(GroupNumber group) const;
  [[nodiscard]] Result<std::string> ReadRecord(GroupNumber number) const;
  /// Returns the group in the record that `chain` must continue with.
  [[nodiscard]] Result<CheckedRecord> Take(RecordChain& chain, std::string_view record) const;
  [[nodiscard]] std::shared_ptr<const WalGroups> wal_groups() const;
  /// Makes an error of the form "group 17 of the log in /data/log: <what>".
  [[nodiscard]] std::unexpected<Error> At(GroupNumber group, ErrorCode code,
                                          std::string_view what) const;

  const std::filesystem::path directory_;
  const Mode mode_;
  const std::shared_ptr<HiddenTexts> hidden_texts_;
  rocksdb::Env* const env_;
  ReadOnlyLog opened_;
  const WholeRecords& whole_records_;
  rocksdb::DB* const db_;
  std::atomic<bool> failed_ = false;  ///< an append has failed; there will be no other

  TextRewrite text_rewrite_;  // PurgeHiddenTexts' alone

  // The sequencer's working memory.
  EventCodec append_codec_;
  std::string record_;

  mutable std::mutex mutex_;
  LogTip tip_;
  /// The groups of the WALs, until they have been read once or the log grows; null: read the
  /// database.
  mutable std::shared_ptr<const WalGroups> wal_groups_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_ROCKSDB_EVENT_LOG_H_
