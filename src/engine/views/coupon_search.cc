#include "engine/views/coupon_search.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/check.h"
#include "engine/codes/user_digest.h"

namespace coupond {
namespace {

using SharedCampaign = std::shared_ptr<const Campaign>;

/// The states whose coupons are listed (ViewStore::ListOrdinals), in the order in which the lists
/// must be read: a coupon goes from one of these states to another only forwards, so one that is in
/// any of them throughout is in at least one of the lists.
constexpr std::array kListedStates{CouponState::kRedeemed, CouponState::kVoided,
                                   CouponState::kReturned};

/// One step, which looks at coupons and adds those that match to the page.
class SearchStep {
 public:
  /// `named` is the campaign that the search names; null if it names none.
  SearchStep(const ViewStore& views, const CouponSearch& search, Timestamp time,
             SharedCampaign named, CouponSearchPage& page)
      : views_(views), search_(search), time_(time), named_(std::move(named)), page_(page) {}

  [[nodiscard]] Status Run() {
    if (!search_.user_ids.empty()) return LookAtUsers();
    return OnlyListedStates() ? LookAtListedStates() : LookAtWindow();
  }

 private:
  [[nodiscard]] bool newest_first() const { return search_.order == CouponOrder::kNewestFirst; }
  [[nodiscard]] bool WantsOnly(CouponState state) const {
    return search_.states == std::set<CouponState>{state};
  }
  [[nodiscard]] bool OnlyListedStates() const {
    return !search_.states.empty() && !search_.states.contains(CouponState::kIssued) &&
           !search_.states.contains(CouponState::kExpired);
  }
  /// Returns how many coupons are still needed.
  [[nodiscard]] std::size_t Room() const { return search_.page_size - page_.coupons.size(); }
  /// Returns how many coupons this step looks at. The first step looks at no more than a page,
  /// because most searches find what they look at.
  [[nodiscard]] std::size_t MayLookAt() const {
    const std::size_t wanted = page_.looked_at == 0 ? Room() : kCouponsLookedAtPerStep;
    return std::min({wanted, kCouponsLookedAtPerStep, kCouponsLookedAtMax - page_.looked_at});
  }

  void Pass(const UserCoupon& place) {
    page_.after = place;
    ++page_.looked_at;
  }
  void AddIfItMatches(const SharedCampaign& campaign, CouponRow coupon) {
    const Timestamp expire_time = ExpireTimeOf(campaign->terms, coupon.issued_at);
    const CouponState state = StateAt(coupon.status.state, expire_time, time_);
    if (!search_.states.empty() && !search_.states.contains(state)) return;
    page_.coupons.push_back({.campaign = campaign, .coupon = std::move(coupon)});
  }

  // One campaign's coupons, by their ordinals.
  [[nodiscard]] Status LookAtWindow();
  [[nodiscard]] Result<OrdinalRange> OrdinalsThatMayMatch() const;
  [[nodiscard]] Result<std::uint64_t> FirstNotExpired() const;
  [[nodiscard]] Status LookAtListedStates();
  [[nodiscard]] UserCoupon PlaceOf(std::uint64_t ordinal) const {
    return {.sequence = {}, .campaign = named_->number, .ordinal = ordinal};
  }

  // A user's coupons.
  using Ordinals = std::map<CampaignNumber, std::vector<std::uint64_t>>;
  using Coupons = std::map<std::pair<CampaignNumber, std::uint64_t>, CouponRow>;
  [[nodiscard]] Status LookAtUsers();
  [[nodiscard]] Result<Coupons> Read(Ordinals to_read);
  [[nodiscard]] bool IsOfUsers(const CouponRow& coupon) const {
    return std::ranges::find(search_.user_ids, coupon.user_id) != search_.user_ids.end();
  }
  [[nodiscard]] Result<std::vector<UserCoupon>> ListCouponsOfUsers(std::size_t limit) const;
  [[nodiscard]] Result<SharedCampaign> FindLive(CampaignNumber number);

