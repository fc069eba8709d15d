#ifndef COUPOND_STORAGE_VIEWS_SERIALS_MERGE_H_
#define COUPOND_STORAGE_VIEWS_SERIALS_MERGE_H_

#include <rocksdb/merge_operator.h>

#include <string>

#include "engine/rules/ids.h"

namespace coupond::storage {

/// Replaces serials in the row of a campaign without reading or writing the rest of it: a restored
/// store changes all campaigns in one write, and their texts together may not fit into memory.
/// RocksDB keeps the few bytes of the operand beside the row, and puts the two together when
/// somebody reads it, and for good when it compacts them.
///
/// Any thread. A row that cannot be read is damage, like anywhere else.
class SerialsMerge final : public rocksdb::MergeOperator {
 public:
  /// Returns what to merge into a campaign's row: it gives up the serials that it has not issued,
  /// and gets one for each place that is left, from `first` on.
  [[nodiscard]] static std::string Operand(Serial first);

  [[nodiscard]] bool FullMergeV2(const MergeOperationInput& input,
                                 MergeOperationOutput* output) const override;
  /// The later one counts: with no other write in between, it gives up what the earlier one gave.
  [[nodiscard]] bool PartialMerge(const rocksdb::Slice& key, const rocksdb::Slice& earlier,
                                  const rocksdb::Slice& later, std::string* merged,
                                  rocksdb::Logger* logger) const override;
  [[nodiscard]] const char* Name() const override { return "coupond.SerialsMerge"; }
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_SERIALS_MERGE_H_
