#include "storage/format/commit_record.h"

#include <cryptopp/sha.h>

#include <algorithm>

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

GroupHash SealRecord(const GroupHash& previous, std::string& record) {
  COUPOND_CHECK(record.size() > kHashBytes);
  const GroupHash hash = ChainHash(previous, std::string_view(record).substr(kHashBytes));
  std::copy(hash.begin(), hash.end(), record.begin());
  return hash;
}

Result<CommitRecord> ParseRecord(std::string_view bytes) {
  if (bytes.size() <= kHashBytes) {
    return MakeError(ErrorCode::kLogUndecodable, "a record of " + std::to_string(bytes.size()) +
                                                     " bytes is too short for a hash and events");
  }
  CommitRecord record;
  std::copy_n(bytes.begin(), kHashBytes, record.hash.begin());
  record.payload = bytes.substr(kHashBytes);
  return record;
}

std::string FormatHash(const GroupHash& hash) { return Hex(hash); }

}  // namespace coupond::storage
