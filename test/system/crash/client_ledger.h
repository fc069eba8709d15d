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
#include "system/crash/fault_log.h"
#include "system/crash/server_state.h"

namespace coupond::test {

/// What all clients together asked for, what they were told, and of what they do not know the
/// outcome. It holds every answer, and after a restart the whole server, against that.
///
/// A campaign is known by its name, which no two share. Whoever asks says so before (Begin…) and
/// tells the outcome after; without an outcome it is unknown. What was shown once counts as much as
/// what was acknowledged. Any thread, except that Check needs everybody else to be quiet.
class ClientLedger {
 public:
  explicit ClientLedger(FaultLog& faults) : faults_(faults) {}

  struct Terms {
    std::string name;
    std::int64_t total_coupons = 0;
    Timestamp start_time;
  };
  void BeginCreate(const Terms& terms);
  void Created(const std::string& campaign, const std::string& id);
  void NotCreated(const std::string& campaign);

  /// False: somebody else deletes it already, or it is not there; ask for nothing.
  [[nodiscard]] bool BeginDelete(const std::string& campaign);
  void Deleted(const std::string& campaign);
  void NothingToDelete(const std::string& campaign);

  /// A request for a coupon that is on its way.
  struct Attempt {
    std::string campaign;
    std::string claim;            ///< "user …" or "request …"; empty: anonymous
    bool after_deletion = false;  ///< the campaign's deletion had been acknowledged before
  };
  [[nodiscard]] Attempt BeginIssue(const std::string& campaign, const std::string& claim);
  struct Grant {
    ShownCoupon coupon;
    bool already_issued = false;
  };
  void Granted(const Attempt& attempt, const Grant& grant, Timestamp heard_at);
  void SoldOut(const Attempt& attempt);
  void NotStarted(const Attempt& attempt);
  void NoSuchCampaign(const Attempt& attempt);
  void OutcomeUnknown(const Attempt& attempt);

  /// A look at one campaign that is on its way.
  struct Look {
    std::string campaign;
    std::size_t coupons_known = 0;
  };
  [[nodiscard]] Look BeginLook(const std::string& campaign) const;
  /// All coupons of the campaign.
  void SawAll(const Look& look, const ShownCampaign& shown);
  /// Some of its coupons.
  void SawSome(const Look& look, const std::vector<ShownCoupon>& coupons);
  void SawNothing(const Look& look);

  /// A listing of all campaigns that is on its way: when it began.
  using Moment = std::uint64_t;
  [[nodiscard]] Moment BeginListing() const;
  void SawCampaigns(Moment began, const std::vector<std::string>& names);

  /// Holds everything that a restarted server shows against everything that is known, and settles
  /// what was unknown of creations, deletions and anonymous coupons.
  void Check(const ServerState& state);

  enum class Life {
    kCreating,  ///< asked for; unknown
    kLive,      ///< acknowledged or shown
    kDeleting,  ///< its deletion was asked for; unknown
    kGone,      ///< deleted, or never created
  };
  struct Campaign {
    Life life = Life::kGone;
    std::string id;
  };
  /// kGone also if nobody ever asked for it.
  [[nodiscard]] Campaign Find(const std::string& campaign) const;

  struct Totals {
    std::uint64_t acknowledged_issues = 0;  ///< coupons that somebody was told of
    std::uint64_t acknowledged_creates = 0;
    std::uint64_t acknowledged_deletes = 0;
    std::uint64_t unknown_outcomes = 0;
    std::uint64_t retries_resolved = 0;
    std::uint64_t coupons_checked = 0;
  };
  [[nodiscard]] Totals totals() const;

 private:
  struct KnownCoupon {
    Timestamp issued_at;
    std::string user_id;
    std::string owner;  ///< the request that it was given to; empty: shown, but to nobody's request
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
    std::unordered_map<std::string, std::size_t> times_asked;  ///< by claim
    std::size_t anonymous_unknown = 0;                         ///< ever
    bool sold_out_said = false;
  };

  // All of these need mutex_.
  void Add(FaultKind kind, const Record& record, const std::string& what);
  void Own(Record& record, const Attempt& attempt, const Grant& grant);
  /// Notes a coupon that was shown; what does not fit with what is known is a fault.
  KnownCoupon& Note(Record& record, const ShownCoupon& coupon);
  void CheckCount(Record& record, const ShownCampaign& shown);
  void CheckCoupons(Record& record, const ShownCampaign& shown, std::size_t known);
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
  Totals totals_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_CLIENT_LEDGER_H_
