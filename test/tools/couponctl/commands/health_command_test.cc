#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grpc/health/v1/health.pb.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

using HealthCommandTest = OneAnswerFixture;

HealthCheckResponse Answer(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse response;
  response.set_status(status);
  return response;
}

TEST_F(HealthCommandTest, SucceedsIfTheServerIsReady) {
  EXPECT_EQ(ShowHealth(Against(Answer(HealthCheckResponse::SERVING))), ExitCode::kDone);
  EXPECT_EQ(out_.str(), "ready\n");
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(Method(), "Check");
}

TEST_F(HealthCommandTest, FailsIfItIsNot) {
  EXPECT_EQ(ShowHealth(Against(Answer(HealthCheckResponse::NOT_SERVING))), ExitCode::kRefused);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("not ready"));
}

TEST_F(HealthCommandTest, FailsWithoutAnAnswerThatSaysSo) {
  EXPECT_EQ(ShowHealth(Against(Answer(HealthCheckResponse::UNKNOWN))), ExitCode::kFailed);
  EXPECT_EQ(ShowHealth(Against(Refuse(503, "unavailable"))), ExitCode::kFailed);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(HealthCommandTest, ShowsTheAnswerAsJson) {
  EXPECT_EQ(ShowHealth(Against(Answer(HealthCheckResponse::NOT_SERVING), true)),
            ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr(R"("status":"NOT_SERVING")"));
}

}  // namespace
}  // namespace coupond::ctl
