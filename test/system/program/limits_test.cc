#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "rpc/connect/standard_details.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};

/// Returns the command for coupond in a shell that first sets this limit on open files.
std::vector<std::string> WithOpenFiles(int files, const std::string& data_directory) {
  return InShell("ulimit -n " + std::to_string(files),
                 {COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir", data_directory});
}

TEST(Limits, ConnectionsLeaveFilesToTheStore) {
  const TemporaryDirectory directory;
  Process process(WithOpenFiles(918, (directory.path() / "data").string()));
  const auto line = process.WaitForLine("ready on http://127.0.0.1:", kPatience);
  ASSERT_TRUE(line) << process.output();
  const std::size_t begin = line->find("127.0.0.1:") + 10;
  const auto port = static_cast<std::uint16_t>(std::stoi(line->substr(begin)));

  CouponClient client(port);
  const std::string campaign = client.CreateStarted("few files", 1'000);
  // Idle connections up to the limit and beyond. The excess ones get an answer or are closed.
  std::vector<HttpClient> idle;
  for (int i = 0; i < 100; ++i) idle.emplace_back(port);
  HttpClient refused(port);
  const auto reply = refused.Receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  const auto read = connect::DetailsInJson(reply->body);
  EXPECT_EQ(read.reason, "TOO_MANY_CONNECTIONS");
  EXPECT_EQ(read.domain, "coupond");
  ASSERT_TRUE(read.retry_delay) << reply->body;
  EXPECT_EQ(reply->Header("retry-after"),
            std::to_string(std::chrono::ceil<std::chrono::seconds>(*read.retry_delay).count()));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.Issue(campaign).ok()) << process.output();
  process.Signal(SIGTERM);
  EXPECT_EQ(process.WaitForExit(kPatience), 0) << process.output();
}

TEST(Limits, TooFewOpenFilesAreRefusedAtTheStart) {
  const TemporaryDirectory directory;
  Process process(WithOpenFiles(300, (directory.path() / "data").string()));
  EXPECT_EQ(process.WaitForExit(kPatience), 1);
  EXPECT_THAT(process.output(), HasSubstr("ulimit -n"));
}

TEST(Fence, AFailedWriteEndsTheServerAndLosesNothing) {
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("fence", 100'000);
  std::set<std::string> told;
  for (int i = 0; i < 20; ++i) told.insert(client.Issue(campaign).response.coupon().code());

  // No file may grow beyond this any more, so one of the log's next two writes fails.
  const rlimit limit{4'096, RLIM_INFINITY};
  ASSERT_EQ(::prlimit(server.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  auto answer = client.Issue(campaign);
  for (int i = 0; i < 10'000 && answer.ok(); ++i) {
    told.insert(answer.response.coupon().code());
    answer = client.Issue(campaign);
  }
  EXPECT_EQ(answer.status, 503) << answer.raw_body;
  EXPECT_THAT(answer.raw_body, HasSubstr("outcome is unknown"));
  EXPECT_EQ(connect::DetailsInJson(answer.raw_body).reason, "OUTCOME_UNKNOWN");
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  EXPECT_THAT(server.output(), HasSubstr("a write failed"));

  server.Start();
  const std::vector<std::string> codes = CouponClient(server.port()).Codes(campaign);
  for (const std::string& code : told) EXPECT_THAT(codes, Contains(code));
}

TEST(Fence, IsShownForAsLongAsADrainTakes) {
  ServerProcess server({"--drain-delay", "1h"});
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("fence", 100'000);
  const rlimit limit{4'096, RLIM_INFINITY};
  ASSERT_EQ(::prlimit(server.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  for (int i = 0; i < 10'000 && client.Issue(campaign).ok(); ++i) {
  }
  ASSERT_TRUE(server.process().WaitForLine("no longer ready", kPatience)) << server.output();
  const auto get = [&server](const std::string& path) {
    return HttpClient(server.port())
        .Ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .value_or(HttpReply());
  };
  EXPECT_THAT(get("/metrics").body, HasSubstr("\ncoupond_fenced 1\n"));
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/livez").status, 503);
  EXPECT_EQ(client.Issue(campaign).status, 503);
  EXPECT_EQ(server.Stop(), 1) << "a second signal ends the delay\n" << server.output();
}

}  // namespace
}  // namespace coupond::test
