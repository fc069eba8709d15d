#ifndef COUPOND_TEST_SYSTEM_CRASH_CLIENT_LEDGER_H_
#define COUPOND_TEST_SYSTEM_CRASH_CLIENT_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/rules/timestamp.h"
#include "system/crash/campaign_request.h"
#include "system/crash/coupon_lives.h"
#include "system/crash/fault_log.h"
#include "system/crash/server_state.h"

namespace coupond::test {

/// Records what all clients requested, the answers, and the requests of unknown outcome. Compares
/// every answer with that and, after a restart, everything that the server has.
///
/// A campaign is identified by its name, which is unique. A client calls Begin… before a request
/// and reports the outcome afterwards; until then it is unknown. What was shown once counts as much
/// as what was acknowledged. Any thread; during Check no other thread may use the ledger.
class ClientLedger {
 public:
  explicit ClientLedger(FaultLog& faults) : faults_(faults) {}

  struct Terms {
    std::string name;
    std::int64_t total_coupons = 0;
    Timestamp start_time;
    Timestamp end_time = kNever;
    std::int32_t coupons_per_user = 1;
  };
  void BeginCreate(const Terms& terms);
  void Created(const std::string& campaign, const std::string& id);
  void NotCreated(const std::string& campaign);

  /// Returns false if another client is deleting it or it does not exist; then do not ask.
  [[nodiscard]] bool BeginDelete(const std::string& campaign);
  void Deleted(const std::string& campaign);
  void NothingToDelete(const std::string& campaign);

  /// What keeps a campaign from issuing coupons until it is undone, as far as clients know.
  struct Obstacle {
    bool exists = false;        ///< as acknowledged, or as shown after a restart
    bool may_exist = false;     ///< also if the request for it is in flight
    std::uint64_t changes = 0;  ///< requests and what became of them
  };

  /// A request for a coupon in flight.
  struct Attempt {
    std::string campaign;
    std::string claim;            ///< "user …", "request …" or "batch …"; empty: anonymous
    std::string user_id;          ///< empty: of no user
    bool had_coupon = false;      ///< the claim, as far as was known when it began
    bool after_deletion = false;  ///< begun after the campaign's deletion was acknowledged
    Obstacle pause;               ///< when it began; exists only if it surely did
    Obstacle archive;             ///< the same
  };
  [[nodiscard]] Attempt BeginIssue(const std::string& campaign, const std::string& claim,
                                   const std::string& user_id = {});
  struct Grant {
    ShownCoupon coupon;
    bool already_issued = false;
    /// It may be the answer to an earlier request even if it does not say so.
    bool may_be_repeated = false;
  };
  void Granted(const Attempt& attempt, const Grant& grant, Timestamp heard_at);
  /// `last` is shown as the user's last coupon.
  void LimitReached(const Attempt& attempt, const ShownCoupon& last);
  void SoldOut(const Attempt& attempt);
  /// A batch was refused as a whole. Its own requests, whose claims are not users, got nothing.
  void BatchRefused(const std::vector<Attempt>& attempts, bool as_sold_out);
  void NotStarted(const Attempt& attempt);
  void Paused(const Attempt& attempt);
  /// Only archiving ends a campaign during a run.
  void Ended(const Attempt& attempt);
  void NoSuchCampaign(const Attempt& attempt);
  void OutcomeUnknown(const Attempt& attempt);

  /// Returns a request about one of the campaign's coupons, of that kind or near it; nullopt if the
  /// campaign is not live or has none, or if another request about the same one is in flight.
  [[nodiscard]] std::optional<CouponRequest> BeginCouponRequest(CouponRequestKind kind,
                                                                const std::string& campaign,
                                                                const std::string& request_id,
                                                                std::uint32_t draw);
  void Heard(const CouponRequest& request, const CouponReply& reply);
  /// Makes the request one to repeat until it is answered.
  void OutcomeUnknown(CouponRequest& request);

  /// Returns a request to change the campaign; nullopt if it is not live, is so already, or if
  /// another change of it is in flight.
  [[nodiscard]] std::optional<CampaignRequest> BeginCampaignRequest(CampaignRequestKind kind,
                                                                    const std::string& campaign,
                                                                    const std::string& request_id,
                                                                    std::uint32_t draw);
  void Heard(const CampaignRequest& request, CampaignReply reply);
  /// Makes the request one to repeat until it is answered.
  void OutcomeUnknown(CampaignRequest& request);

  /// Reports whether a user may be erased now: once after each restart, and not when the log is
  /// long.
  [[nodiscard]] bool TakeErasure();
  /// Begins to erase a user who has one coupon, that of the claim, and gets no other; returns false
  /// if the coupon is not known to be there.
  [[nodiscard]] bool BeginErasure(const std::string& user_id, const std::string& campaign,
                                  const std::string& claim);
  struct Erasure {
    std::int64_t erased_coupons = 0;
    bool is_retry = false;  ///< the outcome of the same request before is unknown
  };
  void Erased(const std::string& user_id, const Erasure& told);
  void ErasureUnknown();
  /// Checks a search for a user who is erased.
  void SawCouponsOfErased(const std::string& user_id, std::size_t coupons);
  /// Returns all who are known to be erased.
  [[nodiscard]] std::vector<std::string> ErasedUsers() const;

  /// A query for one campaign in flight.
  struct Look {
    std::string campaign;
    std::size_t coupons_known = 0;
  };
  [[nodiscard]] Look BeginLook(const std::string& campaign) const;
  /// Checks an answer with all coupons of the campaign.
  void SawAll(const Look& look, const ShownCampaign& shown);
  /// Checks an answer with some of its coupons.
  void SawSome(const Look& look, const std::vector<ShownCoupon>& coupons);
  void SawNothing(const Look& look);

