#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_MODEL_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_MODEL_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coupon_audit/model/erasures.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/model_campaign.h"
#include "engine/codes/claim_digest.h"
#include "engine/rules/coupon.h"
#include "engine/rules/digest_map.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace coupond::audit {

/// The rules, implemented a second time: judges whether each event of a log may happen.
///
/// Written from the text (docs/ARCHITECTURE.md, and what event.h, refusal.h and the messages in
/// commit_group.proto promise), and deliberately without the code that made the log: it shares with
/// the engine only the names of things, the shape of events and the digests of a user_id and of a
/// request_id. So it finds what a bug in Decide, Apply or the ledger lets through. One thread.
///
/// It cannot judge whether an update sets a description or metadata to what it already is, because
/// the ledger does not know them; nor the digests of a request, beside which the log has no text
/// (but for a redemption's request_id); nor whether the user who redeemed a coupon named its
/// holder; nor whether the serials of a restored store were given out after the backup.
///
/// Memory: beside the campaigns, their claims and their users, at most 8 bytes for each coupon of a
/// campaign in which coupons are redeemed or voided, as many of one that limits users to more than
/// one, 16 for each group of coupons that expire so long after they were issued and for each time
/// that a campaign sold out, 32 to 64 for each request, and some 40 for each coupon whose user was
/// erased.
class LogModel {
 public:
  static constexpr std::uint64_t kLiveCampaignsMax = 1'000'000;

  LogModel() = default;
  /// Sets another limit of live campaigns.
  explicit LogModel(std::uint64_t live_campaigns_max) : live_campaigns_max_(live_campaigns_max) {}
  /// `erasures`: those of the whole log. An event that they lack is added when it comes.
  explicit LogModel(Erasures erasures) : erasures_(std::move(erasures)) {}

  /// Takes the next event, or returns what is wrong with it and stays as it was. The caller must
  /// stop at the first finding.
  [[nodiscard]] Audited<void> Take(const Event& event, const Moment& moment);
  /// Returns what is wrong if the log ends here.
  [[nodiscard]] Audited<void> Finish() const;

  /// Returns all campaigns ever created, in order: campaign number n is at n - 1.
  [[nodiscard]] const std::vector<ModelCampaign>& campaigns() const { return campaigns_; }
  /// Returns nullptr if there never was such a campaign.
  [[nodiscard]] const ModelCampaign* Find(CampaignNumber number) const;
  [[nodiscard]] std::uint64_t live_campaigns() const { return live_; }
  /// Returns how many coupons were ever issued, including those of deleted campaigns.
  [[nodiscard]] std::uint64_t issued_coupons() const { return issued_; }
  /// Returns the number that the next campaign gets.
  [[nodiscard]] CampaignNumber next_campaign_number() const {
    return CampaignNumber(campaigns_.size() + 1);
  }
  /// Returns the first serial that is not reserved.
  [[nodiscard]] Serial next_serial() const { return next_serial_; }
  /// The requests with a key that were carried out, by its digest.
  using Requests = boost::unordered_flat_map<Claim, CarriedOut, std::hash<Claim>>;
  [[nodiscard]] const Requests& requests() const { return requests_; }
  /// Records that no coupon of a campaign was left, from the event `sequence` on.
  struct SoldOut {
    Sequence sequence;
    CampaignNumber campaign;
  };
  /// Returns each time that a campaign sold out, also of deleted ones, in order.
  [[nodiscard]] const std::vector<SoldOut>& sold_outs() const { return sold_outs_; }
  /// Returns those that were given, and those that came since.
  [[nodiscard]] const Erasures& erasures() const { return erasures_; }
  /// Reports whether the text of the coupon's user may be missing in the log. Never of a coupon
  /// that has no user.
  [[nodiscard]] bool MayLackText(Serial coupon) const {
    return erasures_.Find(coupon).has_value() || lost_texts_.contains(coupon);
  }
  /// Returns the erasures that came and are not finished yet, by their sequences.
  using UnfinishedErasures = std::map<Sequence, UserErased>;
  [[nodiscard]] const UnfinishedErasures& unfinished_erasures() const {
    return unfinished_erasures_;
  }
  /// Reports whether there was a ClockReset.
  [[nodiscard]] bool clock_was_reset() const { return clock_was_reset_; }
  /// Returns nullopt before the first event.
  [[nodiscard]] const std::optional<StoreCreated>& store() const { return store_; }

 private:
  /// Judges one kind of event. log_model.cc, campaign_rules.cc, issue_rules.cc, coupon_rules.cc and
  /// erasure_rules.cc define it for each kind.
  template <typename Kind>
  [[nodiscard]] Audited<void> On(const Kind& event, const Moment& moment);

