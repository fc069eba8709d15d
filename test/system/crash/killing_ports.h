#ifndef COUPOND_TEST_SYSTEM_CRASH_KILLING_PORTS_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILLING_PORTS_H_

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "engine/ports/event_log.h"
#include "engine/ports/text_purge.h"
#include "engine/ports/view_store.h"
#include "storage/files/watermark.h"
#include "system/crash/kill_point.h"

/// The real ports, with a kill switch between them and the engine. Threads are those of the ports.
namespace coupond::test {

class KillingEventLog final : public EventLog {
 public:
  KillingEventLog(EventLog& log, KillSwitch& kill) : log_(log), kill_(kill) {}

  [[nodiscard]] LogTip Tip() const override { return log_.Tip(); }
  [[nodiscard]] Status Append(const CommitGroup& group) override {
    const std::uint64_t number = group.number.value();
    kill_.Reach(KillPoint::kBeforeAppend, number);
    if (Has<UserErased>(group)) kill_.Reach(KillPoint::kBeforeErased, number);
    if (Has<ErasureFinished>(group)) kill_.Reach(KillPoint::kBeforeFinished, number);
    Status appended = log_.Append(group);
    kill_.Reach(KillPoint::kAfterAppend, number);
    if (Has<UserErased>(group)) kill_.Reach(KillPoint::kAfterErased, number);
    if (Has<ErasureFinished>(group)) kill_.Reach(KillPoint::kAfterFinished, number);
    return appended;
  }
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override {
    return log_.Read(first, [&](const CommitGroup& group, const GroupHash& hash) {
      kill_.Reach(KillPoint::kReadLog, group.number.value());
      return visit(group, hash);
    });
  }

 private:
  template <typename Kind>
  static bool Has(const CommitGroup& group) {
    return std::ranges::any_of(
        group.events, [](const Event& event) { return std::holds_alternative<Kind>(event); });
  }

  EventLog& log_;
  KillSwitch& kill_;
};

class KillingViewStore final : public ViewStore {
 public:
  KillingViewStore(ViewStore& views, KillSwitch& kill) : views_(views), kill_(kill) {}

  [[nodiscard]] Status Write(const ViewChanges& changes) override {
    const std::uint64_t group = changes.checkpoint.tip.group.value();
    const bool removes_texts = !changes.removed_texts.empty();
    kill_.Reach(KillPoint::kBeforeViewWrite, group);
    if (removes_texts) kill_.Reach(KillPoint::kBeforeViewRemoval, group);
    Status written = views_.Write(changes);
    kill_.Reach(KillPoint::kAfterViewWrite, group);
    if (removes_texts) kill_.Reach(KillPoint::kAfterViewRemoval, group);
    return written;
  }
  [[nodiscard]] Status Flush() override {
    kill_.Reach(KillPoint::kBeforeViewFlush, 0);
    Status flushed = views_.Flush();
    kill_.Reach(KillPoint::kAfterViewFlush, 0);
    return flushed;
  }
  [[nodiscard]] Status Clear() override { return views_.Clear(); }

