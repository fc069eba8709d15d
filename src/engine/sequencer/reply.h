#ifndef COUPOND_ENGINE_SEQUENCER_REPLY_H_
#define COUPOND_ENGINE_SEQUENCER_REPLY_H_

#include <cstdint>
#include <span>
#include <variant>

#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// The command was carried out, or everything already was as it said.
struct Done {
  /// The start of a campaign that was created.
  Timestamp start_time = {};
  /// False if nothing had to change. True also if something would have changed, but the command
  /// asked for the decision alone.
  bool changed = true;
  /// The same request had been carried out before; the reply's sequence is that of its event.
  bool repeated = false;
};

/// Everything that an answer says about a coupon of the caller's, so that it needs no look-up in
/// the views.
struct GrantedCoupon {
  CampaignNumber campaign;
  Serial serial;
  Timestamp issued_at;
  Timestamp expire_time = kNever;
  CouponState state = CouponState::kIssued;
  /// The claim had this coupon already.
  bool already_issued = false;
  /// Only with already_issued: it was found by the claim as it was sent, so the coupon's user_id is
  /// the text as it was sent, not its normal form.
  bool found_as_sent = false;
  /// The command was refused, because its user has as many coupons as the campaign allows. This is
  /// the last of them.
  bool limit_reached = false;
};

/// The command was not carried out, or its outcome is unknown.
struct Unavailable {
  /// The write failed with an uncertain outcome: what the command asked for may have happened.
  bool outcome_unknown = false;
};

/// The outcome of a command. It may be passed on at once: all that it rests on is on disk.
struct Reply {
  using Outcome = std::variant<Done, GrantedCoupon, Refusal, Unavailable>;

  Timestamp time;  ///< when the command was decided
  /// The command's event, which may be older than the command if it was repeated; without one, the
  /// last event before it.
  Sequence sequence;
  Outcome outcome;
};

/// A reply with the ticket that its command was submitted with.
struct TicketedReply {
  std::uint64_t ticket = 0;
  Reply reply;
};

/// Where the replies to one submitter's commands go, all those of a commit group at once.
class ReplyChannel {
 public:
  virtual ~ReplyChannel() = default;
  /// Called on the sequencer's thread; must neither block nor throw. The span is valid only during
  /// the call.
  virtual void Deliver(std::span<const TicketedReply> replies) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_REPLY_H_
