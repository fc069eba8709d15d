#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/metrics_text.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"

// The real programs on a machine whose clock is set, by way of libfaketime.
namespace coupond::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};
constexpr UnixNanoseconds kSecond = 1'000'000'000;
constexpr UnixNanoseconds kDay = 24 * 60 * 60 * kSecond;

class ClockStepTest : public testing::Test {
 protected:
  /// Sets the machine's clock that far from the right time, for all programs.
  void SetClock(const std::string& offset) const {
    const std::filesystem::path next = directory_.path() / "clock.next";
    std::ofstream(next) << offset << "\n";
    rename(next, clock_);
  }
  [[nodiscard]] std::vector<std::string> OnTheMachine(
      const std::vector<std::string>& command) const {
    return InShell(
        "export TZ=UTC FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 "
        "LD_PRELOAD=" COUPOND_LIBFAKETIME " FAKETIME_TIMESTAMP_FILE=" +
            clock_.string(),
        command);
  }
  Process StartServer() const {
    return Process(
        OnTheMachine({COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir", data_.string()}));
  }
  /// Returns the server's port once it serves, or 0.
  static std::uint16_t PortOf(Process& server) {
    const auto line = server.WaitForLine("ready on http://127.0.0.1:", kPatience);
    if (!line) return 0;
    return static_cast<std::uint16_t>(std::stoi(line->substr(line->find("127.0.0.1:") + 10)));
  }
  static void Stop(Process& server) {
    server.Signal(SIGTERM);
    EXPECT_EQ(server.WaitForExit(kPatience), 0) << server.output();
  }
  /// Runs a program to its end. Returns its exit status and output.
  [[nodiscard]] std::pair<std::optional<int>, std::string> Run(
      const std::vector<std::string>& command) const {
    Process process(OnTheMachine(command));
    const auto status = process.WaitForExit(kPatience);
    return {status, process.output()};
  }
  [[nodiscard]] std::pair<std::optional<int>, std::string> Couponctl(
      std::uint16_t port, std::vector<std::string> arguments) const {
    std::vector<std::string> command = {COUPONCTL_PATH, "--server",
                                        "http://127.0.0.1:" + std::to_string(port)};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return Run(command);
  }
  [[nodiscard]] std::pair<std::optional<int>, std::string> Audit(
      std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), COUPON_AUDIT_PATH);
    return Run(arguments);
  }
  /// Returns the command that `couponctl clock` shows for accepting the clock.
  [[nodiscard]] std::string AcceptedTime(std::uint16_t port) const {
    std::string shown = Couponctl(port, {"clock"}).second;
    constexpr std::string_view kCommand = "couponctl clock accept ";
    const std::size_t at = shown.find(kCommand);
    if (at == std::string::npos) return shown;
    const std::size_t begin = at + kCommand.size();
    return shown.substr(begin, shown.find('\n', begin) - begin);
  }
  static int StatusOf(CouponClient& client, const std::string& path) {
    const auto reply = client.http().Ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return reply ? reply->status : 0;
  }
  /// Returns the value of a metric without labels.
  static double Metric(CouponClient& client, const std::string& name) {
    const auto page = client.http().Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return page ? MetricsText(page->body).Of(name) : -1;
  }
  static void ExpectClockAhead(const auto& answer) {
    EXPECT_EQ(answer.code, "unavailable");
    EXPECT_THAT(answer.message, HasSubstr("couponctl clock"));
    ASSERT_TRUE(answer.refusal) << answer.raw_body;
    EXPECT_EQ(answer.refusal->refusal(), api::REFUSAL_CLOCK_AHEAD);
  }

  const TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
  const std::filesystem::path clock_ = directory_.path() / "clock";
};

TEST_F(ClockStepTest, AGlimpseOfAClockFarAheadChangesNothing) {
  SetClock("+0");
  Process server = StartServer();
  const std::uint16_t port = PortOf(server);
  ASSERT_NE(port, 0) << server.output();
  CouponClient client(port);
  const UnixNanoseconds start = Now() + 30 * kDay;
  const auto created = client.Create("in thirty days", 10, start);
  ASSERT_TRUE(created.ok()) << created.message;
  const std::string later = created.response.campaign().id();
  const std::string open = client.CreateStarted("open", 10);

  SetClock("+400d");
  ExpectClockAhead(client.Issue(later));
  ExpectClockAhead(client.Create("tomorrow", 10, Now() + kDay));
  EXPECT_EQ(client.Issue("00000000-0000-4000-8000-000000000000").code, "not_found");
  const auto issued = client.Issue(open);
  ASSERT_TRUE(issued.response.success()) << issued.message;
  EXPECT_LT(NanosecondsOf(issued.response.coupon().issued_at()), Now() + kDay);
  const double ahead = Metric(client, "coupond_clock_ahead_seconds");
  EXPECT_NEAR(ahead, 400.0 * 24 * 60 * 60, 3'600);
  EXPECT_TRUE(server.WaitForLine("this machine's clock shows ", kPatience)) << server.output();

  SetClock("+0");
  EXPECT_EQ(client.Issue(later).response.refusal(), api::REFUSAL_NOT_STARTED);
  EXPECT_TRUE(client.Create("tomorrow", 10, Now() + kDay).ok());
  EXPECT_TRUE(server.WaitForLine("agree again", kPatience)) << server.output();
  Stop(server);
  // Also for the next start: the log knows nothing of it.
  Process next = StartServer();
  const std::uint16_t next_port = PortOf(next);
  ASSERT_NE(next_port, 0) << next.output();
  CouponClient again(next_port);
  EXPECT_EQ(again.Issue(later).response.refusal(), api::REFUSAL_NOT_STARTED);
  EXPECT_TRUE(again.Create("the day after", 10, Now() + 2 * kDay).ok());
  Stop(next);
  EXPECT_EQ(Audit({"verify", data_.string()}).first, 0);
}

TEST_F(ClockStepTest, AnOperatorAcceptsTheTimeThatTheMachineShows) {
  SetClock("+0");
  Process server = StartServer();
  const std::uint16_t port = PortOf(server);
  ASSERT_NE(port, 0) << server.output();
  CouponClient client(port);
  const auto created = client.Create("in thirty days", 10, Now() + 30 * kDay);
  ASSERT_TRUE(created.ok()) << created.message;
  const std::string later = created.response.campaign().id();
  EXPECT_THAT(Couponctl(port, {"clock"}).second, HasSubstr("its machine's clock agrees"));

  SetClock("+40d");
  ExpectClockAhead(client.Issue(later));
  const std::string ahead = AcceptedTime(port);
  EXPECT_EQ(Couponctl(port, {"clock", "accept", "2030-01-01T00:00:00Z"}).first, 1)
      << "nobody has seen that";
  ExpectClockAhead(client.Issue(later));
  const auto accepted = Couponctl(port, {"clock", "accept", ahead});
  EXPECT_EQ(accepted.first, 0) << accepted.second;
  const auto issued = client.Issue(later);
  ASSERT_TRUE(issued.response.success()) << issued.message;
  EXPECT_GT(NanosecondsOf(issued.response.coupon().issued_at()), Now() + 30 * kDay);

  // It was wrong after all.
  SetClock("+0");
  ExpectClockAhead(client.Create("tomorrow", 10, Now() + 2 * kDay));
  EXPECT_EQ(Couponctl(port, {"clock", "accept", AcceptedTime(port)}).first, 0);
  EXPECT_EQ(client.Issue(later).response.refusal(), api::REFUSAL_NOT_STARTED);
  EXPECT_TRUE(client.Create("tomorrow", 10, Now() + kDay).ok());
  EXPECT_THAT(Couponctl(port, {"clock"}).second, HasSubstr("its machine's clock agrees"));
  Stop(server);
  EXPECT_THAT(Audit({"log", data_.string()}).second, HasSubstr("clock_reset"));
  const auto verified = Audit({"verify", data_.string()});
  EXPECT_EQ(verified.first, 0) << verified.second;
  Process next = StartServer();
  const std::uint16_t next_port = PortOf(next);
  ASSERT_NE(next_port, 0) << next.output();
  EXPECT_EQ(CouponClient(next_port).Issue(later).response.refusal(), api::REFUSAL_NOT_STARTED);
  Stop(next);
}

TEST_F(ClockStepTest, AStoreWhoseLogEndsAheadOfTheClockIsOnlyRead) {
  SetClock("+400d");
  Process ahead = StartServer();
  const std::uint16_t ahead_port = PortOf(ahead);
  ASSERT_NE(ahead_port, 0) << ahead.output();
  CouponClient past(ahead_port);
  const auto created = past.Create("one", 10, Now() + 400 * kDay + 10 * kSecond);
  ASSERT_TRUE(created.ok()) << created.message;
  const std::string id = created.response.campaign().id();
  Stop(ahead);

  SetClock("+0");
  Process server = StartServer();
  EXPECT_TRUE(server.WaitForLine("only reads are answered", kPatience)) << server.output();
  const std::uint16_t port = PortOf(server);
  ASSERT_NE(port, 0) << server.output();
  EXPECT_THAT(server.output(), AllOf(HasSubstr("coupon-audit accept-clock"),
                                     HasSubstr("couponctl clock"), HasSubstr("clock_ahead")));
  CouponClient client(port);
  EXPECT_EQ(client.Get(id).response.campaign().name(), "one");
  ExpectClockAhead(client.Create("two", 10, Now() + kDay));
  ExpectClockAhead(client.Issue(id));
  ExpectClockAhead(client.Delete(id));
  EXPECT_THAT(client.Issue(id).message, HasSubstr("the log ends at "));
  EXPECT_EQ(StatusOf(client, "/readyz"), 503);
  EXPECT_EQ(StatusOf(client, "/healthz"), 200);
  EXPECT_THAT(Couponctl(port, {"clock"}).second, HasSubstr("answers only reads"));
  const auto in_use = Audit({"accept-clock", data_.string(), "--yes"});
  EXPECT_EQ(in_use.first, 3) << in_use.second;
  Stop(server);

  const auto asked = Audit({"accept-clock", data_.string()});
  EXPECT_EQ(asked.first, 1) << asked.second;
  EXPECT_THAT(asked.second, HasSubstr("nothing was changed"));
  EXPECT_THAT(Audit({"accept-clock", data_.string(), "--json"}).second,
              AllOf(HasSubstr(R"("logIsAhead":true)"), HasSubstr(R"("accepted":false)")));
  const auto accepted = Audit({"accept-clock", data_.string(), "--yes"});
  EXPECT_EQ(accepted.first, 0) << accepted.second;
  EXPECT_THAT(Audit({"accept-clock", data_.string(), "--yes"}).second,
              HasSubstr("nothing to accept"));
  const auto verified = Audit({"verify", data_.string()});
  EXPECT_EQ(verified.first, 0) << verified.second;

  Process next = StartServer();
  const std::uint16_t next_port = PortOf(next);
  ASSERT_NE(next_port, 0) << next.output();
  CouponClient again(next_port);
  EXPECT_TRUE(again.Create("two", 10, Now() + kDay).ok());
  EXPECT_EQ(again.Issue(id).response.refusal(), api::REFUSAL_NOT_STARTED);
  EXPECT_EQ(StatusOf(again, "/readyz"), 200);
  Stop(next);
  EXPECT_EQ(Audit({"verify", data_.string()}).first, 0);
}

TEST_F(ClockStepTest, AnAcceptedClockEndsReadingOnly) {
  SetClock("+400d");
  Process ahead = StartServer();
  ASSERT_NE(PortOf(ahead), 0) << ahead.output();
  Stop(ahead);
  SetClock("+0");
  Process server = StartServer();
  const std::uint16_t port = PortOf(server);
  ASSERT_NE(port, 0) << server.output();
  CouponClient client(port);
  ExpectClockAhead(client.Create("one", 10, Now() + kDay));
  EXPECT_EQ(Couponctl(port, {"clock", "accept", AcceptedTime(port)}).first, 0);
  EXPECT_TRUE(client.Create("one", 10, Now() + kDay).ok());
  EXPECT_EQ(StatusOf(client, "/readyz"), 200);
  server.Signal(SIGKILL);
  ASSERT_TRUE(server.WaitForExit(kPatience));
  const auto verified = Audit({"verify", data_.string()});
  EXPECT_EQ(verified.first, 0) << verified.second;
}

TEST_F(ClockStepTest, AClockPastTheLogEndsReadingOnly) {
  SetClock("+400d");
  Process ahead = StartServer();
  ASSERT_NE(PortOf(ahead), 0) << ahead.output();
  Stop(ahead);
  SetClock("+0");
  Process server = StartServer();
  const std::uint16_t port = PortOf(server);
  ASSERT_NE(port, 0) << server.output();
  CouponClient client(port);
  ExpectClockAhead(client.Create("one", 10, Now() + kDay));
  SetClock("+401d");
  EXPECT_TRUE(server.WaitForLine("agree again", kPatience)) << server.output();
  EXPECT_EQ(StatusOf(client, "/readyz"), 200);
  EXPECT_TRUE(client.Create("one", 10, Now() + 402 * kDay).ok());
  Stop(server);
  const auto verified = Audit({"verify", data_.string()});
  EXPECT_EQ(verified.first, 0) << verified.second;
}

TEST_F(ClockStepTest, ALogThatIsAheadWithinTheSlackIsNothingToAccept) {
  SetClock("+4m");
  Process ahead = StartServer();
  ASSERT_NE(PortOf(ahead), 0) << ahead.output();
  Stop(ahead);
  SetClock("+0");
  const auto refused = Audit({"accept-clock", data_.string(), "--yes"});
  EXPECT_EQ(refused.first, 0) << refused.second;
  EXPECT_THAT(refused.second, HasSubstr("nothing to accept"));
  EXPECT_THAT(Audit({"accept-clock", data_.string(), "--yes", "--json"}).second,
              AllOf(HasSubstr(R"("logIsAhead":false)"), HasSubstr(R"("accepted":false)"),
                    HasSubstr(R"("groups":1)")));
}

TEST_F(ClockStepTest, AStepWithinTheSlackIsFollowed) {
  SetClock("+0");
  Process server = StartServer();
  const std::uint16_t port = PortOf(server);
  ASSERT_NE(port, 0) << server.output();
  CouponClient client(port);
  const std::string id = client.CreateStarted("open", 10);
  SetClock("+4m");
  const auto after = [&] {
    const auto issued = client.Issue(id);
    EXPECT_TRUE(issued.response.success()) << issued.message;
    return NanosecondsOf(issued.response.coupon().issued_at());
  };
  const UnixNanoseconds ahead = Now();
  const UnixNanoseconds last = after();
  EXPECT_GE(last, ahead + 239 * kSecond);
  SetClock("+0");
  const UnixNanoseconds first = after();
  EXPECT_GE(first, last) << "time does not go back";
  // A clock that is set back at once gives the time of the last event until it has caught up.
  EXPECT_GT(after(), first) << "it goes on, and is not merely held by the log";
  Stop(server);
}

}  // namespace
}  // namespace coupond::test
