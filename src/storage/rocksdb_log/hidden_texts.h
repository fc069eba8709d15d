#ifndef COUPOND_STORAGE_ROCKSDB_LOG_HIDDEN_TEXTS_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_HIDDEN_TEXTS_H_

#include <rocksdb/compaction_filter.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_set>
#include <utility>

#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"

namespace coupond::storage {

/// The coupons whose users' texts must no longer be shown, although files may still have them. Any
/// thread.
class HiddenTexts {
 public:
  void Add(std::span<const Serial> coupons);
  void Remove(std::span<const Serial> coupons);

  [[nodiscard]] bool empty() const { return !any_.load(std::memory_order_acquire); }
  [[nodiscard]] bool Has(Serial coupon) const;
  /// Removes these texts from a group that was read.
  void RemoveFrom(CommitGroup& group) const;

 private:
  std::atomic<bool> any_ = false;
  mutable std::mutex mutex_;
  std::unordered_set<Serial> coupons_;  // guarded by mutex_
};

/// Removes these texts from the log's records when RocksDB compacts them. The records stay as they
/// are otherwise, and so do their hashes, which do not cover the texts.
///
/// Threads: RocksDB's background threads, beside everything else.
class HiddenTextsFilter final : public rocksdb::CompactionFilterFactory {
 public:
  explicit HiddenTextsFilter(std::shared_ptr<const HiddenTexts> texts) : texts_(std::move(texts)) {}

  [[nodiscard]] std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override;
  [[nodiscard]] const char* Name() const override { return "coupond.HiddenTextsFilter"; }

 private:
  const std::shared_ptr<const HiddenTexts> texts_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_HIDDEN_TEXTS_H_
