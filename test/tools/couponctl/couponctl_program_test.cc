#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

#include "support/fake_server.h"
#include "support/scripted_server.h"
#include "tools/couponctl/fake_campaign.h"
#include "tools/couponctl/run_couponctl.h"

// The built program, run as people run it.
namespace coupond::ctl {
namespace {

using test::FakeServer;
using test::ScriptedServer;
using testing::ContainsRegex;
using testing::HasSubstr;

/// A port that refuses connections. It is bound, so nothing else can listen on it.
class ClosedPort {
 public:
  ClosedPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~ClosedPort() { close(socket_); }

  [[nodiscard]] std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

TEST(CouponctlProgram, UsageErrorsExitWith2AndSayWhatIsWrong) {
  const struct {
    const char* arguments;
    const char* says;
  } cases[] = {
      {"", "no command given; give one of: create, issue"},
      {"isue x", "unknown command \"isue\"; did you mean issue?"},
      {"dance", "unknown command \"dance\"; give one of: create, issue"},
      {"list --dance", "unknown option --dance"},
      {"get", "id is required\nMore: couponctl get --help"},
      {"create --name x --total 5", "--start-in"},
      {"create --name x --total 5 --start-in 30s --start 2026-12-01T10:00:00Z", "--start-in"},
      {"create --name x --total five --start-in 30s", "--total"},
      {"create --name x --total 5 --start-in 30", "not a duration"},
      {"create --name x --total 5 --start tomorrow", "not an RFC 3339 time"},
      {"--server ftp://example.org list", "--server or COUPOND_SERVER: \"ftp://example.org\" is"},
      {"create --name x --total 5 --start-in 30s --end never", "--end: "},
      {"delete", "--name"},
      {"update x", "nothing to change; give a term, such as --total, --end or --coupons-per-user"},
      {"update x --expire never", "--expire: "},
      {"update x --valid-for 3", "or write none"},
      {"update x --valid-for 0s", "--valid-for: "},
      {"update x --valid-for 73201d", "the largest value is 73200d; or write none"},
      {"create --name x --total 1 --start-in 0s --valid-for 73201d", "give 1ms to 73200d"},
      {"update x --user-required --no-user-required", "--no-user-required"},
      {"update x --coupons-per-user 0", "--coupons-per-user: \"0\" is too small"},
      {"update x --coupons-per-user 1001 --total 5", "--coupons-per-user: \"1001\" is too large"},
      {"create --name x --total 1 --start-in 0s --valid-for none", "--valid-for: "},
      {"create --name x --total 1 --start-in 0s --expire none", "--expire: "},
      {"update x --if-revision 7", "nothing to change"},
      {"update x --total 0", "--total: \"0\" is too small"},
      {"update x --if-revision 0 --total 5", "--if-revision: \"0\" is too small"},
      {"update x --end never", "or write none"},
      {"update x --start none", "--start: "},
      {"update x --description a --no-description", "--description"},
      {"update x --description \"\"", "--description: the value is empty"},
      {"pause x --issuing --redeeming", "--issuing"},
      {"pause", "id is required"},
      {"status", "id is required"},
      {"load x --rate fast", "neither a number nor max"},
      {"load x --rate -5", "neither a number nor max"},
      {"load x --rate 0", "--rate: the rate must be above 0"},
      {"load x --rate 1e308", "neither a number nor max"},
      {"load x --rate 1000001", "--rate: the rate must be above 0 and at most 1000000"},
      {"load x --duration 0s", "--duration: \"0s\" is too short"},
      {"load x --users 0", "--users: \"0\" is too small; write a whole number from 1 to 10000000"},
      {"load x --users 10000001", "--users: \"10000001\" is too large"},
      {"load x --plot load.png", "--plot: \"load.png\" does not end in .svg"},
      {"load x --ramp 0s", "--ramp: \"0s\" is too short"},
      {"load x --ramp 11s", "the ramp of 11s is longer than the duration of 10s"},
      {"load x --retry --retry-for 0s", "--retry-for: \"0s\" is too short"},
      {"load x --retry-for 5s", "--retry-for requires --retry"},
      {"list --timeout 0s", "--timeout: \"0s\" is too short"},
      {"list --limit 0", "--limit: \"0\" is too small; write a whole number from 1"},
      {"list --limit -1", "--limit: \"-1\" is not a whole number"},
      {"create --name x --total 0100 --start-in 30s", "--total: \"0100\" begins with a zero"},
      {"list --server 127.0.0.1:08080", "the port must be a number from 1 to 65535"},
      {"issue x --user-id \"\"", "--user-id: the value is empty"},
      {"delete \"\" --name x", "id: the value is empty"},
      {"load x --rate 1000 --duration 10d", "at most 10000000"},
      {"load x --concurrency 0", "--concurrency"},
      {"export", "id is required"},
      {"export x --output f", "--format is required"},
      {"export x --format csv", "--output is required"},
      {"export x --format xml --output f", "--format: \"xml\" is not one of its values"},
      {"export x --format csv --output \"\"", "--output: the value is empty"},
      {"export x --format csv --output f --state gone",
       "--state: \"gone\" is not a state; give one or more of issued, redeemed"},
      {"export x --format jsonl --output f --bom", "--bom is for --format csv only"},
      {"export x --format csv --output - --json", "--json prints a summary to standard output"},
      {"--json export x --format csv --output -", "--json prints a summary to standard output"},
      {"export x --format csv --output /dev/null", "/dev/null is not a regular file"},
      {"watch", "id is required"},
      {"watch x --streams 0", "--streams"},
      {"watch x --streams 10001", "--streams"},
      {"watch x --duration soon", "not a duration"},
      {"watch x --allow-remote", "--streams"},
  };
  for (const auto& test : cases) {
    const Ran ran = RunCouponctl(test.arguments);
    EXPECT_EQ(ran.exit_code, 2) << test.arguments << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(test.says)) << test.arguments;
  }
}

TEST(CouponctlProgram, HelpListsTheExitCodes) {
  const Ran ran = RunCouponctl("--help");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.output, HasSubstr("3  no answer"));
  EXPECT_EQ(RunCouponctl("load --help").exit_code, 0);
}

/// Returns the commands that the help lists.
std::vector<std::string> Commands() {
  std::istringstream help(RunCouponctl("--help").output);
  std::vector<std::string> commands;
  bool listed = false;
  for (std::string line; std::getline(help, line);) {
    if (listed && line.empty()) break;
    if (listed && line.size() > 2 && line[2] != ' ') {
      commands.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    listed = listed || line.starts_with("Subcommands:");
  }
  return commands;
}

TEST(CouponctlProgram, HelpHasAnExampleOfEachCommand) {
  const std::vector<std::string> commands = Commands();
  EXPECT_GT(commands.size(), 25U);
  for (const std::string& command : commands) {
    const Ran ran = RunCouponctl(command + " --help");
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.output, HasSubstr("\n  couponctl " + command)) << command;
    EXPECT_THAT(ran.output, HasSubstr("3  no answer"));
  }
  EXPECT_THAT(RunCouponctl("clock accept --help").output, HasSubstr("\n  couponctl clock accept"));
}

TEST(CouponctlProgram, AnUnreachableServerExitsWith3) {
  const ClosedPort port;
  for (const char* command :
       {"list", "get x", "status x", "issue x", "update x --total 5", "pause x", "resume x",
        "archive x", "unarchive x", "coupon x", "redeem x", "undo-redeem x --redemption 1",
        "void x", "load x", "delete x", "coupons x", "watch x"}) {
    const Ran ran = RunCouponctl("--server " + port.Url() + " " + command);
    EXPECT_EQ(ran.exit_code, 3) << command << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("cannot reach " + port.Url() +
                                      ": Connection refused; is coupond running there?"));
  }
}

