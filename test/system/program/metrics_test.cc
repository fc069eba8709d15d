#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "access/key.h"
#include "access/keys_file.h"
#include "base/entropy.h"
#include "support/metrics_text.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"

// The metrics of the real server.
namespace coupond::test {
namespace {

HttpReply Get(std::uint16_t port, std::string_view path, const std::string& key = {}) {
  std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!key.empty()) request += "Authorization: Bearer " + key + "\r\n";
  return HttpClient(port).Ask(request + "\r\n").value_or(HttpReply());
}

std::string Outcome(std::string_view outcome) {
  return "coupond_issue_outcomes_total{outcome=\"" + std::string(outcome) + "\"}";
}

TEST(MetricsProgram, MoveAsCallsAreMade) {
  const TemporaryDirectory backups;
  ServerProcess server({"--threads", "2", "--backup-dir", backups.path().string()});
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("counted", 3);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.Issue(campaign).ok());
  const HttpReply reply = Get(server.port(), "/metrics");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const MetricsText text(reply.body);
  EXPECT_EQ(text.Of(Outcome("issued")), 3);
  EXPECT_EQ(text.Of(Outcome("sold_out")), 2);
  EXPECT_EQ(text.Of("coupond_ready"), 1);
  EXPECT_EQ(text.Of("coupond_fenced"), 0);
  EXPECT_GE(text.Of("coupond_http_connections"), 2);
  EXPECT_GE(text.Of("coupond_log_append_seconds_count"), 4);
  EXPECT_GE(text.Of("coupond_command_queue_wait_seconds_count"), 4);
  EXPECT_GE(text.Of("coupond_group_commands_sum"), 6);
  EXPECT_GT(text.Of("coupond_log_size_bytes"), 0);
  EXPECT_GT(text.Of("coupond_data_dir_free_bytes"), 0);
  EXPECT_EQ(text.Of("coupond_log_head_sequence"), 5) << "the store's, the campaign's, the coupons'";
  EXPECT_GT(text.Of("process_resident_memory_bytes"), 1e6);
  EXPECT_EQ(text.Of("coupond_backup_last_success_timestamp_seconds"), 0) << "there is none yet";

  const auto backed_up = HttpClient(server.port())
                             .Ask(PostRequest("/coupon.v1.AdminService/CreateBackup",
                                              "application/json", R"({"name":"first"})"));
  ASSERT_TRUE(backed_up);
  ASSERT_EQ(backed_up->status, 200) << backed_up->body;
  const auto backup_time = [&server] {
    return MetricsText(Get(server.port(), "/metrics").body)
        .Of("coupond_backup_last_success_timestamp_seconds");
  };
  const double made = backup_time();
  EXPECT_GT(made, 1.7e9);
  EXPECT_EQ(server.Stop(), 0);
  server.Start();
  EXPECT_NEAR(backup_time(), made, 60) << "known after a restart, too";
}

TEST(MetricsProgram, EachRequestOfABatchIsCounted) {
  const ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("batches", 3);
  api::BatchIssueCouponsRequest request;
  request.set_campaign_id(campaign);
  request.set_request_id("once");
  request.set_allow_partial(true);
  for (const char* user : {"ann", "ben", "ann", "cyd", "dan"}) request.add_user_ids(user);
  ASSERT_TRUE(client.Batch(request).ok());
  const MetricsText first(Get(server.port(), "/metrics").body);
  EXPECT_EQ(first.Of(Outcome("issued")), 3);
  EXPECT_EQ(first.Of(Outcome("already_issued")), 1);
  EXPECT_EQ(first.Of(Outcome("sold_out")), 1);

  ASSERT_TRUE(client.Batch(request).ok());
  EXPECT_EQ(MetricsText(Get(server.port(), "/metrics").body).Of(Outcome("already_issued")), 2)
      << "a repeated batch counts as one";
  request.set_request_id("again");
  request.set_allow_partial(false);
  request.add_user_ids("eve");
  ASSERT_FALSE(client.Batch(request).ok());
  EXPECT_EQ(MetricsText(Get(server.port(), "/metrics").body).Of(Outcome("sold_out")), 2)
      << "a batch that is refused as a whole counts as one";
}

TEST(MetricsProgram, ARestartReadsTheLogAndSaysSo) {
  ServerProcess server;
  const std::string campaign = CouponClient(server.port()).CreateStarted("read again", 10);
  server.Kill();
  std::filesystem::remove_all(server.data_directory() / "views");
  server.Start();
  const MetricsText text(Get(server.port(), "/metrics").body);
  EXPECT_EQ(text.Of("coupond_recovery_events"), 2);
  EXPECT_GT(text.Of("coupond_recovery_seconds"), 0);
  EXPECT_EQ(text.Of("coupond_recovery_torn_bytes"), 0);
}

TEST(MetricsProgram, ShowTheCouponsOfNamedCampaigns) {
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("named", 4);
  ASSERT_TRUE(client.Issue(campaign).ok());
  ASSERT_EQ(server.Stop(), 0);
  const ServerProcess again(server.data_directory(), {"--metrics-campaign", campaign});
  const MetricsText text(Get(again.port(), "/metrics").body);
  const std::string series = "coupond_campaign_coupons{campaign=\"" + campaign + "\",kind=";
  EXPECT_EQ(text.Of(series + "\"issued\"}"), 1);
  EXPECT_EQ(text.Of(series + "\"total\"}"), 4);
}

TEST(MetricsProgram, WithKeysTheyNeedOneAndCountTheRest) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "keys.toml").string();
  SystemEntropy entropy;
  const access::NewKey viewer = access::MakeKey({.role = access::Role::kViewer}, entropy);
  ASSERT_TRUE(access::AppendKey(file, viewer.key));
  const ServerProcess server({"--keys-file", file});
  EXPECT_EQ(Get(server.port(), "/metrics").status, 401);
  const HttpReply reply = Get(server.port(), "/metrics", viewer.text);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(MetricsText(reply.body).Of(R"(coupond_auth_failures_total{reason="missing"})"), 1);
}

}  // namespace
}  // namespace coupond::test
