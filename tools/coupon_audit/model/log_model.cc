#include "coupon_audit/model/log_model.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <variant>

namespace coupond::audit {
namespace {

// From the documents, not from engine/rules/limits.h: if the two differ, one of them is wrong.
constexpr std::int64_t kTotalMax = 100'000'000;
constexpr std::size_t kNameCharactersMax = 200;
constexpr std::size_t kUserIdBytesMax = 128;
/// 2200-01-01T00:00:00Z.
constexpr std::int64_t kStartEndUnixSeconds = 7'258'118'400;

/// Returns the number of characters, or nullopt if the text is not UTF-8.
std::optional<std::size_t> CharactersOf(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    utf8proc_int32_t character = -1;
    const utf8proc_ssize_t bytes =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &character);
    if (bytes <= 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(bytes));
    ++count;
  }
  return count;
}

/// Checks a campaign's terms in themselves.
Audited<void> CheckTerms(const CampaignCreated& event, const Moment& moment, const Place& place) {
  const std::optional<std::size_t> characters = CharactersOf(event.name);
  if (!characters) return Unsound(ViolationKind::kNameWrong, place, "the name is not UTF-8");
  if (*characters == 0 || *characters > kNameCharactersMax) {
    return Unsound(ViolationKind::kNameWrong, place,
                   fmt::format("the name has {} characters", *characters));
  }
  if (event.total_coupons < 1 || event.total_coupons > kTotalMax) {
    return Unsound(ViolationKind::kTotalWrong, place,
                   fmt::format("the campaign has {} coupons", event.total_coupons));
  }
  if (event.start_time < moment.time) {
    return Unsound(ViolationKind::kStartInPast, place,
                   fmt::format("the campaign was created {} ns after its start",
                               moment.time.Since(event.start_time).count()));
  }
  if (event.start_time.unix_nanoseconds() / 1'000'000'000 >= kStartEndUnixSeconds) {
    return Unsound(ViolationKind::kStartTooLate, place, "the campaign starts after the year 2199");
  }
  return {};
}

/// Checks that this coupon is the campaign's next one.
Audited<void> CheckSerial(const ModelCampaign& campaign, Serial serial, const Place& place) {
  const std::uint64_t first = campaign.first_serial.value();
  const std::uint64_t next = first + campaign.issued;
  const auto serials = [&] {
    return fmt::format("the serials {} to {} are the campaign's, and {} of them were issued", first,
                       first + campaign.total - 1, campaign.issued);
  };
  if (serial.value() >= first && serial.value() < next) {
    return Unsound(ViolationKind::kDuplicateSerial, place,
                   fmt::format("serial {} was issued earlier; {}", serial.value(), serials()));
  }
  if (campaign.issued >= campaign.total) {
    return Unsound(ViolationKind::kOverIssue, place,
                   fmt::format("coupon {} of {} was issued", campaign.issued + 1, campaign.total));
  }
  if (serial.value() < first || serial.value() - first >= campaign.total) {
    return Unsound(ViolationKind::kSerialOutOfRange, place,
                   fmt::format("serial {} was issued; {}", serial.value(), serials()));
  }
  if (serial.value() != next) {
    return Unsound(
        ViolationKind::kSerialSkipped, place,
        fmt::format("serial {} was issued, but serial {} was next", serial.value(), next));
  }
  return {};
}

}  // namespace

const ModelCampaign* LogModel::Find(CampaignNumber number) const {
  const std::uint64_t n = number.value();
  return n == 0 || n > campaigns_.size() ? nullptr : &campaigns_[n - 1];
}

