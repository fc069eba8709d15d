#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_MODEL_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_MODEL_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coupon_audit/model/finding.h"
#include "engine/codes/claim_digest.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace coupond::audit {

/// When and where an event happened.
struct Moment {
  GroupNumber group;
  Sequence sequence;
  Timestamp time;
};

/// A campaign as the model knows it, live or deleted.
struct ModelCampaign {
  CampaignNumber number;
  CampaignId id;
  std::string name;
  std::uint64_t total = 0;
  std::uint64_t issued = 0;
  Timestamp start;
  Timestamp created;
  Serial first_serial;
  std::optional<Moment> deleted;
  /// Which of its coupons (0 is the first) each claim got. Empty once the campaign is deleted.
  boost::unordered_flat_map<Claim, std::uint32_t, std::hash<Claim>> claims;

  [[nodiscard]] bool live() const { return !deleted.has_value(); }
};

/// The rules once more: judges each event of a log by what the documents say may happen.
///
/// Written from the text (docs/ARCHITECTURE.md, and what event.h, refusal.h and the messages in
/// commit_group.proto promise), and on purpose without the code that made the log: of the engine
/// only the names of things, the shape of events and the digest of a user_id are shared. What a bug
/// in Decide, Apply or the ledger lets through is thus found here. One thread.
class LogModel {
 public:
  static constexpr std::uint64_t kLiveCampaignsMax = 1'000'000;

  LogModel() = default;
  /// With another limit of campaigns that live at a time.
  explicit LogModel(std::uint64_t live_campaigns_max) : live_campaigns_max_(live_campaigns_max) {}

  /// Takes the next event, or says what is wrong with it and stays as it was. The caller stops at
  /// the first finding.
  [[nodiscard]] Audited<void> Take(const Event& event, const Moment& moment);

  /// All campaigns ever created, in order: campaign number n is at n - 1.
  [[nodiscard]] const std::vector<ModelCampaign>& campaigns() const { return campaigns_; }
  /// Null: there never was one.
  [[nodiscard]] const ModelCampaign* Find(CampaignNumber number) const;
  [[nodiscard]] std::uint64_t live_campaigns() const { return live_; }
  /// Over all campaigns, also deleted ones.
  [[nodiscard]] std::uint64_t issued_coupons() const { return issued_; }
  /// What the next campaign gets.
  [[nodiscard]] CampaignNumber next_campaign_number() const {
    return CampaignNumber(campaigns_.size() + 1);
  }
  /// The first serial that nobody has reserved.
  [[nodiscard]] Serial next_serial() const { return next_serial_; }
  /// Nothing before the first event.
  [[nodiscard]] const std::optional<StoreCreated>& store() const { return store_; }

 private:
  /// Judges one kind of event; log_model.cc defines it for each of them.
  template <typename Kind>
  [[nodiscard]] Audited<void> On(const Kind& event, const Moment& moment);

  /// The live campaign that an event is about.
  [[nodiscard]] Audited<ModelCampaign*> FindLive(CampaignNumber number, const Place& place);

  std::uint64_t live_campaigns_max_ = kLiveCampaignsMax;
  std::optional<StoreCreated> store_;
  std::optional<ClaimDigest> digest_;  // once the key is known
  std::vector<ModelCampaign> campaigns_;
  boost::unordered_flat_set<CampaignId, std::hash<CampaignId>> ids_;  // ever used
  boost::unordered_flat_map<std::string, CampaignNumber> live_names_;
  Serial next_serial_{1};
  std::uint64_t live_ = 0;
  std::uint64_t issued_ = 0;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_MODEL_H_
