#include "storage/format/commit_record.h"

#include <cryptopp/sha.h>

#include <algorithm>
#include <limits>

#include "base/big_endian.h"
#include "base/check.h"
#include "base/hex.h"

namespace coupond::storage {
namespace {

const CryptoPP::byte* Bytes(std::string_view text) {
  return reinterpret_cast<const CryptoPP::byte*>(text.data());
}

}  // namespace

std::string LogKey(GroupNumber group) {
  std::string key;
  AppendBigEndian(key, group.value());
  return key;
}

std::optional<GroupNumber> ParseLogKey(std::string_view key) {
  if (key.size() != kBigEndianBytes || ReadBigEndian(key) == 0) return std::nullopt;
  return GroupNumber(ReadBigEndian(key));
}

GroupHash ChainHash(const GroupHash& previous, std::string_view payload) {
  CryptoPP::SHA256 sha;
  sha.Update(previous.data(), previous.size());
  sha.Update(Bytes(payload), payload.size());
  GroupHash hash;
  sha.Final(hash.data());
  return hash;
}

GroupHash SealRecord(const GroupHash& previous, std::size_t payload_bytes, std::string& record) {
  COUPOND_CHECK(payload_bytes > 0 && record.size() >= kRecordHeadBytes + payload_bytes);
  COUPOND_CHECK(payload_bytes <= std::numeric_limits<std::uint32_t>::max());
  const std::string_view payload = std::string_view(record).substr(kRecordHeadBytes, payload_bytes);
  const GroupHash hash = ChainHash(previous, payload);
  std::copy(hash.begin(), hash.end(), record.begin());
  for (std::size_t i = 0; i < kPayloadSizeBytes; ++i) {
    record[kHashBytes + i] = static_cast<char>(payload_bytes >> (8 * (kPayloadSizeBytes - 1 - i)));
  }
  return hash;
}

Result<CommitRecord> ParseRecord(std::string_view bytes, RecordFormat format) {
  const std::size_t head_bytes = format == RecordFormat::k1 ? kHashBytes : kRecordHeadBytes;
  if (bytes.size() <= head_bytes) {
    return MakeError(ErrorCode::kLogUndecodable, "a record of " + std::to_string(bytes.size()) +
                                                     " bytes is too short for a hash and events");
  }
  CommitRecord record;
  std::copy_n(bytes.begin(), kHashBytes, record.hash.begin());
  const std::string_view rest = bytes.substr(head_bytes);
  if (format == RecordFormat::k1) {
    record.payload = rest;
    return record;
  }
  const std::uint64_t payload_bytes = ReadBigEndian(bytes.substr(kHashBytes, kPayloadSizeBytes));
  if (payload_bytes == 0 || payload_bytes > rest.size()) {
    return MakeError(ErrorCode::kLogUndecodable,
                     "a record says that its events take " + std::to_string(payload_bytes) +
                         " bytes of the " + std::to_string(rest.size()) + " that it has");
  }
  record.payload = rest.substr(0, payload_bytes);
  record.holders = rest.substr(payload_bytes);
  return record;
}

std::string FormatHash(const GroupHash& hash) { return Hex(hash); }

}  // namespace coupond::storage
