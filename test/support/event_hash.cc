#include "support/event_hash.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace coupond::test {
namespace {

/// FNV-1a with some more mixing.
class Hash {
 public:
  void Add(std::uint64_t value) {
    state_ = (state_ ^ value) * 1'099'511'628'211U;
    state_ ^= state_ >> 29;
  }
  void Add(std::string_view text) {
    Add(text.size());
    for (const char c : text) Add(std::uint64_t{static_cast<std::uint8_t>(c)});
  }
  template <typename Tag>
  void Add(StrongNumber<Tag> number) {
    Add(number.value());
  }
  template <typename Tag>
  void Add(const StrongBytes16<Tag>& id) {
    for (const std::uint8_t byte : id.bytes) Add(std::uint64_t{byte});
  }
  void Add(Timestamp time) { Add(static_cast<std::uint64_t>(time.unix_nanoseconds())); }
  void Add(const std::vector<MetadataEntry>& metadata) {
    Add(std::uint64_t{metadata.size()});
    for (const MetadataEntry& entry : metadata) {
      Add(entry.key);
      Add(entry.value);
    }
  }
  void Add(const SerialRange& range) {
    Add(range.first);
    Add(range.count);
  }
  void Add(std::int64_t number) { Add(static_cast<std::uint64_t>(number)); }
  void Add(std::uint32_t number) { Add(std::uint64_t{number}); }
  void Add(bool flag) { Add(std::uint64_t{flag}); }
  void Add(std::chrono::nanoseconds duration) { Add(std::int64_t{duration.count()}); }
  void Add(const std::string& text) { Add(std::string_view(text)); }
  template <typename Value>
  void AddIfThere(const std::optional<Value>& value) {
    Add(std::uint64_t{value.has_value()});
    if (value) Add(*value);
  }

  void Add(const StoreCreated& event) {
    Add(event.store_id);
    Add(event.code_key);
    Add(event.format_version);
  }
  void Add(const CampaignTerms& terms) {
    Add(terms.name);
    Add(terms.total_coupons);
    Add(terms.start_time);
    Add(terms.end_time);
    Add(terms.description);
    Add(terms.metadata);
    Add(terms.coupons_per_user);
    Add(terms.user_required);
    Add(terms.redeem_start_time);
    Add(terms.expire_time);
    Add(terms.valid_duration);
    Add(terms.redeem_by_holder_only);
  }
  void Add(const CampaignCreated& event) {
    Add(event.number);
    Add(event.id);
    Add(event.terms);
    Add(event.first_serial);
    AddIfThere(event.request);
  }
  void Add(const CouponIssued& event) {
    Add(event.campaign);
    Add(event.serial);
    AddIfThere(event.holder);
    AddIfThere(event.request_key);
  }
  void Add(const CampaignDeleted& event) { Add(event.campaign); }
  void Add(const CampaignUpdated& event) {
    Add(event.campaign);
    AddIfThere(event.changes.name);
    AddIfThere(event.changes.total_coupons);
    AddIfThere(event.changes.start_time);
    AddIfThere(event.changes.end_time);
    AddIfThere(event.changes.description);
    AddIfThere(event.changes.metadata);
    AddIfThere(event.changes.coupons_per_user);
    AddIfThere(event.changes.user_required);
    AddIfThere(event.changes.redeem_start_time);
    AddIfThere(event.changes.expire_time);
    AddIfThere(event.changes.valid_duration);
    AddIfThere(event.changes.redeem_by_holder_only);
    AddIfThere(event.added_serials);
    AddIfThere(event.request);
  }
  void Add(const CampaignPaused& event) { AddSwitch(event); }
  void Add(const CampaignResumed& event) { AddSwitch(event); }
  void Add(const CampaignArchived& event) { Add(event.campaign); }
  void Add(const CampaignUnarchived& event) { Add(event.campaign); }
  void Add(const RequestKey& request) {
    Add(request.digest);
    Add(request.content);
  }
  void Add(const CouponRedeemed& event) {
    Add(event.campaign);
    Add(event.serial);
    Add(event.order_ref);
    Add(event.redeemed_by);
    Add(event.request_id);
    AddIfThere(event.request);
  }
  void Add(const RedemptionCanceled& event) {
    Add(event.campaign);
    Add(event.serial);
    Add(event.redemption);
    Add(event.reason);
    AddIfThere(event.request);
  }
  void Add(const CouponVoided& event) {
    Add(event.campaign);
    Add(event.serial);
    Add(event.returned);
    Add(event.reason);
    AddIfThere(event.added_serials);
    AddIfThere(event.request);
    Add(event.claim_freed);
  }
  void Add(const StoreRestored& event) { Add(event.first_serial); }
  void Add(const BatchIssued& event) {
    Add(event.campaign);
    Add(event.coupons);
    AddIfThere(event.request);
  }
  void Add(const ClockReset& event) { Add(event.previous_time); }
  void Add(const UserErased& event) {
    Add(event.campaign);
    Add(std::uint64_t{event.serials.size()});
    for (const Serial serial : event.serials) Add(serial);
    Add(event.claims_freed);
    AddIfThere(event.request);
  }
  void Add(const ErasureFinished& event) { Add(event.erasure); }

  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  template <typename Kind>
  void AddSwitch(const Kind& event) {
    Add(event.campaign);
    Add(event.activities.issuing);
    Add(event.activities.redeeming);
    Add(event.reason);
  }

  std::uint64_t state_ = 14'695'981'039'346'656'037U;
};

}  // namespace

GroupHash FakeHashAfter(const GroupHash& previous, const CommitGroup& group) {
  Hash hash;
  for (const std::uint8_t byte : previous) hash.Add(std::uint64_t{byte});
  hash.Add(group.number);
  hash.Add(group.first_sequence);
  hash.Add(group.commit_time);
  for (const Event& event : group.events) {
    hash.Add(std::uint64_t{event.index()});
    std::visit([&hash](const auto& body) { hash.Add(body); }, event);
  }
  for (const KeyId key : group.keys) hash.Add(key);
  GroupHash bytes;
  for (std::uint8_t& byte : bytes) {
    hash.Add(std::uint64_t{1});
    byte = static_cast<std::uint8_t>(hash.value() >> 56);
  }
  return bytes;
}

}  // namespace coupond::test
