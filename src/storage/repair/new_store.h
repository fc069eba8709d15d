#ifndef COUPOND_STORAGE_REPAIR_NEW_STORE_H_
#define COUPOND_STORAGE_REPAIR_NEW_STORE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/files/data_directory.h"
#include "storage/format/event_codec.h"
#include "storage/repair/log_copy.h"
#include "storage/repair/source_store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// Called now and then with how many groups are done, out of about how many: twice those of the
/// log, which is read twice.
using MakeProgress = std::function<void(std::uint64_t done, std::uint64_t groups)>;

/// A data directory of this version that is made from another store: its log first, and FORMAT
/// last.
///
/// It is locked from the beginning, so neither a server nor another program can use it meanwhile. A
/// start refuses what a crash leaves behind, unless that is a directory with nothing but LOCK,
/// which is as new as an empty one. What was written is removed on destruction, unless Finish has
/// succeeded. There are no views: the first start builds them.
///
/// Call Begin, Add for each group, EndLog, Check, Finish. One thread. Errors are kNoSpace, kIo and
/// kLogDamaged; after one, only destroy it.
class NewStore {
 public:
  /// Begins a store in `place`, which must be missing or an empty directory outside of the source.
  /// kInvalidArgument: it is not. kDataDirectoryInUse: another process has locked it. `env` (not
  /// owned; null: the system's files) is used for everything but the lock. The other arguments must
  /// outlive this; `progress` may be empty.
  [[nodiscard]] static Result<std::unique_ptr<NewStore>> Begin(const std::filesystem::path& place,
                                                               const SourceStore& source,
                                                               const MakeProgress& progress,
                                                               rocksdb::Env* env);
  ~NewStore();
  NewStore(const NewStore&) = delete;
  NewStore& operator=(const NewStore&) = delete;

  /// Writes the next group as this version does, whatever record it had.
  [[nodiscard]] Status Add(const CommitGroup& group);
  /// Returns where the log ends with the groups so far.
  [[nodiscard]] const LogTip& tip() const { return tip_; }
  /// Brings the log to disk.
  [[nodiscard]] Status EndLog();

  using Visit = std::function<Status(const CommitGroup& group)>;
  /// Reads the log back from the disk, and compares it with the groups that `read` visits.
  [[nodiscard]] Status Check(const std::function<Status(const Visit& visit)>& read) const;

  /// Makes it the store of that id.
  [[nodiscard]] Status Finish(const StoreId& id);

 private:
  NewStore(DataDirectory directory, const SourceStore& source, const MakeProgress& progress,
           rocksdb::Env* env);

  [[nodiscard]] std::unexpected<Error> Differs(GroupNumber group) const;
  void Show(std::uint64_t done) const;

  DataDirectory directory_;
  const SourceStore& source_;
  const MakeProgress& progress_;
  rocksdb::Env* const env_;
  std::unique_ptr<LogCopy> log_;
  EventCodec codec_;
  std::string record_;
  LogTip tip_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_NEW_STORE_H_
