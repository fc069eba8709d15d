#include "base/entropy.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace coupond {

std::array<std::uint8_t, 16> SystemEntropy::Random16() {
  std::array<std::uint8_t, 16> bytes{};
  ssize_t got = 0;
  do {
    got = ::getrandom(bytes.data(), bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  // For up to 256 bytes, getrandom(2) returns all of them, or waits during early boot.
  COUPOND_CHECK(got == static_cast<ssize_t>(bytes.size()));
  return bytes;
}

}  // namespace coupond
