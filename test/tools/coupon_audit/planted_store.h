#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_STORE_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_STORE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/event_log.h"
#include "engine/rules/event.h"
#include "support/builders.h"
#include "support/temporary_directory.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace coupond::test {

/// A data directory whose bytes the test writes itself, bypassing the engine and its checks, so
/// that it can hold what the engine would never write.
///
/// Begins with some ordinary history (see Begin), which is sound. Groups that are added keep the
/// log's form (numbers, sequences, hashes) unless the function says otherwise; whether their events
/// follow the rules is the test's choice.
class PlantedStore {
 public:
  PlantedStore();
  ~PlantedStore();
  PlantedStore(const PlantedStore&) = delete;
  PlantedStore& operator=(const PlantedStore&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
  [[nodiscard]] const LogTip& tip() const { return tip_; }

  /// Adds the next group, at that time.
  void Add(Timestamp time, const std::vector<Event>& events);
  /// Adds two groups in which something becomes of coupons, and writes the files:
  ///
  ///   group 7  At(14), from sequence 14 on: spring's 2 is redeemed on request, and its 1, which is
  ///            canceled; its 3 is voided; summer's 8 is returned, with 1,024 serials from 11 on
  ///   group 8  At(15), from sequence 19 on: summer's 11 is issued and redeemed
  void AddCouponLives();
  /// Adds a group with another number or first sequence than would follow, at the next group's key.
  void AddMisnumbered(GroupNumber number, Sequence first_sequence, Timestamp time,
                      const std::vector<Event>& events);
  /// Adds bytes that are not a group, with the hash that follows.
  void AddPayload(const std::string& payload);

  /// Writes any row of the log.
  void PutLogRow(std::string_view key, std::string_view value);
  void DeleteLogRow(std::string_view key);
  [[nodiscard]] std::string LogRow(std::string_view key) const;
  /// Moves what was written from the write-ahead log into a table.
  void FlushLog();

  /// Writes FORMAT, and WATERMARK at the tip.
  void WriteFiles();
  void WriteWatermarkAt(GroupNumber group, const GroupHash& hash);

  /// Writes the views that the server's own projection makes of all groups so far.
  void MakeViews();
  /// Writes any row of the views. Durable only after CloseViews.
  void PutViewRow(std::string_view key, std::string_view value);
  void DeleteViewRow(std::string_view key);
  [[nodiscard]] std::string ViewRow(std::string_view key);
  void CloseViews();

 private:
  void Begin();
  void AppendSealed(std::string record);
  rocksdb::DB& views();

  TemporaryDirectory directory_;
  std::unique_ptr<rocksdb::DB> log_;
  std::unique_ptr<rocksdb::DB> views_;
  std::vector<std::pair<CommitGroup, LogTip>> groups_;  // for the views
  LogTip tip_;
};

/// The history that every PlantedStore begins with, and the campaigns in it.
///
///   group 1  the store
///   group 2  campaign 1 "spring" of 5, 2 "summer" of 3, 3 "autumn" of 2; starting at At(10)
///   group 3  At(10): spring's serials 1, 2 ("minji"), 3 (claim 0xA2); summer's 6
///   group 4  At(11): summer's 7 ("joon"); autumn's 9 ("sora")
///   group 5  At(12): autumn is deleted; summer's 8
///   group 6  At(13): spring's 4
inline constexpr std::uint64_t kSpring = 1;
inline constexpr std::uint64_t kSummer = 2;
inline constexpr std::uint64_t kAutumn = 3;
inline constexpr std::uint64_t kBaseGroups = 6;
inline constexpr std::uint64_t kBaseEvents = 13;

[[nodiscard]] StoreCreated PlantedIdentity();
[[nodiscard]] CampaignCreated CreatedEvent(std::uint64_t number, std::string name,
                                           std::int64_t total, std::uint64_t first_serial,
                                           Timestamp start);
[[nodiscard]] CouponIssued IssuedEvent(std::uint64_t campaign, std::uint64_t serial);
/// Returns an event with the claim that the user_id has in the campaign.
[[nodiscard]] CouponIssued IssuedToEvent(std::uint64_t campaign, std::uint64_t serial,
                                         const std::string& user_id);
/// Returns an event with a claim that belongs to no user_id.
[[nodiscard]] CouponIssued IssuedOnRequestEvent(std::uint64_t campaign, std::uint64_t serial,
                                                std::uint8_t claim);
[[nodiscard]] CampaignDeleted DeletedEvent(std::uint64_t campaign);
[[nodiscard]] CampaignUpdated UpdatedEvent(std::uint64_t campaign, TermChanges changes,
                                           std::optional<SerialRange> added_serials = {});
[[nodiscard]] CampaignPaused PausedEvent(std::uint64_t campaign, Activities activities,
                                         std::string reason = {});
[[nodiscard]] CampaignResumed ResumedEvent(std::uint64_t campaign, Activities activities,
                                           std::string reason = {});
[[nodiscard]] CampaignArchived ArchivedEvent(std::uint64_t campaign);
[[nodiscard]] CampaignUnarchived UnarchivedEvent(std::uint64_t campaign);
/// Returns the key of a request with that id, and with some content.
[[nodiscard]] RequestKey RequestKeyFor(const std::string& request_id);
/// Returns an event with the key of the request, if there is one.
[[nodiscard]] CouponRedeemed RedeemedEvent(std::uint64_t campaign, std::uint64_t serial,
                                           const std::string& request_id = {});
[[nodiscard]] RedemptionCanceled CanceledEvent(std::uint64_t campaign, std::uint64_t serial,
                                               std::uint64_t redemption, std::string reason = {});
[[nodiscard]] CouponVoided VoidedEvent(std::uint64_t campaign, std::uint64_t serial,
                                       std::string reason = {});
/// Returns an event that gives the place back too.
[[nodiscard]] CouponVoided ReturnedEvent(std::uint64_t campaign, std::uint64_t serial,
                                         std::optional<SerialRange> added_serials = {});
/// Returns the key of a group in the log.
[[nodiscard]] std::string LogKey(std::uint64_t group);

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_STORE_H_
