#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "access/key.h"
#include "access/keys_file.h"
#include "base/entropy.h"
#include "rpc/connect/envelope.h"
#include "support/builders.h"
#include "support/temporary_directory.h"
#include "system/program/event_stream.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"
#include "system/program/watch_stream.h"

// The real server with access keys.
namespace coupond::test {
namespace {

using access::Role;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AccessProgram : public testing::Test {
 protected:
  std::string Add(access::Key key) {
    const access::NewKey made = access::MakeKey(std::move(key), entropy_);
    EXPECT_TRUE(access::AppendKey(file_, made.key));
    return made.text;
  }
  static std::string Request(std::string_view path, const std::string& key, std::string_view body,
                             std::string_view type = "application/json") {
    std::string request = PostRequest(path, type, body);
    if (!key.empty()) {
      request.insert(request.find("\r\n") + 2, "Authorization: Bearer " + key + "\r\n");
    }
    return request;
  }
  /// Returns a request for a stream.
  static std::string StreamRequest(std::string_view path, const std::string& key,
                                   const google::protobuf::Message& message) {
    std::string body;
    connect::AppendEnvelope(0, message.SerializeAsString(), body);
    return Request(path, key, body, "application/connect+proto");
  }
  /// Creates a campaign that has started, and returns its id.
  static std::string Create(HttpClient& client, const std::string& key, std::string_view name) {
    const auto created = client.Ask(
        Request("/coupon.v1.CouponService/CreateCampaign", key,
                R"({"startIn":"0s","totalCoupons":5,"name":")" + std::string(name) + R"("})"));
    const auto answer = boost::json::parse(created.value().body);
    return std::string(answer.at("campaign").at("id").as_string());
  }

  TemporaryDirectory directory_;
  const std::string file_ = (directory_.path() / "keys.toml").string();
  SystemEntropy entropy_;
};

constexpr std::string_view kList = "/coupon.v1.CouponService/ListCampaigns";

TEST_F(AccessProgram, ReloadingDropsNoConnection) {
  const std::string first = Add({.role = Role::kAdmin});
  ServerProcess server({"--keys-file", file_});
  HttpClient client(server.port());
  const auto status = [&](const std::string& key) {
    return client.Ask(Request(kList, key, "{}")).value().status;
  };
  EXPECT_EQ(status(""), 401);
  EXPECT_EQ(status(first), 200);

  // Noticed by itself.
  const std::string second = Add({.role = Role::kViewer});
  EXPECT_TRUE(server.WaitForLog("access keys: 2")) << server.output();
  EXPECT_EQ(status(second), 200);
  EXPECT_EQ(status(first), 200);

  // Asked for.
  EXPECT_TRUE(server.WaitForLog("read the keys file again")) << server.output();
  server.process().Signal(SIGHUP);
  EXPECT_TRUE(server.WaitForLog("read the keys file again", 2)) << server.output();
  EXPECT_EQ(status(second), 200);

  // What cannot be read changes nothing.
  std::ofstream(file_, std::ios::app) << "nonsense";
  EXPECT_TRUE(server.WaitForLog("what was read before still holds")) << server.output();
  EXPECT_EQ(status(second), 200);
  EXPECT_THAT(server.output(), HasSubstr(file_));
}

TEST_F(AccessProgram, StreamsEndWhenTheirKeyIsRevoked) {
  const std::string staying = Add({.role = Role::kOperator});
  const std::string leaving = Add({.role = Role::kOperator});
  // With one worker, the tick that ends the leaving streams has looked at the staying one too.
  ServerProcess server({"--keys-file", file_, "--threads", "1"});
  HttpClient operating(server.port());
  coupon::v1::WatchCampaignRequest watch;
  watch.set_campaign_id(Create(operating, staying, "first"));
  watch.set_follow(true);
  coupon::v1::ReadEventsRequest read;
  read.set_follow(true);
  const auto events_of = [&](const std::string& key) {
    return ChunkStream(server.port(),
                       StreamRequest("/coupon.v1.AdminService/ReadEvents", key, read));
  };
  HttpClient watching(server.port());
  ASSERT_TRUE(
      watching.Send(StreamRequest("/coupon.v1.CouponService/WatchCampaign", leaving, watch)));
  ASSERT_TRUE(watching.WaitUntilReadable());
  ChunkStream events = events_of(leaving);
  ChunkStream other_events = events_of(staying);
  ChunkStream lines(server.port(),
                    GetEventsRequest("follow=1", "Authorization: Bearer " + leaving + "\r\n"));
  for (ChunkStream* const stream : {&events, &other_events, &lines}) {
    ASSERT_TRUE(stream->ReadChunk());
  }

  // The file is read again without a change, and then with one.
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("read the keys file again")) << server.output();
  ASSERT_TRUE(access::RevokeKey(file_, access::ParseKeyText(leaving)->id, At(0)));
  const auto watched = watching.Receive();
  ASSERT_TRUE(watched);
  const Watched stream = ReadWatched(*watched);
  EXPECT_FALSE(stream.messages.empty()) << "it had begun";
  EXPECT_THAT(stream.end, AllOf(HasSubstr(R"("code":"unauthenticated")"),
                                HasSubstr("the access key was revoked")));
  std::string last;
  while (const auto chunk = events.ReadChunk()) last = *chunk;
  EXPECT_TRUE(events.complete());
  EXPECT_THAT(last, AllOf(HasSubstr(R"("code":"unauthenticated")"),
                          HasSubstr("the access key was revoked")));
  while (lines.ReadChunk()) {
  }
  EXPECT_FALSE(lines.complete()) << "it breaks off";
  // The connection is as good as before.
  EXPECT_EQ(watching.Ask(Request(kList, leaving, "{}")).value().status, 401);
  EXPECT_EQ(watching.Ask(Request(kList, staying, "{}")).value().status, 200);