  [[nodiscard]] Result<std::optional<Checkpoint>> ReadCheckpoint() const override {
    kill_.Reach(KillPoint::kReadCheckpoint, 0);
    return views_.ReadCheckpoint();
  }
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(const CampaignId& id) const override {
    return views_.FindCampaign(id);
  }
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaign(
      CampaignNumber campaign) const override {
    return views_.FindCampaign(campaign);
  }
  [[nodiscard]] Result<std::optional<Campaign>> FindCampaignOf(Serial serial) const override {
    return views_.FindCampaignOf(serial);
  }
  [[nodiscard]] Result<std::optional<CampaignId>> FindCampaignId(
      CampaignNumber campaign) const override {
    return views_.FindCampaignId(campaign);
  }
  [[nodiscard]] Result<std::optional<CampaignNumber>> FindCampaignNumber(
      const CampaignId& id) const override {
    return views_.FindCampaignNumber(id);
  }
  [[nodiscard]] Result<std::vector<SoldOutRow>> ListSoldOuts(Sequence first,
                                                             Sequence end) const override {
    return views_.ListSoldOuts(first, end);
  }
  [[nodiscard]] Result<std::vector<ErasureRow>> ListErasures() const override {
    return views_.ListErasures();
  }
  [[nodiscard]] Result<std::optional<CouponStatus>> FindStatus(
      CampaignNumber campaign, std::uint64_t ordinal) const override {
    return views_.FindStatus(campaign, ordinal);
  }
  [[nodiscard]] Result<std::vector<std::optional<StoredCoupon>>> FindCoupons(
      CampaignNumber campaign, std::span<const std::uint64_t> ordinals) const override {
    return views_.FindCoupons(campaign, ordinals);
  }
  [[nodiscard]] Result<std::vector<UserCoupon>> ListCouponsOf(
      UserDigest user, CouponOrder order, const std::optional<UserCoupon>& after,
      std::size_t limit) const override {
    return views_.ListCouponsOf(user, order, after, limit);
  }
  [[nodiscard]] Result<std::vector<std::uint64_t>> ListOrdinals(CampaignNumber campaign,
                                                                CouponState state,
                                                                CouponOrder order,
                                                                std::optional<std::uint64_t> after,
                                                                std::size_t limit) const override {
    return views_.ListOrdinals(campaign, state, order, after, limit);
  }
  [[nodiscard]] Result<std::vector<Campaign>> ListCampaigns(CampaignNumber after,
                                                            std::size_t limit) const override {
    kill_.Reach(KillPoint::kReadCampaigns, 0);
    return views_.ListCampaigns(after, limit);
  }
  [[nodiscard]] Result<std::unique_ptr<CouponCursor>> OpenCoupons(
      CampaignNumber campaign, OrdinalRange ordinals) const override {
    return views_.OpenCoupons(campaign, ordinals);
  }
  [[nodiscard]] Status ReadClaims(
      const std::function<void(const ClaimRun&)>& visit) const override {
    kill_.Reach(KillPoint::kReadClaims, 0);
    return views_.ReadClaims(visit);
  }
  [[nodiscard]] Status ReadStatuses(
      const std::function<void(const CouponStatusRow&)>& visit) const override {
    return views_.ReadStatuses(visit);
  }
  [[nodiscard]] Status ReadRequests(
      const std::function<void(const RequestRow&)>& visit) const override {
    return views_.ReadRequests(visit);
  }

 private:
  ViewStore& views_;
  KillSwitch& kill_;
};

class KillingTextPurge final : public TextPurge {
 public:
  KillingTextPurge(TextPurge& texts, KillSwitch& kill) : texts_(texts), kill_(kill) {}

  void Hide(std::span<const Serial> coupons) override { texts_.Hide(coupons); }
  void Forget(std::span<const Serial> coupons) override {
    kill_.Reach(KillPoint::kBeforeForget, 0);
    texts_.Forget(coupons);
  }
  [[nodiscard]] Result<bool> Purge(const TextPlaces& places,
                                   const std::atomic<bool>& stop) override {
    kill_.Reach(KillPoint::kBeforePurge, 0);
    kill_.SetPurging(true);
    Result<bool> purged = texts_.Purge(places, stop);
    kill_.SetPurging(false);
    kill_.Reach(KillPoint::kAfterPurge, 0);
    return purged;
  }
  [[nodiscard]] std::vector<std::string> FindCopies() const override { return texts_.FindCopies(); }

 private:
  TextPurge& texts_;
  KillSwitch& kill_;
};

/// A kill switch in front of the keeper of the watermark.
class KillingCommitListener final : public CommitListener {
 public:
  KillingCommitListener(CommitListener& keeper, std::filesystem::path file, KillSwitch& kill)
      : keeper_(keeper), file_(std::move(file)), kill_(kill) {}

  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override {
    kill_.Reach(KillPoint::kBeforeWatermark, tip.group.value());
    keeper_.OnCommit(group, tip);
    if (!kill_.Reaches(KillPoint::kAfterWatermark)) return;
    // The keeper writes soon, on a thread of its own.
    while (true) {
      const auto written = storage::ReadWatermark(file_);
      if (written && written->group == tip.group) kill_.Kill(tip.group.value());
      std::this_thread::yield();
    }
  }

 private:
  CommitListener& keeper_;
  const std::filesystem::path file_;
  KillSwitch& kill_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILLING_PORTS_H_
