#include "storage/rocksdb_log/hidden_texts.h"

#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "storage/format/event_codec.h"

namespace coupond::storage {
namespace {

/// For one compaction, in one thread.
class OneCompaction final : public rocksdb::CompactionFilter {
 public:
  explicit OneCompaction(std::shared_ptr<const HiddenTexts> texts) : texts_(std::move(texts)) {}

  bool Filter(int /*level*/, const rocksdb::Slice& /*key*/, const rocksdb::Slice& value,
              std::string* new_value, bool* value_changed) const override {
    try {
      Result<std::optional<std::string>> record = codec_.WithoutTexts(
          value.ToStringView(), [this](Serial coupon) { return texts_->Has(coupon); });
      // What cannot be decoded stays: its reader reports it.
      if (record && *record) {
        *new_value = **std::move(record);
        *value_changed = true;
      }
    } catch (...) {  // RocksDB must not see an exception
      *value_changed = false;
    }
    return false;
  }
  [[nodiscard]] const char* Name() const override { return "coupond.HiddenTextsFilter.Compaction"; }

 private:
  const std::shared_ptr<const HiddenTexts> texts_;
  mutable EventCodec codec_;
};

}  // namespace

void HiddenTexts::Add(std::span<const Serial> coupons) {
  const std::lock_guard lock(mutex_);
  coupons_.insert(coupons.begin(), coupons.end());
  any_.store(!coupons_.empty(), std::memory_order_release);
}

void HiddenTexts::Remove(std::span<const Serial> coupons) {
  const std::lock_guard lock(mutex_);
  for (const Serial coupon : coupons) coupons_.erase(coupon);
  any_.store(!coupons_.empty(), std::memory_order_release);
}

bool HiddenTexts::Has(Serial coupon) const {
  if (empty()) return false;
  const std::lock_guard lock(mutex_);
  return coupons_.contains(coupon);
}

void HiddenTexts::RemoveFrom(CommitGroup& group) const {
  if (empty()) return;
  for (Event& event : group.events) {
    auto* const issued = std::get_if<CouponIssued>(&event);
    if (issued != nullptr && !issued->user_id.empty() && Has(issued->serial)) {
      issued->user_id.clear();
    }
  }
}

std::unique_ptr<rocksdb::CompactionFilter> HiddenTextsFilter::CreateCompactionFilter(
    const rocksdb::CompactionFilter::Context& /*context*/) {
  if (texts_->empty()) return nullptr;
  return std::make_unique<OneCompaction>(texts_);
}

}  // namespace coupond::storage
