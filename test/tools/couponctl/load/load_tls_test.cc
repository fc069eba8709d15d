#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <utility>

#include "couponctl/load/load_command.h"
#include "couponctl/load/load_generator.h"
#include "rpc/client/tls_trust.h"
#include "support/at_some_pace.h"
#include "support/certificates.h"
#include "support/fake_server.h"
#include "support/scripted_server.h"
#include "support/temporary_directory.h"
#include "tools/couponctl/fake_campaign.h"

// A load over TLS.
namespace coupond::ctl {
namespace {

using rpc_client::ServerAddress;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;
using testing::AllOf;
using testing::HasSubstr;

class LoadTlsTest : public testing::Test {
 protected:
  using Fault = std::function<void(int number, FakeAnswer& answer)>;

  /// Returns a handler for the campaign. `fault` may change the answer to the IssueCoupon request
  /// of that number (0, 1, …).
  FakeServer::Handler Campaign(Fault fault = [](int, FakeAnswer&) {}) {
    return [this, fault = std::move(fault), number = 0](std::string_view method,
                                                        std::string_view body) mutable {
      FakeAnswer answer = campaign_.Handle(method, body);
      if (method == "IssueCoupon") fault(number++, answer);
      return answer;
    };
  }
  /// Returns the server's address for a client that trusts this authority.
  [[nodiscard]] ServerAddress Trusted(const FakeServer& server,
                                      const test::CertificateAuthority& authority) const {
    const std::string path = (directory_.path() / "ca.pem").string();
    std::ofstream(path) << authority.certificate();
    ServerAddress address = server.address();
    address.trust = rpc_client::LoadTrust({.ca = path}).value();
    return address;
  }
  [[nodiscard]] LoadPlan Plan(const FakeServer& server, double rate, milliseconds duration) const {
    return {.server = Trusted(server, authority_),
            .campaign_id = FakeCampaign::kId,
            .connections = 3,
            .schedule = ArrivalSchedule::Make(rate, duration).value(),
            .request_timeout = seconds(60),
            .drain_for = seconds(60)};
  }
  static LoadResult LoadWith(const LoadPlan& plan) {
    auto result = RunLoad(plan, seconds(1), [](const LoadProgress&) {});
    EXPECT_TRUE(result.has_value()) << result.error();
    return std::move(result).value();
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority authority_{"the test's CA"};
  FakeCampaign campaign_{1000};
};

TEST_F(LoadTlsTest, SendsRateTimesDurationRequests) {
  FakeServer server(Campaign(), authority_.Issue());
  const LoadResult result = LoadWith(Plan(server, 1000, milliseconds(200)));
  EXPECT_EQ(result.tally.issued(), 200U);
  EXPECT_EQ(result.tally.attempts(), 200U);
  EXPECT_LE(result.tally.connections(), 3U);
  EXPECT_TRUE(result.tally.errors().empty());
}

TEST_F(LoadTlsTest, RedeemsEachCouponOnce) {
  FakeServer server(Campaign(), authority_.Issue());
  LoadPlan plan = Plan(server, 1000, milliseconds(100));
  plan.redeem = true;
  const LoadResult result = LoadWith(plan);
  ASSERT_TRUE(result.redeemed.has_value());
  EXPECT_EQ(result.redeemed->tally.redeemed(), 100U);
  EXPECT_EQ(campaign_.redeemed(), 100);
}

TEST_F(LoadTlsTest, AServerThatClosesAfterEachAnswerLosesNothing) {
  FakeServer server(Campaign([](int, FakeAnswer& answer) { answer.keep_alive = false; }),
                    authority_.Issue());
  const LoadResult result = LoadWith(Plan(server, 500, milliseconds(100)));
  EXPECT_EQ(result.tally.issued(), 50U);
  EXPECT_EQ(result.tally.open(), 0U);
  EXPECT_GE(result.tally.connections(), 50U);
}

TEST_F(LoadTlsTest, ADroppedRequestIsRepeated) {
  FakeServer server(Campaign([](int number, FakeAnswer& answer) { answer.drop = number % 5 == 2; }),
                    authority_.Issue());
  LoadPlan plan = Plan(server, 500, milliseconds(200));
  plan.retry_for = seconds(60);
  const LoadResult result = LoadWith(plan);
  EXPECT_EQ(result.tally.issued(), 100U);
  EXPECT_EQ(result.tally.open(), 0U);
  EXPECT_EQ(campaign_.issued(), 100);
  EXPECT_EQ(result.tally.errors().at("connection closed"), result.tally.attempts() - 100);
}

TEST_F(LoadTlsTest, AnAnswerOfManyRecordsIsRead) {
  campaign_.planted_code = std::string(50'000, 'x');
  FakeServer server(Campaign(), authority_.Issue());
  const LoadResult result = LoadWith(Plan(server, 100, milliseconds(50)));
  EXPECT_EQ(result.tally.errors().at("issued without a usable code"), 5U);
  EXPECT_LE(result.tally.connections(), 3U) << "the connections go on";
}

TEST_F(LoadTlsTest, AServerThatIsNotBelievedGetsNoRequest) {
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    const test::CertificateAuthority other("another CA");
    FakeServer server(Campaign(), authority_.Issue());
    LoadPlan plan = Plan(server, 100, milliseconds(50));
    plan.server = Trusted(server, other);
    plan.drain_for = milliseconds(100 * pace);
    const LoadResult result = LoadWith(plan);
    EXPECT_EQ(result.tally.not_sent(), 5U);
    EXPECT_EQ(result.tally.connections(), 0U);
    EXPECT_EQ(campaign_.issued(), 0);
    return result.tally.errors().contains("certificate not trusted");
  })) << "no handshake ended in time";
}

class LoadTlsCommandTest : public LoadTlsTest {
 protected:
  ExitCode RunCommand(const ServerAddress& server, bool check,
                      milliseconds drain_for = seconds(60)) {
    out_.str("");
    err_.str("");
    LoadPlan plan{.server = server,
                  .campaign_id = FakeCampaign::kId,
                  .connections = 2,
                  .schedule = ArrivalSchedule::Make(200, milliseconds(100)).value(),
                  .request_timeout = seconds(60),
                  .drain_for = drain_for,
                  .redeem = check};
    return RunLoadCommand({.plan = std::move(plan), .check = check, .out = out_, .err = err_});
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(LoadTlsCommandTest, TheCheckSpeaksTlsToo) {
  FakeServer server(Campaign(), authority_.Issue());
  EXPECT_EQ(RunCommand(Trusted(server, authority_), true), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("consistency: ok (20 of 1000 issued"),
                                HasSubstr("redemptions: ok (20 coupons are redeemed")));
}

TEST_F(LoadTlsCommandTest, AFaultIsToldOnceWithWhatToDo) {
  const test::CertificateAuthority other("another CA");
  FakeServer trusted(Campaign(), authority_.Issue());
  FakeServer misnamed(Campaign(), authority_.Issue({.names = "DNS:shop.example.com"}));
  FakeServer plain(Campaign());
  ServerAddress secure_plain = Trusted(plain, authority_);
  secure_plain.secure = true;
  for (const bool check : {true, false}) {
    EXPECT_EQ(RunCommand(Trusted(trusted, other), check), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), AllOf(HasSubstr("is not trusted"), HasSubstr("--ca-file FILE")));
    EXPECT_EQ(RunCommand(Trusted(misnamed, authority_), check), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), AllOf(HasSubstr("is not for 127.0.0.1"),
                                  HasSubstr("use a name that the certificate has")));
    EXPECT_EQ(RunCommand(secure_plain, check), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), HasSubstr("does not speak TLS; is it an http:// address?"));
    EXPECT_EQ(out_.str(), "") << "no load was run";
  }
  EXPECT_EQ(campaign_.issued(), 0);
}