  // Another key's stream goes on.
  static_cast<void>(Create(operating, staying, "the second campaign"));
  auto chunk = other_events.ReadChunk();
  while (chunk && chunk->find("the second campaign") == std::string::npos) {
    chunk = other_events.ReadChunk();
  }
  EXPECT_TRUE(chunk);
}

TEST_F(AccessProgram, NoKeyIsInTheLog) {
  const std::string key = Add({.role = Role::kAdmin});
  ServerProcess server({"--keys-file", file_, "--log-level", "trace"});
  HttpClient client(server.port());
  (void)client.Ask(Request(kList, key, "{}"));
  (void)client.Ask(Request(kList, key + "x", "{}"));
  ASSERT_EQ(server.Stop(), 0);
  const std::string secret(access::ParseKeyText(key)->secret);
  EXPECT_THAT(server.output(), Not(HasSubstr(secret)));
}

TEST_F(AccessProgram, AStartNeedsAKeysFileThatCanBeRead) {
  const std::string data = (directory_.path() / "data").string();
  const auto run = [&](const std::string& file) {
    return RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", data, "--keys-file", file});
  };
  const Ran missing = run(file_);
  EXPECT_EQ(missing.exit_status, 1);
  EXPECT_THAT(missing.output, HasSubstr(file_));
  std::ofstream(file_) << "[[key]]\nrole = \"root\"\n";
  const Ran wrong = run(file_);
  EXPECT_EQ(wrong.exit_status, 1);
  EXPECT_THAT(wrong.output, HasSubstr("line 2: \"root\" is not a role"));
  EXPECT_FALSE(std::filesystem::exists(data)) << "nothing is left behind";
}

TEST_F(AccessProgram, WithoutKeysItListensOnLoopbackAlone) {
  const std::string data = (directory_.path() / "data").string();
  for (const std::string address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    const Ran refused = RunServerProgram({"--listen", address, "--data-dir", data});
    EXPECT_EQ(refused.exit_status, 2) << refused.output;
    EXPECT_THAT(refused.output, AllOf(HasSubstr("--keys-file"), HasSubstr("--insecure")));
  }
  EXPECT_FALSE(std::filesystem::exists(data));
  // The fixture's --listen comes first, and the last one counts.
  const ServerProcess insecure({"--listen", "0.0.0.0:0", "--insecure"});
  EXPECT_EQ(HttpClient(insecure.port()).Ask(Request(kList, "", "{}")).value().status, 200);
  Add({.role = Role::kAdmin});
  const ServerProcess with_keys({"--listen", "0.0.0.0:0", "--keys-file", file_});
  EXPECT_EQ(HttpClient(with_keys.port()).Ask(Request(kList, "", "{}")).value().status, 401);
}

}  // namespace
}  // namespace coupond::test
