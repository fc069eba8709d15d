#include "couponctl/commands/export_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/duration_text.h"
#include "rpc/connect/envelope.h"
#include "support/at_some_pace.h"
#include "support/scripted_server.h"
#include "support/temporary_directory.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using coupon::v1::ExportCouponsResponse;
using test::FakeAnswer;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHeader =
    "code,user_id,state,issued_at,expire_time,redeemed_at,order_ref,voided_at\r\n";

ExportCouponsResponse MessageOf(const std::vector<std::string>& codes, int issued_ever,
                                std::uint64_t sequence = 7) {
  ExportCouponsResponse message;
  for (const std::string& code : codes) {
    coupon::v1::Coupon& coupon = *message.add_coupons();
    coupon.set_code(code);
    coupon.set_state(coupon::v1::COUPON_STATE_ISSUED);
    coupon.mutable_issued_at()->set_seconds(1);
  }
  message.set_sequence(sequence);
  message.set_issued_ever(issued_ever);
  return message;
}

std::string Enveloped(const std::vector<ExportCouponsResponse>& messages) {
  std::string body;
  for (const auto& message : messages) {
    connect::AppendEnvelope(0, message.SerializeAsString(), body);
  }
  return body;
}

/// A stream with these messages and this end; empty: it breaks off.
FakeAnswer StreamOf(const std::vector<ExportCouponsResponse>& messages,
                    const std::string& end = "{}") {
  std::string body = Enveloped(messages);
  if (!end.empty()) connect::AppendEnvelope(connect::kConnectEndFlag, end, body);
  return {.content_type = "application/connect+proto", .body = body};
}

class ExportCommandTest : public OneAnswerFixture {
 protected:
  [[nodiscard]] ExportPlan Plan() const {
    return {.campaign_id = "some-id", .output = file_.string()};
  }
  /// Returns what is in the file; nullopt if there is none.
  [[nodiscard]] std::optional<std::string> Written() const {
    std::ifstream file(file_);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  /// Returns the names in the directory.
  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const test::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "coupons.csv";
};

TEST_F(ExportCommandTest, AllMessagesBecomeOneFile) {
  const FakeAnswer answer = StreamOf({MessageOf({"가1", "나2"}, 3), MessageOf({"다3"}, 3)});
  EXPECT_EQ(ExportCoupons(Against(answer), Plan()), ExitCode::kDone);
  EXPECT_EQ(Written(), std::string(kHeader) +
                           "가1,,issued,1970-01-01T00:00:01Z,,,,\r\n"
                           "나2,,issued,1970-01-01T00:00:01Z,,,,\r\n"
                           "다3,,issued,1970-01-01T00:00:01Z,,,,\r\n");
  EXPECT_EQ(out_.str(), file_.string() + ": 3 coupons as of sequence 7, " +
                            std::to_string(Written()->size()) + " bytes\n");
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(Names(), std::vector<std::string>{"coupons.csv"});
  EXPECT_EQ(Method(), "ExportCoupons");
}

TEST_F(ExportCommandTest, TheRequestHasTheStates) {
  ExportPlan plan = Plan();
  plan.states = {coupon::v1::COUPON_STATE_VOIDED};
  plan.format = api::CouponFileFormat::kJsonLines;
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({}, 3), MessageOf({"가1"}, 3)})), plan),
            ExitCode::kDone);
  EXPECT_THAT(*Written(), HasSubstr(R"({"code":"가1",)"));
  server_.reset();
  coupon::v1::ExportCouponsRequest request;
  ASSERT_TRUE(request.ParseFromString(body_.substr(connect::kEnvelopeHeadBytes)));
  EXPECT_EQ(request.campaign_id(), "some-id");
  ASSERT_EQ(request.states_size(), 1);
  EXPECT_EQ(request.states(0), coupon::v1::COUPON_STATE_VOIDED);
}

