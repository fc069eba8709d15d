#ifndef COUPOND_TEST_SYSTEM_PROGRAM_RECORDING_CLIENT_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_RECORDING_CLIENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/history.h"

namespace coupond::test {

/// The campaigns and coupons that clients know. Each slot has a name, which only one live campaign
/// at a time can have. Thread-safe.
class KnownCampaigns {
 public:
  static constexpr std::size_t kSlots = 5;

  struct Redemption {
    std::uint64_t sequence = 0;  ///< 0: there was none
    std::string request_id;
  };

  static std::string NameOf(std::size_t slot) { return "campaign " + std::to_string(slot); }
  void Add(std::size_t slot, const std::string& id);
  /// Returns the slot's newest campaign, or the one `back` before it; an id of no campaign if there
  /// is none.
  [[nodiscard]] std::string IdOf(std::size_t slot, std::size_t back) const;

  void AddCode(const std::string& code);
  /// Returns one of the newest codes, so that many clients ask about the same coupons; empty if
  /// there is none.
  [[nodiscard]] std::string CodeOf(std::size_t draw) const;
  void SetRedemption(const std::string& code, const Redemption& redemption);
  /// Returns the last redemption that a client was told of.
  [[nodiscard]] Redemption RedemptionOf(const std::string& code) const;

 private:
  mutable std::mutex mutex_;
  std::array<std::vector<std::string>, kSlots> ids_;  // these are guarded by mutex_
  std::vector<std::string> codes_;
  std::size_t passed_over_ = 0;
  std::map<std::string, Redemption> redemptions_;  // by code
};

/// A client whose requests follow from its seed, and which records the answers. One thread.
class RecordingClient {
 public:
  static constexpr std::size_t kOperations = 1'200;  ///< in each Run

  RecordingClient(std::size_t number, unsigned seed, KnownCampaigns& campaigns)
      : number_(number), random_(seed), campaigns_(campaigns) {}

  /// Makes requests to the server on this port until all are made or the test has failed.
  void Run(std::uint16_t port);
  [[nodiscard]] const History& history() const { return history_; }

 private:
  using Clock = Operation::Clock;

  [[nodiscard]] std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  /// Returns an id that no other request has, or none.
  [[nodiscard]] std::string PerhapsId(const std::string& what);
  /// Sometimes makes the request the one before, as a retry does.
  template <typename Request>
  void PerhapsRepeat(Request& request, Request& last);
  [[nodiscard]] std::string CampaignOf(std::size_t slot);
  [[nodiscard]] std::string SomeUser() { return "user " + std::to_string(Below(15)); }

  void Create(CouponClient& client, std::size_t slot);
  void Issue(CouponClient& client, std::size_t slot);
  void IssueBatch(CouponClient& client, std::size_t slot);
  void Delete(CouponClient& client, std::size_t slot);
  void Redeem(CouponClient& client, const std::string& code);
  void Cancel(CouponClient& client, const std::string& code);
  void Void(CouponClient& client, const std::string& code);
  void Update(CouponClient& client, std::size_t slot);
  void PauseOrResume(CouponClient& client, std::size_t slot);
  void ArchiveOrUnarchive(CouponClient& client, std::size_t slot);
  void Erase(CouponClient& client);
  /// Does something with a coupon.
  void Change(CouponClient& client, std::size_t choice);

  template <typename Request, typename Response>
  void Record(Clock::time_point start, const Request& request, const Answer<Response>& answer);

  std::size_t number_;
  std::mt19937 random_;
  KnownCampaigns& campaigns_;
  History history_;
  api::BatchIssueCouponsRequest last_batch_;
  api::RedeemCouponRequest last_redeem_;
  api::CancelRedemptionRequest last_cancel_;
  api::VoidCouponRequest last_void_;
  api::UpdateCampaignRequest last_update_;
  api::EraseUserRequest last_erasure_;
  int batches_ = 0;
  int ids_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_RECORDING_CLIENT_H_
