#include "tools/coupon_audit/planted_store.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/big_endian.h"
#include "base/check.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/views/projection.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/store_format.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/views/view_database.h"
#include "tools/coupon_audit/planted_record.h"

namespace coupond::test {
namespace {

std::unique_ptr<rocksdb::DB> OpenDatabase(rocksdb::Options options,
                                          const std::filesystem::path& path) {
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  COUPOND_CHECK(rocksdb::DB::Open(options, path, &db).ok());
  return std::unique_ptr<rocksdb::DB>(db);
}

}  // namespace

PlantedStore::PlantedStore()
    : log_(OpenDatabase(storage::LogOptions(nullptr), directory_.path() / "log")) {
  Begin();
  WriteFiles();
}

PlantedStore::~PlantedStore() = default;

void PlantedStore::Begin() {
  Add(At(0), {PlantedIdentity()});
  Add(At(1),
      {CreatedEvent(kSpring, "spring", 5, 1, At(10)), CreatedEvent(kSummer, "summer", 3, 6, At(10)),
       CreatedEvent(kAutumn, "autumn", 2, 9, At(10))});
  Add(At(10), {IssuedEvent(kSpring, 1), IssuedToEvent(kSpring, 2, "minji"), IssuedEvent(kSummer, 6),
               IssuedOnRequestEvent(kSpring, 3, 0xA2)});
  Add(At(11), {IssuedToEvent(kSummer, 7, "joon"), IssuedToEvent(kAutumn, 9, "sora")});
  Add(At(12), {DeletedEvent(kAutumn), IssuedEvent(kSummer, 8)});
  Add(At(13), {IssuedEvent(kSpring, 4)});
  COUPOND_CHECK(tip_.group == GroupNumber(kBaseGroups));
  COUPOND_CHECK(tip_.sequence == Sequence(kBaseEvents));
}

void PlantedStore::Add(Timestamp time, const std::vector<Event>& events,
                       const std::vector<KeyId>& keys) {
  AddMisnumbered(tip_.group.Next(), tip_.sequence.Next(), time, events, keys);
}

void PlantedStore::AddCouponLives() {
  CouponRedeemed redeemed = RedeemedEvent(kSpring, 2, "request 1");
  redeemed.order_ref = "order 1";
  redeemed.redeemed_by = "till 7";
  RedemptionCanceled canceled = CanceledEvent(kSpring, 1, 15, "a typo");
  canceled.request = RequestKeyFor("request 2");
  Add(At(14), {redeemed, RedeemedEvent(kSpring, 1), canceled, VoidedEvent(kSpring, 3, "a leak"),
               ReturnedEvent(kSummer, 8, SerialRange{.first = Serial(11), .count = 1'024})});
  Add(At(15), {IssuedEvent(kSummer, 11), RedeemedEvent(kSummer, 11)});
  WriteFiles();
}

void PlantedStore::AddLimitedCampaign() {
  CampaignCreated winter = CreatedEvent(4, "winter", 5, 11, At(14));
  winter.terms.coupons_per_user = 2;
  winter.terms.redeem_start_time = At(14);
  winter.terms.valid_duration = std::chrono::hours(1);
  winter.request = RequestKeyFor("request 1");
  CampaignUpdated updated = UpdatedEvent(4, {.redeem_by_holder_only = true});
  updated.request = RequestKeyFor("request 2");
  Add(At(14), {winter, IssuedToOnRequestEvent(4, 11, "minji", 0xB1), IssuedEvent(4, 12),
               IssuedToOnRequestEvent(4, 13, "minji", 0xB2)});
  Add(At(15), {updated, FreedEvent(VoidedEvent(4, 11, "a leak")), IssuedEvent(4, 14)});
  WriteFiles();
}

void PlantedStore::AddErasure() {
  UserErased minji = ErasedEvent(kSpring, {2}, /*claims_freed=*/true);
  minji.request = RequestKeyFor("request 1");
  Add(At(14), {minji, ErasedEvent(kAutumn, {9})});
  WriteFiles();
}

void PlantedStore::AddMisnumbered(GroupNumber number, Sequence first_sequence, Timestamp time,
                                  const std::vector<Event>& events,
                                  const std::vector<KeyId>& keys) {
  const CommitGroup group{.number = number,
                          .first_sequence = first_sequence,
                          .commit_time = time,
                          .events = events,
                          .keys = keys};
  AppendSealed(EncodePayload(group), EncodeHolders(group));
  tip_.sequence = group.last_sequence();
  tip_.time = time;
  groups_.emplace_back(group, tip_);
}

void PlantedStore::AddPayload(const std::string& payload) { AppendSealed(payload, {}); }

void PlantedStore::AppendSealed(const std::string& payload, const std::string& holders) {
  std::string record = std::string(storage::kRecordHeadBytes, '\0') + payload + holders;
  tip_.group = tip_.group.Next();
  tip_.hash = storage::SealRecord(tip_.hash, payload.size(), record);
  PutLogRow(LogKey(tip_.group.value()), record);
}

void PlantedStore::PutHolders(std::uint64_t group, const std::string& holders) {
  const std::string record = LogRow(LogKey(group));
  const std::size_t before = HoldersOf(record).size();
  PutLogRow(LogKey(group), record.substr(0, record.size() - before) + holders);
}

std::string PlantedStore::Holders(std::uint64_t group) const {
  return std::string(HoldersOf(LogRow(LogKey(group))));
}

void PlantedStore::RemoveText(std::uint64_t group, const std::string& user_id) {
  storage::v1::Holders holders;
  COUPOND_CHECK(holders.ParseFromString(Holders(group)));
  auto& all = *holders.mutable_holders();
  const auto kept =
      std::ranges::remove(all, user_id, [](const auto& holder) { return holder.user_id(); });
  COUPOND_CHECK(!kept.empty());
  all.erase(kept.begin(), kept.end());
  PutHolders(group, holders.SerializeAsString());
}

void PlantedStore::PutLogRow(std::string_view key, std::string_view value) {
  COUPOND_CHECK(
      log_->Put(rocksdb::WriteOptions(), rocksdb::Slice(key), rocksdb::Slice(value)).ok());
}

void PlantedStore::DeleteLogRow(std::string_view key) {
  COUPOND_CHECK(log_->Delete(rocksdb::WriteOptions(), rocksdb::Slice(key)).ok());
}

std::string PlantedStore::LogRow(std::string_view key) const {
  std::string value;
  COUPOND_CHECK(log_->Get(rocksdb::ReadOptions(), rocksdb::Slice(key), &value).ok());
  return value;
}

void PlantedStore::FlushLog() { COUPOND_CHECK(log_->Flush(rocksdb::FlushOptions()).ok()); }

void PlantedStore::WriteFiles() {
  const storage::StoreFormat format{.state = storage::StoreFormat::State::kComplete,
                                    .store_id = PlantedIdentity().store_id};
  COUPOND_CHECK(storage::WriteStoreFormat(path() / "FORMAT", format).has_value());
  WriteWatermarkAt(tip_.group, tip_.hash);
}

void PlantedStore::WriteWatermarkAt(GroupNumber group, const GroupHash& hash) {
  const storage::Watermark watermark{.group = group, .hash = hash};
  COUPOND_CHECK(storage::WriteWatermark(path() / "WATERMARK", watermark).has_value());
}

void PlantedStore::MakeViews() {
  const auto store = storage::RocksDbViewStore::Open(path() / "views");
  COUPOND_CHECK(store.has_value());
  auto projection = Projection::Load(**store);
  COUPOND_CHECK(projection.has_value());
  for (const auto& [group, tip] : groups_) {
    COUPOND_CHECK(projection->Add(group, tip).has_value());
    COUPOND_CHECK((*store)->Write(projection->Take()).has_value());
  }
  COUPOND_CHECK((*store)->Flush().has_value());
}

rocksdb::DB& PlantedStore::views() {
  if (!views_) views_ = OpenDatabase(storage::ViewDatabaseOptions(nullptr), path() / "views");
  return *views_;
}

void PlantedStore::PutViewRow(std::string_view key, std::string_view value) {
  COUPOND_CHECK(
      views().Put(storage::ViewWriteOptions(), rocksdb::Slice(key), rocksdb::Slice(value)).ok());
}

void PlantedStore::DeleteViewRow(std::string_view key) {
  COUPOND_CHECK(views().Delete(storage::ViewWriteOptions(), rocksdb::Slice(key)).ok());
}

std::string PlantedStore::ViewRow(std::string_view key) {
  std::string value;
  COUPOND_CHECK(views().Get(rocksdb::ReadOptions(), rocksdb::Slice(key), &value).ok());
  return value;
}

void PlantedStore::CloseViews() {
  if (views_) COUPOND_CHECK(views_->Flush(rocksdb::FlushOptions()).ok());
  views_.reset();
}

std::string LogKey(std::uint64_t group) {
  std::string key;
  AppendBigEndian(key, group);
  return key;
}

}  // namespace coupond::test
