#include "faults/log_facts.h"

#include <algorithm>
#include <cstdint>
#include <variant>

namespace coupond::test {

Status LogFacts::Read(const EventLog& log) {
  return log.Read(GroupNumber(1), [this](const CommitGroup& group, const GroupHash&) -> Status {
    EventPlace place{.time = group.commit_time, .sequence = group.first_sequence};
    for (const Event& event : group.events) {
      std::visit([&](const auto& fact) { Add(fact, place); }, event);
      events_.emplace(place.sequence, LoggedEvent{event, place.time});
      place.sequence = place.sequence.Next();
    }
    return {};
  });
}

const Event* LogFacts::At(Sequence sequence) const {
  const auto found = events_.find(sequence);
  return found == events_.end() ? nullptr : &found->second.event;
}

Campaign LogFacts::CampaignOf(CampaignNumber number) const {
  const auto found = campaigns_.find(number);
  return found == campaigns_.end() ? Campaign{} : found->second.row;
}

std::optional<Serial> LogFacts::SerialOf(CampaignNumber campaign, const Claim& claim) const {
  const auto found = claims_.find({campaign, claim});
  if (found == claims_.end()) return std::nullopt;
  return found->second;
}

LoggedCampaign* LogFacts::Find(CampaignNumber number, const std::string& what) {
  const auto found = campaigns_.find(number);
  if (found != campaigns_.end() && !found->second.deleted) return &found->second;
  faults_.push_back("UNKNOWN CAMPAIGN " + what);
  return nullptr;
}

void LogFacts::Add(const StoreCreated& /*created*/, const EventPlace& /*place*/) {}

void LogFacts::Add(const CampaignCreated& created, const EventPlace& place) {
  const SerialRange serials{.first = created.first_serial,
                            .count = static_cast<std::uint64_t>(created.terms.total_coupons)};
  const Campaign row{.number = created.number,
                     .id = created.id,
                     .terms = created.terms,
                     .serials = SerialRanges(serials),
                     .created_at = place.time,
                     .revision = place.sequence};
  if (!campaigns_.emplace(created.number, LoggedCampaign{.row = row}).second) {
    faults_.push_back("DUPLICATE campaign " + std::to_string(created.number.value()));
  }
}

void LogFacts::Add(const CouponIssued& issued, const EventPlace& place) {
  const std::string serial = "serial " + std::to_string(issued.serial.value());
  LoggedCampaign* const campaign = Find(issued.campaign, "of " + serial);
  if (campaign == nullptr) return;
  Campaign& row = campaign->row;
  if (!serials_.insert(issued.serial).second) faults_.push_back("DUPLICATE " + serial);
  if (issued.claim &&
      !claims_.emplace(std::pair(issued.campaign, *issued.claim), issued.serial).second) {
    faults_.push_back("DUPLICATE claim, with " + serial);
  }
  campaign->coupons.push_back({issued.serial, issued.claim, issued.user_id, place.time});
  ++row.issued_coupons;
  if (row.issued_coupons > row.terms.total_coupons) faults_.push_back("OVER-ISSUED: " + serial);
  if (place.time < row.terms.start_time) faults_.push_back("EARLY: " + serial);
  if (place.time >= row.terms.end_time || row.archived_at) faults_.push_back("LATE: " + serial);
  if (row.paused.issuing) faults_.push_back("PAUSED: " + serial);
  if (row.issued_coupons == row.terms.total_coupons) row.sold_out_at = place.time;
}

void LogFacts::Add(const CampaignDeleted& deleted, const EventPlace& /*place*/) {
  LoggedCampaign* const campaign = Find(deleted.campaign, "was deleted");
  if (campaign != nullptr) campaign->deleted = true;
}

void LogFacts::Add(const CampaignUpdated& updated, const EventPlace& place) {
  LoggedCampaign* const campaign = Find(updated.campaign, "was updated");
  if (campaign == nullptr) return;
  Campaign& row = campaign->row;
  const TermChanges& changes = updated.changes;
  row.terms = {.name = changes.name.value_or(row.terms.name),
               .total_coupons = changes.total_coupons.value_or(row.terms.total_coupons),
               .start_time = changes.start_time.value_or(row.terms.start_time),
               .end_time = changes.end_time.value_or(row.terms.end_time),
               .description = changes.description.value_or(row.terms.description),
               .metadata = changes.metadata.value_or(row.terms.metadata)};
  if (updated.added_serials) row.serials.Add(*updated.added_serials);
  row.revision = place.sequence;
  const bool sold_out = row.issued_coupons == row.terms.total_coupons;
  row.sold_out_at = sold_out ? row.sold_out_at.value_or(place.time) : std::optional<Timestamp>();
}

void LogFacts::Add(const CampaignPaused& paused, const EventPlace& /*place*/) {
  LoggedCampaign* const campaign = Find(paused.campaign, "was paused");
  if (campaign == nullptr) return;
  if (paused.activities.issuing) campaign->row.paused.issuing = true;
  if (paused.activities.redeeming) campaign->row.paused.redeeming = true;
}

void LogFacts::Add(const CampaignResumed& resumed, const EventPlace& /*place*/) {
  LoggedCampaign* const campaign = Find(resumed.campaign, "was resumed");
  if (campaign == nullptr) return;
  if (resumed.activities.issuing) campaign->row.paused.issuing = false;
  if (resumed.activities.redeeming) campaign->row.paused.redeeming = false;
}

void LogFacts::Add(const CampaignArchived& archived, const EventPlace& place) {
  LoggedCampaign* const campaign = Find(archived.campaign, "was archived");
  if (campaign != nullptr) campaign->row.archived_at = place.time;
}

void LogFacts::Add(const CampaignUnarchived& unarchived, const EventPlace& /*place*/) {
  LoggedCampaign* const campaign = Find(unarchived.campaign, "was unarchived");
  if (campaign != nullptr) campaign->row.archived_at.reset();
}

LoggedCampaign::Coupon* LogFacts::FindCoupon(LoggedCampaign& campaign, Serial serial) {
  const auto found = std::ranges::find(campaign.coupons, serial, &LoggedCampaign::Coupon::serial);
  if (found != campaign.coupons.end()) return &*found;
  faults_.push_back("INVALID: serial " + std::to_string(serial.value()) + " was not issued");
  return nullptr;
}

void LogFacts::CarryOut(const std::optional<RequestKey>& request, const EventPlace& place) {
  if (!request) return;
  const CarriedOut carried_out{.sequence = place.sequence, .content = request->content};
  if (!requests_.emplace(request->digest, carried_out).second) {
    faults_.push_back("DUPLICATE request, sequence " + std::to_string(place.sequence.value()));
  }
}

void LogFacts::Add(const CouponRedeemed& redeemed, const EventPlace& place) {
  const std::string serial = "serial " + std::to_string(redeemed.serial.value());
  LoggedCampaign* const campaign = Find(redeemed.campaign, "of " + serial);
  if (campaign == nullptr) return;
  LoggedCampaign::Coupon* const coupon = FindCoupon(*campaign, redeemed.serial);
  if (coupon == nullptr) return;
  if (coupon->status != CouponStatus{}) faults_.push_back("INVALID: redeemed " + serial);
  if (campaign->row.paused.redeeming) faults_.push_back("PAUSED: redeemed " + serial);
  coupon->status = {.state = CouponState::kRedeemed,
                    .redemption = Redemption{.sequence = place.sequence,
                                             .redeemed_at = place.time,
                                             .order_ref = redeemed.order_ref,
                                             .redeemed_by = redeemed.redeemed_by,
                                             .request_id = redeemed.request_id}};
  ++campaign->row.redeemed_coupons;
  CarryOut(redeemed.request, place);
}

void LogFacts::Add(const RedemptionCanceled& canceled, const EventPlace& place) {
  const std::string serial = "serial " + std::to_string(canceled.serial.value());
  LoggedCampaign* const campaign = Find(canceled.campaign, "of " + serial);
  if (campaign == nullptr) return;
  LoggedCampaign::Coupon* const coupon = FindCoupon(*campaign, canceled.serial);
  if (coupon == nullptr) return;
  const std::optional<Redemption>& redemption = coupon->status.redemption;
  if (!redemption || redemption->sequence != canceled.redemption) {
    faults_.push_back("INVALID: another redemption was canceled, " + serial);
  }
  coupon->status = {};
  --campaign->row.redeemed_coupons;
  CarryOut(canceled.request, place);
}

void LogFacts::Add(const CouponVoided& voided, const EventPlace& place) {
  const std::string serial = "serial " + std::to_string(voided.serial.value());
  LoggedCampaign* const campaign = Find(voided.campaign, "of " + serial);
  if (campaign == nullptr) return;
  LoggedCampaign::Coupon* const coupon = FindCoupon(*campaign, voided.serial);
  if (coupon == nullptr) return;
  Campaign& row = campaign->row;
  const bool was_voided = coupon->status.state == CouponState::kVoided;
  const bool may_be = coupon->status == CouponStatus{} || (was_voided && voided.returned);
  if (!may_be) faults_.push_back("INVALID: voided " + serial);
  if (was_voided) --row.voided_coupons;
  ++(voided.returned ? row.returned_coupons : row.voided_coupons);
  if (voided.returned) {
    --row.issued_coupons;
    row.sold_out_at.reset();
  }
  if (voided.added_serials) row.serials.Add(*voided.added_serials);
  coupon->status = {.state = voided.returned ? CouponState::kReturned : CouponState::kVoided,
                    .redemption = {},
                    .voided_at = place.time,
                    .void_reason = voided.reason};
  CarryOut(voided.request, place);
}

}  // namespace coupond::test
