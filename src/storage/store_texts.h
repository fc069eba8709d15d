#ifndef COUPOND_STORAGE_STORE_TEXTS_H_
#define COUPOND_STORAGE_STORE_TEXTS_H_

#include <atomic>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/ports/text_purge.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/views/rocksdb_view_store.h"

namespace coupond::storage {

/// The users' texts in a store's log and views. Threads as in TextPurge.
class StoreTexts final : public TextPurge {
 public:
  /// The log and the views must outlive this; `data_directory` is theirs.
  StoreTexts(RocksDbEventLog& log, RocksDbViewStore& views, std::filesystem::path data_directory)
      : log_(log), views_(views), data_directory_(std::move(data_directory)) {}

  /// Has FindCopies look for backups in this directory, too.
  void SetBackupDirectory(std::filesystem::path directory) {
    backup_directory_ = std::move(directory);
  }

  void Hide(std::span<const Serial> coupons) override { log_.hidden_texts().Add(coupons); }
  void Forget(std::span<const Serial> coupons) override { log_.hidden_texts().Remove(coupons); }
  [[nodiscard]] Result<bool> Purge(const TextPlaces& places,
                                   const std::atomic<bool>& stop) override;
  [[nodiscard]] std::vector<std::string> FindCopies() const override;

 private:
  RocksDbEventLog& log_;
  RocksDbViewStore& views_;
  const std::filesystem::path data_directory_;
  std::filesystem::path backup_directory_;  // empty: there is none
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_STORE_TEXTS_H_
