#ifndef COUPOND_STORAGE_FILES_STORE_FORMAT_H_
#define COUPOND_STORAGE_FILES_STORE_FORMAT_H_

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The file FORMAT: which version a directory is of, and what is in it. Errors and `env` as in
/// env_files.h.
namespace coupond::storage {

/// The version of the whole data directory: log, watermark and this file. A program refuses a
/// higher one, and only upgrades a lower one (upgrade/store_upgrade.h). The views have a version of
/// their own and are rebuilt.
inline constexpr std::uint32_t kFormatVersion = 2;

/// The contents of the file.
struct StoreFormat {
  enum class State : std::uint8_t {
    kCreating,  ///< begun and never finished: nothing was ever acknowledged
    kComplete,
    /// Complete, but only to be read: the store that it was copied from may have gone on, so
    /// another one is made of it before it is used (repair/store_restore.h).
    kBackup,
  };
  State state = State::kCreating;
  StoreId store_id;
  std::uint32_t version = kFormatVersion;

  friend bool operator==(const StoreFormat&, const StoreFormat&) = default;
};

/// Replaces the file, durably.
[[nodiscard]] Status WriteStoreFormat(const std::filesystem::path& file, const StoreFormat& format,
                                      rocksdb::Env* env = nullptr);

/// Returns the contents, or nullopt if there is no such file. kFormatUnsupported: a newer version
/// wrote it, or the store is a finished one of an older version; an unfinished one is the same in
/// all of them. kNotADataDirectory: it is another kind of file, or damaged.
[[nodiscard]] Result<std::optional<StoreFormat>> ReadStoreFormat(const std::filesystem::path& file,
                                                                 rocksdb::Env* env = nullptr);

/// Returns the same, but also those of a finished store of an older version.
[[nodiscard]] Result<std::optional<StoreFormat>> ReadAnyStoreFormat(
    const std::filesystem::path& file, rocksdb::Env* env = nullptr);

/// Reports whether the data directory holds a finished store of an older version, which can be
/// upgraded.
[[nodiscard]] bool IsOlderStore(const std::filesystem::path& path);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_STORE_FORMAT_H_
