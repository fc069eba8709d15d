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

/// What a server can have done wrong.
enum class FaultKind : std::uint8_t {
  kLost,        ///< what was acknowledged, or shown, is not there any more
  kDuplicate,   ///< one coupon for two requests, or two coupons for one
  kOverIssued,  ///< more coupons than there are, or than were asked for
  kEarly,       ///< a coupon from before its campaign's start
  kReturned,    ///< a campaign that was deleted, or never created, is there
  kUnexpected,  ///< an answer that makes no sense, or a server that ended by itself
};
inline constexpr std::size_t kFaultKinds = 6;

/// "LOST" and so on: what the report calls it.
[[nodiscard]] std::string_view FaultName(FaultKind kind);

struct Fault {
  FaultKind kind;
  std::string what;  ///< a sentence that names the campaign and the coupon
};

/// All faults that were found: each is counted, the first ones are kept in words. Any thread.
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
