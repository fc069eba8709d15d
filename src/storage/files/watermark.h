#ifndef COUPOND_STORAGE_FILES_WATERMARK_H_
#define COUPOND_STORAGE_FILES_WATERMARK_H_

#include <filesystem>

#include "base/error.h"
#include "engine/ports/event_log.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The file WATERMARK: how far the log must reach at least.
///
/// A log whose last file was deleted or cut between two records looks like a shorter log, and no
/// check within the log can tell. The watermark can. It may lag behind the log, but never leads.
namespace coupond::storage {

struct Watermark {
  GroupNumber group;  ///< acknowledged to callers
  GroupHash hash{};   ///< of that group

  friend bool operator==(const Watermark&, const Watermark&) = default;
};

/// Replaces the file, durably. Errors and `env` as in env_files.h.
[[nodiscard]] Status WriteWatermark(const std::filesystem::path& file, const Watermark& watermark,
                                    rocksdb::Env* env = nullptr);

/// Returns the contents. kWatermarkMissing, kWatermarkDamaged, kIo.
[[nodiscard]] Result<Watermark> ReadWatermark(const std::filesystem::path& file,
                                              rocksdb::Env* env = nullptr);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_WATERMARK_H_
