#ifndef COUPOND_STORAGE_FILES_STORE_FORMAT_H_
#define COUPOND_STORAGE_FILES_STORE_FORMAT_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The file FORMAT of a data directory: which version created it, and whether it is complete.
namespace coupond::storage {

/// The version of the whole data directory: log, watermark and this file. A program refuses a
/// higher one. The views have a version of their own and are rebuilt.
inline constexpr std::uint32_t kFormatVersion = 1;

struct StoreFormat {
  enum class State : std::uint8_t {
    kCreating,  ///< begun and never finished: nothing was ever acknowledged
    kComplete,
  };
  State state = State::kCreating;
  StoreId store_id;

  friend bool operator==(const StoreFormat&, const StoreFormat&) = default;
};

/// Replaces the file, durably. Errors and `env` as in durable_file.h.
[[nodiscard]] Status WriteStoreFormat(const std::filesystem::path& file, const StoreFormat& format,
                                      rocksdb::Env* env = nullptr);

/// Returns the contents, or nullopt if there is no such file. kFormatUnsupported: a newer version
/// wrote it. kNotADataDirectory: it is another kind of file, or damaged.
[[nodiscard]] Result<std::optional<StoreFormat>> ReadStoreFormat(const std::filesystem::path& file,
                                                                 rocksdb::Env* env = nullptr);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_STORE_FORMAT_H_
