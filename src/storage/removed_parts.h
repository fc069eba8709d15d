#ifndef COUPOND_STORAGE_REMOVED_PARTS_H_
#define COUPOND_STORAGE_REMOVED_PARTS_H_

#include <filesystem>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/ports/error.h"
#include "storage/whole_records.h"

/// Where what is removed from a store is kept. kIo, kNoSpace.
namespace coupond::storage {

/// A name in the data directory that nothing has yet: "removed-20260101T020000Z", with the time.
[[nodiscard]] Result<std::filesystem::path> RemovedName(const std::filesystem::path& data_directory,
                                                        const Clock& clock);

/// Both directories change their names at once, also for whoever looks after a power failure, once
/// their parents are synced. Not every file system can.
[[nodiscard]] Status ExchangeDirectories(const std::filesystem::path& one,
                                         const std::filesystem::path& other);

// Copies, durable on return.

/// Of a small file, under its name; that there is none is fine.
[[nodiscard]] Status KeepFile(const std::filesystem::path& file,
                              const std::filesystem::path& directory);

/// Of torn records, as "000004.log-from-1234", in a directory that is made if there are any.
[[nodiscard]] Status KeepTails(const std::vector<LeftOut>& tails,
                               const std::filesystem::path& directory);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REMOVED_PARTS_H_
