#ifndef COUPOND_TEST_SYSTEM_CRASH_FAULT_LOG_H_
#define COUPOND_TEST_SYSTEM_CRASH_FAULT_LOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace coupond::test {

/// The kinds of faults of a server.
enum class FaultKind : std::uint8_t {
  kLost,            ///< something that was acknowledged or shown is missing
  kRedemptionLost,  ///< a coupon that was redeemed is not, or was redeemed once more
  kChangeLost,      ///< another change of a coupon, a campaign or a user has not taken place
  kDuplicate,       ///< one coupon for two requests, two coupons for one, or one redeemed twice
  kOverIssued,      ///< more coupons than the total, or than were requested
  kEarly,           ///< a coupon from before its campaign's start
  kReturned,        ///< a campaign that was deleted or never created exists
  kUnexpected,      ///< an answer that makes no sense, or a server that ended by itself
};
inline constexpr std::size_t kFaultKinds = 8;

/// Returns the kind's name in reports, such as "LOST".
[[nodiscard]] std::string_view FaultName(FaultKind kind);

struct Fault {
  FaultKind kind;
  std::string what;  ///< a sentence that names the campaign and the coupon
};

/// Counts all faults, and keeps the descriptions of the first ones. Any thread.
class FaultLog {
 public:
  static constexpr std::size_t kKeptMax = 50;

  void Add(FaultKind kind, std::string what);

  [[nodiscard]] std::size_t count(FaultKind kind) const;
  [[nodiscard]] std::size_t total() const;
  [[nodiscard]] std::vector<Fault> kept() const;

 private:
  mutable std::mutex mutex_;
  std::array<std::size_t, kFaultKinds> counts_{};  // guarded by mutex_
  std::vector<Fault> kept_;                        // guarded by mutex_
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_FAULT_LOG_H_
