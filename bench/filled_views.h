#ifndef COUPOND_BENCH_FILLED_VIEWS_H_
#define COUPOND_BENCH_FILLED_VIEWS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "engine/codes/user_digest.h"
#include "engine/rules/ids.h"
#include "storage/views/rocksdb_view_store.h"
#include "temporary_directory.h"
#include "workload.h"

namespace coupond::bench {

/// What the views are filled with.
struct ViewContents {
  std::uint64_t coupons = 0;
  /// How many users the coupons go to, at random; 0: they have no user.
  std::uint64_t users = 0;
  /// One coupon in this many goes to one further user, who has many; 0: there is none.
  std::uint64_t busy_user_has_one_in = 0;
  std::uint64_t redeemed = 0;  ///< of the first coupons
  std::uint64_t voided = 0;    ///< of those after them
  bool user_index = true;      ///< false leaves out the index by user

  friend bool operator==(const ViewContents&, const ViewContents&) = default;
};

inline constexpr std::uint64_t kCouponsPerGroup = 1'000;
inline constexpr CampaignNumber kCampaign{1};
inline constexpr Serial kFirstSerial{1};
inline constexpr CodeKey kViewsKey{};

/// Returns the user_id of a user of that number.
[[nodiscard]] std::string UserIdOf(std::uint64_t user);
/// Returns the user_id that the coupon with this ordinal was issued to; empty: to no user.
[[nodiscard]] std::string UserOfCoupon(const ViewContents& contents, std::uint64_t ordinal);
/// Returns the user_id of the user who has many.
[[nodiscard]] std::string BusyUser();

/// The real views of one big campaign, made by the projection from groups of 1,000 coupons, on
/// disk and flushed.
class FilledViews {
 public:
  explicit FilledViews(const ViewContents& contents);

  [[nodiscard]] const ViewContents& contents() const { return contents_; }
  [[nodiscard]] const storage::RocksDbViewStore& store() const { return *store_; }
  /// Returns how long the projection and its writes took, without making the events.
  [[nodiscard]] double seconds() const { return seconds_; }
  /// Closes the views, compacts them, and returns their size. They cannot be read afterwards.
  [[nodiscard]] std::uint64_t CompactedBytes();

 private:
  const ViewContents contents_;
  TemporaryDirectory directory_;
  std::unique_ptr<storage::RocksDbViewStore> store_;
  double seconds_ = 0;
};

/// Returns views with these contents: the last ones if they are the same, because filling them
/// takes long. One thread.
[[nodiscard]] FilledViews& SharedViews(const ViewContents& contents);
/// Removes the last ones. RocksDB must not be used once main has returned.
void RemoveSharedViews();

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_FILLED_VIEWS_H_
