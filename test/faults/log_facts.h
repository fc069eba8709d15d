#ifndef COUPOND_TEST_FAULTS_LOG_FACTS_H_
#define COUPOND_TEST_FAULTS_LOG_FACTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports/event_log.h"
#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/digest_map.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace coupond::test {

/// A campaign as the log shows it.
struct LoggedCampaign {
  Campaign row;  ///< as the views must have it
  bool deleted = false;

  struct Coupon {
    Serial serial;
    std::optional<Claim> claim;
    std::optional<Claim> counts_for;  ///< the user whose limit it counts against
    std::string user_id;              ///< empty once it was erased
    Timestamp issued_at;
    CouponStatus status = {};

    friend bool operator==(const Coupon&, const Coupon&) = default;
  };
  std::vector<Coupon> coupons{};  // in the order of issue
};

struct LoggedEvent {
  Event event;
  Timestamp time;
};

/// Reads a log by rules of its own, and keeps what can be compared with the clients' knowledge.
class LogFacts {
 public:
  [[nodiscard]] Status Read(const EventLog& log);

  /// Returns nullptr if there is none.
  [[nodiscard]] const Event* At(Sequence sequence) const;
  [[nodiscard]] const std::map<Sequence, LoggedEvent>& events() const { return events_; }
  [[nodiscard]] Sequence last() const {
    return events_.empty() ? Sequence(0) : events_.rbegin()->first;
  }
  [[nodiscard]] const std::map<CampaignNumber, LoggedCampaign>& campaigns() const {
    return campaigns_;
  }
  /// Returns a campaign, perhaps deleted, as it last was; one without an id if there is none.
  [[nodiscard]] Campaign CampaignOf(CampaignNumber number) const;
  /// Reports whether a claim got this coupon. It gets one, and another each time that it is freed.
  [[nodiscard]] bool HasGot(CampaignNumber campaign, const std::optional<Claim>& claim,
                            Serial serial) const;
  /// Returns the user whom a coupon was issued to.
  [[nodiscard]] std::optional<Claim> HolderOf(Serial serial) const;
  /// Reports whether the text of the coupon's user was erased. Records may still have it.
  [[nodiscard]] bool IsErased(Serial serial) const { return erased_.contains(serial); }
  /// Returns the erasures that are not finished, by the sequences of their events.
  [[nodiscard]] const std::set<Sequence>& unfinished_erasures() const {
    return unfinished_erasures_;
  }
  /// Returns the requests that were carried out.
  [[nodiscard]] const std::map<Claim, CarriedOut>& requests() const { return requests_; }
  /// Returns what breaks a rule, one line each.
  [[nodiscard]] std::vector<std::string>& faults() { return faults_; }

 private:
  /// Returns nullptr, and notes the fault, if there is no such campaign.
  LoggedCampaign* Find(CampaignNumber number, const std::string& what);
  /// Returns an issued coupon; nullptr, and notes the fault, if there is none.
  LoggedCampaign::Coupon* FindCoupon(LoggedCampaign& campaign, Serial serial);
  /// Checks whether whoever gets a coupon may have it.
  void CheckClaims(LoggedCampaign& campaign, const CouponIssued& issued);
  void CarryOut(const std::optional<RequestKey>& request, const EventPlace& place);
  void Add(const StoreCreated& created, const EventPlace& place);
  void Add(const CampaignCreated& created, const EventPlace& place);
  void Add(const CouponIssued& issued, const EventPlace& place);
  void Add(const CampaignDeleted& deleted, const EventPlace& place);
  void Add(const CampaignUpdated& updated, const EventPlace& place);
  void Add(const CampaignPaused& paused, const EventPlace& place);
  void Add(const CampaignResumed& resumed, const EventPlace& place);
  void Add(const CampaignArchived& archived, const EventPlace& place);
  void Add(const CampaignUnarchived& unarchived, const EventPlace& place);
  void Add(const CouponRedeemed& redeemed, const EventPlace& place);
  void Add(const RedemptionCanceled& canceled, const EventPlace& place);
  void Add(const CouponVoided& voided, const EventPlace& place);
  void Add(const StoreRestored& restored, const EventPlace& place);
  void Add(const BatchIssued& batch, const EventPlace& place);
  void Add(const ClockReset& reset, const EventPlace& place);
  void Add(const UserErased& erased, const EventPlace& place);
  void Add(const ErasureFinished& finished, const EventPlace& place);
  /// Checks that the coupons of a batch follow it, in its group.
  void CheckBatch(const Event& event, Sequence sequence);

  std::map<Sequence, LoggedEvent> events_;
  std::map<CampaignNumber, LoggedCampaign> campaigns_;
  std::set<Serial> serials_;
  std::map<std::pair<CampaignNumber, Claim>, std::vector<Serial>> claims_;
  std::map<Serial, Claim> holders_;
  std::set<Serial> erased_;
  std::set<Sequence> unfinished_erasures_;
  std::map<Claim, CarriedOut> requests_;
  CampaignNumber batch_of_;
  std::uint32_t left_of_batch_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_LOG_FACTS_H_
