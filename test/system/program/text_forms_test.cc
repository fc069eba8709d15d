// Names and ids that look the same are the same, and a store that holds other forms goes on
// working.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/entropy.h"
#include "engine/clock/system_clock.h"
#include "engine/codes/claim_digest.h"
#include "storage/store.h"
#include "support/builders.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kKim = "\uAE40";
constexpr const char* kKimDecomposed = "\u1100\u1175\u11B7";
constexpr const char* kSpring = "\uBD04";
constexpr const char* kSpringDecomposed = "\u1107\u1169\u11B7";

class TextFormsTest : public testing::TestWithParam<Form> {
 protected:
  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
};

TEST_P(TextFormsTest, IdsThatLookTheSameAreOneUserAndOneRequest) {
  const std::string campaign = client_.CreateStarted("one each", 20);
  const auto first = client_.IssueForUser(campaign, kKim);
  EXPECT_FALSE(first.response.already_issued());
  for (const std::string& form : {std::string(kKimDecomposed), " " + std::string(kKim) + "\n",
                                  "\u3000" + std::string(kKim)}) {
    const auto again = client_.IssueForUser(campaign, form);
    EXPECT_TRUE(again.response.already_issued()) << again.raw_body;
    EXPECT_EQ(again.response.coupon().code(), first.response.coupon().code());
    EXPECT_EQ(again.response.coupon().user_id(), kKim);
  }
  const auto wide = client_.IssueForUser(campaign, "Ｋｉｍ７");
  EXPECT_EQ(wide.response.coupon().user_id(), "Kim7") << "what is stored is the normal form";
  EXPECT_TRUE(client_.IssueForUser(campaign, "Kim7").response.already_issued());

  const auto request = client_.IssueForRequest(campaign, "order 7");
  EXPECT_FALSE(request.response.already_issued());
  EXPECT_TRUE(client_.IssueForRequest(campaign, " order\u30007\t").response.already_issued());
}

TEST_P(TextFormsTest, NamesThatLookTheSameAreOneCampaign) {
  const auto created = client_.Create(kSpringDecomposed, 1, Now() + 1'000'000'000'000);
  ASSERT_TRUE(created.ok()) << created.message;
  EXPECT_EQ(created.response.campaign().name(), kSpring);
  for (const std::string& form :
       {std::string(kSpring), std::string(kSpringDecomposed), std::string(kSpring) + "  "}) {
    const auto again = client_.Create(form, 1, Now() + 1'000'000'000'000);
    EXPECT_EQ(again.code, "already_exists") << again.raw_body;
  }
  EXPECT_TRUE(client_.Delete("", std::string(kSpringDecomposed) + " ").response.success());
  EXPECT_FALSE(client_.Delete("", kSpring).response.success());
}

TEST_P(TextFormsTest, InvisibleCharactersAreRefusedByName) {
  const std::string campaign = client_.CreateStarted("one each", 20);
  const auto expect_invalid = [](const auto& answer, const std::string& message) {
    EXPECT_EQ(answer.code, "invalid_argument") << answer.raw_body;
    EXPECT_THAT(answer.message, StartsWith(message));
  };
  expect_invalid(client_.IssueForUser(campaign, "kim\u200B"),
                 "user_id: U+200B at character 4 is invisible");
  expect_invalid(client_.IssueForUser(campaign, "  "), "user_id: has only blanks");
  expect_invalid(client_.IssueForRequest(campaign, "\u3000"), "request_id: has only blanks");
  expect_invalid(client_.IssueForRequest(campaign, "a\u0378"),
                 "request_id: U+0378 at character 2 is not an assigned character");
  expect_invalid(client_.Create("sa\ale", 1, Now() + 1'000'000'000'000),
                 "name: U+0007 at character 3 is a control character");
  expect_invalid(client_.Create(" \u3000 ", 1, Now() + 1'000'000'000'000), "name: missing");
  expect_invalid(client_.Delete("", "sale\u202E"), "campaign_name: U+202E at character 5");
  expect_invalid(client_.Delete(campaign, " "), "campaign_name: has only blanks");
  EXPECT_EQ(client_.Codes(campaign).size(), 0U) << "none of them was anonymous";
}

INSTANTIATE_TEST_SUITE_P(Forms, TextFormsTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto, Form::kShortJson),
                         NameOfForm);