  const ViewStore& views_;
  const CouponSearch& search_;
  const Timestamp time_;
  const SharedCampaign named_;
  CouponSearchPage& page_;
  std::map<CampaignNumber, SharedCampaign> campaigns_;  // those that were looked up; null: deleted
};

/// Looks at the next coupons that lie beside each other.
Status SearchStep::LookAtWindow() {
  OrdinalRange left = TRY(OrdinalsThatMayMatch());
  if (page_.after && newest_first()) left.end = std::min(left.end, page_.after->ordinal);
  if (page_.after && !newest_first()) {
    left.first = std::max(left.first, std::min(left.end, page_.after->ordinal) + 1);
  }
  if (left.first >= left.end) {
    page_.at_end = true;
    return {};
  }
  const std::uint64_t count = std::min<std::uint64_t>(left.end - left.first, MayLookAt());
  const std::uint64_t first = newest_first() ? left.end - count : left.first;
  CouponReader reader = TRY(CouponReader::Open(views_, *named_, first, count));
  std::vector<CouponRow> coupons = TRY(reader.Next(count));
  if (newest_first()) std::ranges::reverse(coupons);
  for (CouponRow& coupon : coupons) {
    if (Room() == 0) return {};
    Pass(PlaceOf(coupon.ordinal));
    AddIfItMatches(named_, std::move(coupon));
  }
  page_.at_end = count == left.end - left.first;
  return {};
}

/// Returns the ordinals beyond which no coupon can match. Coupons expire in the order in which they
/// were issued, so of long campaigns whole parts need not be looked at; unless the clock was put
/// back, when a later one may expire earlier.
Result<OrdinalRange> SearchStep::OrdinalsThatMayMatch() const {
  OrdinalRange range{.first = 0, .end = named_->ordinals()};
  if (named_->terms.valid_duration != kUnlimited && named_->terms.expire_time > time_) {
    const std::optional<Checkpoint> checkpoint = TRY(views_.ReadCheckpoint());
    if (checkpoint && checkpoint->clock_was_reset) return range;
  }
  if (WantsOnly(CouponState::kIssued)) range.first = TRY(FirstNotExpired());
  if (WantsOnly(CouponState::kExpired)) range.end = TRY(FirstNotExpired());
  return range;
}

/// Returns the ordinal of the first coupon whose time is not over, or the number of coupons.
Result<std::uint64_t> SearchStep::FirstNotExpired() const {
  std::uint64_t end = named_->ordinals();
  if (named_->terms.expire_time <= time_) return end;
  if (named_->terms.valid_duration == kUnlimited) return 0;
  std::uint64_t first = 0;
  while (first < end) {
    const std::uint64_t middle = first + (end - first) / 2;
    const std::optional<CouponRow> coupon = TRY(ReadCoupon(views_, *named_, middle));
    if (!coupon) break;  // the campaign was deleted
    if (ExpireTimeOf(named_->terms, coupon->issued_at) > time_) {
      end = middle;
    } else {
      first = middle + 1;
    }
  }
  return first;
}

/// Looks at the next coupons in the lists of their states.
Status SearchStep::LookAtListedStates() {
  const std::size_t wanted = std::min({Room(), MayLookAt(), kScatteredCouponsPerStep});
  // What was issued after the campaign's row was read is behind the end of the list.
  const std::uint64_t end = named_->ordinals();
  auto after = page_.after ? std::optional(page_.after->ordinal) : std::nullopt;
  if (newest_first()) after = std::min(after.value_or(end), end);
  std::vector<std::uint64_t> ordinals;
  for (const CouponState state : kListedStates) {
    if (!search_.states.contains(state)) continue;
    // One more, to see whether there are more.
    const std::vector<std::uint64_t> listed =
        TRY(views_.ListOrdinals(named_->number, state, search_.order, after, wanted + 1));
    ordinals.insert(ordinals.end(), listed.begin(), listed.end());
  }
  std::ranges::sort(ordinals);
  const auto twice = std::ranges::unique(ordinals);  // whose state changed in between
  ordinals.erase(twice.begin(), twice.end());
  ordinals.erase(std::ranges::lower_bound(ordinals, end), ordinals.end());
  page_.at_end = ordinals.size() <= wanted;
  if (!page_.at_end && newest_first()) {
    ordinals.erase(ordinals.begin(), ordinals.end() - static_cast<std::ptrdiff_t>(wanted));
  }
  if (!page_.at_end && !newest_first()) ordinals.resize(wanted);

  std::vector<std::optional<CouponRow>> coupons = TRY(ReadCoupons(views_, *named_, ordinals));
  if (newest_first()) {
    std::ranges::reverse(ordinals);
    std::ranges::reverse(coupons);
  }
  for (const std::uint64_t ordinal : ordinals) Pass(PlaceOf(ordinal));
  for (std::optional<CouponRow>& coupon : coupons) {
    if (coupon) {
      AddIfItMatches(named_, *std::move(coupon));
    } else {
      page_.at_end = false;  // the campaign was deleted, as the next step finds
    }
  }
  return {};
}

/// Looks at the next coupons in the lists of the users.
Status SearchStep::LookAtUsers() {
  const std::size_t wanted = MayLookAt();
  std::vector<UserCoupon> places = TRY(ListCouponsOfUsers(wanted + 1));
  bool at_end = places.size() <= wanted;
  if (!at_end) places.pop_back();
  Ordinals to_read;
  std::size_t read = 0;
  std::size_t end = 0;  // of the places that are looked at
  for (; end < places.size() && read < kScatteredCouponsPerStep; ++end) {
    const UserCoupon& place = places[end];
    const SharedCampaign campaign = TRY(FindLive(place.campaign));
    // What was issued after the campaign's row was read is behind the end of the list.
    const bool is_behind = campaign && place.ordinal >= campaign->ordinals();
    if (is_behind && !newest_first()) {
      places.resize(end);
      at_end = true;
      break;
    }
    if (!campaign || is_behind) continue;
    to_read[place.campaign].push_back(place.ordinal);
    ++read;
  }
  if (end < places.size()) at_end = false;
  places.resize(end);

  Coupons coupons = TRY(Read(std::move(to_read)));
  // The campaign was deleted, as the next step finds.
  if (named_ && coupons.size() < read) at_end = false;
  for (const UserCoupon& place : places) {
    if (Room() == 0) return {};
    Pass(place);
    const auto coupon = coupons.find({place.campaign, place.ordinal});
    // The lists also have coupons of other users.
    if (coupon == coupons.end() || !IsOfUsers(coupon->second)) continue;
    const SharedCampaign campaign = TRY(FindLive(place.campaign));
    AddIfItMatches(campaign, std::move(coupon->second));
  }
  page_.at_end = at_end;
  return {};
}

/// Returns coupons of live campaigns, those of each campaign read at once.
Result<SearchStep::Coupons> SearchStep::Read(Ordinals to_read) {
  Coupons coupons;
  for (auto& [number, ordinals] : to_read) {
    std::ranges::sort(ordinals);
    const SharedCampaign campaign = TRY(FindLive(number));
    std::vector<std::optional<CouponRow>> rows = TRY(ReadCoupons(views_, *campaign, ordinals));
    for (std::optional<CouponRow>& coupon : rows) {
      if (!coupon) continue;  // the campaign was deleted
      const std::pair place(number, coupon->ordinal);
      coupons.emplace(place, *std::move(coupon));
    }
  }
  return coupons;
}

/// Returns the first places after page_.after in the lists of all users, which may share some.
Result<std::vector<UserCoupon>> SearchStep::ListCouponsOfUsers(std::size_t limit) const {
  std::vector<UserCoupon> places;
  const std::optional<Checkpoint> checkpoint = TRY(views_.ReadCheckpoint());
  if (!checkpoint) return places;
  UserDigests digests(checkpoint->code_key);
  for (const std::string& user_id : search_.user_ids) {
    const std::vector<UserCoupon> listed =
        TRY(views_.ListCouponsOf(digests.Of(user_id), search_.order, page_.after, limit));
    places.insert(places.end(), listed.begin(), listed.end());
  }
  std::ranges::sort(places);
  const auto twice = std::ranges::unique(places);
  places.erase(twice.begin(), twice.end());
  if (newest_first()) std::ranges::reverse(places);
  if (places.size() > limit) places.resize(limit);
  return places;
}

/// Returns a campaign in which the search looks for coupons, or null.
Result<SharedCampaign> SearchStep::FindLive(CampaignNumber number) {
  if (named_) return number == named_->number ? named_ : SharedCampaign();
  const auto [entry, is_new] = campaigns_.try_emplace(number);
  if (is_new) {
    std::optional<Campaign> live = TRY(views_.FindCampaign(number));
    if (live) entry->second = std::make_shared<const Campaign>(*std::move(live));
  }
  return entry->second;
}

}  // namespace

Result<std::optional<CouponSearchPage>> SearchCoupons(const ViewStore& views,
                                                      const CouponSearch& search, Timestamp time,
                                                      CouponSearchPage page) {
  COUPOND_CHECK(search.page_size > 0 && (search.campaign_id || !search.user_ids.empty()));
  COUPOND_CHECK(!page.complete);
  SharedCampaign named;
  if (search.campaign_id) {
    std::optional<Campaign> row = TRY(views.FindCampaign(*search.campaign_id));
    if (!row) return std::nullopt;
    named = std::make_shared<const Campaign>(*std::move(row));
  }
  if (Status looked = SearchStep(views, search, time, named, page).Run(); !looked) {
    // The coupons may be missing because the campaign was deleted after its row was read.
    if (named && !TRY(views.FindCampaign(named->id))) return std::nullopt;
    return std::unexpected(looked.error());
  }
  page.complete = page.at_end || page.coupons.size() >= search.page_size ||
                  page.looked_at >= kCouponsLookedAtMax;
  return page;
}

}  // namespace coupond
