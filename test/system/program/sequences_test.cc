#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// Every reply to a command says where in the log it stands.
namespace coupond::test {
namespace {

constexpr UnixNanoseconds kSecond = 1'000'000'000;
/// The sequence of the first command, after StoreCreated, the first event of every log.
constexpr std::uint64_t kFirst = 2;

class SequencesTest : public testing::TestWithParam<Form> {
 protected:
  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
};

TEST_P(SequencesTest, EventsCountUpAndOtherAnswersNameTheLastEvent) {
  const auto created = client_.Create("one", 1, Now() + 60 * kSecond);
  ASSERT_TRUE(created.ok()) << created.raw_body;
  // The short route answers with the campaign itself, which has no sequence.
  if (GetParam() != Form::kShortJson) {
    EXPECT_EQ(created.response.sequence(), kFirst);
  }
  const std::string later = created.response.campaign().id();
  EXPECT_EQ(client_.Issue(later).response.sequence(), kFirst) << "not started: nothing changed";
  const std::string started = client_.CreateStarted("two", 1);
  EXPECT_EQ(client_.IssueForUser(started, "minji").response.sequence(), kFirst + 2);
  EXPECT_EQ(client_.IssueForUser(started, "minji").response.sequence(), kFirst + 2) << "held";
  EXPECT_EQ(client_.Issue(started).response.sequence(), kFirst + 2) << "sold out";
  EXPECT_EQ(client_.Delete(started).response.sequence(), kFirst + 3);
  EXPECT_EQ(client_.Delete(started).response.sequence(), kFirst + 3) << "nothing deleted";
}

TEST_P(SequencesTest, RefusalsThatAreErrorsHaveReasonAndSequence) {
  const auto expect = [](const auto& answer, const char* code, api::Refusal refusal,
                         std::uint64_t sequence) {
    EXPECT_EQ(answer.code, code);
    ASSERT_TRUE(answer.refusal) << answer.raw_body;
    EXPECT_EQ(answer.refusal->refusal(), refusal) << answer.raw_body;
    EXPECT_EQ(answer.refusal->sequence(), sequence) << answer.raw_body;
  };
  const std::string gone = client_.CreateStarted("gone", 1);
  ASSERT_TRUE(client_.IssueForUser(gone, "minji").response.success());
  ASSERT_TRUE(client_.Delete(gone).response.success());
  constexpr std::uint64_t kLast = kFirst + 2;
  expect(client_.Issue(gone), "not_found", api::REFUSAL_NO_SUCH_CAMPAIGN, kLast);
  expect(client_.IssueForUser(gone, "minji"), "not_found", api::REFUSAL_NO_SUCH_CAMPAIGN, kLast);
  expect(client_.Issue("no id at all"), "not_found", api::REFUSAL_NO_SUCH_CAMPAIGN, kLast);
  EXPECT_EQ(client_.Delete("no id at all").response.sequence(), kLast);
  expect(client_.Get(gone), "not_found", api::REFUSAL_NO_SUCH_CAMPAIGN, kLast);
  if (GetParam() != Form::kShortJson) {
    expect(client_.ListCoupons(gone, 0, ""), "not_found", api::REFUSAL_NO_SUCH_CAMPAIGN, kLast);
  }
  expect(client_.Create("", 1, Now() + 60 * kSecond), "invalid_argument", api::REFUSAL_NAME_EMPTY,
         kLast);
  expect(client_.Create("past", 1, Now() - 60 * kSecond), "invalid_argument",
         api::REFUSAL_START_TIME_IN_PAST, kLast);
  ASSERT_TRUE(client_.Create("taken", 1, Now() + 60 * kSecond).ok());
  expect(client_.Create("taken", 1, Now() + 60 * kSecond), "already_exists",
         api::REFUSAL_NAME_TAKEN, kLast + 1);
}

TEST_P(SequencesTest, ContinueAfterARestart) {
  const std::string campaign = client_.CreateStarted("restart", 5);
  const auto before = client_.Issue(campaign);
  ASSERT_EQ(server_.Stop(), 0);
  server_.Start();
  client_ = CouponClient(server_.port(), GetParam());
  EXPECT_EQ(client_.Issue(campaign).response.sequence(), before.response.sequence() + 1);
}

INSTANTIATE_TEST_SUITE_P(Forms, SequencesTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto, Form::kShortJson),
                         NameOfForm);

}  // namespace
}  // namespace coupond::test
