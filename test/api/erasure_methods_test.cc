#include "api/erasure_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/dispatcher.h"
#include "api/json_service_fixture.h"
#include "coupon/v1/admin_service.pb.h"
#include "rpc/connect/fake_exchange.h"

namespace coupond::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kInvalid = 400;
constexpr int kConflict = 409;
constexpr int kUnavailable = 503;

// The same text in normal form and in another one.
constexpr std::string_view kNormal = "jos\xc3\xa9";
constexpr std::string_view kDecomposed = "jose\xcc\x81";

class ErasureMethodsTest : public JsonServiceFixture {
 protected:
  Exchange Admin(std::string_view method, std::string_view body,
                 std::string_view idempotency_key = {}) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    std::vector<http::HeaderField> headers = {{"Content-Type", "application/json"}};
    if (!idempotency_key.empty()) headers.push_back({"Idempotency-Key", idempotency_key});
    const std::string path = "/coupon.v1.AdminService/" + std::string(method);
    handler_->Handle(
        {.method = "POST", .path = path, .query = {}, .body = body, .headers = headers}, exchange);
    executor_.RunWaiting();
    return exchange;
  }
  /// Sends a request for a user and other fields.
  Exchange SendErase(std::string_view user_id, std::string_view more = "",
                     std::string_view idempotency_key = {}) {
    return Admin("EraseUser",
                 R"({"userId":")" + std::string(user_id) + '"' + std::string(more) + "}",
                 idempotency_key);
  }
  coupon::v1::EraseUserResponse Erase(std::string_view user_id, std::string_view more = "",
                                      std::string_view idempotency_key = {}) {
    return Read<coupon::v1::EraseUserResponse>(SendErase(user_id, more, idempotency_key));
  }
  coupon::v1::GetServerInfoResponse Info() {
    return Read<coupon::v1::GetServerInfoResponse>(Admin("GetServerInfo", "{}"));
  }
  std::string IssueTo(std::string_view user_id) {
    return Issue(R"(,"userId":")" + std::string(user_id) + '"').coupon().code();
  }
  /// Issues a coupon with a text that is not in normal form, as earlier versions did.
  void IssueAsSent(std::string_view user_id) {
    Dispatcher dispatcher(*engine_, executor_);
    bool done = false;
    dispatcher.Submit(test::IssueTo(1, 9, std::string(user_id)),
                      [&done](const Result<Reply>&) { done = true; });
    ASSERT_TRUE(executor_.RunUntil([&] { return done; }));
    executor_.RunWaiting();
  }
};

TEST_F(ErasureMethodsTest, ErasesTheCouponsOfAUser) {
  const std::string code = IssueTo("kim");
  const std::string other = IssueTo("lee");
  texts_.SetCopies({"/backups/monday", "/data/removed-1"});
  const auto erased = Erase("kim");
  EXPECT_EQ(erased.erased_coupons(), 1);
  EXPECT_FALSE(erased.pending());
  EXPECT_FALSE(erased.already_erased());
  EXPECT_EQ(erased.sequence(), 4U);
  EXPECT_EQ(log_.Tip().sequence, Sequence(5)) << "the last event says that the text is gone";
  EXPECT_THAT(erased.copies(), ElementsAre("/backups/monday", "/data/removed-1"));
  EXPECT_FALSE(GetCoupon(code).has_user_id());
  EXPECT_EQ(GetCoupon(other).user_id(), "lee");
  EXPECT_THAT(BodyOf(SendJson("SearchCoupons", R"({"userId":"kim"})")),
              testing::Not(HasSubstr(code)));
}

TEST_F(ErasureMethodsTest, AUserWithoutCouponsIsNoError) {
  const auto erased = Erase("kim");
  EXPECT_EQ(erased.erased_coupons(), 0);
  EXPECT_FALSE(erased.pending());
  EXPECT_EQ(erased.sequence(), log_.Tip().sequence.value());
  EXPECT_THAT(erased.copies(), IsEmpty());
}

