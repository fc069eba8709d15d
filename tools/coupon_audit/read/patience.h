#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_PATIENCE_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_PATIENCE_H_

#include <chrono>
#include <thread>

namespace coupond::audit {

/// Returns what `open` returns, calling it up to five times, with longer and longer pauses, until
/// that is no error. A running server removes files that it has replaced, so that opening its files
/// may fail although they are sound.
template <typename Open>
[[nodiscard]] auto OpenPatiently(const Open& open) {
  constexpr std::chrono::milliseconds kPause{20};
  constexpr int kTries = 5;
  auto opened = open();
  for (int tries = 1; !opened && tries < kTries; ++tries) {
    std::this_thread::sleep_for(tries * kPause);
    opened = open();
  }
  return opened;
}

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_PATIENCE_H_
