#ifndef COUPOND_TEST_SUPPORT_INTERRUPTED_VIEWS_H_
#define COUPOND_TEST_SUPPORT_INTERRUPTED_VIEWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/ports/view_store.h"
#include "support/fake_view_store.h"

namespace coupond::test {

/// The views in memory, with an interruption between two steps of their user. One thread, unless
/// there is no interruption.
class InterruptedViews final : public ViewStore {
 public:
  using Interruption = std::function<void()>;

  /// Interrupts just before the read that follows `reads` further ones, of a checkpoint, of a
  /// campaign by its id, or of coupons.
  void BeforeRead(int reads, Interruption happens) {
    reads_left_ = reads;
    before_read_ = std::move(happens);
  }
  /// Interrupts before every read that queries make, until called with {}. What happens then must
  /// read rows().
  void BeforeEachRead(Interruption happens) { before_each_read_ = std::move(happens); }
  /// Interrupts after the next Write, before its caller learns of it.
  void AfterWrite(Interruption happens) { after_write_ = std::move(happens); }
  [[nodiscard]] test::FakeViewStore& rows() { return rows_; }

  [[nodiscard]] Status Write(const ViewChanges& changes) override {
    Status written = rows_.Write(changes);
    if (const auto happens = std::exchange(after_write_, {})) happens();
    return written;
  }
  [[nodiscard]] Status Flush() override { return rows_.Flush(); }
  [[nodiscard]] Status Clear() override { return rows_.Clear(); }
  [[nodiscard]] Result<std::optional<Checkpoint>> ReadCheckpoint() const override {
    Interrupt();
    return rows_.ReadCheckpoint();
  }
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(const CampaignId& id) const override {
    Interrupt();
    return rows_.FindCampaign(id);
  }
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(
      CampaignNumber campaign) const override {
    InterruptEach();
    return rows_.FindCampaign(campaign);
  }
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaignOf(Serial serial) const override {
    InterruptEach();
    return rows_.FindCampaignOf(serial);
  }
  [[nodiscard]] Result<std::optional<CampaignId>> FindCampaignId(
      CampaignNumber campaign) const override {
    InterruptEach();
    return rows_.FindCampaignId(campaign);
  }
  [[nodiscard]] Result<std::optional<CampaignNumber>> FindCampaignNumber(
      const CampaignId& id) const override {
    InterruptEach();
    return rows_.FindCampaignNumber(id);
  }
  [[nodiscard]] Result<std::vector<SoldOutRow>> ListSoldOuts(Sequence first,
                                                             Sequence end) const override {
    InterruptEach();
    return rows_.ListSoldOuts(first, end);
  }
  [[nodiscard]] Result<std::vector<ErasureRow>> ListErasures() const override {
    InterruptEach();
    return rows_.ListErasures();
  }
  [[nodiscard]] Result<std::optional<CouponStatus>> FindStatus(
      CampaignNumber campaign, std::uint64_t ordinal) const override {
    InterruptEach();
    return rows_.FindStatus(campaign, ordinal);
  }
  [[nodiscard]] Result<std::vector<std::optional<StoredCoupon>>> FindCoupons(
      CampaignNumber campaign, std::span<const std::uint64_t> ordinals) const override {
    InterruptEach();
    return rows_.FindCoupons(campaign, ordinals);
  }
  [[nodiscard]] Result<std::vector<UserCoupon>> ListCouponsOf(
      UserDigest user, CouponOrder order, const std::optional<UserCoupon>& after,
      std::size_t limit) const override {
    InterruptEach();
    return rows_.ListCouponsOf(user, order, after, limit);
  }
  [[nodiscard]] Result<std::vector<std::uint64_t>> ListOrdinals(CampaignNumber campaign,
                                                                CouponState state,
                                                                CouponOrder order,
                                                                std::optional<std::uint64_t> after,
                                                                std::size_t limit) const override {
    InterruptEach();
    return rows_.ListOrdinals(campaign, state, order, after, limit);
  }
  [[nodiscard]] Result<std::vector<Campaign>> ListCampaigns(CampaignNumber after,
                                                            std::size_t limit) const override {
    InterruptEach();
    return rows_.ListCampaigns(after, limit);
  }
  [[nodiscard]] Result<std::unique_ptr<CouponCursor>> OpenCoupons(
      CampaignNumber campaign, OrdinalRange ordinals) const override {
    Interrupt();
    return rows_.OpenCoupons(campaign, ordinals);
  }
  [[nodiscard]] Status ReadClaims(
      const std::function<void(const ClaimRun&)>& visit) const override {
    return rows_.ReadClaims(visit);
  }
  [[nodiscard]] Status ReadStatuses(
      const std::function<void(const CouponStatusRow&)>& visit) const override {
    return rows_.ReadStatuses(visit);
  }
  [[nodiscard]] Status ReadRequests(
      const std::function<void(const RequestRow&)>& visit) const override {
    return rows_.ReadRequests(visit);
  }

 private:
  void InterruptEach() const {
    if (before_each_read_) before_each_read_();
  }
  void Interrupt() const {
    InterruptEach();
    if (before_read_ && reads_left_-- == 0) std::exchange(before_read_, {})();
  }

  test::FakeViewStore rows_;
  Interruption after_write_;
  mutable int reads_left_ = 0;
  mutable Interruption before_read_;
  Interruption before_each_read_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_INTERRUPTED_VIEWS_H_
