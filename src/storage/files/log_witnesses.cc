#include "storage/files/log_witnesses.h"

#include <string>

#include "storage/format/commit_record.h"

namespace coupond::storage {

Status CheckReaches(const DataDirectory& directory, GroupNumber tip, GroupNumber known,
                    std::string_view witness) {
  if (tip >= known) return {};
  return MakeError(ErrorCode::kLogBehindWatermark,
                   "the log in " + directory.log_path().string() + " ends at group " +
                       std::to_string(tip.value()) + ", but group " +
                       std::to_string(known.value()) + " was acknowledged, says " +
                       std::string(witness) +
                       "; callers were told of coupons that are missing here: put the missing "
                       "files of the log back, or restore a backup with `coupon-audit restore`");
}

Status CheckMarkedGroup(const DataDirectory& directory, const Watermark& watermark,
                        const GroupHash& found) {
  if (found == watermark.hash) return {};
  return MakeError(
      ErrorCode::kLogChainBroken,
      "group " + std::to_string(watermark.group.value()) + " of the log in " +
          directory.log_path().string() + " has the hash " + FormatHash(found) + ", but " +
          directory.watermark_path().string() + " says " + FormatHash(watermark.hash) +
          "; the two are not of the same store, or the log was altered: restore a backup with "
          "`coupon-audit restore`");
}

Status CheckIsOfStore(const DataDirectory& directory, const StoreId& found) {
  if (found == directory.store_id()) return {};
  return MakeError(ErrorCode::kLogDamaged,
                   "the log in " + directory.log_path().string() + " belongs to the store " +
                       FormatUuid(found.bytes) + ", but " + directory.format_path().string() +
                       " names another; restore a backup with `coupon-audit restore`");
}

}  // namespace coupond::storage
