#include "coupon_audit/compare/row_difference.h"

#include <fmt/format.h>

#include <concepts>
#include <string_view>

#include "common/moment_text.h"
#include "storage/format/commit_record.h"

namespace coupond::audit {
namespace {

std::string Text(std::integral auto number) { return fmt::format("{}", number); }
std::string Text(Timestamp moment) { return ctl::FormatMoment(moment); }
std::string Text(const std::string& text) { return fmt::format("\"{}\"", text); }
std::string Text(const GroupHash& hash) { return storage::FormatHash(hash); }
template <typename Tag>
std::string Text(StrongNumber<Tag> number) {
  return fmt::format("{}", number.value());
}
template <typename Tag>
std::string Text(const StrongBytes16<Tag>& id) {
  return FormatUuid(id.bytes);
}

/// Collects the names of the fields that differ.
class Differences {
 public:
  template <typename Value>
  Differences& Compare(std::string_view name, const Value& found, const Value& expected) {
    if (found != expected) {
      Add(fmt::format("{} ({} instead of {})", name, Text(found), Text(expected)));
    }
    return *this;
  }
  /// For what is secret, or too long to be told.
  template <typename Value>
  Differences& CompareQuietly(std::string_view name, const Value& found, const Value& expected) {
    if (found != expected) Add(name);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void Add(std::string_view difference) {
    if (!text_.empty()) text_ += ", ";
    text_ += difference;
  }

  std::string text_;
};

}  // namespace

std::string DifferenceOf(const CampaignRow& found, const CampaignRow& expected) {
  return Differences()
      .Compare("campaign_id", found.id, expected.id)
      .Compare("name", found.name, expected.name)
      .Compare("total_coupons", found.total_coupons, expected.total_coupons)
      .Compare("issued_coupons", found.issued_coupons, expected.issued_coupons)
      .Compare("start_time", found.start_time, expected.start_time)
      .Compare("created_at", found.created_at, expected.created_at)
      .Compare("first_serial", found.first_serial, expected.first_serial)
      .text();
}

std::string DifferenceOf(const CouponRun& found, const CouponRun& expected) {
  return Differences()
      .Compare("count", found.count, expected.count)
      .Compare("issued_at", found.issued_at, expected.issued_at)
      .CompareQuietly("holders", found.holders, expected.holders)
      .text();
}

std::string DifferenceOf(const ClaimRun& found, const ClaimRun& expected) {
  return Differences()
      .Compare("issued_at", found.issued_at, expected.issued_at)
      .CompareQuietly("claims", found.claims, expected.claims)
      .text();
}

std::string DifferenceOf(const Checkpoint& found, const Checkpoint& expected) {
  return Differences()
      .Compare("group", found.tip.group, expected.tip.group)
      .Compare("sequence", found.tip.sequence, expected.tip.sequence)
      .Compare("time", found.tip.time, expected.tip.time)
      .Compare("hash", found.tip.hash, expected.tip.hash)
      .Compare("store_id", found.store_id, expected.store_id)
      .CompareQuietly("code_key", found.code_key, expected.code_key)
      .Compare("next_campaign_number", found.next_campaign_number, expected.next_campaign_number)
      .Compare("next_serial", found.next_serial, expected.next_serial)
      .text();
}

}  // namespace coupond::audit
