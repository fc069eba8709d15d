#ifndef COUPOND_STORAGE_REMOVED_PARTS_H_
#define COUPOND_STORAGE_REMOVED_PARTS_H_

#include <filesystem>
#include <vector>

#include "engine/ports/error.h"
#include "storage/whole_records.h"

/// Copies of what a repair removes, durable on return. kIo, kNoSpace.
namespace coupond::storage {

/// Of a small file, under its name; that there is none is fine.
[[nodiscard]] Status KeepFile(const std::filesystem::path& file,
                              const std::filesystem::path& directory);

/// Of torn records, as "000004.log-from-1234", in a directory that is made if there are any.
[[nodiscard]] Status KeepTails(const std::vector<LeftOut>& tails,
                               const std::filesystem::path& directory);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REMOVED_PARTS_H_
