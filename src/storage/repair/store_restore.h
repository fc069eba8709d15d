#ifndef COUPOND_STORAGE_REPAIR_STORE_RESTORE_H_
#define COUPOND_STORAGE_REPAIR_STORE_RESTORE_H_

#include <cstdint>
#include <filesystem>

#include "base/entropy.h"
#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/repair/new_store.h"
#include "storage/repair/restored_history.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// What a restore has made.
struct RestoredStore {
  StoreId store_id;
  LogTip source;                     ///< where the log of the backup ends: nothing later is known
  LogTip tip;                        ///< of the new log, which has one group more
  std::uint64_t coupons = 0;         ///< ever issued
  NewSerials serials;                ///< with which it goes on
  std::uint64_t left_out_bytes = 0;  ///< of a torn record at the end of the source's log
};

/// Makes a data directory in `to` from the backup in `from`, or from any finished store of this
/// version that no server uses. `from` stays as it is (but for LOCK, if it is no backup).
///
/// The new store has the same records, and one group more: StoreRestored, with which the live
/// campaigns get new serials. So it gives out no code that the store gave out after the backup, nor
/// one that another store gives out that is made of the same backup; decide_restore.h says how
/// certain that is. What the store did after the backup stays unknown. The old log is checked as a
/// start checks it, from its first group to its last, and every group of the new one is read back
/// and compared.
///
/// `to` must be missing or empty, and lie outside of `from`; NewStore says what is in it meanwhile
/// and after a crash. After an error, what was written is removed. `clock` must be plausible.
///
/// kInvalidArgument: `to` is no place for it. kDataDirectoryInUse: another process has locked one
/// of them. kFormatUnsupported: `from` must be upgraded first. kSerialsExhausted: too few serials
/// are left. Other errors are those of a start, and kNoSpace. `env` (not owned; null: the system's
/// files) is used for `to` alone, but not for its lock.
[[nodiscard]] Result<RestoredStore> RestoreStore(const std::filesystem::path& from,
                                                 const std::filesystem::path& to, Entropy& entropy,
                                                 const Clock& clock, const MakeProgress& progress,
                                                 rocksdb::Env* env = nullptr);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_STORE_RESTORE_H_