Audited<ModelCampaign*> LogModel::FindLive(CampaignNumber number, const Place& place) {
  if (number.value() == 0 || number.value() > campaigns_.size()) {
    return Unsound(ViolationKind::kUnknownCampaign, place,
                   fmt::format("no campaign {} was ever created", number.value()));
  }
  ModelCampaign& campaign = campaigns_[number.value() - 1];
  if (campaign.deleted) {
    return Unsound(
        ViolationKind::kEventAfterDelete, place,
        fmt::format("the campaign was deleted at sequence {}", campaign.deleted->sequence.value()));
  }
  return &campaign;
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
Audited<void> LogModel::On(const CampaignCreated& event, const Moment& moment) {
  const Place place{.group = moment.group, .sequence = moment.sequence, .campaign = event.number};
  if (event.number != next_campaign_number()) {
    return Unsound(ViolationKind::kCampaignNumberWrong, place,
                   fmt::format("campaign {} was created, but campaign {} was next",
                               event.number.value(), next_campaign_number().value()));
  }
  TRY(CheckTerms(event, moment, place));
  if (ids_.contains(event.id)) {
    return Unsound(ViolationKind::kCampaignIdTaken, place,
                   fmt::format("an earlier campaign has the id {}", FormatUuid(event.id.bytes)));
  }
  if (const auto holder = live_names_.find(event.name); holder != live_names_.end()) {
    return Unsound(ViolationKind::kNameTaken, place,
                   fmt::format("campaign {} has the same name and is live: \"{}\"",
                               holder->second.value(), event.name));
  }
  if (live_ >= live_campaigns_max_) {
    return Unsound(ViolationKind::kTooManyCampaigns, place,
                   fmt::format("{} campaigns are live", live_));
  }
  if (event.first_serial < next_serial_) {
    return Unsound(ViolationKind::kSerialRangeOverlaps, place,
                   fmt::format("the campaign's serials begin at {}, but those below {} were "
                               "reserved by earlier campaigns",
                               event.first_serial.value(), next_serial_.value()));
  }
  campaigns_.push_back({.number = event.number,
                        .id = event.id,
                        .name = event.name,
                        .total = static_cast<std::uint64_t>(event.total_coupons),
                        .issued = 0,
                        .start = event.start_time,
                        .created = moment.time,
                        .first_serial = event.first_serial,
                        .deleted = {},
                        .claims = {}});
  ids_.insert(event.id);
  live_names_.emplace(event.name, event.number);
  next_serial_ = event.first_serial.Plus(static_cast<std::uint64_t>(event.total_coupons));
  ++live_;
  return {};
}

template <>
Audited<void> LogModel::On(const CouponIssued& event, const Moment& moment) {
  const Place place{.group = moment.group, .sequence = moment.sequence, .campaign = event.campaign};
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  if (moment.time < campaign.start) {
    return Unsound(ViolationKind::kIssuedBeforeStart, place,
                   fmt::format("the coupon was issued {} ns before the start",
                               campaign.start.Since(moment.time).count()));
  }
  TRY(CheckSerial(campaign, event.serial, place));
  if (event.user_id.size() > kUserIdBytesMax) {
    return Unsound(ViolationKind::kUserIdTooLong, place,
                   fmt::format("the user_id has {} bytes", event.user_id.size()));
  }
  if (!event.user_id.empty() &&
      event.claim != digest_->Of(campaign.id, ClaimKind::kUser, event.user_id)) {
    return Unsound(ViolationKind::kClaimWrong, place,
                   event.claim ? "the coupon has a user_id, but the claim of something else"
                               : "the coupon has a user_id, but no claim");
  }
  if (event.claim) {
    const auto [entry, fresh] =
        campaign.claims.try_emplace(*event.claim, static_cast<std::uint32_t>(campaign.issued));
    if (!fresh) {
      return Unsound(ViolationKind::kClaimGivenTwice, place,
                     fmt::format("the claim got serial {} earlier",
                                 campaign.first_serial.Plus(entry->second).value()));
    }
  }
  ++campaign.issued;
  ++issued_;
  return {};
}

template <>
Audited<void> LogModel::On(const CampaignDeleted& event, const Moment& moment) {
  const Place place{.group = moment.group, .sequence = moment.sequence, .campaign = event.campaign};
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  campaign.deleted = moment;
  campaign.claims = {};
  live_names_.erase(campaign.name);
  --live_;
  return {};
}

Audited<void> LogModel::Take(const Event& event, const Moment& moment) {
  if (!store_ && !std::holds_alternative<StoreCreated>(event)) {
    return Unsound(ViolationKind::kStoreNotCreated,
                   {.group = moment.group, .sequence = moment.sequence, .campaign = {}},
                   "the log does not begin with the creation of the store");
  }
  return std::visit([&](const auto& kind) { return On(kind, moment); }, event);
}

}  // namespace coupond::audit
