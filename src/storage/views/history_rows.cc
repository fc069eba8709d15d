#include "storage/views/history_rows.h"

#include "base/big_endian.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/row_parts.h"

namespace coupond::storage {
namespace {

constexpr char kErasure = 'e';
constexpr char kErasedCampaign = 'n';
constexpr char kSoldOut = 'o';

std::string SequenceKey(char kind, Sequence sequence) {
  std::string key(1, kind);
  AppendBigEndian(key, sequence.value());
  return key;
}

std::optional<Sequence> ParseSequenceKey(std::string_view key, char kind) {
  if (key.size() != 1 + kBigEndianBytes || key.front() != kind) return std::nullopt;
  return Sequence(ReadBigEndian(key.substr(1)));
}

}  // namespace

std::string ErasedCampaignKey(CampaignNumber campaign) { return Prefix(kErasedCampaign, campaign); }

std::string SoldOutKey(Sequence sequence) { return SequenceKey(kSoldOut, sequence); }

std::string ErasureKey(Sequence sequence) { return SequenceKey(kErasure, sequence); }

std::optional<CampaignNumber> ParseErasedCampaignKey(std::string_view key) {
  return ParsePrefix(key, kErasedCampaign, 1 + kBigEndianBytes);
}

std::optional<Sequence> ParseSoldOutKey(std::string_view key) {
  return ParseSequenceKey(key, kSoldOut);
}

KeyRange AllErasedCampaigns() { return AllOf(kErasedCampaign); }

KeyRange AllSoldOuts() { return AllOf(kSoldOut); }

KeyRange AllErasures() { return AllOf(kErasure); }

KeyRange ErasuresUpTo(Sequence last) { return {ErasureKey(Sequence()), ErasureKey(last.Next())}; }

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

std::string EncodeErasure(const ErasureRow& row) {
  v1::ErasureRow message;
  message.set_campaign_number(row.campaign.value());
  for (const Serial serial : row.serials) message.add_serials(serial.value());
  return message.SerializeAsString();
}

Result<ErasureRow> DecodeErasure(std::string_view key, std::string_view value) {
  const std::optional<Sequence> sequence = ParseSequenceKey(key, kErasure);
  v1::ErasureRow message;
  if (!sequence || !Parse(value, message) || message.campaign_number() == 0 ||
      message.serials().empty()) {
    return Damaged("erasure of a user");
  }
  ErasureRow row{
      .sequence = *sequence, .campaign = CampaignNumber(message.campaign_number()), .serials = {}};
  for (const std::uint64_t serial : message.serials()) row.serials.emplace_back(serial);
  return row;
}

}  // namespace coupond::storage
