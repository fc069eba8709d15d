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

/// The file FORMAT of a data directory: which version wrote it, and whether it was ever finished.
namespace coupond::storage {

/// Of the whole data directory: log, watermark and this file. A program refuses a higher one. The
/// views are not meant: they have a version of their own and are simply made anew.
inline constexpr std::uint32_t kFormatVersion = 1;

struct StoreFormat {
  enum class State : std::uint8_t {
    kCreating,  ///< begun, and never finished: nothing was ever acknowledged
    kComplete,
  };
  State state = State::kCreating;
  StoreId store_id;

  friend bool operator==(const StoreFormat&, const StoreFormat&) = default;
};

/// Durable on return. Errors, and `env`, as in durable_file.h.
[[nodiscard]] Status WriteStoreFormat(const std::filesystem::path& file, const StoreFormat& format,
                                      rocksdb::Env* env = nullptr);

/// Nothing: there is no such file. kFormatUnsupported: a newer version wrote it.
/// kNotADataDirectory: it is not such a file, or damaged.
[[nodiscard]] Result<std::optional<StoreFormat>> ReadStoreFormat(const std::filesystem::path& file,
                                                                 rocksdb::Env* env = nullptr);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_STORE_FORMAT_H_
