#ifndef COUPOND_STORAGE_REPAIR_SOURCE_STORE_H_
#define COUPOND_STORAGE_REPAIR_SOURCE_STORE_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/files/data_directory.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"
#include "storage/rocksdb_log/stored_log.h"

namespace coupond::storage {

/// A finished store, or a backup, that another store is made from, with what the files beside its
/// log say of it. It stays as it is. One thread.
class SourceStore {
 public:
  /// Opens the log, which must reach as far as WATERMARK and the views say. `views_version` is that
  /// of the views; others prove nothing. Errors are those of a start.
  [[nodiscard]] static Result<SourceStore> Open(DataDirectory directory, RecordFormat format,
                                                std::uint32_t views_version);

  [[nodiscard]] const StoreId& id() const { return *directory_.store_id(); }
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
  /// Returns where the log ends, as its last record says.
  [[nodiscard]] LogTip tip() const { return log_->Tip(); }
  /// Returns the size of a torn record at the end, which is left out.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return log_->left_out_bytes(); }

  /// Visits the groups from the first to the last, and checks that each follows from the one
  /// before, that the log has the group of WATERMARK, and that it belongs to the store. Errors are
  /// those of a start.
  [[nodiscard]] Status Read(const LogReader::Visitor& visit) const;

 private:
  SourceStore(DataDirectory directory, const Watermark& watermark, std::unique_ptr<StoredLog> log);

  [[nodiscard]] Status CheckEnd(std::uint32_t views_version) const;

  DataDirectory directory_;
  Watermark watermark_;
  std::unique_ptr<StoredLog> log_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_SOURCE_STORE_H_
