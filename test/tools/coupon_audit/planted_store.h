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
#include "tools/coupon_audit/planted_events.h"

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

  /// Adds the next group, at that time, with the keys of its events or without any.
  void Add(Timestamp time, const std::vector<Event>& events, const std::vector<KeyId>& keys = {});
  /// Adds two groups in which something becomes of coupons, and writes the files:
  ///
  ///   group 7  At(14), from sequence 14 on: spring's 2 is redeemed on request, and its 1, which is
  ///            canceled; its 3 is voided; summer's 8 is returned, with 1,024 serials from 11 on
  ///   group 8  At(15), from sequence 19 on: summer's 11 is issued and redeemed
  void AddCouponLives();
  /// Adds two groups with a campaign of which a user may have two coupons, valid for an hour each,
  /// and writes the files:
  ///
  ///   group 7  At(14), from sequence 14 on: campaign 4 "winter" of 5 is created on request; its 11
  ///            is issued to minji, 12 to nobody, 13 to minji
  ///   group 8  At(15), from sequence 18 on: winter is updated on request; its 11 is voided and its
  ///            claim freed; 14 is issued to nobody
  void AddLimitedCampaign();
  /// Adds a group in which users are erased, and writes the files. The texts stay.
  ///
  ///   group 7  At(14), from sequence 14 on: minji's 2 of spring, with its claim freed, and sora's
  ///   9
  ///            of autumn, which is deleted
  void AddErasure();
  /// Adds a group with another number or first sequence than would follow, at the next group's key.
  void AddMisnumbered(GroupNumber number, Sequence first_sequence, Timestamp time,
                      const std::vector<Event>& events, const std::vector<KeyId>& keys = {});
  /// Adds bytes that are not a group, with the hash that follows.
  void AddPayload(const std::string& payload);

  /// Returns the part of a group's record that has the user_ids.
  [[nodiscard]] std::string Holders(std::uint64_t group) const;
  /// Replaces it, which no hash shows.
  void PutHolders(std::uint64_t group, const std::string& holders);
  /// Removes those of one user from a group, as an erasure does.
  void RemoveText(std::uint64_t group, const std::string& user_id);

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
  void AppendSealed(const std::string& payload, const std::string& holders);
  rocksdb::DB& views();

  TemporaryDirectory directory_;
  std::unique_ptr<rocksdb::DB> log_;
  std::unique_ptr<rocksdb::DB> views_;
  std::vector<std::pair<CommitGroup, LogTip>> groups_;  // for the views
  LogTip tip_;
};

/// The history that every PlantedStore begins with.
///
///   group 1  the store
///   group 2  campaign 1 "spring" of 5, 2 "summer" of 3, 3 "autumn" of 2; starting at At(10)
///   group 3  At(10): spring's serials 1, 2 ("minji"), 3 (request key 0xA2); summer's 6
///   group 4  At(11): summer's 7 ("joon"); autumn's 9 ("sora")
///   group 5  At(12): autumn is deleted; summer's 8
///   group 6  At(13): spring's 4
inline constexpr std::uint64_t kBaseGroups = 6;
inline constexpr std::uint64_t kBaseEvents = 13;

/// Returns the key of a group in the log.
[[nodiscard]] std::string LogKey(std::uint64_t group);

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_PLANTED_STORE_H_