  /// Checks that time does not go back, but where a ClockReset says so.
  [[nodiscard]] Audited<void> CheckTime(const Event& event, const Moment& moment) const;
  /// Checks that the next event is a coupon of the batch that is not complete, if there is one.
  [[nodiscard]] Audited<void> CheckContinuesBatch(const Event& event, const Moment& moment) const;
  /// Notes that the campaign has no coupon left.
  void NoteSoldOut(ModelCampaign& campaign, const Moment& moment);
  /// Returns the campaign that an event is about; it may have been deleted.
  [[nodiscard]] Audited<ModelCampaign*> FindCreated(CampaignNumber number, const Place& place);
  /// Returns the live campaign that an event is about.
  [[nodiscard]] Audited<ModelCampaign*> FindLive(CampaignNumber number, const Place& place);
  /// Returns the same if it may be changed.
  [[nodiscard]] Audited<ModelCampaign*> FindChangeable(CampaignNumber number, const Place& place);
  [[nodiscard]] Audited<void> CheckNameIsFree(const std::string& name, const Place& place) const;
  /// Checks an update's new terms against the campaign as it is.
  [[nodiscard]] Audited<void> CheckChanges(const ModelCampaign& campaign,
                                           const TermChanges& changes, const Moment& moment,
                                           const Place& place) const;
  /// Checks that an event adds `lacking` serials, after the end of all others.
  [[nodiscard]] Audited<void> CheckAdded(const std::optional<SerialRange>& added,
                                         std::uint64_t lacking, const Place& place) const;
  /// Reserves them.
  void Add(ModelCampaign& campaign, const std::optional<SerialRange>& added);

  /// Checks that the user_id is there if there is a holder, or that it was erased, and that the
  /// holder is its digest.
  [[nodiscard]] Audited<void> CheckUser(const ModelCampaign& campaign, const CouponIssued& event,
                                        const Moment& moment);
  /// Checks that a text which is not there may be missing.
  [[nodiscard]] Audited<void> CheckTextMayBeMissing(Serial coupon, const Moment& moment,
                                                    const Place& place) const;
  /// Notes what is known of the user's text of a coupon that was just issued.
  void NoteText(const CouponIssued& event);
  /// Returns the ordinal of the issued coupon that an event is about.
  [[nodiscard]] Audited<std::uint64_t> FindIssued(const ModelCampaign& campaign, Serial serial,
                                                  const Place& place) const;
  /// Checks that a redemption has the request key of its request_id. Others show no request_id.
  [[nodiscard]] Audited<void> CheckRequestKey(const CouponRedeemed& event, const Place& place);
  /// Checks that a request was not carried out before.
  [[nodiscard]] Audited<void> CheckIsNew(const std::optional<RequestKey>& request,
                                         const Place& place) const;
  void Remember(const std::optional<RequestKey>& request, const Moment& moment);

  std::uint64_t live_campaigns_max_ = kLiveCampaignsMax;
  std::optional<StoreCreated> store_;
  std::optional<ClaimDigest> digest_;  // once the key is known
  std::vector<ModelCampaign> campaigns_;
  boost::unordered_flat_set<CampaignId, std::hash<CampaignId>> ids_;  // ever used
  boost::unordered_flat_map<std::string, CampaignNumber> live_names_;
  /// A batch whose coupons have not all come yet.
  struct OpenBatch {
    Moment since;  ///< of the event that announced them
    CampaignNumber campaign;
    std::uint32_t coupons = 0;
    std::uint32_t coupons_due = 0;  ///< at least 1
  };
  std::optional<OpenBatch> batch_;
  std::vector<SoldOut> sold_outs_;
  Erasures erasures_;
  UnfinishedErasures unfinished_erasures_;
  // Coupons whose erasure is in no part of the log that is left.
  boost::unordered_flat_set<Serial, std::hash<Serial>> lost_texts_;
  // Erased coupons that were issued without a user: none in a sound log.
  boost::unordered_flat_set<Serial, std::hash<Serial>> erased_without_user_;
  Requests requests_;  // of deleted campaigns too: no request is ever carried out again
  Serial next_serial_{1};
  std::uint64_t live_ = 0;
  std::uint64_t issued_ = 0;
  Moment last_;               // of the last event
  bool after_reset_ = false;  // the last event was a ClockReset
  bool clock_was_reset_ = false;
};

#define COUPOND_DECLARE(Kind, name) \
  template <>                       \
  Audited<void> LogModel::On(const Kind& event, const Moment& moment);
COUPOND_FOR_EACH_EVENT_KIND(COUPOND_DECLARE)
#undef COUPOND_DECLARE

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_MODEL_H_
