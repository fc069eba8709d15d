#include "engine/codes/claim_digest.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <iomanip>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace coupond {
namespace {

constexpr CodeKey kKey{{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB,
                        0xCC, 0xDD, 0xEE, 0xFF}};
constexpr CampaignId kCampaign{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

std::string Hex(const Claim& claim) {
  std::ostringstream hex;
  for (const std::uint8_t byte : claim.bytes) {
    hex << std::hex << std::setw(2) << std::setfill('0') << static_cast<unsigned>(byte);
  }
  return hex.str();
}

TEST(ClaimDigest, NeverChanges) {
  ClaimDigest digest(kKey);
  EXPECT_EQ(Hex(digest.Of(kCampaign, ClaimKind::kUser, "alice")),
            "35c4a9af870c945e4e08bea4d5b8947a");
  EXPECT_EQ(Hex(digest.Of(kCampaign, ClaimKind::kRequest, "alice")),
            "2f600048fd5aa27c17c3ea1e4a5bef53");
  EXPECT_EQ(Hex(digest.Of(kCampaign, ClaimKind::kUser, "")), "6d221a8f23c47b539b991252e3d08724");
  EXPECT_EQ(Hex(digest.OfUserRequest(kCampaign, "alice", "r1")),
            "93cea51a273e558bffcae056174bf39f");
  EXPECT_EQ(Hex(digest.OfUserBatch(kCampaign, "alice", "r1", 2)),
            "5bc5749d8809156db69e3feaaa6f3bb4");
}

TEST(ClaimDigest, EveryPartCounts) {
  CodeKey other_key = kKey;
  other_key.bytes[0] ^= 1;
  CampaignId other_campaign = kCampaign;
  other_campaign.bytes[15] ^= 1;
  ClaimDigest digest(kKey);
  const std::set<Claim> claims = {
      digest.Of(kCampaign, ClaimKind::kUser, "alice"),
      digest.Of(kCampaign, ClaimKind::kUser, "Alice"),
      digest.Of(kCampaign, ClaimKind::kUser, std::string("alice\0", 6)),
      digest.Of(kCampaign, ClaimKind::kUser, ""),
      digest.Of(kCampaign, ClaimKind::kRequest, "alice"),
      digest.Of(other_campaign, ClaimKind::kUser, "alice"),
      ClaimDigest(other_key).Of(kCampaign, ClaimKind::kUser, "alice"),
  };
  EXPECT_EQ(claims.size(), 7U);
}

TEST(ClaimDigest, AUsersRequestIsAnotherThanTheSameOfSomebodyElse) {
  ClaimDigest digest(kKey);
  const auto of = [&](std::string_view user_id, std::string_view request_id) {
    return digest.OfUserRequest(kCampaign, user_id, request_id);
  };
  CampaignId other_campaign = kCampaign;
  other_campaign.bytes[15] ^= 1;
  const std::set<Claim> claims = {
      of("alice", "r1"),
      of("alice", "r2"),
      of("bob", "r1"),
      // The same when one is written after the other, also with the length in front.
      of("alicer", "1"),
      of("", "alicer1"),
      of("alicer1", ""),
      of("1", "1:alice"),
      of("11:alice", ""),
      digest.OfUserRequest(other_campaign, "alice", "r1"),
      digest.Of(kCampaign, ClaimKind::kUser, "alice"),
      digest.Of(kCampaign, ClaimKind::kRequest, "r1"),
      digest.Of(kCampaign, ClaimKind::kRequest, "5:alicer1"),
  };
  EXPECT_EQ(claims.size(), 12U);
  EXPECT_EQ(of("alice", "r1"), of("alice", "r1"));
}

TEST(ClaimDigest, EachTimeThatABatchNamesAUserIsAnother) {
  ClaimDigest digest(kKey);
  const auto of = [&](std::string_view user_id, std::string_view request_id,
                      std::uint32_t occurrence) {
    return digest.OfUserBatch(kCampaign, user_id, request_id, occurrence);
  };
  CampaignId other_campaign = kCampaign;
  other_campaign.bytes[15] ^= 1;
  const std::set<Claim> claims = {
      of("alice", "r1", 1),
      of("alice", "r1", 2),
      of("alice", "r1", 11),
      of("alice", "r2", 1),
      of("bob", "r1", 1),
      // The same when one is written after the other.
      of("alice1", ":r1", 1),
      of("alice", ":r1", 1),
      of("alice", "1:r1", 1),
      of("", "alicer1", 1),
      digest.OfUserBatch(other_campaign, "alice", "r1", 1),
      digest.OfUserRequest(kCampaign, "alice", "r1"),
      digest.OfUserRequest(kCampaign, "alice", "1:r1"),
      digest.Of(kCampaign, ClaimKind::kUser, "alice"),
      digest.Of(kCampaign, ClaimKind::kRequest, "r1"),
  };
  EXPECT_EQ(claims.size(), 14U);
  EXPECT_EQ(of("alice", "r1", 1), of("alice", "r1", 1));
}

TEST(ClaimDigest, ARequestsKeyNeverChanges) {
  ClaimDigest digest(kKey);
  const RequestKey key = digest.OfRequest("r1", {"redeem", "7", "order"});
  EXPECT_EQ(Hex(key.digest), "cab9dd32ad2f6c49a78279c860c852bf");
  EXPECT_EQ(key.content, 11'785'166'034'170'755'950U);
}

TEST(ClaimDigest, EveryPartOfARequestCounts) {
  ClaimDigest digest(kKey);
  const RequestKey key = digest.OfRequest("r1", {"redeem", "7"});
  EXPECT_EQ(key.digest, digest.OfRequestId("r1"));
  EXPECT_EQ(digest.OfRequest("r1", {"redeem", "7"}), key);
  EXPECT_NE(digest.OfRequest("r2", {"redeem", "7"}).digest, key.digest);
  EXPECT_EQ(digest.OfRequest("r2", {"redeem", "7"}).content, key.content);
  for (const auto& other :
       {digest.OfRequest("r1", {"redeem", "8"}), digest.OfRequest("r1", {"void", "7"}),
        digest.OfRequest("r1", {"redeem7"}), digest.OfRequest("r1", {"rede", "em7"}),
        digest.OfRequest("r1", {"redeem", "7", ""})}) {
    EXPECT_EQ(other.digest, key.digest);
    EXPECT_NE(other.content, key.content);
  }
  EXPECT_NE(digest.OfRequestId("alice"), digest.Of(CampaignId{}, ClaimKind::kRequest, "alice"));
}

TEST(ClaimDigest, TheWholeTextCountsHoweverLong) {
  ClaimDigest digest(kKey);
  std::set<Claim> claims;
  for (std::size_t length = 0; length < 300; ++length) {
    std::string text(length, 'a');
    claims.insert(digest.Of(kCampaign, ClaimKind::kUser, text));
    text += 'b';
    claims.insert(digest.Of(kCampaign, ClaimKind::kUser, text));
  }
  EXPECT_EQ(claims.size(), 600U);
}

// A campaign is found by its id for ever, so the derivation never changes.
TEST(ClaimDigest, ARequestCreatesOneCampaign) {
  ClaimDigest digest(kKey);
  const Claim request = digest.OfRequestId("c1");
  const CampaignId id = CampaignIdOf(kKey, request);
  EXPECT_EQ(FormatUuid(id.bytes), "aa1917a5-fcbe-4cd2-91a4-8d7192c577c1");
  EXPECT_NE(CampaignIdOf(kKey, digest.OfRequestId("c2")), id);
  EXPECT_NE(CampaignIdOf(CodeKey{}, request), id);
}

}  // namespace
}  // namespace coupond