/// However a text is sent, the answer names the error in its encoding.
TEST(TextEncodings, OtherEncodingsThanUtf8AreNamed) {
  ServerProcess server;
  const auto expect = [&](const std::string& request, int status, const std::string& says) {
    const auto reply = HttpClient(server.port()).Ask(request);
    ASSERT_TRUE(reply) << says;
    EXPECT_EQ(reply->status, status) << reply->body;
    EXPECT_THAT(reply->body, HasSubstr(says));
  };
  const auto get = [](const std::string& query) {
    return "GET /coupon.v1.CouponService/ListCampaigns?" + query +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  };
  constexpr const char* kCreate = "/coupon.v1.CouponService/CreateCampaign";
  constexpr const char* kJson = "application/json";
  const std::string cp949 = "{\"name\":\"\xB1\xE8\"}";
  for (const char* path : {kCreate, "/CreateCampaign"}) {
    expect(PostRequest(path, kJson, cp949), 400, "byte 9 (0xB1) is not UTF-8; send UTF-8");
    expect(PostRequest(path, kJson, "\xEF\xBB\xBF{}"), 400, "begins with a byte order mark");
    expect(PostRequest(path, kJson, std::string("{\0\"\0", 4)), 400, "looks like UTF-16");
    expect(PostRequest(path, kJson, R"({"name":"\ud800"})"), 400, "half of a surrogate pair");
  }
  expect(PostRequest(kCreate, "application/proto", "\x0A\x02\xB1\xE8"), 400,
         "name: byte 0 (0xB1) is not UTF-8");
  expect(PostRequest(kCreate, "application/json; charset=euc-kr", "{}"), 415,
         "but text must be in UTF-8");
  expect(get("encoding=json&message=%7B%22pageToken%22:%22%B1%E8%22%7D"), 400,
         "byte 14 (0xB1) is not UTF-8");
  expect(get("encoding=json&base64=1&message=__57AH0A"), 400, "a UTF-16 byte order mark");
  expect(get("encoding=proto&message=%12%02%B1%E8"), 400, "page_token: byte 0 (0xB1)");
}

/// A store written by an earlier version, which stored every text as it was sent.
class OldStoreTest : public testing::Test {
 protected:
  OldStoreTest() {
    SystemEntropy entropy;
    const SystemClock clock;
    const auto store = storage::Store::Open(path_, entropy, clock).value();
    ClaimDigest claims(store->identity().code_key);
    const auto campaign = [&](std::uint8_t number, std::string name, std::uint64_t first_serial) {
      return CampaignCreated{
          .number = CampaignNumber(number),
          .id = Id(number),
          .terms = {.name = std::move(name), .total_coupons = 10, .start_time = At(0)},
          .first_serial = Serial(first_serial)};
    };
    const auto issued = [&](std::uint64_t serial, ClaimKind kind, const std::string& text) {
      CouponIssued coupon{.campaign = CampaignNumber(1), .serial = Serial(serial)};
      const bool is_user = kind == ClaimKind::kUser;
      (is_user ? coupon.holder : coupon.request_key) = claims.Of(Id(1), kind, text);
      if (is_user) coupon.user_id = text;
      return coupon;
    };
    const LogTip tip = store->log().Tip();
    const CommitGroup group{
        .number = tip.group.Next(),
        .first_sequence = tip.sequence.Next(),
        .commit_time = tip.time,
        .events = {campaign(1, kSpringDecomposed, 1), campaign(2, "summer ", 11),
                   issued(1, ClaimKind::kUser, kKimDecomposed),
                   issued(2, ClaimKind::kRequest, " order"), issued(3, ClaimKind::kUser, "lee"),
                   issued(4, ClaimKind::kUser, "lee ")}};
    EXPECT_TRUE(store->log().Append(group));
    store->watermark().Advance(
        {.group = store->log().Tip().group, .hash = store->log().Tip().hash});
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "data";
  const std::string spring_ = FormatUuid(Id(1).bytes);
};

TEST_F(OldStoreTest, ACallerWithACouponGetsNoSecondOne) {
  ServerProcess server(path_, {});
  CouponClient client(server.port());
  const std::vector<std::string> codes = client.Codes(spring_);
  ASSERT_EQ(codes.size(), 4U);
  const auto expect_old = [&](const auto& answer, std::size_t place) {
    EXPECT_TRUE(answer.response.already_issued()) << answer.raw_body;
    EXPECT_EQ(answer.response.coupon().code(), codes[place]);
  };
  for (int life = 0; life < 2; ++life) {
    const auto kim = client.IssueForUser(spring_, kKimDecomposed);
    expect_old(kim, 0);
    EXPECT_EQ(kim.response.coupon().user_id(), kKimDecomposed) << "as it is stored";
    expect_old(client.IssueForRequest(spring_, " order"), 1);
    expect_old(client.IssueForUser(spring_, "lee"), 2);
    expect_old(client.IssueForUser(spring_, "lee "), 2);  // the normal form comes first
    server.Kill();
    server.Start();
    client = CouponClient(server.port());
  }
  // The store has only a digest of the other form, so a caller that sends another is not
  // recognised.
  EXPECT_FALSE(client.IssueForUser(spring_, kKim).response.already_issued());
  EXPECT_EQ(client.Codes(spring_).size(), 5U);
}

TEST_F(OldStoreTest, CampaignsAreFoundByTheirOldNames) {
  ServerProcess server(path_, {});
  CouponClient client(server.port());
  const auto create = [&](const std::string& name) {
    return client.Create(name, 1, Now() + 1'000'000'000'000);
  };
  EXPECT_EQ(create(kSpringDecomposed).code, "already_exists");
  EXPECT_EQ(create("summer ").code, "already_exists");
  EXPECT_FALSE(client.Delete(spring_, kSpring).response.success());
  EXPECT_TRUE(client.Delete(spring_, kSpringDecomposed).response.success());
  EXPECT_TRUE(client.Delete("", "summer ").response.success());
  EXPECT_TRUE(create("summer ").ok());
  EXPECT_TRUE(client.Delete("", "summer").response.success());
}

}  // namespace
}  // namespace coupond::test
