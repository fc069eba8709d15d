#ifndef COUPOND_STORAGE_VIEWS_ROW_MERGE_H_
#define COUPOND_STORAGE_VIEWS_ROW_MERGE_H_

#include <rocksdb/merge_operator.h>

#include <cstdint>
#include <string>

#include "engine/rules/ids.h"

namespace coupond::storage {

/// Changes rows without reading or writing the rest of them: a restored store changes all campaigns
/// in one write, and an erasure up to 10,000 runs of coupons, and these together may not fit into
/// memory. RocksDB keeps the few bytes of the operand beside the row, and puts the two together
/// when it is read, and for good when it compacts them.
///
/// Any thread. A row that cannot be read is damage, like anywhere else.
class RowMerge final : public rocksdb::MergeOperator {
 public:
  /// Returns what to merge into a campaign's row: it gives up the serials that it has not issued,
  /// and gets one for each place that is left, from `first` on.
  [[nodiscard]] static std::string ReplacedSerials(Serial first);
  /// Returns what to merge into the row of a run: the text of this coupon's user goes.
  [[nodiscard]] static std::string RemovedText(std::uint64_t ordinal);

  [[nodiscard]] bool FullMergeV2(const MergeOperationInput& input,
                                 MergeOperationOutput* output) const override;
  /// Combines two operands. Later serials take the place of earlier ones if there is no other write
  /// in between. Removals add up.
  [[nodiscard]] bool PartialMerge(const rocksdb::Slice& key, const rocksdb::Slice& earlier,
                                  const rocksdb::Slice& later, std::string* merged,
                                  rocksdb::Logger* logger) const override;
  [[nodiscard]] const char* Name() const override { return "coupond.RowMerge"; }
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_ROW_MERGE_H_
