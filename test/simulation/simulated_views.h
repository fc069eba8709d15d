#ifndef COUPOND_TEST_SIMULATION_SIMULATED_VIEWS_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_VIEWS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/ports/view_store.h"
#include "simulation/crash_points.h"
#include "simulation/simulated_log.h"
#include "support/fake_view_store.h"

namespace coupond::simulation {

/// The views on a simulated disk: after a crash they are as they were after the last flush or any
/// write since, after an earlier flush (somebody restored a copy), or gone. One thread.
class SimulatedViews final : public ViewStore {
 public:
  SimulatedViews(const SimulatedLog& log, CrashPoints& crash_points, Coverage& coverage)
      : log_(log), crash_points_(crash_points), coverage_(coverage) {}

  /// Also checks that the projector keeps its rules: views show only what is durable, and have the
  /// id of every campaign.
  [[nodiscard]] Status Write(const ViewChanges& changes) override;
  [[nodiscard]] Status Flush() override;
  [[nodiscard]] Status Clear() override;
  [[nodiscard]] Result<std::optional<Checkpoint>> ReadCheckpoint() const override;
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(const CampaignId& id) const override;
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(
      CampaignNumber campaign) const override;
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaignOf(Serial serial) const override;
  [[nodiscard]] Result<std::optional<CampaignId>> FindCampaignId(
      CampaignNumber campaign) const override {
    return rows_.FindCampaignId(campaign);
  }
  [[nodiscard]] Result<std::optional<CampaignNumber>> FindCampaignNumber(
      const CampaignId& id) const override {
    return rows_.FindCampaignNumber(id);
  }
  [[nodiscard]] Result<std::vector<SoldOutRow>> ListSoldOuts(Sequence first,
                                                             Sequence end) const override {
    return rows_.ListSoldOuts(first, end);
  }
  [[nodiscard]] Result<std::vector<ErasureRow>> ListErasures() const override;
  [[nodiscard]] Result<std::optional<CouponStatus>> FindStatus(
      CampaignNumber campaign, std::uint64_t ordinal) const override;
  [[nodiscard]] Result<std::vector<std::optional<StoredCoupon>>> FindCoupons(
      CampaignNumber campaign, std::span<const std::uint64_t> ordinals) const override {
    return rows_.FindCoupons(campaign, ordinals);
  }
  [[nodiscard]] Result<std::vector<UserCoupon>> ListCouponsOf(
      UserDigest user, CouponOrder order, const std::optional<UserCoupon>& after,
      std::size_t limit) const override {
    return rows_.ListCouponsOf(user, order, after, limit);
  }
  [[nodiscard]] Result<std::vector<std::uint64_t>> ListOrdinals(CampaignNumber campaign,
                                                                CouponState state,
                                                                CouponOrder order,
                                                                std::optional<std::uint64_t> after,
                                                                std::size_t limit) const override {
    return rows_.ListOrdinals(campaign, state, order, after, limit);
  }
  [[nodiscard]] Result<std::vector<Campaign>> ListCampaigns(CampaignNumber after,
                                                            std::size_t limit) const override;
  [[nodiscard]] Result<std::unique_ptr<CouponCursor>> OpenCoupons(
      CampaignNumber campaign, OrdinalRange ordinals) const override;
  [[nodiscard]] Status ReadClaims(const std::function<void(const ClaimRun&)>& visit) const override;
  [[nodiscard]] Status ReadStatuses(
      const std::function<void(const CouponStatusRow&)>& visit) const override;
  [[nodiscard]] Status ReadRequests(
      const std::function<void(const RequestRow&)>& visit) const override;

  /// Removes the texts of a campaign that later writes have removed, or that was erased, from all
  /// that is on the disk, also from what would be there after a crash.
  void RemoveLostTexts(CampaignNumber campaign);
  /// Returns all writes that the views on the disk consist of.
  [[nodiscard]] const std::vector<ViewChanges>& writes() const { return writes_; }

  /// Makes the next Write fail.
  void FailNextWrite() { fail_next_write_ = true; }

  enum class Fate : std::uint8_t { kLastFlush, kLaterWrite, kEarlierFlush, kLost };
  /// The process died, and the next one opens the views. `chance` picks the write or the flush.
  void Restart(Fate fate, std::uint64_t chance);

  /// The log was put back, and no process has the views open: they are gone, or as they were after
  /// one of the writes that belong to the log as it is now. `chance` picks the write; 0: none.
  void PutBack(std::uint64_t chance);

  /// Returns the sequence that the views have reached; 0 if they are empty.
  [[nodiscard]] Sequence checkpoint() const;
  /// Reports whether everything written is flushed.
  [[nodiscard]] bool flushed() const { return writes_.size() == flushes_.back(); }

 private:
  /// Demands that each campaign that is new here, even if it is erased at once, comes with its id.
  /// The fake finds ids in the campaigns' own rows, and so would not miss one.
  void DemandIds(const ViewChanges& changes) const;
  /// Rebuilds the views from the first `writes` writes.
  void GoBackTo(std::size_t writes);

  const SimulatedLog& log_;
  CrashPoints& crash_points_;
  Coverage& coverage_;
  test::FakeViewStore rows_;
  std::vector<ViewChanges> writes_;         // all that led to rows_
  std::vector<std::size_t> flushes_ = {0};  // how many writes each flush made durable
  bool fail_next_write_ = false;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_VIEWS_H_
