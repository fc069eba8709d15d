#include "faults/log_facts.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

namespace coupond::test {

Status LogFacts::Read(const EventLog& log) {
  return log.Read(GroupNumber(1), [this](const CommitGroup& group, const GroupHash&) -> Status {
    EventPlace place{.time = group.commit_time, .sequence = group.first_sequence};
    for (const Event& event : group.events) {
      CheckBatch(event, place.sequence);
      std::visit([&](const auto& fact) { Add(fact, place); }, event);
      events_.emplace(place.sequence, LoggedEvent{event, place.time});
      place.sequence = place.sequence.Next();
    }
    if (std::exchange(left_of_batch_, 0) > 0) {
      faults_.push_back("PART OF A BATCH, up to sequence " +
                        std::to_string(group.last_sequence().value()));
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

bool LogFacts::HasGot(CampaignNumber campaign, const std::optional<Claim>& claim,
                      Serial serial) const {
  if (!claim) return false;
  const auto found = claims_.find({campaign, *claim});
  return found != claims_.end() && std::ranges::find(found->second, serial) != found->second.end();
}

std::optional<Claim> LogFacts::HolderOf(Serial serial) const {
  const auto found = holders_.find(serial);
  if (found == holders_.end()) return std::nullopt;
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
  CarryOut(created.request, place);
}

void LogFacts::CheckClaims(LoggedCampaign& campaign, const CouponIssued& issued) {
  const std::string serial = "serial " + std::to_string(issued.serial.value());
  Campaign& row = campaign.row;
  if (const auto& claim = issued.claim()) {
    std::vector<Serial>& serials = claims_[{issued.campaign, *claim}];
    if (!serials.empty() && !FindCoupon(campaign, serials.back())->status.claim_freed) {
      faults_.push_back("DUPLICATE claim, with " + serial);
    }
    serials.push_back(issued.serial);
  }
  if (row.terms.user_required && !issued.holder) faults_.push_back("FOR NOBODY: " + serial);
  if (!issued.holder) return;
  holders_.emplace(issued.serial, *issued.holder);
  row.issued_to_users = true;
  const bool has_limit = row.terms.coupons_per_user > 1;
  if (has_limit != issued.request_key.has_value()) faults_.push_back("OTHER CLAIM: " + serial);
  const auto others =
      std::ranges::count_if(campaign.coupons, [&issued](const LoggedCampaign::Coupon& coupon) {
        return coupon.counts_for == issued.holder && !coupon.status.claim_freed;
      });
  if (has_limit && others >= std::int64_t{row.terms.coupons_per_user}) {
    faults_.push_back("ABOVE THE LIMIT: " + serial);
  }
}

void LogFacts::Add(const CouponIssued& issued, const EventPlace& place) {
  const std::string serial = "serial " + std::to_string(issued.serial.value());
  LoggedCampaign* const campaign = Find(issued.campaign, "of " + serial);
  if (campaign == nullptr) return;
  Campaign& row = campaign->row;
  if (!serials_.insert(issued.serial).second) faults_.push_back("DUPLICATE " + serial);
  CheckClaims(*campaign, issued);
  campaign->coupons.push_back(
      {.serial = issued.serial,
       .claim = issued.claim(),
       .counts_for = issued.CountsAgainstLimit() ? issued.holder : std::nullopt,
       .user_id = issued.user_id,
       .issued_at = place.time});
  ++row.issued_coupons;
  if (row.issued_coupons > row.terms.total_coupons) faults_.push_back("OVER-ISSUED: " + serial);
  if (place.time < row.terms.start_time) faults_.push_back("EARLY: " + serial);
  if (place.time >= std::min(row.terms.end_time, row.terms.expire_time) || row.archived_at) {
    faults_.push_back("LATE: " + serial);
  }
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
               .metadata = changes.metadata.value_or(row.terms.metadata),
               .coupons_per_user = changes.coupons_per_user.value_or(row.terms.coupons_per_user),
               .user_required = changes.user_required.value_or(row.terms.user_required),
               .redeem_start_time = changes.redeem_start_time.value_or(row.terms.redeem_start_time),
               .expire_time = changes.expire_time.value_or(row.terms.expire_time),
               .valid_duration = changes.valid_duration.value_or(row.terms.valid_duration),
               .redeem_by_holder_only =
                   changes.redeem_by_holder_only.value_or(row.terms.redeem_by_holder_only)};
  if (updated.added_serials) row.serials.Add(*updated.added_serials);
  row.revision = place.sequence;
  const bool sold_out = row.issued_coupons == row.terms.total_coupons;
  row.sold_out_at = sold_out ? row.sold_out_at.value_or(place.time) : std::optional<Timestamp>();
  CarryOut(updated.request, place);
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
  if (coupon->status.state != CouponState::kIssued) {
    faults_.push_back("INVALID: redeemed " + serial);
  }
  if (campaign->row.paused.redeeming) faults_.push_back("PAUSED: redeemed " + serial);
  const CampaignTerms& terms = campaign->row.terms;
  if (place.time < terms.redeem_start_time) faults_.push_back("EARLY: redeemed " + serial);
  if (place.time >= terms.expire_time ||
      (terms.valid_duration != kUnlimited &&
       place.time.Since(coupon->issued_at) >= terms.valid_duration)) {
    faults_.push_back("LATE: redeemed " + serial);
  }
  coupon->status = {.state = CouponState::kRedeemed,
                    .redemption = Redemption{.sequence = place.sequence,
                                             .redeemed_at = place.time,
                                             .order_ref = redeemed.order_ref,
                                             .redeemed_by = redeemed.redeemed_by,
                                             .request_id = redeemed.request_id},
                    .claim_freed = coupon->status.claim_freed};
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
  coupon->status = {.claim_freed = coupon->status.claim_freed};
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
  const CouponState after = voided.returned ? CouponState::kReturned : CouponState::kVoided;
  const bool was_voided = coupon->status.state == CouponState::kVoided;
  const bool was_freed = coupon->status.claim_freed;
  const bool only_frees = coupon->status.state == after && voided.claim_freed && !was_freed;
  const bool may_be =
      coupon->status.state == CouponState::kIssued || (was_voided && voided.returned) || only_frees;
  if (!may_be || (was_freed && voided.claim_freed)) faults_.push_back("INVALID: voided " + serial);
  if (!only_frees) {
    coupon->status = {.state = after,
                      .redemption = {},
                      .voided_at = place.time,
                      .void_reason = voided.reason,
                      .claim_freed = was_freed};
    if (was_voided) --row.voided_coupons;
    ++(voided.returned ? row.returned_coupons : row.voided_coupons);
    if (voided.returned) {
      --row.issued_coupons;
      row.sold_out_at.reset();
    }
  }
  coupon->status.claim_freed |= voided.claim_freed;
  if (voided.added_serials) row.serials.Add(*voided.added_serials);
  CarryOut(voided.request, place);
}

void LogFacts::Add(const StoreRestored& restored, const EventPlace& /*place*/) {
  Serial next = restored.first_serial;
  for (auto& [number, campaign] : campaigns_) {
    if (campaign.deleted) continue;
    Campaign& row = campaign.row;
    SerialRanges serials;
    std::uint64_t coupons = campaign.coupons.size();
    row.serials.ForEach([&](SerialRange range) {
      if (range.first.Plus(range.count) > restored.first_serial) {
        faults_.push_back("DUPLICATE serials: " + std::to_string(range.first.value()));
      }
      range.count = std::min(range.count, coupons);
      coupons -= range.count;
      if (range.count > 0) serials.Add(range);
    });
    const SerialRange added{
        .first = next,
        .count = static_cast<std::uint64_t>(row.terms.total_coupons - row.issued_coupons)};
    if (added.count > 0) serials.Add(added);
    next = next.Plus(added.count);
    row.serials = serials;
  }
}

void LogFacts::Add(const BatchIssued& batch, const EventPlace& place) {
  Find(batch.campaign, "of a batch");
  batch_of_ = batch.campaign;
  left_of_batch_ = batch.coupons;
  CarryOut(batch.request, place);
}

void LogFacts::Add(const ClockReset& /*reset*/, const EventPlace& /*place*/) {}

void LogFacts::Add(const UserErased& erased, const EventPlace& place) {
  const auto campaign = campaigns_.find(erased.campaign);
  if (campaign == campaigns_.end()) {
    faults_.push_back("UNKNOWN CAMPAIGN of an erasure");
    return;
  }
  for (const Serial serial : erased.serials) {
    LoggedCampaign::Coupon* const coupon = FindCoupon(campaign->second, serial);
    if (coupon == nullptr) continue;
    coupon->user_id.clear();
    if (!holders_.contains(serial) || !erased_.insert(serial).second) {
      faults_.push_back("NOTHING TO ERASE: serial " + std::to_string(serial.value()));
    }
    if (erased.claims_freed && !campaign->second.deleted) coupon->status.claim_freed = true;
  }
  unfinished_erasures_.insert(place.sequence);
  CarryOut(erased.request, place);
}

void LogFacts::Add(const ErasureFinished& finished, const EventPlace& /*place*/) {
  if (unfinished_erasures_.empty() || finished.erasure != *unfinished_erasures_.rbegin()) {
    faults_.push_back("NOT THE LAST ERASURE: " + std::to_string(finished.erasure.value()));
  }
  unfinished_erasures_.clear();
}

void LogFacts::CheckBatch(const Event& event, Sequence sequence) {
  if (left_of_batch_ == 0) return;
  --left_of_batch_;
  const auto* const issued = std::get_if<CouponIssued>(&event);
  if (issued != nullptr && issued->campaign == batch_of_) return;
  faults_.push_back("NOT OF ITS BATCH: sequence " + std::to_string(sequence.value()));
}

}  // namespace coupond::test
