#include "coupon_audit/model/log_model.h"

#include <fmt/format.h>

#include <cstdint>
#include <variant>

#include "common/moment_text.h"

// The part of the auditor's rules that is about the store as a whole, and what the other parts
// share.
namespace coupond::audit {
namespace {

// From the documents, like the limits in terms_check.cc.
constexpr std::uint64_t kRestoredSerialsEnd = std::uint64_t{1} << 53;

std::uint64_t PlacesLeft(const ModelCampaign& campaign) {
  return campaign.live() ? campaign.total - campaign.issued : 0;
}

}  // namespace

const ModelCampaign* LogModel::Find(CampaignNumber number) const {
  const std::uint64_t n = number.value();
  return n == 0 || n > campaigns_.size() ? nullptr : &campaigns_[n - 1];
}

Audited<ModelCampaign*> LogModel::FindCreated(CampaignNumber number, const Place& place) {
  if (number.value() == 0 || number.value() > campaigns_.size()) {
    return Unsound(ViolationKind::kUnknownCampaign, place,
                   fmt::format("no campaign {} was ever created", number.value()));
  }
  return &campaigns_[number.value() - 1];
}

Audited<ModelCampaign*> LogModel::FindLive(CampaignNumber number, const Place& place) {
  ModelCampaign* const campaign = TRY(FindCreated(number, place));
  if (!campaign->deleted) return campaign;
  return Unsound(
      ViolationKind::kEventAfterDelete, place,
      fmt::format("the campaign was deleted at sequence {}", campaign->deleted->sequence.value()));
}

Audited<ModelCampaign*> LogModel::FindChangeable(CampaignNumber number, const Place& place) {
  ModelCampaign* const campaign = TRY(FindLive(number, place));
  if (!campaign->archived) return campaign;
  return Unsound(
      ViolationKind::kChangedWhileArchived, place,
      fmt::format("the campaign was archived at {}", tools::FormatMoment(*campaign->archived)));
}

Audited<void> LogModel::CheckAdded(const std::optional<SerialRange>& added, std::uint64_t lacking,
                                   const Place& place) const {
  const std::uint64_t count = added ? added->count : 0;
  if (count != lacking || (added && count == 0)) {
    return Unsound(ViolationKind::kAddedSerialsWrong, place,
                   fmt::format("the campaign got {} serials instead of {}", count, lacking));
  }
  if (!added || added->first == next_serial_) return {};
  return Unsound(added->first < next_serial_ ? ViolationKind::kSerialRangeOverlaps
                                             : ViolationKind::kAddedSerialsMisplaced,
                 place,
                 fmt::format("the added serials begin at {}, but those below {} were reserved "
                             "earlier, and no others",
                             added->first.value(), next_serial_.value()));
}

void LogModel::Add(ModelCampaign& campaign, const std::optional<SerialRange>& added) {
  if (!added) return;
  campaign.Reserve(*added);
  next_serial_ = next_serial_.Plus(added->count);
}

Audited<void> LogModel::CheckIsNew(const std::optional<RequestKey>& request,
                                   const Place& place) const {
  if (!request) return {};
  const auto before = requests_.find(request->digest);
  if (before == requests_.end()) return {};
  return Unsound(
      ViolationKind::kRequestCarriedOutTwice, place,
      fmt::format("the request was carried out at sequence {}", before->second.sequence.value()));
}

void LogModel::Remember(const std::optional<RequestKey>& request, const Moment& moment) {
  if (!request) return;
  requests_.emplace(request->digest,
                    CarriedOut{.sequence = moment.sequence, .content = request->content});
}

template <>
Audited<void> LogModel::On(const StoreCreated& event, const Moment& moment) {
  if (store_) {
    return Unsound(ViolationKind::kStoreCreatedAgain,
                   {.group = moment.group, .sequence = moment.sequence, .campaign = {}},
                   "the store was created by the first event");
  }
  store_ = event;
  digest_.emplace(event.code_key);
  return {};
}

template <>
Audited<void> LogModel::On(const StoreRestored& event, const Moment& moment) {
  const Place place{.group = moment.group, .sequence = moment.sequence, .campaign = {}};
  const std::uint64_t first = event.first_serial.value();
  if (event.first_serial < next_serial_) {
    return Unsound(ViolationKind::kSerialRangeOverlaps, place,
                   fmt::format("the restored store's serials begin at {}, but those below {} were "
                               "reserved earlier",
                               first, next_serial_.value()));
  }
  std::uint64_t needed = 0;
  for (const ModelCampaign& campaign : campaigns_) needed += PlacesLeft(campaign);
  if (first > kRestoredSerialsEnd || needed > kRestoredSerialsEnd - first) {
    return Unsound(ViolationKind::kRestoredSerialsTooHigh, place,
                   fmt::format("the restored store's {} serials begin at {}, and end above {}",
                               needed, first, kRestoredSerialsEnd));
  }
  next_serial_ = event.first_serial;
  // The campaigns are in the order of their numbers.
  for (ModelCampaign& campaign : campaigns_) {
    if (!campaign.live()) continue;
    campaign.GiveUpUnissued();
    const std::uint64_t places = PlacesLeft(campaign);
    if (places > 0) Add(campaign, SerialRange{.first = next_serial_, .count = places});
  }
  return {};
}

void LogModel::NoteSoldOut(ModelCampaign& campaign, const Moment& moment) {
  campaign.sold_out = moment.time;
  sold_outs_.push_back({.sequence = moment.sequence, .campaign = campaign.number});
}

Audited<void> LogModel::CheckContinuesBatch(const Event& event, const Moment& moment) const {
  if (!batch_) return {};
  const auto* const issued = std::get_if<CouponIssued>(&event);
  const bool same_group = moment.group == batch_->since.group;
  if (same_group && issued != nullptr && issued->campaign == batch_->campaign) return {};
  return Unsound(
      ViolationKind::kBatchIncomplete, PlaceOf(batch_->since, batch_->campaign),
      fmt::format("{} of {} coupons were missing when {}", batch_->coupons_due, batch_->coupons,
                  same_group
                      ? fmt::format("something else came at sequence {}", moment.sequence.value())
                      : std::string("the group ended")));
}

Audited<void> LogModel::Finish() const {
  if (!batch_) return {};
  return Unsound(ViolationKind::kBatchIncomplete, PlaceOf(batch_->since, batch_->campaign),
                 fmt::format("{} of {} coupons were missing when the log ended",
                             batch_->coupons_due, batch_->coupons));
}

template <>
Audited<void> LogModel::On(const ClockReset& event, const Moment& moment) {
  const bool alone = moment.group != last_.group;
  if (alone && event.previous_time == last_.time) return {};
  return Unsound(
      ViolationKind::kClockResetWrong,
      {.group = moment.group, .sequence = moment.sequence, .campaign = {}},
      alone ? fmt::format("it names {} as the time before it, which was {}",
                          tools::FormatMoment(event.previous_time), tools::FormatMoment(last_.time))
            : std::string("there is another event in its group"));
}

Audited<void> LogModel::CheckTime(const Event& event, const Moment& moment) const {
  const Place place{.group = moment.group, .sequence = moment.sequence, .campaign = {}};
  if (after_reset_ && moment.group == last_.group) {
    return Unsound(ViolationKind::kClockResetWrong, place,
                   "it comes in the same group as a clock_reset");
  }
  if (!store_ || moment.time >= last_.time || std::holds_alternative<ClockReset>(event)) return {};
  return Unsound(ViolationKind::kTimeWentBack, place,
                 fmt::format("it happened at {}, and the event before it at {}",
                             tools::FormatMoment(moment.time), tools::FormatMoment(last_.time)));
}

Audited<void> LogModel::Take(const Event& event, const Moment& moment) {
  if (!store_ && !std::holds_alternative<StoreCreated>(event)) {
    return Unsound(ViolationKind::kStoreNotCreated,
                   {.group = moment.group, .sequence = moment.sequence, .campaign = {}},
                   "the log does not begin with the creation of the store");
  }
  TRY(CheckTime(event, moment));
  TRY(CheckContinuesBatch(event, moment));
  TRY(std::visit([&](const auto& kind) { return On(kind, moment); }, event));
  const bool of_batch = batch_ && std::holds_alternative<CouponIssued>(event);
  if (of_batch && --batch_->coupons_due == 0) batch_.reset();
  last_ = moment;
  after_reset_ = std::holds_alternative<ClockReset>(event);
  clock_was_reset_ |= after_reset_;
  return {};
}

}  // namespace coupond::audit
