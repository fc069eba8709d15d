#ifndef COUPOND_TEST_SIMULATION_WORKLOAD_H_
#define COUPOND_TEST_SIMULATION_WORKLOAD_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "simulation/plan.h"
#include "simulation/random.h"

namespace coupond::simulation {

/// Draws the commands of the clients: mostly issues from a handful of campaigns, which are changed
/// meanwhile, and whose coupons are redeemed, redemptions canceled and coupons voided. Some
/// commands are wrong in several ways at once. workload_changes.cc has those that change campaigns,
/// workload_coupons.cc those that change coupons.
class Workload {
 public:
  Workload(const Plan& plan, Random& random) : plan_(plan), random_(random) {}

  /// Draws a command. `now` is about the server's time.
  [[nodiscard]] Command Draw(Timestamp now);
  /// Returns the same request once more. The server draws a new campaign id each time.
  [[nodiscard]] Command Repeat(const Command& command);
  /// Records that there is no such campaign: most requests are for others from now on.
  void Forget(const CampaignId& campaign);
  /// Records that the command was carried out by the event with that sequence.
  void Learn(const Command& command, Sequence sequence);
  /// Records that a campaign has issued a coupon with that serial.
  void LearnCoupon(const CampaignId& campaign, Serial serial);
  /// Records that there is no such coupon.
  void ForgetCoupon(Serial serial);

 private:
  struct Known {
    CampaignId id;
    std::string name;
    std::int64_t total = 0;
    Sequence revision;  ///< 0 if no client knows it
  };

  struct KnownCoupon {
    CampaignId campaign;
    Serial serial;
  };
  /// A redemption that was carried out, and may have been canceled since.
  struct KnownRedemption {
    Serial serial;
    Sequence sequence;
    std::optional<RequestKey> request;
  };

  [[nodiscard]] CreateCampaign DrawCreate(Timestamp now);
  void MakeFaulty(CreateCampaign& command, Timestamp now);
  [[nodiscard]] IssueCoupon DrawIssue();
  [[nodiscard]] DeleteCampaign DrawDelete();
  [[nodiscard]] UpdateCampaign DrawUpdate(Timestamp now);
  [[nodiscard]] TermChanges DrawChanges(const Known& known, Timestamp now);
  void MakeFaulty(TermChanges& changes, Timestamp now);
  [[nodiscard]] SetPaused DrawPause();
  [[nodiscard]] SetArchived DrawArchive();
  /// Returns a command that changes a coupon: a new one, or an old one once more.
  [[nodiscard]] Command DrawCouponCommand();
  [[nodiscard]] RedeemCoupon DrawRedeem();
  [[nodiscard]] CancelRedemption DrawCancel();
  [[nodiscard]] VoidCoupon DrawVoid();
  /// Returns a coupon that may exist, the newest more often; seldom one that was never issued.
  [[nodiscard]] KnownCoupon PickCoupon();
  /// Returns the key of a request with that content: mostly of an id of its own, sometimes of one
  /// that was used already, and often none.
  [[nodiscard]] std::optional<RequestKey> DrawRequest(std::uint64_t content);
  template <typename Id>
  [[nodiscard]] Id DrawId() {
    Id id;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
      if (i % 8 == 0) bits = random_.Next();
      id.bytes[i] = static_cast<std::uint8_t>(bits >> (8 * (i % 8)));
    }
    return id;
  }
  [[nodiscard]] std::string DrawName();
  /// Returns up to 100 ticks of the clock.
  [[nodiscard]] std::chrono::nanoseconds DrawWait();
  [[nodiscard]] std::string DrawTooLongDescription();
  [[nodiscard]] std::vector<MetadataEntry> DrawMetadata();
  [[nodiscard]] std::vector<MetadataEntry> DrawTooMuchMetadata();
  void Remember(const CreateCampaign& command);
  /// Returns one that may exist, the newest more often.
  [[nodiscard]] const Known& PickKnown();

  const Plan& plan_;
  Random& random_;
  std::vector<Known> known_;  // the latest few that were asked for
  // The latest few of each.
  std::vector<KnownCoupon> coupons_;
  std::vector<KnownRedemption> redemptions_;
  std::vector<RequestKey> requests_;
  std::vector<Command> coupon_commands_;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_WORKLOAD_H_