  /// The time at which a listing of all campaigns began, on the ledger's own clock.
  using Moment = std::uint64_t;
  [[nodiscard]] Moment BeginListing() const;
  void SawCampaigns(Moment began, const std::vector<std::string>& names);

  /// Compares everything that a restarted server has with everything that is known, and settles
  /// the unknown outcomes of creations, deletions and anonymous requests.
  void Check(const ServerState& state);

  enum class Life {
    kCreating,  ///< requested; outcome unknown
    kLive,      ///< acknowledged or shown
    kDeleting,  ///< deletion requested; outcome unknown
    kGone,      ///< deleted, or never created
  };
  struct Campaign {
    Life life = Life::kGone;
    std::string id;
    std::int32_t coupons_per_user = 1;
    bool must_be_resumed = false;     ///< it is paused, and nobody is about to resume it
    bool must_be_unarchived = false;  ///< the same of an archived one; comes first
  };
  /// Returns the campaign; kGone also if it was never requested.
  [[nodiscard]] Campaign Find(const std::string& campaign) const;

  struct Totals {
    std::uint64_t acknowledged_issues = 0;  ///< coupons that clients received
    std::uint64_t acknowledged_creates = 0;
    std::uint64_t acknowledged_deletes = 0;
    std::uint64_t acknowledged_redemptions = 0;
    std::uint64_t acknowledged_cancels = 0;
    std::uint64_t acknowledged_voids = 0;
    std::uint64_t acknowledged_erasures = 0;
    std::uint64_t acknowledged_updates = 0;
    std::uint64_t acknowledged_pauses = 0;      ///< and resumptions
    std::uint64_t acknowledged_archivings = 0;  ///< and their undoing
    std::uint64_t unknown_outcomes = 0;
    std::uint64_t retries_resolved = 0;
    std::uint64_t coupons_checked = 0;
  };
  [[nodiscard]] Totals totals() const;

 private:
  struct KnownCoupon {
    Timestamp issued_at;
    std::string user_id;
    std::string owner;  ///< the request that received it; empty if it was only shown
  };
  struct Record {
    Terms terms;
    Life life = Life::kCreating;
    std::string id;
    Moment acknowledged_at = 0;                            ///< the creation
    Moment gone_at = 0;                                    ///< the deletion
    std::unordered_map<std::string, KnownCoupon> coupons;  ///< by code
    std::vector<std::string> codes;  ///< the same, in the order in which they became known
    std::size_t owned = 0;           ///< coupons that have an owner
    std::map<std::string, std::string> code_by_claim;
    std::set<std::string> unknown_claims;
    std::set<std::string> users_at_the_limit;                  ///< as far as they were told
    std::unordered_map<std::string, std::size_t> times_asked;  ///< by claim
    std::size_t anonymous_unknown = 0;                         ///< in total
    std::set<std::int64_t> totals;                             ///< all that it may have had
    std::set<Timestamp> ends;                                  ///< the same
    std::int64_t sold_out_with = 0;  ///< at least so many had been issued when that was said
    std::optional<CampaignRequest> pending;
    Obstacle pause;
    Obstacle archive;
    CouponLives lives;
  };

  // Call these with mutex_ locked.
  void Add(FaultKind kind, const Record& record, const std::string& what);
  void Own(Record& record, const Attempt& attempt, const Grant& grant);
  /// Records a coupon that was shown; a contradiction to what is known is a fault.
  KnownCoupon& Note(Record& record, const ShownCoupon& coupon);
  void CheckCount(Record& record, const ShownCampaign& shown);
  void CheckCoupons(Record& record, const ShownCampaign& shown, std::size_t known);
  void HeardOfTotal(Record& record, const CampaignRequest& request, CampaignReply reply);
  void HeardOfEnd(Record& record, const CampaignRequest& request, CampaignReply reply);
  /// Returns what a request other than for new terms makes or removes.
  static Obstacle& ObstacleOf(Record& record, CampaignRequestKind kind);
  /// Checks that a request was rightly refused because of an obstacle, called `refusal`.
  void RefusedFor(const Attempt& attempt, const Obstacle& then, const Obstacle& now, Record& record,
                  const std::string& refusal);
  /// Checks what can change of a campaign, after a restart.
  void CheckTerms(Record& record, const ShownCampaign& shown);
  void CheckObstacle(Record& record, bool is_shown, CampaignRequestKind begins,
                     CampaignRequestKind ends);
  void CheckErasures(const Record& record, const ShownCampaign& shown);
  void CheckLives(Record& record, const ShownCampaign& shown);
  void CheckUsers(const Record& record, const ShownCampaign& shown, bool all_are_shown);
  void CheckUnowned(const Record& record);
  void SettleLife(Record& record, const ShownCampaign* shown);
  void MakeLive(Record& record, const std::string& id);
  void MakeGone(Record& record);
  void ResolveClaim(Record& record, const std::string& claim);

  FaultLog& faults_;
  mutable std::mutex mutex_;
  Moment now_ = 1;
  std::map<std::string, Record> records_;                          // by name
  std::set<std::string> not_gone_;                                 // names
  std::unordered_map<std::string, std::string> campaign_by_code_;  // of all coupons ever
  std::uint64_t anonymous_requests_ = 0;
  struct ErasedUser {
    std::string campaign;
    bool is_known = false;  ///< acknowledged, or seen after a restart
  };
  std::map<std::string, ErasedUser> erasures_;  // by user_id
  bool erasure_was_taken_ = false;              // since the last restart
  Totals totals_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_CLIENT_LEDGER_H_
