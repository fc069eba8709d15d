#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "api/exports/export_fixture.h"
#include "api/exports/export_reader.h"
#include "api/exports/export_sources.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using coupon::v1::COUPON_STATE_EXPIRED;
using coupon::v1::COUPON_STATE_ISSUED;
using coupon::v1::COUPON_STATE_REDEEMED;
using coupon::v1::COUPON_STATE_RETURNED;
using coupon::v1::COUPON_STATE_UNSPECIFIED;
using coupon::v1::COUPON_STATE_VOIDED;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Property;
using testing::SizeIs;

using ExportStreamTest = ExportFixture;

std::vector<std::string> CodesOf(const std::vector<coupon::v1::Coupon>& coupons) {
  std::vector<std::string> codes;
  for (const auto& coupon : coupons) codes.push_back(coupon.code());
  return codes;
}

TEST_F(ExportStreamTest, ShowsEachCouponAsGetCampaignDoes) {
  const std::string redeemed = Issue().coupon().code();
  const std::string returned = Issue(R"(,"userId":"kim")").coupon().code();
  Issue();
  static_cast<void>(Redeem(redeemed, R"(,"orderRef":"4711")"));
  BodyOf(SendCode("VoidCoupon", returned, R"(,"returnToPool":true)"));
  const auto campaign = GetCampaign();
  const Streamed streamed = ExportAll();
  ASSERT_THAT(streamed.messages, SizeIs(1));
  EXPECT_EQ(streamed.end, "{}");
  const auto& message = streamed.messages[0];
  ASSERT_EQ(message.coupons_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(message.coupons(i),
                                                                   campaign.coupons(i)));
  }
  EXPECT_EQ(message.sequence(), engine_->durable_sequence().value());
  EXPECT_EQ(message.as_of_time().seconds(), test::At(0).unix_nanoseconds() / 1'000'000'000);
  EXPECT_EQ(message.issued_ever(), 3) << "also those whose place was returned";
}

TEST_F(ExportStreamTest, ThereIsAlwaysAFirstMessage) {
  for (const auto& states : {std::vector<coupon::v1::CouponState>(), {COUPON_STATE_VOIDED}}) {
    const Streamed streamed = ExportAll(states);
    ASSERT_THAT(streamed.messages, SizeIs(1));
    EXPECT_THAT(streamed.messages[0].coupons(), IsEmpty());
    EXPECT_EQ(streamed.messages[0].issued_ever(), 0);
    EXPECT_EQ(streamed.messages[0].sequence(), engine_->durable_sequence().value());
    EXPECT_EQ(streamed.end, "{}");
  }
}

