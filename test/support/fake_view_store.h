#ifndef COUPOND_TEST_SUPPORT_FAKE_VIEW_STORE_H_
#define COUPOND_TEST_SUPPORT_FAKE_VIEW_STORE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/ports/view_store.h"

namespace coupond::test {

/// The views in ordinary maps, for comparison with the real store and for tests of the engine.
///
/// Any thread may call anything. Reads see all of a Write or none of it.
class FakeViewStore final : public ViewStore {
 public:
  [[nodiscard]] Status Write(const ViewChanges& changes) override;
  [[nodiscard]] Status Flush() override;
  [[nodiscard]] Status Clear() override;
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

  /// Makes writes wait until ReleaseWrites, like those of a projector that has fallen behind.
  void HoldWrites();
  void ReleaseWrites();
  /// Makes every Write and Flush fail with `error`; with nullopt they succeed again.
  void FailWrites(std::optional<Error> error);
  /// Restores what the last Flush made durable.
  void Crash();
  [[nodiscard]] std::size_t flush_calls() const;
  /// Returns the number of calls of FindCampaignId.
  [[nodiscard]] std::size_t id_lookups() const;
  /// Returns the number of cursors that exist.
  [[nodiscard]] std::size_t open_cursors() const {
    return static_cast<std::size_t>(cursors_.use_count()) - 1;
  }

 private:
  /// Removes the text of a coupon whose run was written before.
  void RemoveText(const TextRemoval& removed);

  /// Returns one coupon. The caller holds the mutex.
  [[nodiscard]] std::optional<StoredCoupon> FindOne(CampaignNumber campaign,
                                                    std::uint64_t ordinal) const;

  struct Rows {
    std::map<CampaignNumber, Campaign> campaigns;
    std::map<std::pair<CampaignNumber, std::uint64_t>, CouponRun> runs;
    std::map<std::pair<CampaignNumber, std::uint64_t>, ClaimRun> claims;
    std::map<std::pair<CampaignNumber, std::uint64_t>, CouponStatus> statuses;
    std::vector<UserCouponRow> user_coupons;
    std::map<Serial, SerialsRow> serials;  ///< by the first one
    std::map<Claim, CarriedOut> requests;
    std::map<CampaignNumber, CampaignId> erased_campaigns;
    std::map<Sequence, CampaignNumber> sold_outs;
    std::map<Sequence, ErasureRow> erasures;
    std::optional<Checkpoint> checkpoint;
  };

  const std::shared_ptr<const char> cursors_ = std::make_shared<const char>();  ///< each has one
  mutable std::mutex mutex_;
  std::condition_variable released_;
  Rows rows_;
  Rows durable_rows_;
  bool holding_writes_ = false;
  std::optional<Error> write_error_;
  std::size_t flush_calls_ = 0;
  mutable std::size_t id_lookups_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_FAKE_VIEW_STORE_H_
