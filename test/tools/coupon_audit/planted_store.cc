#include "tools/coupon_audit/planted_store.h"

#include <rocksdb/db.h>

#include <utility>
#include <variant>
#include <vector>

#include "base/big_endian.h"
#include "base/check.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/views/projection.h"
#include "storage/files/data_directory.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"
#include "storage/views/rocksdb_view_store.h"

namespace coupond::test {
namespace {

std::unique_ptr<rocksdb::DB> OpenDatabase(rocksdb::Options options,
                                          const std::filesystem::path& path) {
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  COUPOND_CHECK(rocksdb::DB::Open(options, path, &db).ok());
  return std::unique_ptr<rocksdb::DB>(db);
}

template <typename Tag>
std::string Bytes(const StrongBytes16<Tag>& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

void Fill(storage::v1::Event& message, const StoreCreated& event) {
  message.mutable_store_created()->set_store_id(Bytes(event.store_id));
  message.mutable_store_created()->set_code_key(Bytes(event.code_key));
  message.mutable_store_created()->set_format_version(event.format_version);
}
template <typename Entries>
void FillMetadata(Entries& entries, const std::vector<MetadataEntry>& metadata) {
  for (const MetadataEntry& from : metadata) {
    auto& entry = *entries.Add();
    entry.set_key(from.key);
    entry.set_value(from.value);
  }
}
void Fill(storage::v1::Event& message, const CampaignCreated& event) {
  storage::v1::CampaignCreated& created = *message.mutable_campaign_created();
  const CampaignTerms& terms = event.terms;
  created.set_campaign_number(event.number.value());
  created.set_campaign_id(Bytes(event.id));
  created.set_name(terms.name);
  created.set_total_coupons(terms.total_coupons);
  created.set_start_time_unix_ns(terms.start_time.unix_nanoseconds());
  created.set_first_serial(event.first_serial.value());
  if (terms.end_time != kNever) created.set_end_time_unix_ns(terms.end_time.unix_nanoseconds());
  created.set_description(terms.description);
  FillMetadata(*created.mutable_metadata(), terms.metadata);
}
void Fill(storage::v1::Event& message, const CouponIssued& event) {
  message.mutable_coupon_issued()->set_campaign_number(event.campaign.value());
  message.mutable_coupon_issued()->set_serial(event.serial.value());
  if (event.claim) message.mutable_coupon_issued()->set_claim(Bytes(*event.claim));
  message.mutable_coupon_issued()->set_user_id(event.user_id);
}
void Fill(storage::v1::Event& message, const CampaignDeleted& event) {
  message.mutable_campaign_deleted()->set_campaign_number(event.campaign.value());
}
void Fill(storage::v1::Event& message, const CampaignUpdated& event) {
  storage::v1::CampaignUpdated& updated = *message.mutable_campaign_updated();
  const TermChanges& changes = event.changes;
  updated.set_campaign_number(event.campaign.value());
  if (changes.name) updated.set_name(*changes.name);
  if (changes.total_coupons) updated.set_total_coupons(*changes.total_coupons);
  if (changes.start_time) updated.set_start_time_unix_ns(changes.start_time->unix_nanoseconds());
  if (changes.end_time) updated.set_end_time_unix_ns(changes.end_time->unix_nanoseconds());
  if (changes.description) updated.set_description(*changes.description);
  if (changes.metadata) {
    FillMetadata(*updated.mutable_metadata()->mutable_entries(), *changes.metadata);
  }
  if (event.added_serials) {
    updated.set_first_added_serial(event.added_serials->first.value());
    updated.set_added_serials(event.added_serials->count);
  }
}
template <typename Message, typename Kind>
void FillActivities(Message& message, const Kind& event) {
  message.set_campaign_number(event.campaign.value());
  message.set_issuing(event.activities.issuing);
  message.set_redeeming(event.activities.redeeming);
  message.set_reason(event.reason);
}
void Fill(storage::v1::Event& message, const CampaignPaused& event) {
  FillActivities(*message.mutable_campaign_paused(), event);
}
void Fill(storage::v1::Event& message, const CampaignResumed& event) {
  FillActivities(*message.mutable_campaign_resumed(), event);
}
void Fill(storage::v1::Event& message, const CampaignArchived& event) {
  message.mutable_campaign_archived()->set_campaign_number(event.campaign.value());
}
void Fill(storage::v1::Event& message, const CampaignUnarchived& event) {
  message.mutable_campaign_unarchived()->set_campaign_number(event.campaign.value());
}
template <typename Message>
void FillRequestKey(Message& message, const std::optional<RequestKey>& request) {
  if (!request) return;
  message.set_request_key(Bytes(request->digest));
  message.set_request_content(request->content);
}
void Fill(storage::v1::Event& message, const CouponRedeemed& event) {
  storage::v1::CouponRedeemed& redeemed = *message.mutable_coupon_redeemed();
  redeemed.set_campaign_number(event.campaign.value());
  redeemed.set_serial(event.serial.value());
  redeemed.set_order_ref(event.order_ref);
  redeemed.set_redeemed_by(event.redeemed_by);
  redeemed.set_request_id(event.request_id);
  FillRequestKey(redeemed, event.request);
}
void Fill(storage::v1::Event& message, const RedemptionCanceled& event) {
  storage::v1::RedemptionCanceled& canceled = *message.mutable_redemption_canceled();
  canceled.set_campaign_number(event.campaign.value());
  canceled.set_serial(event.serial.value());
  canceled.set_redemption(event.redemption.value());
  canceled.set_reason(event.reason);
  FillRequestKey(canceled, event.request);
}
void Fill(storage::v1::Event& message, const CouponVoided& event) {
  storage::v1::CouponVoided& voided = *message.mutable_coupon_voided();
  voided.set_campaign_number(event.campaign.value());
  voided.set_serial(event.serial.value());
  voided.set_returned(event.returned);
  voided.set_reason(event.reason);
  if (event.added_serials) {
    voided.set_first_added_serial(event.added_serials->first.value());
    voided.set_added_serials(event.added_serials->count);
  }
  FillRequestKey(voided, event.request);
}

/// Not with EventCodec: that would abort rather than write what the engine must not.
std::string Encode(const CommitGroup& group) {
  storage::v1::CommitGroup message;
  message.set_number(group.number.value());
  message.set_first_sequence(group.first_sequence.value());
  message.set_commit_time_unix_ns(group.commit_time.unix_nanoseconds());
  for (const Event& event : group.events) {
    std::visit([&message](const auto& body) { Fill(*message.add_events(), body); }, event);
  }
  return message.SerializeAsString();
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

void PlantedStore::Add(Timestamp time, const std::vector<Event>& events) {
  AddMisnumbered(tip_.group.Next(), tip_.sequence.Next(), time, events);
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

void PlantedStore::AddMisnumbered(GroupNumber number, Sequence first_sequence, Timestamp time,
                                  const std::vector<Event>& events) {
  const CommitGroup group{
      .number = number, .first_sequence = first_sequence, .commit_time = time, .events = events};
  AppendSealed(std::string(storage::kHashBytes, '\0') + Encode(group));
  tip_.sequence = group.last_sequence();
  tip_.time = time;
  groups_.emplace_back(group, tip_);
}

void PlantedStore::AddPayload(const std::string& payload) {
  AppendSealed(std::string(storage::kHashBytes, '\0') + payload);
}

void PlantedStore::AppendSealed(std::string record) {
  tip_.group = tip_.group.Next();
  tip_.hash = storage::SealRecord(tip_.hash, record);
  PutLogRow(LogKey(tip_.group.value()), record);
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
  if (!views_) views_ = OpenDatabase(storage::ViewOptions(nullptr), path() / "views");
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

StoreCreated PlantedIdentity() {
  return {.store_id = MakeId<StoreId>(1), .code_key = MakeId<CodeKey>(0x5E), .format_version = 1};
}

CampaignCreated CreatedEvent(std::uint64_t number, std::string name, std::int64_t total,
                             std::uint64_t first_serial, Timestamp start) {
  return {.number = CampaignNumber(number),
          .id = Id(static_cast<std::uint8_t>(number)),
          .terms = {.name = std::move(name), .total_coupons = total, .start_time = start},
          .first_serial = Serial(first_serial)};
}

CouponIssued IssuedEvent(std::uint64_t campaign, std::uint64_t serial) {
  return {
      .campaign = CampaignNumber(campaign), .serial = Serial(serial), .claim = {}, .user_id = {}};
}

CouponIssued IssuedToEvent(std::uint64_t campaign, std::uint64_t serial,
                           const std::string& user_id) {
  ClaimDigest digest(PlantedIdentity().code_key);
  return {.campaign = CampaignNumber(campaign),
          .serial = Serial(serial),
          .claim = digest.Of(Id(static_cast<std::uint8_t>(campaign)), ClaimKind::kUser, user_id),
          .user_id = user_id};
}

CouponIssued IssuedOnRequestEvent(std::uint64_t campaign, std::uint64_t serial,
                                  std::uint8_t claim) {
  return {.campaign = CampaignNumber(campaign),
          .serial = Serial(serial),
          .claim = ClaimOf(claim),
          .user_id = {}};
}

CampaignDeleted DeletedEvent(std::uint64_t campaign) {
  return {.campaign = CampaignNumber(campaign)};
}

CampaignUpdated UpdatedEvent(std::uint64_t campaign, TermChanges changes,
                             std::optional<SerialRange> added_serials) {
  return {.campaign = CampaignNumber(campaign),
          .changes = std::move(changes),
          .added_serials = added_serials};
}

CampaignPaused PausedEvent(std::uint64_t campaign, Activities activities, std::string reason) {
  return {
      .campaign = CampaignNumber(campaign), .activities = activities, .reason = std::move(reason)};
}

CampaignResumed ResumedEvent(std::uint64_t campaign, Activities activities, std::string reason) {
  return {
      .campaign = CampaignNumber(campaign), .activities = activities, .reason = std::move(reason)};
}

CampaignArchived ArchivedEvent(std::uint64_t campaign) {
  return {.campaign = CampaignNumber(campaign)};
}

CampaignUnarchived UnarchivedEvent(std::uint64_t campaign) {
  return {.campaign = CampaignNumber(campaign)};
}

RequestKey RequestKeyFor(const std::string& request_id) {
  return {.digest = ClaimDigest(PlantedIdentity().code_key).OfRequestId(request_id),
          .content = 0x0123456789ABCDEF};
}

CouponRedeemed RedeemedEvent(std::uint64_t campaign, std::uint64_t serial,
                             const std::string& request_id) {
  CouponRedeemed redeemed{.campaign = CampaignNumber(campaign),
                          .serial = Serial(serial),
                          .order_ref = {},
                          .redeemed_by = {},
                          .request_id = request_id,
                          .request = {}};
  if (!request_id.empty()) redeemed.request = RequestKeyFor(request_id);
  return redeemed;
}

RedemptionCanceled CanceledEvent(std::uint64_t campaign, std::uint64_t serial,
                                 std::uint64_t redemption, std::string reason) {
  return {.campaign = CampaignNumber(campaign),
          .serial = Serial(serial),
          .redemption = Sequence(redemption),
          .reason = std::move(reason),
          .request = {}};
}

CouponVoided VoidedEvent(std::uint64_t campaign, std::uint64_t serial, std::string reason) {
  return {.campaign = CampaignNumber(campaign),
          .serial = Serial(serial),
          .returned = false,
          .reason = std::move(reason),
          .added_serials = {},
          .request = {}};
}

CouponVoided ReturnedEvent(std::uint64_t campaign, std::uint64_t serial,
                           std::optional<SerialRange> added_serials) {
  CouponVoided returned = VoidedEvent(campaign, serial);
  returned.returned = true;
  returned.added_serials = added_serials;
  return returned;
}

std::string LogKey(std::uint64_t group) {
  std::string key;
  AppendBigEndian(key, group);
  return key;
}

}  // namespace coupond::test