TEST(CouponctlProgram, MoreStreamsThanOpenFilesExitWith2) {
  const ClosedPort port;
  const Ran ran =
      RunCouponctl("--server " + port.Url() + " watch x --streams 100", "ulimit -n 100;");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.output, HasSubstr("100 streams need 132 open files, but only 100 are allowed"));
}

TEST(CouponctlProgram, TakesTheServerFromTheEnvironment) {
  const ClosedPort port;
  const Ran ran = RunCouponctl("list", "COUPOND_SERVER=" + port.Url());
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.output, HasSubstr(port.Url()));
}

TEST(CouponctlProgram, EveryRequestAsksForStrictReading) {
  for (const char* command : {"create --name x --total 1 --start-in 0s",
                              "issue x",
                              "get x",
                              "list",
                              "status x",
                              "update x --end none",
                              "pause x",
                              "resume x",
                              "archive x",
                              "unarchive x",
                              "coupons x",
                              "coupon x",
                              "redeem x",
                              "undo-redeem x --request-id-of y",
                              "void x",
                              "delete x",
                              "backup x",
                              "watch x --no-reconnect",
                              "load x --skip-check --rate 100 --duration 10ms",
                              "load x"}) {
    const ScriptedServer server({{.pieces = {"HTTP/1.1 500 No\r\n\r\n"}}});
    (void)RunCouponctl("--server " + server.address().Url() + " " + command);
    const auto heads = server.request_heads();
    EXPECT_FALSE(heads.empty()) << command;
    EXPECT_THAT(heads, testing::Each(HasSubstr("\r\nCoupond-Strict: 1\r\n"))) << command;
  }
}

TEST(CouponctlProgram, ALoadRunsAndIsChecked) {
  FakeCampaign campaign(30);
  const FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
  const std::string load = "--server " + server.address().Url() + " load " + FakeCampaign::kId +
                           " --rate 400 --duration 100ms --concurrency 4 --retry";
  const Ran honest = RunCouponctl(load);
  EXPECT_EQ(honest.exit_code, 0) << honest.output;
  EXPECT_THAT(honest.output, HasSubstr("consistency: ok (30 of 30 issued"));
}

TEST(CouponctlProgram, ALoadThatFindsAFaultExitsWith1) {
  FakeCampaign campaign(30);
  campaign.planted_code = "가나다";
  const FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
  const Ran ran = RunCouponctl("--server " + server.address().Url() + " load " + FakeCampaign::kId +
                               " --rate 100 --duration 100ms --concurrency 2");
  EXPECT_EQ(ran.exit_code, 1) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("가나다 was handed out twice"));
}

}  // namespace
}  // namespace coupond::ctl
