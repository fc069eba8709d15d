#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_REPLAY_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_REPLAY_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "support/model.h"
#include "system/program/history.h"
#include "system/program/history_check.h"

namespace coupond::test {

/// Gives the operations of a history to the model, in the order of the log, and holds what clients
/// were told against what the model says. Clients do not see serials: a code stands for the serial
/// that it was first seen with.
///
/// The time of a decision is known when the reply tells it (created, issued), known to a
/// millisecond when it tells how long to wait, and otherwise lies between the events around it.
class HistoryReplay {
 public:
  /// `in_log_order`: all of the operations; `last`: the sequence before the first of them; `ends`:
  /// the sequences of the notes that erasures are finished, which must outlive this.
  HistoryReplay(Sequence last, const std::vector<const Operation*>& in_log_order,
                const std::set<std::uint64_t>& ends);

  /// Checks each operation in turn. The fault's text says what was expected.
  [[nodiscard]] std::optional<HistoryFault> Next(const Operation& operation);

  [[nodiscard]] const Model& model() const { return model_; }
  /// Returns the serial that the code stands for, kNoSerial for one that was never shown.
  [[nodiscard]] Serial SerialOf(const std::string& code) const;
  /// Returns the times of events, by sequence, as far as replies contain them.
  [[nodiscard]] const std::map<std::uint64_t, Timestamp>& event_times() const {
    return event_times_;
  }

  /// The moments at which something may have been decided, by what was told alone.
  struct Span {
    Timestamp earliest;
    std::chrono::nanoseconds length;
  };

 private:
  using Fault = std::optional<HistoryFault>;

  struct IssuedCoupon {
    std::string code;
    Timestamp issued_at;
    std::string user_id;
  };

  [[nodiscard]] Fault Judge(const api::CreateCampaignRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::IssueCouponRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::DeleteCampaignRequest& request, const Operation& operation);

  [[nodiscard]] Fault Judge(const api::BatchIssueCouponsRequest& request,
                            const Operation& operation);
  [[nodiscard]] Fault Judge(const api::RedeemCouponRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::CancelRedemptionRequest& request,
                            const Operation& operation);
  [[nodiscard]] Fault Judge(const api::VoidCouponRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::UpdateCampaignRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::PauseCampaignRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::ResumeCampaignRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::ArchiveCampaignRequest& request, const Operation& operation);
  [[nodiscard]] Fault Judge(const api::UnarchiveCampaignRequest& request,
                            const Operation& operation);
  [[nodiscard]] Fault Judge(const api::EraseUserRequest& request, const Operation& operation);
  /// Judges a change of a coupon, and checks the coupon that came with the answer.
  template <typename Response>
  [[nodiscard]] Fault JudgeChange(const Command& command, const std::string& code,
                                  const Operation& operation);
  /// Judges a change of a campaign, and checks that the answer has that campaign.
  template <typename Response>
  [[nodiscard]] Fault JudgeChange(const Command& command, const CampaignId& campaign,
                                  const Operation& operation);

  /// Gives the model the notes that erasures are finished, up to this sequence.
  void PassOverEnds(std::uint64_t last);
  [[nodiscard]] Fault CheckTime(const Operation& operation);
  /// Returns the moments since a campaign's start, for an operation that asks it for coupons.
  [[nodiscard]] std::optional<Span> SpanSinceStart(const Operation& operation) const;
  /// Returns whether this may be the time at which the campaign was sold out: the expected one or,
  /// if an update made it so, at a time that nobody was told, the same for everyone.
  [[nodiscard]] bool IsSoldOutTime(const CampaignId& campaign, Timestamp expected, Timestamp told);
  /// Checks a coupon that was shown to whoever asked for one of the campaign.
  [[nodiscard]] Fault CheckCoupon(const std::string& campaign, const std::string& user_id,
                                  const api::Coupon& coupon, bool is_new, Serial serial);
  [[nodiscard]] BatchIssueCoupons CommandOf(const api::BatchIssueCouponsRequest& request);
  /// Checks the coupons that a batch was given, or once more shown.
  [[nodiscard]] Fault CheckBatch(const api::BatchIssueCouponsRequest& request,
                                 const api::BatchIssueCouponsResponse& response,
                                 const std::vector<BatchResult>& expected);
  /// Checks a coupon that was shown with what was done to it. It may have changed since.
  [[nodiscard]] Fault CheckShown(const std::string& code, const api::Coupon& coupon) const;
  /// Returns the key of a request whose id counts all over the store.
  [[nodiscard]] std::optional<RequestKey> KeyOf(const std::string& request_id,
                                                const std::string& content);
  /// Returns the digest of a user or, if there is a request, of that user's or nobody's.
  [[nodiscard]] Claim ClaimOf(const std::string& campaign, const std::string& user_id,
                              const std::string& request_id = {});

  Model model_;
  const std::set<std::uint64_t>& ends_;
  /// The time to pass to the model for the current operation.
  Timestamp time_;
  /// The time of the last event whose time is known.
  Timestamp last_time_;
  std::map<std::uint64_t, Timestamp> event_times_;
  std::map<Serial, IssuedCoupon> coupons_;
  std::map<std::string, Serial> serial_of_code_;
  std::map<Serial, std::string> campaign_of_serial_;
  std::set<Serial> erased_;
  /// The codes of coupons that an erasure, before or after, lets their users replace.
  std::set<std::string> replaceable_;
  std::map<std::string, std::vector<BatchResult>> batches_;  // by request id
  /// Campaigns that an update has sold out: the time that the model was given and, as soon as
  /// somebody was told it, the real one.
  struct SoldOut {
    Timestamp assumed;
    std::uint64_t sequence = 0;  ///< of the update
    std::optional<Timestamp> told = {};
  };
  std::map<CampaignId, SoldOut> sold_out_by_update_;
  /// By campaign, user and request. The model needs only distinct values.
  std::map<std::tuple<std::string, std::string, std::string>, Claim> claims_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_REPLAY_H_
