#ifndef COUPOND_STORAGE_REPAIR_REMOVED_PARTS_H_
#define COUPOND_STORAGE_REPAIR_REMOVED_PARTS_H_

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "storage/rocksdb_log/whole_records.h"

/// Keeps what is removed from a store. Errors are kIo and kNoSpace.
namespace coupond::storage {

/// Returns an unused name in the data directory, made from the time: "removed-20260101T020000Z".
[[nodiscard]] Result<std::filesystem::path> RemovedName(const std::filesystem::path& data_directory,
                                                        const Clock& clock);

/// Exchanges the names of two directories in one step, which also holds after a power failure once
/// their parents are synced. Fails on file systems that cannot do that.
[[nodiscard]] Status ExchangeDirectories(const std::filesystem::path& one,
                                         const std::filesystem::path& other);

/// Copies a small file under the same name; durable on return. A missing file is not an error.
[[nodiscard]] Status KeepFile(const std::filesystem::path& file,
                              const std::filesystem::path& directory);

/// Copies torn records as "000004.log-from-1234"; durable on return. Creates the directory if there
/// are any.
[[nodiscard]] Status KeepTails(const std::vector<LeftOut>& tails,
                               const std::filesystem::path& directory);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_REMOVED_PARTS_H_