TEST_F(LoadTlsCommandTest, AServerElsewhereIsNotEvenAsked) {
  FakeServer plain(Campaign());
  ServerAddress server = Trusted(plain, authority_);
  server.secure = true;
  // This machine, but not by an address that is sure to be: asked, the server would be at fault.
  server.host = "0.0.0.0";
  EXPECT_EQ(RunCommand(server, false), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("is not on this machine"), HasSubstr("--allow-remote")));
}

TEST_F(LoadTlsCommandTest, AHandshakeThatIsCutOffDoesNotPreventTheLoad) {
  const test::ScriptedServer closing({test::Script{.reads_request = false}});
  ServerAddress server = closing.address();
  server.secure = true;
  server.trust = rpc_client::LoadTrust({}).value();
  EXPECT_EQ(RunCommand(server, false, milliseconds(100)), ExitCode::kFailed);
  EXPECT_EQ(err_.str(), "");
  EXPECT_NE(out_.str(), "") << "the load was run";
}

TEST_F(LoadTlsCommandTest, WithoutTheCheckTheServerNeedNotKnowHealth) {
  FakeServer server(Campaign(), authority_.Issue());
  EXPECT_EQ(RunCommand(Trusted(server, authority_), false), ExitCode::kDone) << err_.str();
  EXPECT_EQ(campaign_.issued(), 20);
}

}  // namespace
}  // namespace coupond::ctl
