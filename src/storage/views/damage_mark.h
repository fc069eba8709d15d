#ifndef COUPOND_STORAGE_VIEWS_DAMAGE_MARK_H_
#define COUPOND_STORAGE_VIEWS_DAMAGE_MARK_H_

#include <filesystem>
#include <mutex>
#include <optional>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// The file DAMAGED in the views' directory: damage was met while the views were in use.
///
/// Opening looks at few of the rows. Damage in another one is met later, when the only way out is
/// to stop; without this file, every start would run into it again. Any thread. `env` (null: the
/// system's files) must outlive the mark.
class DamageMark {
 public:
  explicit DamageMark(const std::filesystem::path& directory, rocksdb::Env* env = nullptr);
  DamageMark(const DamageMark&) = delete;
  DamageMark& operator=(const DamageMark&) = delete;

  /// Whether the mark is in the directory. kIo: nobody knows.
  [[nodiscard]] static Result<bool> IsIn(const std::filesystem::path& directory,
                                         rocksdb::Env* env = nullptr);

  /// The result as it is, but if it is kViewsDamaged, then the mark is left, durably, before this
  /// returns, and the message says what comes next. Only the first time does anything on the disk;
  /// if that fails, the message says what to do instead.
  template <typename T>
  [[nodiscard]] Result<T> Check(Result<T> result) {
    if (!result && result.error().code == ErrorCode::kViewsDamaged) Leave(result.error());
    return result;
  }

 private:
  void Leave(Error& error);

  const std::filesystem::path directory_;
  rocksdb::Env* const env_;
  std::mutex mutex_;
  std::optional<Status> left_;  ///< nothing: not tried yet
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_DAMAGE_MARK_H_