TEST_F(ExportCommandTest, NoCouponsLeaveAFileWithAHeader) {
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({}, 0)})), Plan()), ExitCode::kDone);
  EXPECT_EQ(Written(), kHeader);
}

TEST_F(ExportCommandTest, JsonIsASummary) {
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({"가1"}, 1)}), true), Plan()),
            ExitCode::kDone);
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("file").as_string(), file_.string());
  EXPECT_EQ(json.at("coupons"), 1);
  EXPECT_EQ(json.at("issuedEver"), 1);
  EXPECT_EQ(json.at("sequence"), 7);
  EXPECT_EQ(json.at("bytes"), Written()->size());
}

TEST_F(ExportCommandTest, StandardOutputGetsTheCouponsAlone) {
  ExportPlan plan = Plan();
  plan.output = "-";
  plan.mark = api::ByteOrderMark::kWritten;
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({"가1"}, 1)})), plan), ExitCode::kDone);
  EXPECT_EQ(out_.str(),
            "\xEF\xBB\xBF" + std::string(kHeader) + "가1,,issued,1970-01-01T00:00:01Z,,,,\r\n");
  EXPECT_THAT(err_.str(), HasSubstr("couponctl: 1 coupon as of sequence 7, "));
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_EQ(done_, "") << "there is no file";
}

TEST_F(ExportCommandTest, OnStandardOutputABrokenExportIsIncomplete) {
  ExportPlan plan = Plan();
  plan.output = "-";
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({"가1"}, 2)}, "")), plan), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("; what was written is incomplete\n"));
  err_.str("");
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({"가1"}, 2)})), plan), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("1 of 2 coupons; what was written is incomplete\n"));
  err_.str("");
  EXPECT_EQ(ExportCoupons(Against(Refuse(503, "unavailable")), plan), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("; nothing was written\n"));
}

TEST_F(ExportCommandTest, ABrokenExportLeavesNoFile) {
  const ExportCouponsResponse message = MessageOf({"가1"}, 2);
  const struct {
    FakeAnswer answer;
    const char* says;
    ExitCode exit_code;
  } cases[] = {
      {StreamOf({message}, ""), "broke off its answer to ExportCoupons", ExitCode::kFailed},
      {StreamOf({message}, R"({"error":{"code":"unavailable","message":"stopping"}})"),
       "unavailable: stopping", ExitCode::kFailed},
      {StreamOf({message}), "the server sent 1 of 2 coupons", ExitCode::kFailed},
      {StreamOf({message, MessageOf({"나2"}, 2, 8)}), "not of one moment", ExitCode::kFailed},
      {StreamOf({MessageOf({"가1"}, 1, 0)}), "sends no sequence", ExitCode::kFailed},
      {StreamOf({}), "sends no message", ExitCode::kFailed},
      {StreamOf({}, R"({"error":{"code":"not_found","message":"gone"}})"),
       "not_found: gone; `couponctl list` shows the campaigns", ExitCode::kRefused},
      {Refuse(503, "unavailable"), "unavailable: because", ExitCode::kFailed},
      {{.content_type = "application/connect+proto", .body = std::string("\0\0\0\0\1\xff", 6)},
       "is not a coupon.v1.ExportCouponsResponse",
       ExitCode::kFailed},
      {{.content_type = "text/html", .body = "<title>proxy</title>"}, "proxy", ExitCode::kFailed},
      {{.drop = true}, "no answer", ExitCode::kFailed},
  };
  for (const auto& [answer, says, exit_code] : cases) {
    err_.str("");
    EXPECT_EQ(ExportCoupons(Against(answer), Plan()), exit_code) << says;
    EXPECT_THAT(err_.str(), HasSubstr(says));
    EXPECT_THAT(err_.str(), HasSubstr("; " + file_.string() + " was not written\n")) << says;
    EXPECT_THAT(Names(), IsEmpty()) << says;
  }
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ExportCommandTest, ABrokenExportLeavesTheOldFile) {
  std::ofstream(file_) << "old";
  ExportPlan plan = Plan();
  plan.if_there = PartFile::IfThere::kReplace;
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({"가1"}, 1)}, "")), plan), ExitCode::kFailed);
  EXPECT_EQ(Written(), "old");
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({"가1"}, 1)})), plan), ExitCode::kDone);
  EXPECT_THAT(*Written(), HasSubstr("가1"));
}