TEST_F(ErasureMethodsTest, TheUserIdIsRequiredAndBounded) {
  for (const std::string_view body : {"{}", R"({"userId":""})"}) {
    const auto details = DetailsOf(Admin("EraseUser", body), kInvalid);
    EXPECT_EQ(details.field, "user_id") << body;
    EXPECT_THAT(details.description, HasSubstr("missing")) << body;
  }
  EXPECT_EQ(DetailsOf(SendErase("  "), kInvalid).field, "user_id");
  EXPECT_EQ(DetailsOf(SendErase(std::string(129, 'u')), kInvalid).field, "user_id");
  EXPECT_EQ(Erase(std::string(128, 'u')).erased_coupons(), 0);
  EXPECT_EQ(
      DetailsOf(SendErase("kim", R"(,"requestId":")" + std::string(65, 'r') + '"'), kInvalid).field,
      "request_id");
}

TEST_F(ErasureMethodsTest, AUserIsFoundInNormalFormAndAsSent) {
  IssueTo(kNormal);
  EXPECT_EQ(Erase(kDecomposed).erased_coupons(), 1);
  IssueAsSent(kDecomposed);
  EXPECT_EQ(Erase(kNormal).erased_coupons(), 0) << "nobody can know all other forms";
  EXPECT_EQ(Erase(kDecomposed).erased_coupons(), 1);
  EXPECT_EQ(Erase(kDecomposed).erased_coupons(), 0);
}

TEST_F(ErasureMethodsTest, ARequestTakesPlaceOnce) {
  IssueTo("kim");
  const auto first = Erase("kim", R"(,"requestId":"r1")");
  EXPECT_EQ(first.erased_coupons(), 1);
  Redeem(IssueTo("lee"));
  const auto again = Erase("kim", R"(,"requestId":"r1")");
  EXPECT_TRUE(again.already_erased());
  EXPECT_EQ(again.erased_coupons(), 0);
  EXPECT_EQ(again.sequence(), first.sequence());
  EXPECT_TRUE(Erase("kim", "", "\"r1\"").already_erased()) << "the header is another way";
  for (const auto& [user_id, more] : std::vector<std::pair<std::string, std::string>>{
           {"lee", R"(,"requestId":"r1")"}, {"kim", R"(,"requestId":"r1","forgetClaims":true)"}}) {
    EXPECT_EQ(DetailsOf(SendErase(user_id, more), kConflict).reason, "REQUEST_ID_REUSED");
  }
  EXPECT_EQ(DetailsOf(SendErase("kim", R"(,"requestId":"r1")", "\"r2\""), kInvalid).field,
            "request_id");
  EXPECT_EQ(log_.Tip().sequence, Sequence(first.sequence() + 3)) << "nothing else happened";
}

TEST_F(ErasureMethodsTest, ClaimsAreForgottenOnlyIfAsked) {
  const std::string code = IssueTo("kim");
  EXPECT_EQ(Erase("kim").erased_coupons(), 1);
  EXPECT_EQ(IssueTo("kim"), code) << "the digest is still there";
  EXPECT_FALSE(GetCoupon(code).has_user_id());
  const std::string other = IssueTo("lee");
  EXPECT_EQ(Erase("lee", R"(,"forgetClaims":true)").erased_coupons(), 1);
  EXPECT_TRUE(Redeem(other, R"(,"userId":"lee","validateOnly":true)").success());
  const std::string next = IssueTo("lee");
  EXPECT_NE(next, other);
  EXPECT_EQ(GetCoupon(next).user_id(), "lee");
  EXPECT_EQ(Redeem(other, R"(,"userId":"lee")").refusal(), coupon::v1::REFUSAL_WRONG_HOLDER)
      << "lee has the next one";
  EXPECT_TRUE(Redeem(other).success()) << "it is as good as before";
}

TEST_F(ErasureMethodsTest, ServerInfoShowsWhatIsNotFinished) {
  EXPECT_FALSE(Info().has_erasure());
  IssueTo("kim");
  texts_.AnswerPurge(MakeError(ErrorCode::kIo, "a bad sector"));
  EXPECT_TRUE(Erase("kim").pending());
  EXPECT_EQ(Info().erasure().unfinished_coupons(), 1);
  EXPECT_EQ(Info().erasure().requests(), 0);
  EXPECT_FALSE(Erase("lee").pending()) << "it is finished with the next request";
  EXPECT_FALSE(Info().has_erasure());
}

TEST_F(ErasureMethodsTest, ServerInfoCountsRequestsThatWait) {
  IssueTo("kim");
  log_.HoldSyncs();
  const Exchange erasing = SendErase("kim");
  log_.WaitUntilHeld();
  EXPECT_EQ(Info().erasure().requests(), 1);
  EXPECT_EQ(Info().erasure().groups(), 0U) << "the search is over";
  EXPECT_FALSE(erasing->answered());
  log_.ReleaseSyncs();
  EXPECT_EQ(Read<coupon::v1::EraseUserResponse>(erasing).erased_coupons(), 1);
  EXPECT_FALSE(Info().has_erasure());
}

TEST_F(ErasureMethodsTest, AServerThatOnlyReadsSaysSo) {
  clock_.Set(test::At(400LL * 24 * 60 * 60));
  IssueTo("kim");
  clock_.Set(test::At(0));
  clock_slack_ = kClockSlack;
  Restart();
  EXPECT_EQ(DetailsOf(SendErase("kim"), kUnavailable).reason, "CLOCK_AHEAD");
}

TEST_F(ErasureMethodsTest, AServerThatIsStoppingTakesNoRequest) {
  engine_->eraser().Stop();
  EXPECT_EQ(DetailsOf(SendErase("kim"), kUnavailable).reason, "ERASURE_NOT_STARTED");
}

TEST_F(ErasureMethodsTest, AnErrorOfTheLogIsNotASuccess) {
  log_.FailReadAt(GroupNumber(1), {ErrorCode::kLogDamaged, "unreadable"});
  EXPECT_THAT(BodyOf(SendErase("kim"), 500), HasSubstr("unreadable"));
}

TEST_F(ErasureMethodsTest, AnAnswerAfterTheWorkersEndIsDropped) {
  IssueTo("kim");
  log_.HoldSyncs();
  const Exchange erasing = SendErase("kim");
  log_.WaitUntilHeld();
  handler_.reset();
  const bool answered = erasing->answered();
  log_.ReleaseSyncs();
  ASSERT_TRUE(executor_.RunUntil([this] { return !engine_->eraser().progress().requests; }));
  executor_.RunWaiting();
  EXPECT_EQ(erasing->answered(), answered);
}

class ErasureOffTest : public ErasureMethodsTest {
 protected:
  ErasureOffTest() { can_erase_ = false; }
};

TEST_F(ErasureOffTest, AServerThatCannotEraseSaysSo) {
  IssueTo("kim");
  const Exchange refused = SendErase("kim");
  EXPECT_THAT(BodyOf(refused, kInvalid), HasSubstr(R"("code":"failed_precondition")"));
  EXPECT_EQ(DetailsOf(refused, kInvalid).reason, "ERASURE_OFF");
  EXPECT_FALSE(Info().has_erasure());
  EXPECT_EQ(DetailsOf(Admin("EraseUser", "{}"), kInvalid).field, "user_id");
}

}  // namespace
}  // namespace coupond::api
