#ifndef COUPOND_STORAGE_VIEWS_ROCKSDB_VIEW_STORE_H_
#define COUPOND_STORAGE_VIEWS_ROCKSDB_VIEW_STORE_H_

#include <atomic>
#include <filesystem>
#include <memory>
#include <span>

#include "engine/ports/text_purge.h"
#include "engine/ports/view_store.h"
#include "storage/files/text_rewrite.h"
#include "storage/views/user_index.h"

namespace rocksdb {
class DB;
class Env;
class WriteBatch;
struct ReadOptions;
}  // namespace rocksdb

namespace coupond::storage {

class DamageMark;

/// The views in a RocksDB of their own, without a WAL. view_rows.h describes the rows.
///
/// Threads as in ViewStore. Cursors may outlive the store, but each keeps its files open. What
/// cannot be read is kViewsDamaged: then the views must be cleared and rebuilt. It also leaves a
/// mark in the directory, so that the next start does so at once.
class RocksDbViewStore final : public ViewStore {
 public:
  /// Opens the views. A missing or empty directory gives empty ones; anything else must be views.
  /// Errors as in view_database.h.
  [[nodiscard]] static Result<std::unique_ptr<RocksDbViewStore>> Open(
      std::filesystem::path directory, rocksdb::Env* env = nullptr);

  ~RocksDbViewStore() override;
  RocksDbViewStore(const RocksDbViewStore&) = delete;
  RocksDbViewStore& operator=(const RocksDbViewStore&) = delete;

  [[nodiscard]] Status Write(const ViewChanges& changes) override;
  [[nodiscard]] Status Flush() override;
  /// Deletes the files, so that damaged ones go too. No read may be running and no cursor open
  /// (kUnavailable). After an error the store must not be used any more.
  [[nodiscard]] Status Clear() override;
  /// Removes the texts of users which these campaigns' coupons have lost, and those of deleted
  /// campaigns' coupons, from the files, as TextPurge::Purge does. Beside all other calls.
  [[nodiscard]] Result<bool> PurgeRemovedTexts(const TextPlaces& places,
                                               const std::atomic<bool>& stop);
  [[nodiscard]] Result<std::optional<Checkpoint>> ReadCheckpoint() const override;
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(const CampaignId& id) const override;
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(
      CampaignNumber campaign) const override;
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaignOf(Serial serial) const override;
  [[nodiscard]] Result<std::optional<CampaignId>> FindCampaignId(
      CampaignNumber campaign) const override;
  [[nodiscard]] Result<std::optional<CampaignNumber>> FindCampaignNumber(
      const CampaignId& id) const override;
  [[nodiscard]] Result<std::vector<SoldOutRow>> ListSoldOuts(Sequence first,
                                                             Sequence end) const override;
  [[nodiscard]] Result<std::vector<ErasureRow>> ListErasures() const override;
  [[nodiscard]] Result<std::optional<CouponStatus>> FindStatus(
      CampaignNumber campaign, std::uint64_t ordinal) const override;
  [[nodiscard]] Result<std::vector<std::optional<StoredCoupon>>> FindCoupons(
      CampaignNumber campaign, std::span<const std::uint64_t> ordinals) const override;
  [[nodiscard]] Result<std::vector<UserCoupon>> ListCouponsOf(
      UserDigest user, CouponOrder order, const std::optional<UserCoupon>& after,
      std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<std::uint64_t>> ListOrdinals(CampaignNumber campaign,
                                                                CouponState state,
                                                                CouponOrder order,
                                                                std::optional<std::uint64_t> after,
                                                                std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<Campaign>> ListCampaigns(CampaignNumber after,
                                                            std::size_t limit) const override;
  [[nodiscard]] Result<std::unique_ptr<CouponCursor>> OpenCoupons(
      CampaignNumber campaign, OrdinalRange ordinals) const override;
  [[nodiscard]] Status ReadClaims(const std::function<void(const ClaimRun&)>& visit) const override;
  [[nodiscard]] Status ReadStatuses(
      const std::function<void(const CouponStatusRow&)>& visit) const override;
  [[nodiscard]] Status ReadRequests(
      const std::function<void(const RequestRow&)>& visit) const override;

 private:
  RocksDbViewStore(std::filesystem::path directory, rocksdb::Env* env);

  [[nodiscard]] Status OpenDatabase();
  static void AddErasure(const Campaign& campaign, rocksdb::WriteBatch& batch);
  [[nodiscard]] Status AddTextRemovals(std::span<const TextRemoval> removals,
                                       rocksdb::WriteBatch& batch) const;
  [[nodiscard]] Result<std::optional<std::string>> ReadValue(
      std::string_view key, const rocksdb::ReadOptions& options) const;

  const std::filesystem::path directory_;
  rocksdb::Env* const env_;
  // Shared with the cursors.
  std::shared_ptr<rocksdb::DB> db_;
  std::shared_ptr<DamageMark> damage_;
  UserIndex user_index_;      // Write's alone
  TextRewrite text_rewrite_;  // PurgeRemovedTexts' alone
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_ROCKSDB_VIEW_STORE_H_
