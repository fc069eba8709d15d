#include "storage/views/view_keys.h"

#include <cstddef>

#include "base/big_endian.h"

namespace coupond::storage {
namespace {

constexpr char kCampaign = 'c';
constexpr char kCampaignIndex = 'i';
constexpr char kClaim = 'l';
constexpr char kRun = 'r';

std::string Prefix(char kind, CampaignNumber campaign) {
  std::string key(1, kind);
  AppendBigEndian(key, campaign.value());
  return key;
}

std::string Prefix(char kind, CampaignNumber campaign, std::uint64_t ordinal) {
  std::string key = Prefix(kind, campaign);
  AppendBigEndian(key, ordinal);
  return key;
}

template <typename Tag>
void AppendBytes(std::string& key, const StrongBytes16<Tag>& id) {
  key.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

/// The campaign of a key of that kind and length.
std::optional<CampaignNumber> ParsePrefix(std::string_view key, char kind, std::size_t size) {
  if (key.size() != size || key.front() != kind) return std::nullopt;
  return CampaignNumber(ReadBigEndian(key.substr(1, kBigEndianBytes)));
}

std::optional<RunKeyParts> ParseParts(std::string_view key, char kind) {
  const auto campaign = ParsePrefix(key, kind, 1 + 2 * kBigEndianBytes);
  if (!campaign) return std::nullopt;
  return RunKeyParts{.campaign = *campaign,
                     .ordinal = ReadBigEndian(key.substr(1 + kBigEndianBytes))};
}

}  // namespace

std::string CampaignKey(CampaignNumber campaign) { return Prefix(kCampaign, campaign); }

std::string CampaignIndexKey(const CampaignId& id) {
  std::string key(1, kCampaignIndex);
  AppendBytes(key, id);
  return key;
}

std::string ClaimsKey(CampaignNumber campaign, std::uint64_t first_ordinal) {
  return Prefix(kClaim, campaign, first_ordinal);
}

std::string RunKey(CampaignNumber campaign, std::uint64_t last_ordinal) {
  return Prefix(kRun, campaign, last_ordinal);
}

KeyRange CampaignsAfter(CampaignNumber campaign) {
  return {CampaignKey(campaign.Next()), std::string(1, kCampaign + 1)};
}

KeyRange AllClaims() { return {std::string(1, kClaim), std::string(1, kClaim + 1)}; }

KeyRange ClaimsOf(CampaignNumber campaign) {
  return {Prefix(kClaim, campaign), Prefix(kClaim, campaign.Next())};
}

KeyRange RunsOf(CampaignNumber campaign) {
  return {Prefix(kRun, campaign), Prefix(kRun, campaign.Next())};
}

std::optional<CampaignNumber> ParseCampaignKey(std::string_view key) {
  return ParsePrefix(key, kCampaign, 1 + kBigEndianBytes);
}

std::optional<RunKeyParts> ParseRunKey(std::string_view key) { return ParseParts(key, kRun); }

std::optional<RunKeyParts> ParseClaimsKey(std::string_view key) { return ParseParts(key, kClaim); }

}  // namespace coupond::storage