TEST_F(ExportStreamTest, WhatHappensMeanwhileIsNotShown) {
  IssueMany(2'500);
  const std::uint64_t before = engine_->durable_sequence().value();
  const Exchange exchange = Export(RequestFor());
  Streamed streamed;
  ReadOne(exchange, streamed);
  const std::string last = ExportAll().coupons().back().code();
  static_cast<void>(Redeem(last));
  Issue();
  BodyOf(SendFor("DeleteCampaign"));
  BodyOf(SendFor("GetCampaign"), 404);
  ReadRest(exchange, streamed);

  EXPECT_EQ(streamed.end, "{}");
  EXPECT_THAT(streamed.messages,
              Each(Property(&coupon::v1::ExportCouponsResponse::coupons_size, testing::Le(1'000))));
  EXPECT_THAT(streamed.messages,
              Each(Property(&coupon::v1::ExportCouponsResponse::sequence, before)));
  EXPECT_THAT(streamed.messages,
              Each(Property(&coupon::v1::ExportCouponsResponse::issued_ever, 2'500)));
  const auto coupons = streamed.coupons();
  ASSERT_THAT(coupons, SizeIs(2'500));
  EXPECT_THAT(coupons, Each(Property(&coupon::v1::Coupon::state, COUPON_STATE_ISSUED)));
  EXPECT_EQ(coupons.back().code(), last);
}

TEST_F(ExportStreamTest, AllOfItIsOfOneTime) {
  static_cast<void>(Update(R"(,"validDuration":"60s")"));
  IssueMany(1'500);
  const Exchange exchange = Export(RequestFor());
  Streamed streamed;
  ReadOne(exchange, streamed);
  clock_.Set(test::At(61));
  ReadRest(exchange, streamed);
  EXPECT_THAT(streamed.coupons(), Each(Property(&coupon::v1::Coupon::state, COUPON_STATE_ISSUED)));
  EXPECT_THAT(ExportAll().coupons(),
              Each(Property(&coupon::v1::Coupon::state, COUPON_STATE_EXPIRED)));
}

TEST_F(ExportStreamTest, OnlyTheStatesThatWereAskedForAreShown) {
  static_cast<void>(Update(R"(,"validDuration":"60s")"));
  std::vector<std::string> codes;
  for (int i = 0; i < 5; ++i) codes.push_back(Issue().coupon().code());
  static_cast<void>(Redeem(codes[1]));
  BodyOf(SendCode("VoidCoupon", codes[2]));
  BodyOf(SendCode("VoidCoupon", codes[3], R"(,"returnToPool":true)"));
  EXPECT_THAT(CodesOf(ExportAll({COUPON_STATE_ISSUED}).coupons()), ElementsAre(codes[0], codes[4]));
  clock_.Set(test::At(60));
  EXPECT_THAT(CodesOf(ExportAll({COUPON_STATE_ISSUED}).coupons()), IsEmpty());
  EXPECT_THAT(CodesOf(ExportAll({COUPON_STATE_EXPIRED}).coupons()),
              ElementsAre(codes[0], codes[4]));
  EXPECT_THAT(CodesOf(ExportAll({COUPON_STATE_RETURNED, COUPON_STATE_REDEEMED}).coupons()),
              ElementsAre(codes[1], codes[3]));
  EXPECT_THAT(CodesOf(ExportAll({COUPON_STATE_VOIDED}).coupons()), ElementsAre(codes[2]));
  EXPECT_EQ(ExportAll({COUPON_STATE_VOIDED}).messages[0].issued_ever(), 5);
}

TEST_F(ExportStreamTest, PartsWithoutACouponAreLeftOut) {
  IssueMany(4'500);
  static_cast<void>(Redeem(ExportAll().coupons()[3'456].code()));
  const Streamed streamed = ExportAll({COUPON_STATE_REDEEMED});
  ASSERT_THAT(streamed.messages, SizeIs(2));
  EXPECT_THAT(streamed.messages[0].coupons(), IsEmpty());
  EXPECT_THAT(streamed.messages[1].coupons(), SizeIs(1));
  EXPECT_EQ(streamed.end, "{}");
}

TEST_F(ExportStreamTest, AMessageWithoutACouponIsASignOfLife) {
  // The first part is always sent; then that many are left out.
  constexpr std::size_t kQuiet = 1 + ExportMessages::kEmptyPartsMax;
  IssueManyAtOnce(kQuiet * kExportPartCoupons);
  EXPECT_THAT(ExportAll({COUPON_STATE_REDEEMED}).messages, SizeIs(1));
  IssueManyAtOnce(2 * kExportPartCoupons);
  const Streamed streamed = ExportAll({COUPON_STATE_REDEEMED});
  ASSERT_THAT(streamed.messages, SizeIs(2));
  EXPECT_THAT(streamed.coupons(), IsEmpty());
  EXPECT_EQ(streamed.end, "{}");
}

TEST_F(ExportStreamTest, BadRequestsAreRefused) {
  coupon::v1::ExportCouponsRequest request;
  EXPECT_THAT(ReadAll(Export(request)).end, HasSubstr("campaign_id: missing"));
  request.set_campaign_id("x");
  EXPECT_THAT(ReadAll(Export(request)).end, HasSubstr(R"("code":"not_found")"));
  request.set_campaign_id(FormatUuid(test::Id(9).bytes));
  EXPECT_THAT(ReadAll(Export(request)).end, HasSubstr(R"("code":"not_found")"));
  for (const int state : {static_cast<int>(COUPON_STATE_UNSPECIFIED), 99, -1}) {
    request = RequestFor();
    request.add_states(static_cast<coupon::v1::CouponState>(state));
    EXPECT_THAT(ReadAll(Export(request)).end,
                AllOf(HasSubstr("states: "), HasSubstr("is not a state")));
  }
}

class ExportSlotsTest : public ExportFixture {
 protected:
  /// Reports whether there is a place for so many more exports and no others.
  bool HasRoomFor(std::size_t count) {
    std::vector<Exchange> open;
    while (open.size() <= kExportsMax) {
      const Exchange exchange = Export(RequestFor());
      if (exchange->pieces() == nullptr) {
        EXPECT_THAT(ReadAll(exchange).end, HasSubstr("TOO_MANY_EXPORTS"));
        break;
      }
      open.push_back(exchange);
    }
    return open.size() == count;
  }
};

TEST_F(ExportSlotsTest, AtMostSixteenExportsAreOpen) {
  EXPECT_TRUE(HasRoomFor(16));
  const Exchange file = GetFile("coupons.csv");
  EXPECT_TRUE(HasRoomFor(15)) << "files count, too";
}

TEST_F(ExportSlotsTest, TheEndOfAnExportMakesRoom) {
  const Exchange exchange = Export(RequestFor());
  Streamed streamed;
  ReadRest(exchange, streamed);
  EXPECT_TRUE(HasRoomFor(15)) << "the connection has not let go of it";
  static_cast<void>(ReadAll(Export(RequestFor())));
  EXPECT_TRUE(HasRoomFor(15));
}

TEST_F(ExportSlotsTest, AnExportThatNeverBeganTakesUpNone) {
  coupon::v1::ExportCouponsRequest request;
  request.set_campaign_id(FormatUuid(test::Id(9).bytes));
  for (std::size_t i = 0; i <= kExportsMax; ++i) {
    EXPECT_THAT(ReadAll(Export(request)).end, HasSubstr("not_found"));
    EXPECT_EQ(Get("/campaigns/" + request.campaign_id() + "/coupons.csv")->response().status, 404);
    EXPECT_EQ(GetFile("coupons.csv", "states=x")->response().status, 400);
  }
  EXPECT_TRUE(HasRoomFor(16));
}

TEST_F(ExportSlotsTest, LeavingWhileAPartIsReadMakesRoom) {
  IssueMany(2'500);
  Exchange stream = Export(RequestFor());
  Exchange file = GetFile("coupons.jsonl");
  std::promise<void> begun;
  std::promise<void> go_on;
  EXPECT_TRUE(engine_->Query([&begun, go_on = go_on.get_future().share()](const Status&) {
    begun.set_value();
    go_on.wait();
  }));
  begun.get_future().wait();
  stream->pieces()->Next([](Progress, const std::string&) {});
  file->pieces()->Next([](Progress, const std::string&) {});
  stream.reset();
  file.reset();
  go_on.set_value();
  EXPECT_TRUE(HasRoomFor(16));
}

TEST_F(ExportSlotsTest, AStoppingServerEndsTheStream) {
  IssueMany(2'500);
  const Exchange exchange = Export(RequestFor());
  Streamed streamed;
  ReadOne(exchange, streamed);
  exchange->pieces()->OnServerStopping();
  ReadRest(exchange, streamed);
  EXPECT_THAT(streamed.messages, SizeIs(1));
  EXPECT_THAT(streamed.end, HasSubstr("SHUTTING_DOWN"));
}

TEST_F(ExportSlotsTest, AFullQueueOfQueriesBreaksTheExportOff) {
  IssueMany(2'500);
  const Exchange stream = Export(RequestFor());
  const Exchange file = GetFile("coupons.csv");
  Streamed streamed;
  ReadOne(stream, streamed);
  std::promise<void> end = FillQueries(Engine::QueryKind::kLong);
  ReadRest(stream, streamed);
  EXPECT_THAT(streamed.end, HasSubstr(R"("code":"unavailable")"));
  EXPECT_EQ(ReadFile(file), std::nullopt);
  end.set_value();
}

}  // namespace
}  // namespace coupond::api
