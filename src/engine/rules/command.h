#ifndef COUPOND_ENGINE_RULES_COMMAND_H_
#define COUPOND_ENGINE_RULES_COMMAND_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// Requests to change something; each may be refused. Random ids are drawn before
/// and travel in the command, so that deciding is repeatable.
///
/// Names and ids come in their normal form (base/normal_text.h), which is what is stored. A store
/// may also hold other forms from before texts were normalised, so a command has the text as it was
/// sent beside it when the two differ: it is looked up after the normal form, and never stored.
namespace coupond {

/// When a campaign starts: at a moment, or so long after the moment at which the command is
/// decided, so that the clock of the caller does not matter.
using StartTime = std::variant<Timestamp, std::chrono::nanoseconds>;

struct CreateCampaign {
  CampaignId id;
  std::string name;  ///< UTF-8
  std::int64_t total_coupons = 0;
  std::optional<StartTime> start_time;
  std::optional<std::string> name_as_sent = {};
  Timestamp end_time = kNever;
  std::string description = {};              ///< UTF-8
  std::vector<MetadataEntry> metadata = {};  ///< by key; each key once
  std::uint32_t coupons_per_user = 1;        ///< these are as in CampaignTerms
  bool user_required = false;
  Timestamp redeem_start_time = kAlways;
  Timestamp expire_time = kNever;
  std::chrono::nanoseconds valid_duration = kUnlimited;
  bool redeem_by_holder_only = false;
  std::optional<RequestKey> request = {};
  bool validate_only = false;  ///< decides, and changes nothing
};

/// Gives terms of a campaign new values. A term that already has its value does not change.
struct UpdateCampaign {
  CampaignId campaign_id;
  TermChanges changes = {};
  std::optional<std::string> name_as_sent = {};  ///< of changes.name
  /// If given, the campaign must have this revision.
  std::optional<Sequence> if_revision = {};
  std::optional<RequestKey> request = {};
  bool validate_only = false;  ///< decides, and changes nothing
};

/// Pauses or resumes what is named. An activity that is already in that state does not change.
struct SetPaused {
  CampaignId campaign_id;
  Activities activities;
  bool paused = true;
  std::string reason = {};  ///< UTF-8; for people to see
};

struct SetArchived {
  CampaignId campaign_id;
  bool archived = true;
};

/// Asking again with the same claim gives the same coupon. A campaign whose users may have one
/// coupon each takes the holder for the claim, and otherwise the request key; without one the
/// coupon is anonymous.
struct IssueCoupon {
  CampaignId campaign_id;
  std::optional<Claim> holder = {};       ///< of the user_id
  std::optional<Claim> request_key = {};  ///< of the request_id and, if there is one, the user_id
  /// Kept with the coupon for people to see; may be empty. Recognition goes by the digests alone.
  std::string user_id = {};
  std::optional<Claim> holder_as_sent = {};
  std::optional<Claim> request_key_as_sent = {};
};

struct BatchResults;  // decide.h

/// Issues many coupons in one decision: all that are asked for or, with allow_partial, as many as
/// the rules allow, the first ones first. Either `users` or `anonymous` is given. A user who is
/// named twice asks twice.
struct BatchIssueCoupons {
  CampaignId campaign_id;
  /// One request for each user, as if it came alone: all of them of this campaign, with a holder.
  /// The request keys are made from the batch's request_id; without one there are none.
  std::vector<IssueCoupon> users = {};
  std::uint32_t anonymous = 0;  ///< the number of coupons without a user
  bool allow_partial = false;
  std::optional<RequestKey> request = {};
  /// Receives what came of each, when the batch is decided and before its reply is given; may be
  /// null. Of a batch that was carried out before, it receives the coupon that each user has now,
  /// or why the user can have none; neither, if the user has none and could have one.
  std::shared_ptr<BatchResults> results = {};
};

/// At least one of id and name is given; if both are, they must mean the same campaign.
struct DeleteCampaign {
  std::optional<CampaignId> campaign_id;
  std::optional<std::string> name;
  std::optional<std::string> name_as_sent = {};
};

/// The serial of a code that no coupon has.
inline constexpr Serial kNoSerial{};

/// Redeems a coupon. Its texts are UTF-8, for people to see.
struct RedeemCoupon {
  Serial serial = kNoSerial;
  /// If given, the coupon must belong to this campaign.
  std::optional<CampaignId> campaign_id = {};
  std::string order_ref = {};
  std::string redeemed_by = {};
  std::string request_id = {};  ///< the text of `request`
  std::optional<RequestKey> request = {};
  /// The claim of the user_id in the coupon's campaign, if the caller named the user.
  std::optional<Claim> holder = {};
  std::optional<Claim> holder_as_sent = {};
  bool validate_only = false;  ///< decides, and changes nothing
};

/// Undoes one redemption of a coupon, which is named so that a late repetition cannot undo the
/// next: by its event, or by the digest of the request_id that led to it.
struct CancelRedemption {
  Serial serial = kNoSerial;
  /// If given, the coupon must belong to this campaign.
  std::optional<CampaignId> campaign_id = {};
  std::variant<Sequence, Claim> redemption = {};
  std::string reason = {};  ///< UTF-8; for people to see
  std::optional<RequestKey> request = {};
};

/// Makes a coupon that is not redeemed invalid, permanently.
struct VoidCoupon {
  Serial serial = kNoSerial;
  /// If given, the coupon must belong to this campaign.
  std::optional<CampaignId> campaign_id = {};
  bool return_to_pool = false;  ///< its place is issued again
  bool free_claim = false;      ///< its user may get another one
  std::string reason = {};      ///< UTF-8; for people to see
  std::optional<RequestKey> request = {};
};

/// Coupons of one campaign whose users' texts are to be erased.
struct CouponsToErase {
  CampaignNumber campaign;      ///< may have been deleted
  std::vector<Serial> serials;  ///< ascending; at least one
};

/// Hides the texts of a user, all of whose coupons with texts are named. At most
/// limits::kErasedCouponsMax of them.
struct EraseUser {
  std::vector<CouponsToErase> coupons;  ///< in the order of their campaigns; each once
  bool free_claims = false;             ///< the user may get other coupons in their place
  std::optional<RequestKey> request = {};
};

/// Notes that the texts which were hidden up to `erasure` are gone from the store's files.
struct FinishErasure {
  Sequence erasure;
};

using Command = std::variant<CreateCampaign, IssueCoupon, DeleteCampaign, UpdateCampaign, SetPaused,
                             SetArchived, RedeemCoupon, CancelRedemption, VoidCoupon,
                             BatchIssueCoupons, EraseUser, FinishErasure>;

/// Returns an upper bound of the bytes that a log writes for the events of a batch.
[[nodiscard]] std::size_t EventBytesMax(const BatchIssueCoupons& batch);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_COMMAND_H_
