// Entry tokens, and the claims of tokens whose signature is right. Nothing is accepted that its
// rules, read in another way, refuse.
#include "api/access/entry_token.h"

#include <chrono>
#include <string>
#include <string_view>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "support/entry_token_builder.h"

namespace coupond::fuzz {
namespace {

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kHeader = R"({"alg":"HS256"})";
const CampaignId kCampaign{*ParseUuid("123e4567-e89b-42d3-a456-426614174000")};
const Timestamp kTime = Timestamp().Plus(std::chrono::seconds(1'000));

std::optional<std::string> UserOf(std::string_view token) {
  static const api::EntryTokenKey kKey =
      api::EntryTokenKey::FromFile(api::EntryTokenAlgorithm::kHs256, kSecret).value();
  return api::UserOfEntryToken(kKey, token, kCampaign, kTime);
}

void CheckToken(std::string_view token) {
  const auto user = UserOf(token);
  if (!user) return;
  // Only what was signed with the secret: the same parts, signed anew, are the same token.
  const std::size_t dot = token.find('.');
  const std::size_t last = token.rfind('.');
  Require(dot != last && token.size() <= api::kEntryTokenBytesMax, "it has three parts");
  Require(!user->empty(), "it names a user");
}

void CheckPayload(std::string_view header, std::string_view payload) {
  const auto user = UserOf(test::Hs256Token(header, payload, kSecret));
  if (!user) return;
  Require(!user->empty(), "it names a user");
  Require(
      header.find("HS256") != std::string_view::npos || header.find('\\') != std::string_view::npos,
      "it is for the server's algorithm", header);
  for (const std::string_view claim : {"sub", "aud", "exp"}) {
    const bool is_there = payload.find(claim) != std::string_view::npos;
    // A name may be spelt with escapes.
    Require(is_there || payload.find('\\') != std::string_view::npos, "each claim is there", claim);
  }
}

}  // namespace

void FuzzEntryToken(std::string_view bytes) {
  Input input(bytes);
  switch (input.Choose(3)) {
    case 0:
      return CheckToken(input.rest());
    case 1:
      return CheckPayload(kHeader, input.rest());
    default:
      return CheckPayload(
          input.rest(), R"({"sub":"kim","aud":"123e4567-e89b-42d3-a456-426614174000","exp":1300})");
  }
}

}  // namespace coupond::fuzz
