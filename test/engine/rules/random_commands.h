#ifndef COUPOND_TEST_ENGINE_RULES_RANDOM_COMMANDS_H_
#define COUPOND_TEST_ENGINE_RULES_RANDOM_COMMANDS_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "engine/rules/command.h"
#include "engine/rules/event.h"
#include "support/builders.h"

namespace coupond::test {

/// Draws commands so that each kind of decision comes up often.
class RandomCommands {
 public:
  explicit RandomCommands(std::uint64_t seed) : random_(seed) {}

  Command Next(Timestamp now) {
    switch (Below(22)) {
      case 0:
        return CreateOne(now);
      case 1:
        return DeleteCampaign{{}, Name()};
      case 2:
      case 3:
      case 4:
        return IssueToUser();
      case 5:
        return UpdateCampaign{
            .campaign_id = Pick(known_), .changes = Changes(now), .request = Request()};
      case 6:
        return SetPaused{.campaign_id = Pick(known_),
                         .activities = {.issuing = Chance(2), .redeeming = Chance(2)},
                         .paused = Chance(3)};
      case 7:
        return SetArchived{.campaign_id = Pick(known_), .archived = Chance(3)};
      case 8:
      case 9:
      case 10:
        return RedeemOne();
      case 11:
      case 12:
        return CancelOne();
      case 13:
        return VoidCoupon{.serial = Pick(coupons_),
                          .return_to_pool = Chance(2),
                          .free_claim = !Chance(3),
                          .request = Request()};
      case 14:
        return NextBatch();
      case 15:
        if (last_erasure_ != Sequence() && Chance(3)) return FinishErasure{last_erasure_};
        return EraseSome();
      default:
        return IssueCoupon{.campaign_id = Pick(known_)};
    }
  }

  /// Half of the users may be named in a batch, some of them twice, and new ones. The others' ids
  /// are what those may have been called before texts were normalised.
  BatchIssueCoupons NextBatch() {
    BatchIssueCoupons command{
        .campaign_id = Pick(known_), .allow_partial = !Chance(3), .request = Request()};
    if (Chance(4)) {
      command.anonymous = 1 + Byte(6);
      return command;
    }
    const bool has_keys = !Chance(4);
    const std::uint8_t request = Byte(8);
    std::array<std::uint8_t, 256> times{};
    for (std::uint64_t users = 1 + Below(10); users > 0; --users) {
      // New ones have had no coupon by this name.
      const bool is_new = Chance(8);
      const std::uint8_t user = is_new ? kUsers + Byte(150) : Byte(kUsers / 2);
      IssueCoupon& asked = command.users.emplace_back(command.campaign_id);
      asked.holder = User(user);
      asked.user_id = "user";
      if (has_keys) asked.request_key = RequestBy(user, request, times[user]++);
      if (!is_new && !Chance(8)) continue;
      const std::uint8_t other = kUsers / 2 + Byte(kUsers / 2);
      asked.holder_as_sent = User(other);
      if (has_keys) asked.request_key_as_sent = RequestBy(other, request);
    }
    return command;
  }

