#ifndef COUPOND_STORAGE_VIEWS_ROW_PARTS_H_
#define COUPOND_STORAGE_VIEWS_ROW_PARTS_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/big_endian.h"
#include "base/error.h"
#include "engine/rules/ids.h"
#include "storage/views/view_rows.h"

/// What the keys and values of several kinds of rows have in common.
namespace coupond::storage {

inline std::string Prefix(char kind, CampaignNumber campaign) {
  std::string key(1, kind);
  AppendBigEndian(key, campaign.value());
  return key;
}

inline std::string Prefix(char kind, CampaignNumber campaign, std::uint64_t ordinal) {
  std::string key = Prefix(kind, campaign);
  AppendBigEndian(key, ordinal);
  return key;
}

template <typename Tag>
void AppendBytes(std::string& key, const StrongBytes16<Tag>& id) {
  key.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

/// Returns the range of all rows of a kind.
inline KeyRange AllOf(char kind) {
  return {std::string(1, kind), std::string(1, static_cast<char>(kind + 1))};
}

/// The campaign of a key of that kind and length.
inline std::optional<CampaignNumber> ParsePrefix(std::string_view key, char kind,
                                                 std::size_t size) {
  if (key.size() != size || key.front() != kind) return std::nullopt;
  return CampaignNumber(ReadBigEndian(key.substr(1, kBigEndianBytes)));
}

inline std::optional<RunKeyParts> ParseParts(std::string_view key, char kind) {
  const auto campaign = ParsePrefix(key, kind, 1 + 2 * kBigEndianBytes);
  if (!campaign) return std::nullopt;
  return RunKeyParts{.campaign = *campaign,
                     .ordinal = ReadBigEndian(key.substr(1 + kBigEndianBytes))};
}

template <typename Bytes>
inline std::string ToString(const Bytes& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

template <typename Bytes>
bool FromString(const std::string& from, Bytes& to) {
  if (from.size() != to.size()) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

template <typename Message>
bool Parse(std::string_view value, Message& message) {
  return value.size() <= std::numeric_limits<int>::max() &&
         message.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

inline std::unexpected<Error> Damaged(std::string_view row) {
  return MakeError(ErrorCode::kViewsDamaged,
                   "the views have a row that is not a " + std::string(row));
}

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_ROW_PARTS_H_