TEST_F(ExportCommandTest, AnExistingFileIsRefusedAtOnce) {
  std::ofstream(file_) << "old";
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({}, 0)})), Plan()), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("exists already"), HasSubstr("--force")));
  EXPECT_EQ(Written(), "old");
  EXPECT_EQ(Method(), "");
}

TEST_F(ExportCommandTest, AnUnwritableFileIsNotTheServersError) {
  std::ofstream(file_) << "old";
  EXPECT_EQ(ExportCoupons(Against(StreamOf({MessageOf({}, 0)}), /*json=*/true), Plan()),
            ExitCode::kUsage);
  EXPECT_EQ(boost::json::parse(out_.str()).at("code").as_string(), "cannot_write");
  EXPECT_EQ(err_.str(), "couponctl: " + file_.string() +
                            " exists already; give another name, or --force to replace it\n");
}

TEST_F(ExportCommandTest, AFileThatAppearsMeanwhileIsKept) {
  const test::FakeServer server([this](auto, auto) {
    std::ofstream(file_) << "other";
    return StreamOf({MessageOf({"가1"}, 1)});
  });
  rpc_client::ConnectClient client(server.address(), std::chrono::seconds(60));
  EXPECT_EQ(ExportCoupons({.client = client, .json = true, .out = out_, .err = err_}, Plan()),
            ExitCode::kFailed);
  EXPECT_EQ(boost::json::parse(out_.str()).at("code").as_string(), "cannot_write");
  EXPECT_THAT(err_.str(), HasSubstr("exists already"));
  EXPECT_EQ(Written(), "other");
  EXPECT_EQ(Names(), std::vector<std::string>{"coupons.csv"});
}

/// A stream whose messages come one by one.
class SlowExportTest : public ExportCommandTest {
 protected:
  ExitCode Export(const test::Script& script, std::chrono::milliseconds timeout) {
    const test::ScriptedServer server({script});
    rpc_client::ConnectClient client(server.address(), timeout);
    return ExportCoupons({.client = client, .out = out_, .err = err_}, Plan());
  }
  static std::string Head() {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\n\r\n";
  }
  static std::string End() {
    std::string end;
    connect::AppendEnvelope(connect::kConnectEndFlag, "{}", end);
    return end;
  }
};

TEST_F(SlowExportTest, TheTimeoutBeginsAnewWithEachMessage) {
  const std::string message = Enveloped({MessageOf({"가1"}, 3)});
  EXPECT_TRUE(test::AtSomePace([&](int pace) {
    const std::chrono::milliseconds pause(100 * pace);
    return Export({.pieces = {Head(), message, message, message, End()}, .pause = pause},
                  3 * pause) == ExitCode::kDone;
  })) << err_.str();
}

TEST_F(SlowExportTest, ASilentServerIsNotWaitedForForever) {
  const std::string message = Enveloped({MessageOf({"가1"}, 3)});
  const test::Script script{.pieces = {Head() + message}, .end = test::Script::End::kStayOpen};
  EXPECT_TRUE(test::AtSomePace([&](int pace) {
    const std::chrono::milliseconds timeout(100 * pace);
    EXPECT_EQ(Export(script, timeout), ExitCode::kFailed);
    const std::string why = "the next message did not come within " + FormatDuration(timeout);
    return err_.str().find(why) != std::string::npos;
  })) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("--timeout"));
  EXPECT_THAT(Names(), IsEmpty());
}

}  // namespace
}  // namespace coupond::ctl
