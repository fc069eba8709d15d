#include "api/connect/unary.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "every_kind.pb.h"
#include "fake_exchange.h"

namespace coupond::connect {
namespace {

class UnaryCallTest : public testing::Test {
 protected:
  std::unique_ptr<UnaryCall> Call(Codec codec) {
    return std::make_unique<UnaryCall>(
        exchange_, codec, std::make_shared<JsonFormat>(connecttest::Item::descriptor()),
        std::nullopt);
  }

  std::shared_ptr<FakeExchange> exchange_ = std::make_shared<FakeExchange>();
  connecttest::Item item_;
};

TEST_F(UnaryCallTest, FinishAnswersInTheCallsCodec) {
  item_.set_code("x");
  Call(Codec::kJson)->Finish(item_);
  EXPECT_EQ(exchange_->response().status, 200);
  EXPECT_EQ(exchange_->response().content_type, "application/json");
  EXPECT_EQ(exchange_->response().body, R"({"code":"x"})");

  exchange_ = std::make_shared<FakeExchange>();
  Call(Codec::kProto)->Finish(item_);
  EXPECT_EQ(exchange_->response().content_type, "application/proto");
  EXPECT_EQ(exchange_->response().body, item_.SerializeAsString());
}

TEST_F(UnaryCallTest, FailAnswersInJsonWhateverTheCodec) {
  Call(Codec::kProto)
      ->Fail({.code = Code::kUnavailable, .message = "later", .headers = {{"Retry-After", "1"}}});
  EXPECT_EQ(exchange_->response().status, 503);
  EXPECT_EQ(exchange_->response().content_type, "application/json");
  EXPECT_EQ(exchange_->response().body, R"({"code":"unavailable","message":"later"})");
  EXPECT_EQ(exchange_->Header("Retry-After"), "1");
}

TEST_F(UnaryCallTest, MayBeAnsweredLater) {
  auto call = Call(Codec::kJson);
  EXPECT_FALSE(exchange_->answered());
  call->Finish(item_);
  EXPECT_TRUE(exchange_->answered());
}

TEST_F(UnaryCallTest, DroppedUnansweredIsInternal) {
  Call(Codec::kProto).reset();
  EXPECT_EQ(exchange_->response().status, 500);
  EXPECT_EQ(exchange_->response().body,
            R"({"code":"internal","message":"the call was dropped without an answer"})");
}

TEST_F(UnaryCallTest, AResponseThatCannotBeWrittenIsInternal) {
  item_.mutable_issued_at()->set_nanos(-1);
  Call(Codec::kJson)->Finish(item_);
  EXPECT_EQ(exchange_->response().status, 500);
}

using UnaryCallDeathTest = UnaryCallTest;

TEST_F(UnaryCallDeathTest, AnsweringTwiceIsABug) {
  EXPECT_DEATH(
      {
        auto call = Call(Codec::kJson);
        call->Finish(item_);
        call->Finish(item_);
      },
      "a call is answered once");
}

TEST_F(UnaryCallDeathTest, AnsweringWithAnotherTypeIsABug) {
  EXPECT_DEATH(Call(Codec::kJson)->Finish(connecttest::Basket()), "response type");
}

}  // namespace
}  // namespace coupond::connect
