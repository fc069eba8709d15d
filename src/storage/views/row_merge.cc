#include "storage/views/row_merge.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/big_endian.h"
#include "engine/rules/campaign_changes.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

using Input = rocksdb::MergeOperator::MergeOperationInput;
using Output = rocksdb::MergeOperator::MergeOperationOutput;

std::string BigEndian(std::uint64_t value) {
  std::string bytes;
  AppendBigEndian(bytes, value);
  return bytes;
}

bool ReplaceSerials(const Input& input, Output& output) {
  const std::string_view last = input.operand_list.back().ToStringView();
  if (last.size() != kBigEndianBytes) return false;
  Result<Campaign> row =
      DecodeCampaign(input.key.ToStringView(), input.existing_value->ToStringView());
  if (!row) return false;
  ReplaceUnissuedSerials(*row, Serial(ReadBigEndian(last)));
  output.new_value = EncodeCampaign(*row);
  return true;
}

bool RemoveTexts(const Input& input, Output& output) {
  std::vector<std::uint64_t> ordinals;
  for (const rocksdb::Slice& operand : input.operand_list) {
    std::string_view left = operand.ToStringView();
    if (left.size() % kBigEndianBytes != 0) return false;
    for (; !left.empty(); left.remove_prefix(kBigEndianBytes)) {
      ordinals.push_back(ReadBigEndian(left.substr(0, kBigEndianBytes)));
    }
  }
  std::ranges::sort(ordinals);
  Result<CouponRun> run = DecodeRun(input.key.ToStringView(), input.existing_value->ToStringView());
  if (!run) return false;
  std::erase_if(run->holders, [&](const CouponRun::Holder& holder) {
    return std::ranges::binary_search(ordinals, run->first_ordinal + holder.offset);
  });
  output.new_value = EncodeRun(*run);
  return true;
}

}  // namespace

std::string RowMerge::ReplacedSerials(Serial first) { return BigEndian(first.value()); }

std::string RowMerge::RemovedText(std::uint64_t ordinal) { return BigEndian(ordinal); }

bool RowMerge::FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const {
  if (input.existing_value == nullptr) return false;
  return ParseRunKey(input.key.ToStringView()) ? RemoveTexts(input, *output)
                                               : ReplaceSerials(input, *output);
}

bool RowMerge::PartialMerge(const rocksdb::Slice& key, const rocksdb::Slice& earlier,
                            const rocksdb::Slice& later, std::string* merged,
                            rocksdb::Logger* /*logger*/) const {
  merged->clear();
  if (ParseRunKey(key.ToStringView())) merged->assign(earlier.data(), earlier.size());
  merged->append(later.data(), later.size());
  return true;
}

}  // namespace coupond::storage
