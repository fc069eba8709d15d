#include "storage/views/serials_merge.h"

#include "base/big_endian.h"
#include "engine/rules/campaign_changes.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {

std::string SerialsMerge::Operand(Serial first) {
  std::string operand;
  AppendBigEndian(operand, first.value());
  return operand;
}

bool SerialsMerge::FullMergeV2(const MergeOperationInput& input,
                               MergeOperationOutput* output) const {
  const rocksdb::Slice last = input.operand_list.back();
  if (input.existing_value == nullptr || last.size() != kBigEndianBytes) return false;
  Result<Campaign> row =
      DecodeCampaign(input.key.ToStringView(), input.existing_value->ToStringView());
  if (!row) return false;
  ReplaceUnissuedSerials(*row, Serial(ReadBigEndian(last.ToStringView())));
  output->new_value = EncodeCampaign(*row);
  return true;
}

bool SerialsMerge::PartialMerge(const rocksdb::Slice& /*key*/, const rocksdb::Slice& /*earlier*/,
                                const rocksdb::Slice& later, std::string* merged,
                                rocksdb::Logger* /*logger*/) const {
  merged->assign(later.data(), later.size());
  return true;
}

}  // namespace coupond::storage
