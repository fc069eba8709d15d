#ifndef COUPOND_STORAGE_STORE_H_
#define COUPOND_STORAGE_STORE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/entropy.h"
#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/rules/event.h"
#include "storage/files/data_directory.h"
#include "storage/repair/store_rescue.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/store_texts.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/watermark_keeper.h"

namespace coupond::storage {

class FileGuard;

/// Everything that a data directory holds, opened and checked: the log, the views and the
/// watermark.
///
/// Open creates a new store in a new directory. In an existing one it checks the log at its end, at
/// the watermark and from the views' checkpoint on before it changes anything; a directory that it
/// refuses for that is left as it was, so that what is missing can be put back. What lies before
/// the checkpoint is not verified here, but by Read. Damaged views are discarded and begin empty,
/// because the log has everything that was in them; views that cannot be opened for another reason
/// are left alone, and the store is refused.
///
/// A start reads the files of the log's tail twice at most: here, where our own reader checks and
/// verifies them, and when RocksDB opens them for writing. The groups of the WALs stay in memory
/// for recovery (RocksDbEventLog::OpenAfter).
///
/// One thread opens and destroys; the parts state who may call them.
class Store {
 public:
  /// Opens or creates the store in `path`. `env` (null: the system's files) is used for everything
  /// but the lock and the guard's checks, and must outlive the store.
  [[nodiscard]] static Result<std::unique_ptr<Store>> Open(const std::filesystem::path& path,
                                                           Entropy& entropy, const Clock& clock,
                                                           rocksdb::Env* env = nullptr);

  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] EventLog& log() { return *log_; }
  [[nodiscard]] ViewStore& views() { return *views_; }
  /// Returns the keeper, which is not started. It listens to the sequencer's commits.
  [[nodiscard]] WatermarkKeeper& watermark() { return *watermark_; }

  /// Returns what removes users' texts from the log and the views.
  [[nodiscard]] StoreTexts& texts() { return *texts_; }

  /// Returns the guard of the files of all three, which is not started.
  [[nodiscard]] FileGuard& guard() { return *guard_; }

  /// Restores the directory after the guard was sealed: everything up to the log's tip is still in
  /// memory or in files that are held open, and is written to a new log that replaces the old one.
  /// The next start finds everything that was acknowledged. Call it only when nothing appends any
  /// more and the watermark was abandoned; the log may be read meanwhile. May be called again after
  /// an error.
  [[nodiscard]] Result<Rescued> Rescue(const Clock& clock, const RescueProgress& progress);

  /// Returns the log's first event: the store's id and its secret.
  [[nodiscard]] const StoreCreated& identity() const { return identity_; }
  /// Returns why Open discarded the views, for the operator, or nullopt if it did not.
  [[nodiscard]] const std::optional<Error>& views_discarded() const { return views_discarded_; }
  /// Returns the size of the torn records that Open left out, for the operator.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return left_out_bytes_; }

 private:
  Store(DataDirectory directory, rocksdb::Env* env);

  [[nodiscard]] Status Create(Entropy& entropy, const Clock& clock);
  [[nodiscard]] Status OpenExisting();
  /// Checks that the log has what the watermark says, and belongs to this directory.
  [[nodiscard]] Status CheckLog(const RocksDbEventLog& log, const Watermark& watermark);
  /// Returns the group at which recovery will begin to read. Notes views that are of no use in
  /// views_discarded_; recovery then begins with the first group. kLogBehindWatermark: they contain
  /// more than the log does.
  [[nodiscard]] Result<GroupNumber> CheckViews(const RocksDbEventLog& log);
  /// Verifies what recovery will read of `log`, and opens the views, or empty ones.
  [[nodiscard]] Status OpenViews(const RocksDbEventLog& log);

  /// Returns what the log's files are read through.
  [[nodiscard]] rocksdb::Env* log_env() const;

  /// Begins to guard the files that there are now.
  void AdoptFiles();

  DataDirectory directory_;
  rocksdb::Env* base_env_;
  std::unique_ptr<FileGuard> guard_;
  std::shared_ptr<rocksdb::Env> guarded_env_;
  rocksdb::Env* env_;  ///< the guarded one
  /// The log's files without a record that a power failure tore; null: none was. Outlives the log.
  std::shared_ptr<rocksdb::Env> without_torn_;
  std::uint64_t left_out_bytes_ = 0;
  StoreCreated identity_;
  std::unique_ptr<RocksDbEventLog> log_;
  std::unique_ptr<RocksDbViewStore> views_;
  std::unique_ptr<StoreTexts> texts_;
  std::unique_ptr<WatermarkKeeper> watermark_;
  std::optional<Error> views_discarded_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_STORE_H_
