#include "api/page_tokens.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <string_view>

#include "api/mapped.h"
#include "rpc/json/base64.h"

namespace coupond::api {
namespace {

// A token is the Base64 of "<kind>.<number>.<number>…". It is opaque, so that it may change, and
// contains no secrets: its holder could query everything in it. The digest in that of a search is
// under the store's key, so it does not give the user away.
constexpr std::string_view kCampaignsKind = "campaigns1";
constexpr std::string_view kCouponsKind = "coupons1";
constexpr std::string_view kSearchKind = "search1";

std::string WriteNumbers(std::string_view kind, std::span<const std::uint64_t> numbers) {
  std::string plain(kind);
  for (const std::uint64_t number : numbers) plain += "." + std::to_string(number);
  std::string token;
  connect::AppendBase64(plain, connect::Base64Padding::kUnpadded, token);
  return token;
}

/// Fills `numbers` from the token. Returns false unless the token is of that kind and has exactly
/// that many numbers.
bool ReadNumbers(const std::string& token, std::string_view kind,
                 std::span<std::uint64_t> numbers) {
  const auto plain = connect::DecodeBase64(token);
  if (!plain || !plain->starts_with(kind)) return false;
  const char* next = plain->data() + kind.size();
  const char* const end = plain->data() + plain->size();
  for (std::uint64_t& number : numbers) {
    if (next == end || *next != '.') return false;
    const auto [stop, error] = std::from_chars(next + 1, end, number);
    // No page can begin after the largest number.
    if (error != std::errc() || number == std::numeric_limits<std::uint64_t>::max()) return false;
    next = stop;
  }
  // Other texts may denote the same numbers ("07"), but no such token was ever given out.
  return next == end && WriteNumbers(kind, numbers) == token;
}

}  // namespace

std::string WritePageToken(const CampaignsPageToken& token) {
  return WriteNumbers(kCampaignsKind, std::array{token.after.value()});
}

std::string WritePageToken(const CouponsPageToken& token) {
  return WriteNumbers(kCouponsKind, std::array{token.campaign.value(), token.ordinal});
}

std::string WritePageToken(const SearchPageToken& token) {
  return WriteNumbers(kSearchKind, std::array{token.search, token.after.sequence.value(),
                                              token.after.campaign.value(), token.after.ordinal});
}

std::optional<CampaignsPageToken> ReadCampaignsPageToken(const std::string& text) {
  std::array<std::uint64_t, 1> numbers{};
  if (!ReadNumbers(text, kCampaignsKind, numbers)) return std::nullopt;
  return CampaignsPageToken{CampaignNumber(numbers[0])};
}

std::optional<CouponsPageToken> ReadCouponsPageToken(const std::string& text) {
  std::array<std::uint64_t, 2> numbers{};
  if (!ReadNumbers(text, kCouponsKind, numbers)) return std::nullopt;
  return CouponsPageToken{CampaignNumber(numbers[0]), numbers[1]};
}

std::optional<SearchPageToken> ReadSearchPageToken(const std::string& text) {
  std::array<std::uint64_t, 4> numbers{};
  if (!ReadNumbers(text, kSearchKind, numbers)) return std::nullopt;
  return SearchPageToken{.search = numbers[0],
                         .after = {.sequence = Sequence(numbers[1]),
                                   .campaign = CampaignNumber(numbers[2]),
                                   .ordinal = numbers[3]}};
}

connect::Error BadPageToken() {
  return InvalidField("page_token",
                      "invalid; give the next_page_token of this list's previous page")
      .error();
}

}  // namespace coupond::api
