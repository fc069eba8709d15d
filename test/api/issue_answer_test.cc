#include "api/issue_answer.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/reply_mapping.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/fake_exchange.h"
#include "rpc/json/json_format.h"
#include "support/builders.h"
#include "support/manual_executor.h"

namespace coupond::api {
namespace {

using connect::Codec;
using coupon::v1::IssueCouponResponse;
using test::At;

class IssueAnswerTest : public testing::Test {
 protected:
  [[nodiscard]] coupon::v1::Coupon CouponOf(const IssueAnswerWriter::Issued& issued) const {
    coupon::v1::Coupon coupon;
    coupon.set_code(codec_.Encode(issued.coupon.serial));
    coupon.set_campaign_id(FormatUuid(issued.campaign.bytes));
    SetTimestamp(issued.coupon.issued_at, *coupon.mutable_issued_at());
    if (!issued.user_id.empty()) coupon.set_user_id(std::string(issued.user_id));
    coupon.set_state(MessageOf(issued.coupon.state));
    if (issued.coupon.expire_time != kNever) {
      SetTimestamp(issued.coupon.expire_time, *coupon.mutable_expire_time());
    }
    return coupon;
  }
  /// Returns what the codec makes of the message with the same contents.
  [[nodiscard]] std::string Encoded(Codec codec, const IssueAnswerWriter::Issued& issued) const {
    IssueCouponResponse response;
    response.set_success(true);
    response.set_already_issued(issued.coupon.already_issued);
    response.set_sequence(issued.sequence.value());
    *response.mutable_coupon() = CouponOf(issued);
    return connect::Encode(codec, *format_, response).value();
  }
  void ExpectSame(const IssueAnswerWriter::Issued& issued) {
    for (const Codec codec : {Codec::kJson, Codec::kProto}) {
      EXPECT_EQ(writer_.Write(codec, issued), Encoded(codec, issued));
    }
  }
  std::string Refused(const Refusal& refusal, const Reply& reply, int status = 200) {
    return Answered([&](connect::UnaryCall& call) { writer_.Refuse(call, refusal, reply); },
                    status);
  }
  /// Returns the body of the answer that `answer` gives to a call.
  std::string Answered(const std::function<void(connect::UnaryCall&)>& answer, int status = 200) {
    const auto exchange = std::make_shared<connect::FakeExchange>();
    connect::UnaryCall call(connect::CallStart{
        .exchange = exchange,
        .executor = executor_,
        .context = {},
        .format = {.dialect = {connect::Protocol::kConnectUnary, Codec::kJson}, .json = format_}});
    answer(call);
    EXPECT_TRUE(exchange->answered());
    EXPECT_EQ(exchange->response().status, status);
    return exchange->response().body;
  }

