#include "storage/rocksdb_log/log_fragment.h"

#include <cryptopp/crc.h>

#include <algorithm>
#include <array>

namespace coupond::storage {
namespace {

std::uint32_t ReadLittleEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

void AppendLittleEndian(std::string& bytes, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i);
}

/// As RocksDB stores it: turned and moved, so that a checksum of checksums is no weak one.
std::uint32_t MaskedChecksum(std::string_view bytes) {
  CryptoPP::CRC32C checksum;
  checksum.Update(reinterpret_cast<const CryptoPP::byte*>(bytes.data()), bytes.size());
  std::array<char, 4> digest{};
  checksum.TruncatedFinal(reinterpret_cast<CryptoPP::byte*>(digest.data()), digest.size());
  const std::uint32_t value = ReadLittleEndian({digest.data(), digest.size()});
  return (value >> 15U | value << 17U) + 0xa282ead8U;
}

}  // namespace

std::size_t FragmentLength(std::string_view file, std::size_t at) {
  return ReadLittleEndian(file.substr(at + 4, 2));
}

bool ChecksumFits(std::string_view file, std::size_t at, std::size_t length) {
  return MaskedChecksum(file.substr(at + 6, 1 + length)) == ReadLittleEndian(file.substr(at, 4));
}

std::string MakeFragmentHeader(std::uint8_t type, std::string_view payload) {
  std::string checked(1, static_cast<char>(type));
  checked += payload;
  std::string header;
  AppendLittleEndian(header, MaskedChecksum(checked), 4);
  AppendLittleEndian(header, static_cast<std::uint32_t>(payload.size()), 2);
  return header + static_cast<char>(type);
}

std::size_t RecordEnd(std::size_t at, std::size_t payload_bytes) {
  while (true) {
    const std::size_t left = kLogBlockBytes - at % kLogBlockBytes;
    if (left < kFragmentHeaderBytes) {
      at += left;
      continue;
    }
    const std::size_t taken = std::min(payload_bytes, left - kFragmentHeaderBytes);
    at += kFragmentHeaderBytes + taken;
    payload_bytes -= taken;
    if (payload_bytes == 0) return at;
  }
}

std::optional<Fragment> ReadFragment(std::string_view file, std::size_t at) {
  const std::size_t limit = std::min(file.size(), (at / kLogBlockBytes + 1) * kLogBlockBytes);
  if (at + kFragmentHeaderBytes > limit) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(file[at + 6]);
  const std::size_t length = FragmentLength(file, at);
  if (type == 0 || type > static_cast<std::uint8_t>(FragmentType::kLast)) return std::nullopt;
  if (at + kFragmentHeaderBytes + length > limit) return std::nullopt;
  if (!ChecksumFits(file, at, length)) return std::nullopt;
  return Fragment{.type = static_cast<FragmentType>(type),
                  .payload = file.substr(at + kFragmentHeaderBytes, length),
                  .end = at + kFragmentHeaderBytes + length};
}

}  // namespace coupond::storage
