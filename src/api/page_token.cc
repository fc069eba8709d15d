#include "api/page_token.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <string_view>

#include "rpc/json/base64.h"

namespace coupond::service {
namespace {

// Base64 of "<kind>.<number>.<number>…": opaque, so that it may change, and without secrets: a
// token says nothing that its holder could not ask for.
constexpr std::string_view kCampaignsKind = "campaigns1";
constexpr std::string_view kCouponsKind = "coupons1";

std::string Write(std::string_view kind, std::span<const std::uint64_t> numbers) {
  std::string plain(kind);
  for (const std::uint64_t number : numbers) plain += "." + std::to_string(number);
  std::string token;
  connect::AppendBase64(plain, connect::Base64Padding::kUnpadded, token);
  return token;
}

/// Fills `numbers` if the token is of that kind and has exactly as many.
bool Read(const std::string& token, std::string_view kind, std::span<std::uint64_t> numbers) {
  const auto plain = connect::DecodeBase64(token);
  if (!plain || !plain->starts_with(kind)) return false;
  const char* next = plain->data() + kind.size();
  const char* const end = plain->data() + plain->size();
  for (std::uint64_t& number : numbers) {
    if (next == end || *next != '.') return false;
    const auto [stop, error] = std::from_chars(next + 1, end, number);
    // The greatest number has no next one, so no page can begin behind it.
    if (error != std::errc() || number == std::numeric_limits<std::uint64_t>::max()) return false;
    next = stop;
  }
  // Other texts may stand for the same numbers ("07"), but nobody was given them.
  return next == end && Write(kind, numbers) == token;
}

}  // namespace

std::string WritePageToken(const CampaignsPageToken& token) {
  return Write(kCampaignsKind, std::array{token.after.value()});
}

std::string WritePageToken(const CouponsPageToken& token) {
  return Write(kCouponsKind, std::array{token.campaign.value(), token.ordinal});
}

std::optional<CampaignsPageToken> ReadCampaignsPageToken(const std::string& text) {
  std::array<std::uint64_t, 1> numbers{};
  if (!Read(text, kCampaignsKind, numbers)) return std::nullopt;
  return CampaignsPageToken{CampaignNumber(numbers[0])};
}

std::optional<CouponsPageToken> ReadCouponsPageToken(const std::string& text) {
  std::array<std::uint64_t, 2> numbers{};
  if (!Read(text, kCouponsKind, numbers)) return std::nullopt;
  return CouponsPageToken{CampaignNumber(numbers[0]), numbers[1]};
}

}  // namespace coupond::service