  const CouponCodec codec_{CodeKey{}};
  const std::shared_ptr<const connect::JsonFormat> format_ =
      std::make_shared<connect::JsonFormat>(IssueCouponResponse::descriptor());
  test::ManualExecutor executor_;
  IssueAnswerWriter writer_{codec_};
};

TEST_F(IssueAnswerTest, TheBytesAreThoseOfTheGeneralEncoders) {
  std::mt19937_64 random(7);
  const std::vector<std::string> user_ids = {"", "kim", "이몽룡", "\"quoted\\\n",
                                             std::string(128, 'x')};
  const std::vector<std::int64_t> times = {0,
                                           1,
                                           -1,
                                           999'999'999,
                                           1'700'000'000'000'000'000,
                                           1'700'000'000'500'000'000,
                                           std::numeric_limits<std::int64_t>::max(),
                                           std::numeric_limits<std::int64_t>::min()};
  const std::vector<std::uint64_t> numbers = {
      0, 1, 127, 128, 1U << 31U, std::numeric_limits<std::uint64_t>::max()};
  const std::vector<Timestamp> expiries = {kNever, At(3), At(3).Plus(std::chrono::nanoseconds(5))};
  const std::vector<CouponState> states = {CouponState::kIssued, CouponState::kRedeemed,
                                           CouponState::kVoided, CouponState::kReturned,
                                           CouponState::kExpired};
  const auto any = [&random](const auto& values) { return values[random() % values.size()]; };
  for (int i = 0; i < 2'000; ++i) {
    const std::string user_id = any(user_ids);
    ExpectSame({.campaign = test::Id(static_cast<int>(random() % 3)),
                .coupon = {.campaign = {},
                           .serial = Serial(any(numbers)),
                           .issued_at = Timestamp::FromUnixNanoseconds(any(times)),
                           .expire_time = any(expiries),
                           .state = any(states),
                           .already_issued = random() % 2 == 0},
                .user_id = user_id,
                .sequence = Sequence(any(numbers))});
  }
}

TEST_F(IssueAnswerTest, ARefusalOfOneMoreHasTheLastCoupon) {
  for (const Timestamp expire_time : {kNever, At(9)}) {
    const IssueAnswerWriter::Issued last{.campaign = test::Id(1),
                                         .coupon = {.campaign = {},
                                                    .serial = Serial(5),
                                                    .issued_at = At(1),
                                                    .expire_time = expire_time,
                                                    .state = CouponState::kRedeemed,
                                                    .limit_reached = true},
                                         .user_id = "kim",
                                         .sequence = Sequence(7)};
    IssueCouponResponse response;
    const std::string body =
        Answered([&](connect::UnaryCall& call) { writer_.RefuseOneMore(call, last, At(8)); });
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(body, &response).ok());
    EXPECT_FALSE(response.success());
    EXPECT_FALSE(response.already_issued());
    EXPECT_EQ(response.error(), "user has as many coupons as the campaign allows");
    EXPECT_EQ(response.refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
    EXPECT_EQ(response.coupon().ShortDebugString(), CouponOf(last).ShortDebugString());
    EXPECT_EQ(response.sequence(), 7U);
    EXPECT_EQ(response.server_time().seconds(), 1'700'000'008);
  }
}

TEST_F(IssueAnswerTest, RefusalsAreWrittenAnewWhenAnythingDiffers) {
  const Refusal sold_out{.reason = RefusalReason::kSoldOut, .at = At(3)};
  const Refusal early{.reason = RefusalReason::kNotStarted, .at = At(100)};
  const Refusal later{.reason = RefusalReason::kNotStarted, .at = At(200)};
  const auto reply = [](int seconds, std::uint64_t sequence) {
    return Reply{.time = At(seconds), .sequence = Sequence(sequence), .outcome = Done{}};
  };
  // Twice, so that each is also written from what was kept.
  for (int round = 0; round < 2; ++round) {
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(Refused(sold_out, reply(5, 7)),
                R"({"success":false,"error":"no more coupons available",)"
                R"("refusal":"REFUSAL_SOLD_OUT","alreadyIssued":false,"sequence":"7",)"
                R"("soldOutAt":"2023-11-14T22:13:23Z","serverTime":"2023-11-14T22:13:25Z"})");
    }
    EXPECT_NE(Refused(sold_out, reply(5, 8)).find(R"("sequence":"8")"), std::string::npos);
    EXPECT_NE(Refused(early, reply(5, 8)).find(R"("waitMs":"95000")"), std::string::npos);
    EXPECT_NE(Refused(early, reply(6, 8)).find(R"("waitMs":"94000")"), std::string::npos);
    EXPECT_NE(Refused(later, reply(6, 8)).find(R"("waitMs":"194000")"), std::string::npos);
  }
}

TEST_F(IssueAnswerTest, ThoseRefusedForAPauseReturnOneByOne) {
  const Refusal paused{.reason = RefusalReason::kPaused};
  const Reply reply{.time = At(5), .sequence = Sequence(7), .outcome = Done{}};
  std::set<std::int64_t> retries;
  for (int caller = 0; caller < 100; ++caller) {
    IssueCouponResponse response;
    ASSERT_TRUE(
        google::protobuf::util::JsonStringToMessage(Refused(paused, reply), &response).ok());
    EXPECT_EQ(response.refusal(), coupon::v1::REFUSAL_PAUSED);
    EXPECT_EQ(response.sequence(), 7U);
    EXPECT_EQ(response.server_time().seconds(), 1'700'000'005);
    retries.insert(response.retry_ms());
  }
  EXPECT_GT(retries.size(), 80U) << "of the 98 that 100 random ones would be";
}

TEST_F(IssueAnswerTest, OtherRefusalsAreErrors) {
  const Refusal refusal{.reason = RefusalReason::kNoSuchCampaign};
  const Reply reply{.time = At(5), .sequence = Sequence(7), .outcome = Done{}};
  EXPECT_NE(Refused(refusal, reply, 404).find("there is no such campaign"), std::string::npos);
}

}  // namespace
}  // namespace coupond::api
