#ifndef COUPOND_TEST_SUPPORT_MODEL_H_
#define COUPOND_TEST_SUPPORT_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/coupon.h"
#include "engine/rules/decide.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/serial_ranges.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"

/// An independent model of the documented outcome of each command, on ordinary maps. It shares
/// values and names with the engine (commands, events, ids, refusals), but no rules, limits or
/// order of precedence: these are written here a second time, from docs/ARCHITECTURE.md,
/// docs/API.md and the order in which refusal.h lists the refusals.
namespace coupond::test {

/// The expected outcome of a command.
struct ModelOutcome {
  enum class Kind : std::uint8_t {
    kCreated,
    kIssued,
    kBatch,  ///< several were issued
    kHeld,
    kChanged,    ///< a campaign or coupon has, other than by the kinds above
    kUnchanged,  ///< there was nothing to change
    kRepeated,   ///< the same request was carried out before
    kValidated,  ///< it would be carried out, but the command asks for the decision alone
    kDeleted,
    kLimitReached,  ///< refused: the user has as many as the campaign allows, this one the last
    kRefused,
  };

  Kind kind = Kind::kRefused;
  Sequence sequence;                  ///< of the event or, without one, of the last event before;
                                      ///< with kRepeated, of the event of that time
  CampaignNumber campaign;            ///< not with kRefused, kRepeated and kValidated
  Serial serial;                      ///< the coupon's; with kCreated the first that was reserved
  Timestamp issued_at = {};           ///< the coupon's
  Timestamp expire_time = kNever;     ///< the coupon's
  CouponState state = {};             ///< the coupon's, with kHeld and kLimitReached
  bool found_as_sent = false;         ///< with kHeld: the claim as it was sent, not its normal form
  RefusalReason reason{};             ///< with kRefused only
  Timestamp at = {};                  ///< with kCreated the start, with kRefused as in Refusal
  std::int64_t coupons = 0;           ///< as in Refusal
  Sequence present = {};              ///< as in Refusal
  std::optional<Event> event = {};    ///< what the log gained
  std::vector<Event> following = {};  ///< what it gained after that
  std::vector<BatchResult> results = {};  ///< of a batch that was not refused, nor repeated

  [[nodiscard]] bool has_event() const { return event.has_value(); }

  friend bool operator==(const ModelOutcome&, const ModelOutcome&) = default;
};

/// What an event made of a coupon.
struct ModelCouponChange {
  Sequence since;
  CouponStatus status;
};

struct ModelCoupon {
  Serial serial;
  Timestamp issued_at;
  Sequence sequence;  ///< of its event
  std::optional<Claim> holder;
  std::optional<Claim> request_key;             ///< only if asking again is recognised by it
  std::string user_id;                          ///< also if it was erased since
  std::optional<Sequence> erased = {};          ///< the event from which on nobody sees it
  std::vector<ModelCouponChange> changes = {};  ///< in the order of the log

  /// Returns what asking again is recognised by.
  [[nodiscard]] std::optional<Claim> claim() const {
    return request_key.has_value() ? request_key : holder;
  }
  /// Returns what has become of it.
  [[nodiscard]] CouponStatus status() const;
  /// Returns what had become of it after that sequence.
  [[nodiscard]] CouponStatus StatusAt(Sequence sequence) const;
  /// Returns the user_id as it was shown after that sequence.
  [[nodiscard]] std::string UserIdAt(Sequence sequence) const;
  /// Returns when it expires under these terms.
  [[nodiscard]] Timestamp ExpiryUnder(const CampaignTerms& terms) const;
  /// Returns what callers are told at `time`: it may be expired.
  [[nodiscard]] CouponState ShownState(const CampaignTerms& terms, Timestamp time) const;
};

/// How many coupons of a campaign have ceased to be just issued.
struct ModelCounts {
  Sequence since = {};  ///< the event that made it so
  std::int64_t redeemed = 0;
  std::int64_t voided = 0;
  std::int64_t returned = 0;
};

/// A request that was carried out.
struct ModelRequest {
  Sequence sequence;  ///< of its event
  std::uint64_t content = 0;
};

/// What can change of a campaign, apart from its coupons.
struct ModelState {
  Sequence since;  ///< the event that made it so
  CampaignTerms terms;
  std::vector<SerialRange> serials;  ///< in the order in which coupons get them
  Sequence revision;
  Activities paused = {};
  std::optional<Timestamp> sold_out_at = {};
  std::optional<Timestamp> archived_at = {};
};

/// A campaign, perhaps deleted. Deleted ones are kept, so that any past moment can be looked up:
/// the campaign existed from sequence `created` on, and until before `deleted`.
struct ModelCampaign {
  CampaignNumber number;
  CampaignId id;
  Timestamp created_at;
  Sequence created;
  std::optional<Sequence> deleted;
  std::vector<ModelState> states;    ///< in the order of the log; at least one
  std::vector<ModelCounts> counts;   ///< in the order of the log; at least one
  std::vector<ModelCoupon> coupons;  ///< in the order of issue
  /// The last coupon of each key that callers are recognised by: a freed one is here, but no
  /// longer theirs.
  std::map<Claim, std::size_t> coupon_of_claim;
  std::map<Claim, std::vector<std::size_t>> coupons_of_holder;  ///< all that ever were
  std::optional<Sequence> first_to_user;  ///< when somebody with a user_id got the first coupon

