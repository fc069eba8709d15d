#include "api/access/entry_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/keyed_service_fixture.h"
#include "support/builders.h"
#include "support/entry_token_builder.h"

namespace coupond::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kHs256 = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kEdDsa = R"({"alg":"EdDSA"})";
/// By which tokens are checked here: 1,000 s after 1970.
const Timestamp kTime = Timestamp().Plus(std::chrono::seconds(1'000));
const std::string kCampaign = FormatUuid(test::Id(1).bytes);

EntryTokenKey SecretKey() {
  return EntryTokenKey::FromFile(EntryTokenAlgorithm::kHs256, std::string(kSecret) + "\n").value();
}

std::string Payload(std::string_view more = R"("exp":1300)") {
  return R"({"sub":"kim","aud":")" + kCampaign + R"(",)" + std::string(more) + "}";
}

std::optional<std::string> UserOf(const std::string& token) {
  return UserOfEntryToken(SecretKey(), token, test::Id(1), kTime);
}
std::optional<std::string> UserOfPayload(std::string_view payload) {
  return UserOf(test::Hs256Token(kHs256, payload, kSecret));
}

TEST(EntryTokenTest, NamesTheUser) {
  EXPECT_EQ(UserOfPayload(Payload()), "kim");
  EXPECT_EQ(UserOfPayload(R"({"aud":["x",")" + kCampaign + R"("],"exp":1300,"sub":"일"})"), "일");
}

TEST(EntryTokenTest, LastsUntilItExpiresAndForTenMinutesAtMost) {
  const auto at_exp = [](int seconds) {
    return UserOfPayload(Payload(R"("exp":)" + std::to_string(seconds)));
  };
  // The clocks may differ by 30 s.
  EXPECT_TRUE(at_exp(971));
  EXPECT_FALSE(at_exp(970));
  EXPECT_TRUE(at_exp(1'630));
  EXPECT_FALSE(at_exp(1'631));
}

TEST(EntryTokenTest, IsNotForTheFuture) {
  for (const std::string name : {"nbf", "iat"}) {
    EXPECT_TRUE(UserOfPayload(Payload(R"("exp":1300,")" + name + R"(":1030)"))) << name;
    EXPECT_FALSE(UserOfPayload(Payload(R"("exp":1300,")" + name + R"(":1031)"))) << name;
    EXPECT_FALSE(UserOfPayload(Payload(R"("exp":1300,")" + name + R"(":"1000")"))) << name;
  }
}

TEST(EntryTokenTest, EachClaimMustBeWhatItShould) {
  for (const std::string& payload : {
           R"({"aud":")" + kCampaign + R"(","exp":1300})",           // no user
           R"({"sub":"","aud":")" + kCampaign + R"(","exp":1300})",  // an empty one
           R"({"sub":7,"aud":")" + kCampaign + R"(","exp":1300})",   // no text
           std::string(R"({"sub":"kim","exp":1300})"),               // no campaign
           R"({"sub":"kim","aud":")" + FormatUuid(test::Id(2).bytes) + R"(","exp":1300})",
           std::string(R"({"sub":"kim","aud":[],"exp":1300})"),
           R"({"sub":"kim","aud":[[")" + kCampaign + R"("]],"exp":1300})",
           Payload(R"("exp":null)"),
           Payload(R"("exp":"1300")"),
           Payload(R"("exp":1300.5)"),
           Payload(R"("exp":1.3e3)"),
           Payload(R"("exp":-1300)"),
           Payload(R"("exp":99999999999999999999)"),
           Payload(R"("nothing":1)"),             // no end
           Payload(R"("exp":1300,"sub":"lee")"),  // twice
           Payload(R"("exp":1300,"exp":1300)"),
           "[" + Payload() + "]",
           Payload() + "x",
           std::string("null"),
           std::string(),
       }) {
    EXPECT_FALSE(UserOfPayload(payload)) << payload;
  }
}

TEST(EntryTokenTest, TheServerSaysWhichAlgorithm) {
  const std::string payload = Payload();
  for (const std::string_view header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"hs256"})", R"({"alg":"HS512"})",
        R"({"alg":"EdDSA"})", R"({"alg":["HS256"]})", R"({"typ":"JWT"})",
        R"({"alg":"HS256","crit":["exp"]})", R"({"alg":"HS256","alg":"HS256"})", "[]", ""}) {
    EXPECT_FALSE(UserOf(test::Hs256Token(header, payload, kSecret))) << header;
    EXPECT_FALSE(UserOf(test::SignedPart(header, payload) + ".")) << header;
  }
}

TEST(EntryTokenTest, APublicKeyIsNoSecret) {
  const test::SigningKey signing;
  const std::string pem = signing.PublicPem();
  const auto key = EntryTokenKey::FromFile(EntryTokenAlgorithm::kEdDsa, pem);
  ASSERT_TRUE(key) << key.error().message;
  const auto user_of = [&](const std::string& token) {
    return UserOfEntryToken(*key, token, test::Id(1), kTime);
  };
  EXPECT_EQ(user_of(signing.Token(kEdDsa, Payload())), "kim");
  EXPECT_FALSE(user_of(test::SigningKey().Token(kEdDsa, Payload()))) << "of another pair";
  // Whoever has the public key must not be able to make tokens with it.
  for (const std::string_view header : {kHs256, kEdDsa}) {
    EXPECT_FALSE(user_of(test::Hs256Token(header, Payload(), pem)));
  }
  EXPECT_FALSE(user_of(signing.Token(kHs256, Payload())));
  EXPECT_FALSE(UserOf(signing.Token(kEdDsa, Payload())));
}

TEST(EntryTokenTest, NoBitMayChange) {
  const std::string token = test::Hs256Token(kHs256, Payload(), kSecret);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(UserOf(changed).has_value(), changed == token) << i;
  }
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(UserOf(token.substr(0, size))) << size;
  }
  EXPECT_FALSE(UserOf(token + "."));
  EXPECT_FALSE(UserOf(token + "A"));
  EXPECT_FALSE(UserOf(token + "=")) << "base64url has no padding";
  EXPECT_FALSE(UserOf(" " + token));
}

TEST(EntryTokenTest, ALongOneIsRefusedUnread) {
  const auto of_size = [](std::size_t bytes) {
    return test::Hs256Token(kHs256, Payload(R"("exp":1300,"x":")" + std::string(bytes, 'x') + '"'),
                            kSecret);
  };
  EXPECT_TRUE(UserOf(of_size(1'000)));
  EXPECT_FALSE(UserOf(of_size(2'000)));
  EXPECT_FALSE(UserOf(of_size(64 * 1'024)));
}

TEST(EntryTokenKeyTest, SaysHowToMakeABetterOne) {
  const auto refused = [](EntryTokenAlgorithm algorithm, std::string_view contents) {
    const auto key = EntryTokenKey::FromFile(algorithm, contents);
    EXPECT_FALSE(key) << contents;
    return key ? std::string() : key.error().message;
  };
  EXPECT_THAT(refused(EntryTokenAlgorithm::kHs256, std::string(31, 'x') + "\n"),
              HasSubstr("openssl rand"));
  EXPECT_THAT(refused(EntryTokenAlgorithm::kHs256, test::SigningKey().PublicPem()),
              HasSubstr("setting entry-token-public-key"));
  EXPECT_THAT(refused(EntryTokenAlgorithm::kEdDsa, kSecret), HasSubstr("openssl genpkey"));
  EXPECT_THAT(refused(EntryTokenAlgorithm::kEdDsa, "-----BEGIN PUBLIC KEY-----\nx\n"),
              HasSubstr("Ed25519"));
}

class EntryTokenServiceTest : public KeyedServiceFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(KeyedServiceFixture::SetUp());
    StartKeyedService(&tokens_);
    As(access::Role::kPublic);
    origin_ = kShop;
  }
  std::string Token(std::string_view user, std::string_view campaign) {
    const auto now = clock_.Now().unix_nanoseconds() / 1'000'000'000;
    return test::Hs256Token(kHs256,
                            R"({"sub":")" + std::string(user) + R"(","aud":")" +
                                std::string(campaign) + R"(","exp":)" + std::to_string(now + 60) +
                                "}",
                            kSecret);
  }
  Exchange IssueWith(const std::string& token, std::string_view more = "") {
    return AskFor("IssueCoupon", R"(,"entryToken":")" + token + '"' + std::string(more));
  }

  EntryTokens tokens_{SecretKey()};
};

TEST_F(EntryTokenServiceTest, TheUserComesFromTheToken) {
  const auto first = Read<coupon::v1::IssueCouponResponse>(IssueWith(Token("kim", id_)));
  EXPECT_EQ(first.coupon().user_id(), "kim");
  const auto again = Read<coupon::v1::IssueCouponResponse>(IssueWith(Token("kim", id_)));
  EXPECT_TRUE(again.already_issued());
  EXPECT_EQ(again.coupon().code(), first.coupon().code());
  const auto other = Read<coupon::v1::IssueCouponResponse>(IssueWith(Token("lee", id_)));
  EXPECT_FALSE(other.already_issued());
  EXPECT_EQ(DetailsOf(IssueWith(Token("kim", id_), R"(,"userId":"lee")"), 403).reason,
            "USER_ID_NOT_ALLOWED");
}

TEST_F(EntryTokenServiceTest, AUserThatCannotBeOneIsAFaultOfTheToken) {
  for (const std::string& user : {std::string(200, 'x'), std::string(" "), std::string("a\\nb")}) {
    EXPECT_EQ(DetailsOf(IssueWith(Token(user, id_)), 403).reason, "ENTRY_TOKEN_INVALID") << user;
  }
}

TEST_F(EntryTokenServiceTest, EveryFaultHasOneAnswer) {
  const std::string other = FormatUuid(test::Id(2).bytes);
  const auto now = clock_.Now().unix_nanoseconds() / 1'000'000'000;
  const auto payload = [&](std::int64_t expires, std::string_view more = "") {
    return R"({"sub":"kim","aud":")" + id_ + R"(","exp":)" + std::to_string(expires) +
           std::string(more) + "}";
  };
  const auto signed_token = [](std::string_view text, std::string_view header = kHs256) {
    return test::Hs256Token(header, text, kSecret);
  };
  ASSERT_EQ(Read<coupon::v1::IssueCouponResponse>(IssueWith(signed_token(payload(now + 60))))
                .coupon()
                .user_id(),
            "kim")
      << "so that nothing but the fault is wrong below";
  std::set<std::string> answers;
  for (const std::string& token : {
           std::string("x"),
           Token("kim", other),
           Token("", id_),
           Token("kim", id_) + "A",
           test::SignedPart(R"({"alg":"none"})", payload(now + 60)) + ".",
           signed_token(payload(now + 60), R"({"alg":"RS256"})"),
           test::SigningKey().Token(kEdDsa, payload(now + 60)),
           signed_token(payload(now - 60)),     // expired
           signed_token(payload(now + 3'600)),  // for too long
           signed_token(payload(now + 60, R"(,"nbf":)" + std::to_string(now + 50))),  // too early
           signed_token(payload(now + 60, R"(,"sub":"lee")")),                        // twice
           signed_token(payload(now + 60, R"(,"x":")" + std::string(47'000, 'x') + '"')),
       }) {
    answers.insert(BodyOf(IssueWith(token), 403));
  }
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_THAT(*answers.begin(), HasSubstr("REFUSAL_ENTRY_TOKEN_INVALID"));
  EXPECT_EQ(connect::DetailsInJson(*answers.begin()).reason, "ENTRY_TOKEN_INVALID");
}

TEST_F(EntryTokenServiceTest, TheTokenIsCheckedBeforeTheOtherFields) {
  const std::string bad = R"(,"requestId":" ")";
  EXPECT_EQ(DetailsOf(IssueWith("x", bad), 403).reason, "ENTRY_TOKEN_INVALID");
  EXPECT_EQ(DetailsOf(IssueWith(Token("kim", id_), bad), 400).field, "request_id");
  EXPECT_EQ(DetailsOf(Ask("IssueCoupon", R"({"entryToken":"x")" + bad + "}"), 400).field,
            "campaign_id");
}

TEST_F(EntryTokenServiceTest, OnlyAPublicKeyNeedsOne) {
  As(access::Role::kIssuer);
  EXPECT_EQ(DetailsOf(IssueWith(Token("kim", id_)), 400).field, "entry_token");
}

TEST_F(EntryTokenServiceTest, AServerMayTakeNone) {
  StartKeyedService(nullptr);
  EXPECT_EQ(DetailsOf(IssueWith(Token("kim", id_)), 400).reason, "ENTRY_TOKENS_OFF");
}

TEST_F(EntryTokenServiceTest, ANewKeyCountsAtOnce) {
  const std::string token = Token("kim", id_);
  (void)BodyOf(IssueWith(token));
  tokens_.Replace(
      EntryTokenKey::FromFile(EntryTokenAlgorithm::kHs256, std::string(40, 'k')).value());
  (void)BodyOf(IssueWith(token), 403);
}

}  // namespace
}  // namespace coupond::api
