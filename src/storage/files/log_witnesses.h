#ifndef COUPOND_STORAGE_FILES_LOG_WITNESSES_H_
#define COUPOND_STORAGE_FILES_LOG_WITNESSES_H_

#include <string_view>

#include "base/error.h"
#include "engine/rules/ids.h"
#include "storage/files/data_directory.h"
#include "storage/files/watermark.h"

/// Compares a log with what the files beside it say of it. Any thread.
namespace coupond::storage {

/// Checks that a log that ends with `tip` has the group `known`, which `witness` says was
/// acknowledged. kLogBehindWatermark.
[[nodiscard]] Status CheckReaches(const DataDirectory& directory, GroupNumber tip,
                                  GroupNumber known, std::string_view witness);

/// Checks the hash of the watermark's group. kLogChainBroken.
[[nodiscard]] Status CheckMarkedGroup(const DataDirectory& directory, const Watermark& watermark,
                                      const GroupHash& found);

/// Checks that the log is of the store that FORMAT names. kLogDamaged.
[[nodiscard]] Status CheckIsOfStore(const DataDirectory& directory, const StoreId& found);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_LOG_WITNESSES_H_
