#include "access/key.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "access/key_ring.h"
#include "support/builders.h"

namespace coupond::access {
namespace {

constexpr std::string_view kText = "ck_issuer_k3v7x2ma_abcdefghijklmnopqrstuvwxyz234567";

TEST(KeyTextTest, HasARoleAnIdAndASecret) {
  const auto key = ParseKeyText(kText);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->role, Role::kIssuer);
  EXPECT_EQ(FormatKeyId(key->id), "k3v7x2ma");
  EXPECT_EQ(key->secret, "abcdefghijklmnopqrstuvwxyz234567");
}

TEST(KeyTextTest, AnythingElseIsNone) {
  for (const std::string_view text :
       {"", "ck", "ck_", "ck_issuer", "ck_issuer_k3v7x2ma", "ck_issuer_k3v7x2ma_",
        "ck_issuer_k3v7x2ma_abcdefghijklmnopqrstuvwxyz23456",    // a character short
        "ck_issuer_k3v7x2ma_abcdefghijklmnopqrstuvwxyz2345677",  // one too many
        "ck_issuer_k3v7x2ma_abcdefghijklmnopqrstuvwxyz234561",   // no character of a secret
        "ck_issuer_k3v7x2ma_ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",   // upper case
        "ck_issuer_k3v7x2m_abcdefghijklmnopqrstuvwxyz234567",    // a short id
        "ck_master_k3v7x2ma_abcdefghijklmnopqrstuvwxyz234567",   // no role
        "sk_issuer_k3v7x2ma_abcdefghijklmnopqrstuvwxyz234567",   // another prefix
        " ck_issuer_k3v7x2ma_abcdefghijklmnopqrstuvwxyz234567",  // white space
        "ck_issuer_k3v7x2ma_abcdefghijklmnopqrstuvwxyz234567_"}) {
    EXPECT_FALSE(ParseKeyText(text)) << text;
  }
}

TEST(MakeKeyTest, TheTextLeadsToTheKeyAndIsNotInIt) {
  SystemEntropy entropy;
  const NewKey made = MakeKey({.role = Role::kViewer, .note = "a"}, entropy);
  const auto parsed = ParseKeyText(made.text);
  ASSERT_TRUE(parsed) << made.text;
  EXPECT_EQ(parsed->role, Role::kViewer);
  EXPECT_EQ(parsed->id, made.key.id);
  EXPECT_TRUE(AreEqual(HashOf(parsed->secret), made.key.secret_hash));
  EXPECT_EQ(made.key.note, "a");
  std::string wrong(parsed->secret);
  wrong.front() = wrong.front() == 'a' ? 'b' : 'a';
  EXPECT_FALSE(AreEqual(HashOf(wrong), made.key.secret_hash));
}

TEST(MakeKeyTest, EachIsAnotherOneAndUsesTheWholeAlphabet) {
  SystemEntropy entropy;
  std::set<KeyId> ids;
  std::set<char> characters;
  constexpr int kKeys = 200;
  for (int i = 0; i < kKeys; ++i) {
    const NewKey made = MakeKey({}, entropy);
    ids.insert(made.key.id);
    const std::string_view secret = ParseKeyText(made.text)->secret;
    characters.insert(secret.begin(), secret.end());
  }
  EXPECT_EQ(ids.size(), kKeys);
  EXPECT_EQ(characters.size(), 32U);
}

// The digest is SHA-256 and nothing else, so that other programs can make keys.
TEST(HashTest, IsSha256) {
  EXPECT_EQ(HashOf("abc")[0], 0xba);
  EXPECT_EQ(HashOf("abc")[31], 0xad);
}

TEST(RoleTest, EachHasAName) {
  for (const Role role : kRoles) EXPECT_EQ(RoleByName(RoleName(role)), role);
  EXPECT_FALSE(RoleByName("Admin"));
  EXPECT_EQ(RoleNames(), "admin, operator, issuer, redeemer, viewer, public");
}

TEST(MayUseTest, AKeyWithoutCampaignsIsForAllOfThem) {
  Key key;
  EXPECT_TRUE(MayUse(key, test::Id(1)));
  key.campaigns = {test::Id(1), test::Id(3)};
  EXPECT_TRUE(MayUse(key, test::Id(3)));
  EXPECT_FALSE(MayUse(key, test::Id(2)));
}

TEST(KeyRingTest, TheVersionTellsThatKeysWereReplaced) {
  KeyRing ring({Key{.id = KeyId(1)}});
  const auto before = ring.version();
  const KeyRing::Keys old = ring.keys();
  EXPECT_EQ(ring.version(), before);
  ring.Replace({});
  EXPECT_NE(ring.version(), before);
  EXPECT_TRUE(ring.keys()->empty());
  EXPECT_EQ(old->size(), 1U);
}

}  // namespace
}  // namespace coupond::access
