#include "storage/rocksdb_log/write_head.h"

#include "base/big_endian.h"
#include "storage/format/commit_record.h"

namespace coupond::storage {
namespace {

constexpr std::size_t kEntryBytes = 8;
/// Behind the entry's number: one entry, which puts a key of eight bytes.
constexpr std::string_view kOnePut{"\x01\x00\x00\x00\x01\x08", 6};
constexpr std::size_t kKeyAt = kEntryBytes + kOnePut.size();
constexpr std::size_t kValueLengthAt = kKeyAt + kBigEndianBytes;
constexpr std::size_t kValueLengthBytesMax = kWriteHeadBytesMax - kValueLengthAt;
static_assert(kWriteBytesMin == kValueLengthAt + 1 + kHashBytes);

}  // namespace

std::optional<WriteHead> ReadWriteHead(std::string_view payload) {
  if (payload.size() <= kValueLengthAt) return std::nullopt;
  if (payload.substr(kEntryBytes, kOnePut.size()) != kOnePut) return std::nullopt;
  WriteHead head{.group = GroupNumber(ReadBigEndian(payload.substr(kKeyAt, kBigEndianBytes)))};
  for (std::size_t i = kEntryBytes; i-- > 0;) {
    head.entry = head.entry << 8U | static_cast<std::uint8_t>(payload[i]);
  }
  std::size_t value_bytes = 0;
  const std::string_view lengths = payload.substr(kValueLengthAt, kValueLengthBytesMax);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(lengths[i]);
    value_bytes |= std::size_t{byte & 0x7fU} << 7 * i;
    if ((byte & 0x80U) != 0) continue;
    if (value_bytes < kHashBytes) return std::nullopt;
    head.write_bytes = kValueLengthAt + i + 1 + value_bytes;
    return head;
  }
  return std::nullopt;
}

}  // namespace coupond::storage
