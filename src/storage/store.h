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
#include "storage/rocksdb_log/whole_records.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/watermark_keeper.h"

namespace coupond::storage {

class FileGuard;

/// Everything that a data directory holds, opened and checked: the log, the views and the
/// watermark.
///
/// Open makes a new store in a new directory. In an existing one it checks the log at its end, at
/// the watermark and from the views' checkpoint on before anything is changed; a directory that it
/// refuses for that is as it was, so that what is missing can be put back. It does not verify what
/// lies before the checkpoint: Read does. Views that are damaged are thrown away and begin empty,
/// because the log has all that was in them; those that cannot be opened for another reason are
/// left alone, and the store is refused. One thread opens and destroys; the parts say themselves
/// who may call them.
class Store {
 public:
  /// `env` (null: the system's files) is used for everything but the lock and the guard's looks,
  /// and must outlive the store.
  [[nodiscard]] static Result<std::unique_ptr<Store>> Open(const std::filesystem::path& path,
                                                           Entropy& entropy, const Clock& clock,
                                                           rocksdb::Env* env = nullptr);

  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] EventLog& log() { return *log_; }
  [[nodiscard]] ViewStore& views() { return *views_; }
  /// Not started. Listens to the sequencer's commits.
  [[nodiscard]] WatermarkKeeper& watermark() { return *watermark_; }

  /// Not started. Watches over the files of all three.
  [[nodiscard]] FileGuard& guard() { return *guard_; }

  /// Makes the directory whole again after the guard was sealed: everything up to the log's tip is
  /// still in memory or in files that are held open, and is written to a new log that takes the
  /// place of the old one. The next start finds all that was acknowledged. Call only when nobody
  /// appends any more and the watermark was abandoned; the log may be read beside it. An error says
  /// where what was saved by then is; it may be tried again.
  [[nodiscard]] Result<Rescued> Rescue(const Clock& clock, const RescueProgress& progress);

  /// The log's first event: who this store is, and its secret.
  [[nodiscard]] const StoreCreated& identity() const { return identity_; }
  /// Why the views were thrown away at open, for the operator to know; nothing: they were not.
  [[nodiscard]] const std::optional<Error>& views_discarded() const { return views_discarded_; }
  /// The bytes of torn records that were left out at open, for the operator to know; 0: none was.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return whole_records_.left_out_bytes(); }

 private:
  Store(DataDirectory directory, rocksdb::Env* env);

  [[nodiscard]] Status Create(Entropy& entropy, const Clock& clock);
  [[nodiscard]] Status OpenExisting();
  /// Finds whatever there is to refuse, and opens the views, before the log is changed.
  [[nodiscard]] Status LookAtLog(const Watermark& watermark);
  /// That the log has what the watermark says, and belongs to this directory.
  [[nodiscard]] Status CheckLog(const RocksDbEventLog& log, const Watermark& watermark);
  /// The group that recovery will begin to read at. Views that are of no use are noted in
  /// views_discarded_, and recovery begins with the first group. kLogBehindWatermark: they have
  /// seen more than the log has.
  [[nodiscard]] Result<GroupNumber> CheckViews(const RocksDbEventLog& log);
  /// Opens the views for which `log` was found whole, or empty ones.
  [[nodiscard]] Status OpenViews(const RocksDbEventLog& log);

  /// What the log's files are read through.
  [[nodiscard]] rocksdb::Env* log_env() const;

  /// Watches what is here now.
  void AdoptFiles();

  DataDirectory directory_;
  rocksdb::Env* base_env_;
  std::unique_ptr<FileGuard> guard_;
  std::shared_ptr<rocksdb::Env> guarded_env_;
  rocksdb::Env* env_;  ///< the guarded one
  /// Only after a power failure that tore the last record. Outlives the log.
  WholeRecords whole_records_;
  StoreCreated identity_;
  std::unique_ptr<RocksDbEventLog> log_;
  std::unique_ptr<RocksDbViewStore> views_;
  std::unique_ptr<WatermarkKeeper> watermark_;
  std::optional<Error> views_discarded_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_STORE_H_
