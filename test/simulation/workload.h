#ifndef COUPOND_TEST_SIMULATION_WORKLOAD_H_
#define COUPOND_TEST_SIMULATION_WORKLOAD_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/workload_values.h"

namespace coupond::simulation {

/// Draws the commands of the clients: mostly issues from a handful of campaigns, which are changed
/// meanwhile, and whose coupons are redeemed, redemptions canceled and coupons voided. Some
/// commands are wrong in several ways at once. workload_changes.cc has those that change campaigns,
/// workload_terms.cc the terms that they get, and workload_coupons.cc those that change coupons,
/// and workload_batches.cc the batches.
class Workload {
 public:
  Workload(const Plan& plan, Random& random) : plan_(plan), random_(random) {}

  /// Draws a command. `now` is about the server's time.
  [[nodiscard]] Command Draw(Timestamp now);
  /// Returns the same request once more. The server draws a new campaign id each time, unless it
  /// makes one of the request id.
  [[nodiscard]] Command Repeat(const Command& command);
  /// Records that there is no such campaign: most requests are for others from now on.
  void Forget(const CampaignId& campaign);
  /// Records that the command was carried out by the event with that sequence.
  void Learn(const Command& command, Sequence sequence);
  /// Records the coupon that was issued for this request.
  void LearnCoupon(const IssueCoupon& issue, const GrantedCoupon& granted);
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
    std::optional<Claim> holder = {};
    Timestamp issued_at = {};
    Timestamp expire_time = kNever;  ///< as it was when a client was told
  };
  /// A redemption that was carried out, and may have been canceled since.
  struct KnownRedemption {
    Serial serial;
    Sequence sequence;
    std::optional<RequestKey> request;
  };

  /// Returns a creation or an update: a new one, or an old one with a request id once more.
  template <typename Kind>
  [[nodiscard]] Command DrawOrRepeat(Kind (Workload::*draw)(Timestamp), Timestamp now) {
    if (!campaign_commands_.empty() && random_.OneIn(6)) {
      return campaign_commands_[random_.Below(campaign_commands_.size())];
    }
    Kind command = (this->*draw)(now);
    if (command.request) AddLatest(Command(command), campaign_commands_);
    return command;
  }
  [[nodiscard]] CreateCampaign DrawCreate(Timestamp now);
  void MakeFaulty(CreateCampaign& command, Timestamp now);
  [[nodiscard]] IssueCoupon DrawIssue();
  /// Returns a batch: a new one, or an old one with a request id once more.
  [[nodiscard]] Command DrawBatchOrRepeat();
  [[nodiscard]] BatchIssueCoupons DrawBatch();
  [[nodiscard]] IssueCoupon DrawUserOfBatch(std::map<std::uint64_t, std::uint64_t>& times,
                                            std::optional<std::uint64_t> request);
  [[nodiscard]] DeleteCampaign DrawDelete();
  [[nodiscard]] UpdateCampaign DrawUpdate(Timestamp now);
  /// Returns an update by which a coupon that has expired expires at this very moment, or nullopt:
  /// many groups share their time, so that others may ask about the coupon at that moment.
  [[nodiscard]] std::optional<UpdateCampaign> DrawMoreTime(Timestamp now);
  [[nodiscard]] TermChanges DrawChanges(const Known& known, Timestamp now);
  void MakeFaulty(TermChanges& changes, Timestamp now);
  /// Draws the terms about users and redeeming; most are left alone.
  void DrawCouponTerms(TermChanges& changes, Timestamp now);
  void MakeCouponTermsFaulty(TermChanges& changes, Timestamp now);
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
  std::vector<Command> campaign_commands_;  // with a request id
  std::vector<Command> batches_;            // with a request id
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_WORKLOAD_H_
