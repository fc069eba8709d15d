#include "storage/view_keys.h"

#include <algorithm>
#include <cstddef>

#include "storage/big_endian.h"

namespace coupond::storage {
namespace {

constexpr char kCampaign = 'c';
constexpr char kCampaignIndex = 'i';
constexpr char kClaim = 'l';
constexpr char kRun = 'r';
constexpr std::size_t kIdBytes = 16;

std::string Prefix(char kind, CampaignNumber campaign) {
  std::string key(1, kind);
  AppendBigEndian(key, campaign.value());
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

}  // namespace

std::string CampaignKey(CampaignNumber campaign) { return Prefix(kCampaign, campaign); }

std::string CampaignIndexKey(const CampaignId& id) {
  std::string key(1, kCampaignIndex);
  AppendBytes(key, id);
  return key;
}

std::string ClaimKey(CampaignNumber campaign, const Claim& claim) {
  std::string key = Prefix(kClaim, campaign);
  AppendBytes(key, claim);
  return key;
}

std::string RunKey(CampaignNumber campaign, std::uint64_t first_ordinal) {
  std::string key = Prefix(kRun, campaign);
  AppendBigEndian(key, first_ordinal);
  return key;
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

std::optional<ClaimKeyParts> ParseClaimKey(std::string_view key) {
  const auto campaign = ParsePrefix(key, kClaim, 1 + kBigEndianBytes + kIdBytes);
  if (!campaign) return std::nullopt;
  ClaimKeyParts parts{.campaign = *campaign, .claim = {}};
  std::copy_n(key.begin() + 1 + kBigEndianBytes, kIdBytes, parts.claim.bytes.begin());
  return parts;
}

std::optional<RunKeyParts> ParseRunKey(std::string_view key) {
  const auto campaign = ParsePrefix(key, kRun, 1 + 2 * kBigEndianBytes);
  if (!campaign) return std::nullopt;
  return RunKeyParts{.campaign = *campaign,
                     .first_ordinal = ReadBigEndian(key.substr(1 + kBigEndianBytes))};
}

}  // namespace coupond::storage