  [[nodiscard]] const ModelState& state() const { return states.back(); }
  /// Returns the number of places that are taken.
  [[nodiscard]] std::int64_t places() const {
    return static_cast<std::int64_t>(coupons.size()) - counts.back().returned;
  }
  [[nodiscard]] bool IsThereAt(Sequence sequence) const {
    return created <= sequence && (!deleted || *deleted > sequence);
  }
  /// Reports whether the last coupon of a claim has this serial.
  [[nodiscard]] bool HasLast(const Claim& claim, Serial serial) const {
    const auto found = coupon_of_claim.find(claim);
    return found != coupon_of_claim.end() && coupons[found->second].serial == serial;
  }
  /// Returns how many of a user's coupons count against the limit.
  [[nodiscard]] std::int64_t CountedOf(const std::vector<std::size_t>& of_user) const;
  struct Held {
    std::size_t ordinal = 0;
    bool as_sent = false;  ///< by the key as it was sent, not its normal form
  };
  /// Returns the coupon that whoever asks has already.
  [[nodiscard]] std::optional<Held> FindHeld(const IssueCoupon& command) const;
  /// Returns the number of coupons issued up to that sequence, also those that were returned.
  [[nodiscard]] std::size_t IssuedAt(Sequence sequence) const;
  /// Returns its state after that sequence, at which it must have been created.
  [[nodiscard]] const ModelState& StateAt(Sequence sequence) const;
  [[nodiscard]] const ModelCounts& CountsAt(Sequence sequence) const;
  /// Returns the campaign after that sequence as the engine shows it.
  [[nodiscard]] Campaign ShownAt(Sequence sequence) const;
};

/// Serials that a campaign had, and gave up before a coupon had them.
struct ModelGivenUp {
  Sequence since;
  SerialRange serials;
};

/// Follows the commands in the order of the log, and returns the expected outcome of each.
///
/// A command whose outcome is unknown is passed to the model once the log tells whether it
/// happened, or never. One thread.
class Model {
 public:
  /// `last` is the last sequence of the log so far: 1 if there is only StoreCreated. The other two
  /// are what campaigns that were deleted long ago have left behind.
  explicit Model(Sequence last = Sequence(0), CampaignNumber next_campaign = CampaignNumber(1),
                 Serial next_serial = Serial(1))
      : first_campaign_(next_campaign),
        first_serial_(next_serial),
        next_serial_(next_serial),
        last_(last) {}

  /// Applies `command`, the next in the order of the log, decided at `time`, and returns its
  /// expected outcome; `key` is what it was allowed with. The caller ensures that time does not go
  /// back but with ResetClock, by comparing it with last_event_time.
  ModelOutcome Judge(const Command& command, Timestamp time, KeyId key = kNoKey);

  /// Adds the event of a store that was put back to what the model knows, and goes on with other
  /// serials, from `first` on.
  void PutBack(Serial first, Timestamp time);

  /// Adds the event with which an operator puts time back to `time`; nothing else changes.
  void ResetClock(Timestamp time) {
    last_ = last_.Next();
    last_event_time_ = time;
  }

  /// Returns all campaigns that ever existed.
  [[nodiscard]] const std::map<CampaignNumber, ModelCampaign>& campaigns() const {
    return campaigns_;
  }
  /// Returns every request that was ever carried out, by the digest of its id.
  [[nodiscard]] const std::map<Claim, ModelRequest>& requests() const { return requests_; }
  /// Returns what no coupon ever gets, because the store was put back.
  [[nodiscard]] const std::vector<ModelGivenUp>& given_up() const { return given_up_; }
  /// Returns the coupon with that serial, if its campaign is live, or null.
  [[nodiscard]] const ModelCoupon* FindCoupon(Serial serial) const;
  /// Returns a live campaign, or null.
  [[nodiscard]] const ModelCampaign* Find(const CampaignId& id) const;
  [[nodiscard]] std::size_t live_campaigns() const { return number_by_name_.size(); }
  /// Returns the sequence of the last event.
  [[nodiscard]] Sequence last_sequence() const { return last_; }
  [[nodiscard]] Timestamp last_event_time() const { return last_event_time_; }
  [[nodiscard]] CampaignNumber next_campaign_number() const;
  [[nodiscard]] Serial next_serial() const { return next_serial_; }
  /// Return the same as of sequence `at`.
  [[nodiscard]] std::pair<CampaignNumber, Serial> NextNumbersAt(Sequence at) const;