  /// Takes note of what later commands may be about.
  void Remember(const Event& event, Sequence sequence) {
    if (const auto* created = std::get_if<CampaignCreated>(&event)) {
      known_[Below(known_.size())] = created->id;
    } else if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      coupons_[Below(coupons_.size())] = issued->serial;
      if (issued->holder) {
        of_users_[Below(of_users_.size())] = {issued->campaign, issued->serial};
      }
    } else if (const auto* redeemed = std::get_if<CouponRedeemed>(&event)) {
      redemptions_[Below(redemptions_.size())] = {redeemed->serial, sequence};
    } else if (std::holds_alternative<UserErased>(event)) {
      last_erasure_ = sequence;
    }
  }
  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }

 private:
  static constexpr std::uint8_t kUsers = 12;

  [[nodiscard]] bool Chance(std::uint64_t one_in) { return Below(one_in) == 0; }
  [[nodiscard]] std::uint8_t Byte(std::uint64_t bound) {
    return static_cast<std::uint8_t>(Below(bound));
  }
  [[nodiscard]] std::chrono::seconds Seconds(std::uint64_t bound) {
    return std::chrono::seconds(Below(bound));
  }
  [[nodiscard]] std::string Name() { return "name" + std::to_string(Below(6)); }
  template <typename Values>
  [[nodiscard]] const Values::value_type& Pick(const Values& values) {
    return values[Below(values.size())];
  }
  [[nodiscard]] std::optional<RequestKey> Request() {
    if (Chance(2)) return std::nullopt;
    return RequestOf(Byte(256), Below(2));
  }

  CreateCampaign CreateOne(Timestamp now) {
    CreateCampaign command = Create(Byte(256), Name(), static_cast<std::int64_t>(Below(40)),
                                    now.Plus(Seconds(5) - std::chrono::seconds(1)));
    if (Chance(2)) command.coupons_per_user = 1 + Byte(4);
    command.user_required = Chance(8);
    if (Chance(8)) command.redeem_start_time = now.Plus(Seconds(5));
    if (Chance(8)) command.expire_time = now.Plus(Seconds(40));
    if (Chance(2)) command.valid_duration = Seconds(40);
    command.redeem_by_holder_only = Chance(16);
    command.request = Request();
    return command;
  }

  TermChanges Changes(Timestamp now) {
    TermChanges changes;
    if (Chance(2)) changes.total_coupons = static_cast<std::int64_t>(Below(60));
    if (Chance(4)) changes.name = Name();
    if (Chance(4)) changes.start_time = now.Plus(Seconds(3));
    if (Chance(4)) changes.end_time = Chance(2) ? kNever : now.Plus(Seconds(5));
    if (Chance(8)) changes.coupons_per_user = 1 + Byte(4);
    if (Chance(8)) changes.user_required = Chance(4);
    if (Chance(8)) changes.redeem_start_time = Chance(2) ? kAlways : now.Plus(Seconds(5));
    if (Chance(8)) changes.expire_time = Chance(2) ? kNever : now.Plus(Seconds(60));
    if (Chance(8)) {
      changes.valid_duration = Chance(2) ? kUnlimited : std::chrono::nanoseconds(Seconds(60));
    }
    if (Chance(8)) changes.redeem_by_holder_only = Chance(4);
    return changes;
  }

  [[nodiscard]] static Claim User(std::uint8_t number) { return ClaimOf(number); }
  /// A user's request has another digest than the same one of somebody else, and than the user's
  /// other ones in the same batch.
  [[nodiscard]] static Claim RequestBy(std::uint8_t user, std::uint8_t number,
                                       std::uint8_t time = 0) {
    Claim claim = ClaimOf(user);
    claim.bytes[1] = number;
    claim.bytes[2] = 1 + time;
    return claim;
  }
  IssueCoupon IssueToUser() {
    constexpr std::uint8_t kNobody = 200;
    const std::uint8_t user = Byte(kUsers);
    IssueCoupon command{.campaign_id = Pick(known_)};
    if (Chance(5)) {
      command.request_key = RequestBy(kNobody, Byte(30));
      return command;
    }
    command.holder = User(user);
    command.user_id = "user";
    if (!Chance(4)) command.request_key = RequestBy(user, Byte(8));
    return command;
  }

  RedeemCoupon RedeemOne() {
    RedeemCoupon command{.serial = Pick(coupons_),
                         .order_ref = "order",
                         .request_id = "request",
                         .request = Request()};
    if (Chance(8)) command.holder = User(Byte(kUsers));
    return command;
  }
  CancelRedemption CancelOne() {
    const auto [serial, sequence] = Pick(redemptions_);
    CancelRedemption command{.serial = serial, .redemption = sequence, .request = Request()};
    if (Chance(4)) command.redemption = RequestOf(Byte(256)).digest;
    return command;
  }

  /// Of campaigns that may be deleted by now, and perhaps once more.
  EraseUser EraseSome() {
    std::map<CampaignNumber, std::set<Serial>> drawn;
    for (std::uint64_t left = 1 + Below(4); left > 0; --left) {
      const auto [campaign, serial] = Pick(of_users_);
      if (campaign != CampaignNumber()) drawn[campaign].insert(serial);
    }
    EraseUser command{.coupons = {}, .free_claims = Chance(2), .request = Request()};
    for (const auto& [campaign, serials] : drawn) {
      command.coupons.push_back(
          {.campaign = campaign, .serials = {serials.begin(), serials.end()}});
    }
    return command;
  }

  std::mt19937_64 random_;
  std::array<CampaignId, 8> known_{};
  std::array<Serial, 16> coupons_{};
  std::array<std::pair<CampaignNumber, Serial>, 16> of_users_{};
  std::array<std::pair<Serial, Sequence>, 8> redemptions_{};
  Sequence last_erasure_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_ENGINE_RULES_RANDOM_COMMANDS_H_
