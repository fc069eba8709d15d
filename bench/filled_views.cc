#include "filled_views.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/ports/event_log.h"
#include "engine/rules/event.h"
#include "engine/views/projection.h"
#include "storage/views/view_database.h"

namespace coupond::bench {
namespace {

/// Brings groups into the views, and measures how long that takes.
class Filler {
 public:
  Filler(ViewStore& store, bool user_index) : store_(store), user_index_(user_index) {
    auto projection = Projection::Load(store);
    COUPOND_CHECK(projection.has_value());
    projection_ = std::make_unique<Projection>(std::move(*projection));
  }

  void Add(std::vector<Event> events) {
    const CommitGroup group{.number = tip_.group.Next(),
                            .first_sequence = tip_.sequence.Next(),
                            .commit_time = kNow,
                            .events = std::move(events)};
    tip_ = {.group = group.number, .sequence = group.last_sequence(), .time = kNow, .hash = {}};
    const auto begin = std::chrono::steady_clock::now();
    COUPOND_CHECK(projection_->Add(group, tip_).has_value());
    ViewChanges changes = projection_->Take();
    if (!user_index_) changes.user_coupons.clear();
    COUPOND_CHECK(store_.Write(changes).has_value());
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  ViewStore& store_;
  const bool user_index_;
  std::unique_ptr<Projection> projection_;
  LogTip tip_;
  double seconds_ = 0;
};

Event IssueOf(const ViewContents& contents, std::uint64_t ordinal) {
  CouponIssued issued{.campaign = kCampaign,
                      .serial = kFirstSerial.Plus(ordinal),
                      .user_id = UserOfCoupon(contents, ordinal)};
  if (!issued.user_id.empty()) issued.holder = NumberedId<Claim>(ordinal);
  return issued;
}

Event ChangeOf(const ViewContents& contents, std::uint64_t ordinal) {
  const Serial serial = kFirstSerial.Plus(ordinal);
  if (ordinal < contents.redeemed) {
    return CouponRedeemed{.campaign = kCampaign,
                          .serial = serial,
                          .order_ref = {},
                          .redeemed_by = {},
                          .request_id = {},
                          .request = {}};
  }
  return CouponVoided{
      .campaign = kCampaign, .serial = serial, .reason = {}, .added_serials = {}, .request = {}};
}

/// Adds groups of 1,000 events that `make` makes of the numbers 0 … count - 1.
template <typename Make>
void AddGroups(Filler& filler, std::uint64_t count, Make make) {
  for (std::uint64_t first = 0; first < count; first += kCouponsPerGroup) {
    std::vector<Event> events;
    const std::uint64_t end = std::min(count, first + kCouponsPerGroup);
    events.reserve(end - first);
    for (std::uint64_t i = first; i < end; ++i) events.push_back(make(i));
    filler.Add(std::move(events));
  }
}

std::unique_ptr<FilledViews>& Shared() {
  static std::unique_ptr<FilledViews> views;
  return views;
}

}  // namespace

std::string UserIdOf(std::uint64_t user) { return "user-" + std::to_string(10'000'000 + user); }

std::string BusyUser() { return "busy-user-1"; }

std::string UserOfCoupon(const ViewContents& contents, std::uint64_t ordinal) {
  if (contents.users == 0) return {};
  if (contents.busy_user_has_one_in != 0 && ordinal % contents.busy_user_has_one_in == 0) {
    return BusyUser();
  }
  return UserIdOf(Scatter(ordinal) % contents.users);
}

FilledViews::FilledViews(const ViewContents& contents) : contents_(contents) {
  auto opened = storage::RocksDbViewStore::Open(directory_.path() / "views");
  COUPOND_CHECK(opened.has_value());
  store_ = std::move(*opened);
  Filler filler(*store_, contents.user_index);
  filler.Add(
      {StoreCreated{.store_id = {}, .code_key = kViewsKey, .format_version = 2},
       CampaignCreated{.number = kCampaign,
                       .id = BigCampaign(),
                       .terms = {.name = "one big campaign",
                                 .total_coupons = static_cast<std::int64_t>(contents.coupons),
                                 .start_time = kNow},
                       .first_serial = kFirstSerial}});
  AddGroups(filler, contents.coupons,
            [&](std::uint64_t ordinal) { return IssueOf(contents, ordinal); });
  AddGroups(filler, contents.redeemed + contents.voided,
            [&](std::uint64_t ordinal) { return ChangeOf(contents, ordinal); });
  seconds_ = filler.seconds();
  COUPOND_CHECK(store_->Flush().has_value());
}

std::uint64_t FilledViews::CompactedBytes() {
  const std::filesystem::path path = directory_.path() / "views";
  store_.reset();
  auto db = storage::OpenViewDatabase(path, nullptr);
  COUPOND_CHECK(db.has_value());
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  COUPOND_CHECK((*db)->CompactRange(options, nullptr, nullptr).ok());
  db->reset();
  return DataBytesIn(path);
}

FilledViews& SharedViews(const ViewContents& contents) {
  std::unique_ptr<FilledViews>& views = Shared();
  if (!views || views->contents() != contents) {
    views.reset();  // before there are two of them
    views = std::make_unique<FilledViews>(contents);
  }
  return *views;
}

void RemoveSharedViews() { Shared().reset(); }

}  // namespace coupond::bench