 private:
  ModelOutcome JudgeCommand(const CreateCampaign& command, Timestamp time);
  ModelOutcome JudgeCommand(const IssueCoupon& command, Timestamp time);
  ModelOutcome JudgeCommand(const DeleteCampaign& command, Timestamp time);
  ModelOutcome JudgeCommand(const UpdateCampaign& command, Timestamp time);
  ModelOutcome JudgeCommand(const SetPaused& command, Timestamp time);
  ModelOutcome JudgeCommand(const SetArchived& command, Timestamp time);
  ModelOutcome JudgeCommand(const RedeemCoupon& command, Timestamp time);
  ModelOutcome JudgeCommand(const CancelRedemption& command, Timestamp time);
  ModelOutcome JudgeCommand(const VoidCoupon& command, Timestamp time);
  ModelOutcome JudgeCommand(const BatchIssueCoupons& command, Timestamp time);
  ModelOutcome JudgeCommand(const EraseUser& command, Timestamp time);
  ModelOutcome JudgeCommand(const FinishErasure& command, Timestamp time);

  /// Issues a coupon to a caller who may have it.
  ModelOutcome Issue(ModelCampaign& campaign, const IssueCoupon& command, Timestamp time);
  /// Returns the reason to refuse a batch as a whole, or nullopt.
  [[nodiscard]] std::optional<ModelOutcome> RefuseBatch(const BatchIssueCoupons& command,
                                                        Timestamp time) const;
  /// Returns what a caller of whom this coupon is known is told.
  [[nodiscard]] ModelOutcome Known(ModelOutcome::Kind kind, const ModelCampaign& campaign,
                                   std::size_t ordinal, Timestamp time) const;
  /// Takes note that a request was carried out by the last event.
  void Remember(const std::optional<RequestKey>& request);
  /// A coupon and its live campaign.
  struct Found {
    ModelCampaign* campaign = nullptr;  ///< null: there is no such coupon
    ModelCoupon* coupon = nullptr;
  };
  [[nodiscard]] Found FindForChange(Serial serial);
  /// Returns what a request that was carried out before is answered, or nullopt for a new one.
  [[nodiscard]] std::optional<ModelOutcome> AnswerRepeated(
      const std::optional<RequestKey>& request) const;
  /// Carries out what becomes of a coupon; `counted` says by how much the counts change.
  ModelOutcome Become(const Found& found, CouponStatus status, const ModelCounts& counted,
                      const std::optional<RequestKey>& request, Timestamp time, Event event);

  /// Returns the first reason to refuse an update; `campaign` is null if there is none.
  [[nodiscard]] std::optional<RefusalReason> ReasonToRefuse(const UpdateCampaign& command,
                                                            const ModelCampaign* campaign,
                                                            Timestamp time) const;
  [[nodiscard]] ModelCampaign* FindForChange(const CampaignId& id);
  /// Reports whether a live campaign other than `than` has one of the names.
  [[nodiscard]] bool IsTaken(const std::optional<std::string>& name,
                             const std::optional<std::string>& name_as_sent,
                             std::optional<CampaignNumber> than = {}) const;
  [[nodiscard]] bool HasSerials(std::uint64_t count) const;
  [[nodiscard]] ModelOutcome Refused(const Refusal& refusal) const;
  [[nodiscard]] ModelOutcome Refused(RefusalReason reason, Timestamp at = {}) const {
    return Refused({.reason = reason, .at = at});
  }
  [[nodiscard]] ModelOutcome Unchanged(CampaignNumber campaign) const;
  [[nodiscard]] ModelOutcome Validated() const;
  [[nodiscard]] ModelOutcome Happened(ModelOutcome::Kind kind, CampaignNumber campaign,
                                      Timestamp time, Event event);

  std::map<CampaignNumber, ModelCampaign> campaigns_;
  std::map<Serial, std::pair<CampaignNumber, std::size_t>> coupon_of_serial_;
  std::map<Claim, ModelRequest> requests_;
  // Live campaigns only.
  std::map<std::string, CampaignNumber> number_by_name_;
  std::map<CampaignId, CampaignNumber> number_by_id_;
  std::vector<ModelGivenUp> given_up_;
  std::map<Sequence, Serial> put_back_;  // by the events: the first of the new serials
  CampaignNumber first_campaign_;
  Serial first_serial_;
  Serial next_serial_;
  Sequence last_;
  Timestamp last_event_time_;
  KeyId key_;  // of the command that is being judged
};

/// Reports whether two outcomes of the same command, decided at different times, are the same for
/// the log and for the caller. A coupon that was issued has the time of the decision anyway.
[[nodiscard]] bool IsSameButForTheTime(ModelOutcome one, ModelOutcome other);

/// Describes how a reply, decided at `time`, differs from the expected outcome; nullopt if it does
/// not differ. Unavailable always differs.
[[nodiscard]] std::optional<std::string> Difference(const ModelOutcome& expected, Timestamp time,
                                                    const Reply& reply);
/// Returns a text for messages: "issued campaign 3 serial 17, sequence 40".
[[nodiscard]] std::string Describe(const ModelOutcome& outcome);
[[nodiscard]] std::string Describe(const Reply& reply);
/// Returns the name of the reason, such as "sold_out".
[[nodiscard]] std::string Describe(RefusalReason reason);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_MODEL_H_
