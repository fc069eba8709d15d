#ifndef COUPOND_TEST_SUPPORT_MODEL_H_
#define COUPOND_TEST_SUPPORT_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"

/// A second opinion on every answer: what the documentation says must come of a command, worked out
/// from ordinary maps. It shares values and names with the engine (commands, ids, the refusals),
/// but no rule, no limit and no order of precedence: those are written here a second time, from
/// docs/ARCHITECTURE.md, docs/API.md and the order in which refusal.h lists the refusals.
namespace coupond::test {

/// What must come of a command.
struct ModelOutcome {
  enum class Kind : std::uint8_t { kCreated, kIssued, kHeld, kDeleted, kRefused };

  Kind kind = Kind::kRefused;
  Sequence sequence;           ///< of the event or, without one, of the last event before
  CampaignNumber campaign;     ///< not with kRefused
  Serial serial;               ///< the coupon's; with kCreated the first that was reserved
  Timestamp issued_at = {};    ///< the coupon's
  bool found_as_sent = false;  ///< with kHeld: the claim as it was sent, not its normal form
  RefusalReason reason{};      ///< with kRefused only
  Timestamp start_time;  ///< with kCreated, and when the refusal is kNotStarted: the campaign's

  /// Whether the log gained an event.
  [[nodiscard]] bool has_event() const { return kind != Kind::kRefused && kind != Kind::kHeld; }

  friend bool operator==(const ModelOutcome&, const ModelOutcome&) = default;
};

struct ModelCoupon {
  Serial serial;
  Timestamp issued_at;
  Sequence sequence;  ///< of its event
  std::optional<Claim> claim;
  std::string user_id;

  friend bool operator==(const ModelCoupon&, const ModelCoupon&) = default;
};

/// A campaign that was created at some time; deleted ones are kept, so that any moment of the past
/// can be looked up: it was there from sequence `created` on, and until before `deleted`.
struct ModelCampaign {
  CampaignNumber number;
  CampaignId id;
  std::string name;
  std::int64_t total_coupons = 0;
  Timestamp start_time;
  Timestamp created_at;
  Serial first_serial;
  Sequence created;
  std::optional<Sequence> deleted;
  std::vector<ModelCoupon> coupons;  ///< in the order of issue
  std::map<Claim, std::size_t> coupon_of_claim;

  [[nodiscard]] bool IsThereAt(Sequence sequence) const {
    return created <= sequence && (!deleted || *deleted > sequence);
  }
  /// How many of the coupons had been issued at that sequence.
  [[nodiscard]] std::size_t IssuedAt(Sequence sequence) const;
};

/// Follows the commands in the order of the log and says what each must have come to.
///
/// Commands whose fate is unknown are given to it once the log tells whether they happened, or not
/// at all. One thread.
class Model {
 public:
  /// `last` is the last sequence of the log so far; 1 when it begins with StoreCreated alone. The
  /// other two are what campaigns that were deleted long ago have left.
  explicit Model(Sequence last = Sequence(0), CampaignNumber next_campaign = CampaignNumber(1),
                 Serial next_serial = Serial(1))
      : first_campaign_(next_campaign),
        first_serial_(next_serial),
        next_serial_(next_serial),
        last_(last) {}

  /// What must come of `command`, the next in the order of the log, at `time`; the model's state is
  /// then as after it. That time does not go back is for the caller to see to: compare with
  /// last_event_time.
  ModelOutcome Judge(const Command& command, Timestamp time);

  /// All campaigns that there ever were.
  [[nodiscard]] const std::map<CampaignNumber, ModelCampaign>& campaigns() const {
    return campaigns_;
  }
  /// A live campaign, or null.
  [[nodiscard]] const ModelCampaign* Find(const CampaignId& id) const;
  [[nodiscard]] std::size_t live_campaigns() const { return number_by_name_.size(); }
  /// The sequence of the last event.
  [[nodiscard]] Sequence last_sequence() const { return last_; }
  [[nodiscard]] Timestamp last_event_time() const { return last_event_time_; }
  [[nodiscard]] CampaignNumber next_campaign_number() const;
  [[nodiscard]] Serial next_serial() const { return next_serial_; }
  /// The same two as they were after sequence `at`.
  [[nodiscard]] std::pair<CampaignNumber, Serial> NextNumbersAt(Sequence at) const;

 private:
  ModelOutcome JudgeCommand(const CreateCampaign& command, Timestamp time);
  ModelOutcome JudgeCommand(const IssueCoupon& command, Timestamp time);
  ModelOutcome JudgeCommand(const DeleteCampaign& command, Timestamp time);

  [[nodiscard]] ModelOutcome Refused(RefusalReason reason) const;
  [[nodiscard]] ModelOutcome Happened(ModelOutcome::Kind kind, CampaignNumber campaign,
                                      Serial serial, Timestamp time);

  std::map<CampaignNumber, ModelCampaign> campaigns_;
  // Live campaigns only.
  std::map<std::string, CampaignNumber> number_by_name_;
  std::map<CampaignId, CampaignNumber> number_by_id_;
  CampaignNumber first_campaign_;
  Serial first_serial_;
  Serial next_serial_;
  Sequence last_;
  Timestamp last_event_time_;
};

/// How a reply to a command that was carried out or refused differs from what must have come of it
/// at `time`, in words; nothing if it does not. Unavailable always differs.
[[nodiscard]] std::optional<std::string> Difference(const ModelOutcome& expected, Timestamp time,
                                                    const Reply& reply);
/// For messages: "issued campaign 3 serial 17, sequence 40".
[[nodiscard]] std::string Describe(const ModelOutcome& outcome);
[[nodiscard]] std::string Describe(const Reply& reply);
/// "sold_out" and so on.
[[nodiscard]] std::string Describe(RefusalReason reason);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_MODEL_H_
