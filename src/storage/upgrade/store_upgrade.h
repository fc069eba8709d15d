#ifndef COUPOND_STORAGE_UPGRADE_STORE_UPGRADE_H_
#define COUPOND_STORAGE_UPGRADE_STORE_UPGRADE_H_

#include <cstdint>
#include <filesystem>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/repair/new_store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// What an upgrade has made.
struct UpgradedStore {
  StoreId store_id;
  LogTip tip;                 ///< of the new log; its hash is another than that of the old one
  std::uint64_t coupons = 0;  ///< ever issued
  std::uint64_t left_out_bytes = 0;  ///< of a torn record at the end of the old log
};

/// Makes a data directory of this version in `to` from the one of format 1 in `from`, which stays
/// as it is (but for LOCK, which keeps a server out). Format 1 does not mark backups: what is made
/// from one may give out the codes of the store that it is a backup of, until it is restored
/// (repair/store_restore.h).
///
/// The store keeps its id and its key, so codes and digests are the same; groups keep their
/// numbers, sequences and times. The hashes are new, because the records are. There are no views:
/// the first start builds them. The old log is checked as a start checks it, from its first group
/// to its last, and every group of the new one is read back and compared.
///
/// `to` must be missing or empty, and lie outside of `from`; NewStore says what is in it meanwhile
/// and after a crash. After an error, what was written is removed.
///
/// kInvalidArgument: `to` is no place for it, or `from` is of this version already.
/// kDataDirectoryInUse: another process has locked one of them. Other errors are those of a start,
/// and kNoSpace. `env` (not owned; null: the system's files) is used for `to` alone, but not for
/// its lock.
[[nodiscard]] Result<UpgradedStore> UpgradeStore(const std::filesystem::path& from,
                                                 const std::filesystem::path& to,
                                                 const MakeProgress& progress,
                                                 rocksdb::Env* env = nullptr);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_UPGRADE_STORE_UPGRADE_H_
