#ifndef COUPOND_TEST_SUPPORT_BUILDERS_H_
#define COUPOND_TEST_SUPPORT_BUILDERS_H_

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "engine/rules/command.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// Short forms of the values that tests use.
namespace coupond::test {

/// Returns the time that many seconds after a fixed day, so that tests read easily.
inline Timestamp At(std::int64_t seconds) {
  return Timestamp::FromUnixNanoseconds((1'700'000'000 + seconds) * 1'000'000'000);
}

template <typename Id>
Id MakeId(std::uint8_t first_byte) {
  Id id;
  id.bytes[0] = first_byte;
  id.bytes[15] = static_cast<std::uint8_t>(~first_byte);
  return id;
}
inline CampaignId Id(std::uint8_t first_byte) { return MakeId<CampaignId>(first_byte); }
inline Claim ClaimOf(std::uint8_t first_byte) { return MakeId<Claim>(first_byte); }

inline CreateCampaign Create(std::uint8_t id, std::string name, std::int64_t total,
                             Timestamp start_time) {
  return CreateCampaign{Id(id), std::move(name), total, start_time};
}
inline IssueCoupon Issue(std::uint8_t campaign) { return IssueCoupon{.campaign_id = Id(campaign)}; }
inline IssueCoupon IssueTo(std::uint8_t campaign, std::uint8_t holder, std::string user_id = {}) {
  return IssueCoupon{
      .campaign_id = Id(campaign), .holder = ClaimOf(holder), .user_id = std::move(user_id)};
}
/// Returns an issue with a request_id, to a holder or to nobody. A holder and a request must not
/// have the same number.
inline IssueCoupon IssueOnRequest(std::uint8_t campaign, std::uint8_t request,
                                  std::optional<std::uint8_t> holder = {}) {
  IssueCoupon command{.campaign_id = Id(campaign), .request_key = ClaimOf(request)};
  if (holder) command.holder = ClaimOf(*holder);
  return command;
}
inline DeleteCampaign Delete(std::uint8_t campaign) {
  return DeleteCampaign{.campaign_id = Id(campaign), .name = {}};
}
inline UpdateCampaign Update(std::uint8_t campaign, TermChanges changes) {
  return UpdateCampaign{.campaign_id = Id(campaign), .changes = std::move(changes)};
}
inline SetPaused Pause(std::uint8_t campaign, Activities activities = {.issuing = true}) {
  return SetPaused{.campaign_id = Id(campaign), .activities = activities, .paused = true};
}
inline SetPaused Resume(std::uint8_t campaign, Activities activities = {.issuing = true}) {
  return SetPaused{.campaign_id = Id(campaign), .activities = activities, .paused = false};
}
inline SetArchived Archive(std::uint8_t campaign) {
  return SetArchived{.campaign_id = Id(campaign), .archived = true};
}
inline SetArchived Unarchive(std::uint8_t campaign) {
  return SetArchived{.campaign_id = Id(campaign), .archived = false};
}

/// Returns the key of a request with that id, which asks for `content`.
inline RequestKey RequestOf(std::uint8_t id, std::uint64_t content = 0) {
  return RequestKey{.digest = MakeId<Claim>(id), .content = content};
}
inline RedeemCoupon Redeem(std::uint64_t serial, std::optional<RequestKey> request = {}) {
  return RedeemCoupon{.serial = Serial(serial), .request = request};
}
inline CancelRedemption Cancel(std::uint64_t serial, std::variant<Sequence, Claim> redemption,
                               std::optional<RequestKey> request = {}) {
  return CancelRedemption{.serial = Serial(serial), .redemption = redemption, .request = request};
}
inline VoidCoupon Void(std::uint64_t serial, std::optional<RequestKey> request = {}) {
  return VoidCoupon{.serial = Serial(serial), .return_to_pool = false, .request = request};
}
inline VoidCoupon Return(std::uint64_t serial, std::optional<RequestKey> request = {}) {
  return VoidCoupon{.serial = Serial(serial), .return_to_pool = true, .request = request};
}
/// Returns the command with free_claim.
inline VoidCoupon Freeing(VoidCoupon command) {
  command.free_claim = true;
  return command;
}

/// Returns coupons of a campaign, to be erased.
inline CouponsToErase CouponsOf(std::uint64_t campaign,
                                std::initializer_list<std::uint64_t> serials) {
  CouponsToErase coupons{.campaign = CampaignNumber(campaign), .serials = {}};
  for (const std::uint64_t serial : serials) coupons.serials.emplace_back(serial);
  return coupons;
}
inline EraseUser Erase(std::vector<CouponsToErase> coupons,
                       std::optional<RequestKey> request = {}) {
  return EraseUser{.coupons = std::move(coupons), .request = request};
}
/// Returns the command with free_claims.
inline EraseUser Freeing(EraseUser command) {
  command.free_claims = true;
  return command;
}

/// Reports whether the command asks for the decision alone, so that it leads to no event.
[[nodiscard]] inline bool IsOnlyChecked(const Command& command) {
  return std::visit(
      [](const auto& kind) {
        if constexpr (requires { kind.validate_only; }) return kind.validate_only;
        return false;
      },
      command);
}

/// A clock that the test sets. Any thread.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Timestamp now) : now_(now) {}
  [[nodiscard]] Timestamp Now() const override { return now_; }
  [[nodiscard]] ClockReading Read() const override {
    const Timestamp disputed = disputed_;
    return {.now = now_, .disputed = disputed == kNever ? std::nullopt : std::optional(disputed)};
  }
  void Accept(Timestamp time) const override {
    now_ = time;
    disputed_ = kNever;
  }
  void Set(Timestamp now) { now_ = now; }
  /// Lets the machine's clock show another time.
  void Dispute(Timestamp machine) { disputed_ = machine; }

 private:
  mutable std::atomic<Timestamp> now_;
  mutable std::atomic<Timestamp> disputed_ = kNever;  // kNever: nothing is
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_BUILDERS_H_
