#include "storage/views/history_rows.h"

#include "base/big_endian.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/row_parts.h"

namespace coupond::storage {
namespace {

constexpr char kErasedCampaign = 'n';
constexpr char kSoldOut = 'o';

}  // namespace

std::string ErasedCampaignKey(CampaignNumber campaign) { return Prefix(kErasedCampaign, campaign); }

std::string SoldOutKey(Sequence sequence) {
  std::string key(1, kSoldOut);
  AppendBigEndian(key, sequence.value());
  return key;
}

std::optional<CampaignNumber> ParseErasedCampaignKey(std::string_view key) {
  return ParsePrefix(key, kErasedCampaign, 1 + kBigEndianBytes);
}

std::optional<Sequence> ParseSoldOutKey(std::string_view key) {
  if (key.size() != 1 + kBigEndianBytes || key.front() != kSoldOut) return std::nullopt;
  return Sequence(ReadBigEndian(key.substr(1)));
}

KeyRange AllErasedCampaigns() { return AllOf(kErasedCampaign); }

KeyRange AllSoldOuts() { return AllOf(kSoldOut); }

KeyRange SoldOutsBetween(Sequence first, Sequence end) {
  return {SoldOutKey(first), SoldOutKey(end)};
}

std::string EncodeErasedCampaign(const CampaignId& id) {
  v1::ErasedCampaignRow message;
  message.set_campaign_id(ToString(id.bytes));
  return message.SerializeAsString();
}

std::string EncodeSoldOut(CampaignNumber campaign) {
  v1::SoldOutRow message;
  message.set_campaign_number(campaign.value());
  return message.SerializeAsString();
}

Result<CampaignId> DecodeErasedCampaign(std::string_view value) {
  v1::ErasedCampaignRow message;
  CampaignId id;
  if (!Parse(value, message) || !FromString(message.campaign_id(), id.bytes)) {
    return Damaged("erased campaign");
  }
  return id;
}

Result<SoldOutRow> DecodeSoldOut(std::string_view key, std::string_view value) {
  const std::optional<Sequence> sequence = ParseSoldOutKey(key);
  v1::SoldOutRow message;
  if (!sequence || !Parse(value, message) || message.campaign_number() == 0) {
    return Damaged("campaign that sold out");
  }
  return SoldOutRow{.sequence = *sequence, .campaign = CampaignNumber(message.campaign_number())};
}

}  // namespace coupond::storage
