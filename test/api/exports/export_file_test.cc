#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "api/exports/export_fixture.h"
#include "rpc/json/json_format.h"
#include "rpc/json/json_writer.h"

namespace coupond::api {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kHeader =
    "code,user_id,state,issued_at,expire_time,redeemed_at,order_ref,voided_at\r\n";

using ExportFileTest = ExportFixture;

TEST_F(ExportFileTest, CsvHasALineForEachCoupon) {
  const std::string first = Issue(R"(,"userId":"=1+1, \"김\"")").coupon().code();
  const std::string second = Issue().coupon().code();
  static_cast<void>(Redeem(second, R"(,"orderRef":"@4711")"));
  const Exchange exchange = GetFile("coupons.csv", "bom=1");
  EXPECT_EQ(exchange->response().status, 200);
  EXPECT_EQ(exchange->response().content_type, "text/csv; charset=utf-8");
  EXPECT_EQ(exchange->Header("Content-Disposition"),
            "attachment; filename=\"coupons-" + id_ + ".csv\"");
  EXPECT_EQ(exchange->Header("Cache-Control"), "no-store");
  EXPECT_EQ(exchange->Header("Coupond-Sequence"),
            std::to_string(engine_->durable_sequence().value()));
  EXPECT_EQ(ReadFile(exchange), "\xEF\xBB\xBF" + std::string(kHeader) + first +
                                    ",\"'=1+1, \"\"김\"\"\",issued,2023-11-14T22:13:20Z,,,,\r\n" +
                                    second +
                                    ",,redeemed,2023-11-14T22:13:20Z,,"
                                    "2023-11-14T22:13:20Z,'@4711,\r\n");
}

TEST_F(ExportFileTest, JsonLinesHaveTheCouponsOfTheApi) {
  Issue(R"(,"userId":"=1+1")");
  static_cast<void>(
      Redeem(Issue().coupon().code(), R"(,"orderRef":"a, \"b\"","redeemedBy":"till")"));
  const connect::JsonFormat json(coupon::v1::Coupon::descriptor());
  std::string expected;
  const auto campaign = GetCampaign();
  for (const coupon::v1::Coupon& coupon : campaign.coupons()) {
    ASSERT_TRUE(connect::WriteJson(json, coupon, expected));
    expected += '\n';
  }
  const Exchange exchange = GetFile("coupons.jsonl");
  EXPECT_EQ(exchange->response().content_type, "application/jsonl");
  EXPECT_THAT(exchange->Header("Content-Disposition"), HasSubstr(".jsonl\""));
  EXPECT_EQ(ReadFile(exchange), expected);
}

TEST_F(ExportFileTest, ALongOneIsWholeAndOfOneMoment) {
  IssueMany(2'500);
  const Exchange exchange = GetFile("coupons.csv");
  Issue();
  BodyOf(SendFor("DeleteCampaign"));
  const auto file = ReadFile(exchange);
  ASSERT_TRUE(file);
  EXPECT_EQ(std::ranges::count(*file, '\n'), 1 + 2'500);
}

TEST_F(ExportFileTest, OnlyTheStatesThatWereAskedForAreWritten) {
  IssueMany(3'000);
  const std::string voided = ExportAll().coupons()[2'345].code();
  BodyOf(SendCode("VoidCoupon", voided));
  for (const char* query :
       {"states=voided", "states=redeemed,voided&bom=0", "&states=redeemed%2Cvoided,voided"}) {
    const auto file = ReadFile(GetFile("coupons.csv", query));
    ASSERT_TRUE(file) << query;
    EXPECT_THAT(*file, StartsWith(kHeader + voided + ",,voided,")) << query;
    EXPECT_EQ(std::ranges::count(*file, '\n'), 2) << query;
  }
  EXPECT_EQ(ReadFile(GetFile("coupons.csv", "states=returned")), kHeader);
  EXPECT_EQ(ReadFile(GetFile("coupons.jsonl", "states=returned")), "");
}

TEST_F(ExportFileTest, HeadIsAnsweredLikeGet) {
  Issue();
  const Exchange head = GetFile("coupons.csv", "", "HEAD");
  EXPECT_EQ(head->response().status, 200);
  EXPECT_EQ(head->response().headers, GetFile("coupons.csv")->response().headers);
  EXPECT_EQ(GetFile("coupons.csv", "states=x", "HEAD")->response().status, 400);
}

TEST_F(ExportFileTest, ParametersThatAreNotUnderstoodAreRefused) {
  const struct {
    const char* file;
    const char* query;
    const char* says;
  } cases[] = {
      {"coupons.csv", "state=voided", "state: unknown parameter; this file takes states and bom"},
      {"coupons.csv", "States=voided", "States: unknown parameter"},
      {"coupons.jsonl", "bom=1", "bom: unknown parameter; this file takes states"},
      {"coupons.csv", "bom=yes", "bom: must be 1 or 0, not "},
      {"coupons.csv", "bom", "bom: must be 1 or 0, not "},
      {"coupons.csv", "states=", "is not a state; give one or more of issued, redeemed"},
      {"coupons.csv", "states=COUPON_STATE_VOIDED", "is not a state"},
      {"coupons.csv", "states=voided&states=issued", "states: given twice"},
      {"coupons.csv", "bom=1&bom=1", "bom: given twice"},
  };
  for (const auto& [file, query, says] : cases) {
    const Exchange exchange = GetFile(file, query);
    EXPECT_THAT(BodyOf(exchange, 400), AllOf(HasSubstr(R"("code":"invalid_argument")"),
                                             HasSubstr(says), HasSubstr("QUERY_INVALID")))
        << query;
    EXPECT_EQ(exchange->Header("Cache-Control"), "no-store");
  }
}

TEST_F(ExportFileTest, UnknownCampaignsAndFilesAreNotFound) {
  for (const std::string& id :
       {FormatUuid(test::Id(9).bytes), std::string("x"), std::string("%20"), id_ + "x"}) {
    const Exchange exchange = Get("/campaigns/" + id + "/coupons.csv");
    EXPECT_THAT(BodyOf(exchange, 404), HasSubstr(R"("reason":"NO_SUCH_CAMPAIGN")")) << id;
    EXPECT_EQ(exchange->Header("Cache-Control"), "no-store");
  }
  for (const std::string& path :
       {"/campaigns/" + id_ + "/coupons.xml", "/campaigns/" + id_ + "/coupons.csv/",
        "/campaigns/" + id_ + "/x/coupons.csv", "/campaigns/" + id_, std::string("/campaigns"),
        std::string("/campaigns//coupons.csv"), std::string("/campaigns/coupons.csv"),
        "/x/campaigns/" + id_ + "/coupons.csv"}) {
    EXPECT_THAT(BodyOf(Get(path), 404), HasSubstr("PATH_UNKNOWN")) << path;
  }
  const Exchange post = GetFile("coupons.csv", "", "POST");
  EXPECT_EQ(post->response().status, 405);
  EXPECT_EQ(post->Header("Allow"), "GET, HEAD");
}

TEST_F(ExportFileTest, OneTooManyIsToldWhenToComeBack) {
  std::vector<Exchange> open;
  for (std::size_t i = 0; i < kExportsMax; ++i) open.push_back(GetFile("coupons.csv"));
  const Exchange refused = GetFile("coupons.csv");
  EXPECT_THAT(BodyOf(refused, 503), HasSubstr("TOO_MANY_EXPORTS"));
  EXPECT_THAT(refused->Header("Retry-After"), AnyOf("1", "2", "3"));
  open.pop_back();
  EXPECT_EQ(GetFile("coupons.csv")->response().status, 200);
}

}  // namespace
}  // namespace coupond::api
