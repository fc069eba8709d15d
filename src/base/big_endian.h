#ifndef COUPOND_BASE_BIG_ENDIAN_H_
#define COUPOND_BASE_BIG_ENDIAN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Numbers as bytes, the most significant first: in keys, which then sort like numbers, and in
/// protocols.
namespace coupond {

inline constexpr std::size_t kBigEndianBytes = 8;

/// Appends kBigEndianBytes.
inline void AppendBigEndian(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
}

/// Returns the number in `bytes`, at most kBigEndianBytes.
[[nodiscard]] inline std::uint64_t ReadBigEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = (number << 8) | static_cast<std::uint8_t>(byte);
  return number;
}

}  // namespace coupond

#endif  // COUPOND_BASE_BIG_ENDIAN_H_
