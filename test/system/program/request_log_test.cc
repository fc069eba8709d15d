#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/key.h"
#include "access/keys_file.h"
#include "base/entropy.h"
#include "coupon/v1/admin_service.pb.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/entry_token_builder.h"
#include "support/temporary_directory.h"
#include "system/program/http_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// What the log of the real server says of requests, and what it never says.
namespace coupond::test {
namespace {

using google::protobuf::FieldDescriptor;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kUser = "user-nobody-may-read";
constexpr std::string_view kToken = "eyJhbGciOiJIUzI1NiJ9.token-nobody-may-read.c2ln";

class RequestLog : public testing::Test {
 protected:
  RequestLog() : key_(access::MakeKey({.role = access::Role::kAdmin}, entropy_)) {
    EXPECT_TRUE(access::AppendKey(file_, key_.key));
  }
  [[nodiscard]] std::string Request(std::string_view path, std::string_view body,
                                    std::string_view type = "application/json") const {
    std::string request = PostRequest(path, type, body);
    return request.insert(request.find("\r\n") + 2, "Authorization: Bearer " + key_.text + "\r\n");
  }
  [[nodiscard]] std::vector<std::string> Flags(std::vector<std::string> more) const {
    std::vector<std::string> flags{"--keys-file", file_};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  }
  /// Returns the lines that are about requests.
  static std::vector<std::string> LinesWith(const std::string& output, std::string_view text) {
    std::vector<std::string> lines;
    std::istringstream all(output);
    for (std::string line; std::getline(all, line);) {
      if (line.find(text) != std::string::npos) lines.push_back(line);
    }
    return lines;
  }

  TemporaryDirectory directory_;
  const std::string file_ = (directory_.path() / "keys.toml").string();
  SystemEntropy entropy_;
  const access::NewKey key_;
};

/// Returns a request of that type with everything that must not be in a log.
boost::json::object SecretsIn(const google::protobuf::Descriptor& type, const std::string& code,
                              const std::string& campaign_id) {
  boost::json::object request;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.type() != FieldDescriptor::TYPE_STRING) continue;
    boost::json::value value(std::string_view{kUser});
    if (field.name() == "code") value = code;
    if (field.name() == "entry_token") value = kToken;
    if (field.name() == "campaign_id") value = campaign_id;
    // An operator chooses the name of a backup, and may read it.
    if (type.name() == "CreateBackupRequest") value = "nightly";
    request[field.json_name()] =
        field.is_repeated() ? boost::json::value(boost::json::array{value}) : value;
  }
  return request;
}

TEST_F(RequestLog, HasNoCodeNoUserNoKeyAndNoToken) {
  constexpr std::string_view kSecret = "a-secret-that-is-long-enough-for-it";
  constexpr std::string_view kPage = "https://shop.example";
  const std::string secret_file = (directory_.path() / "entry.secret").string();
  std::ofstream(secret_file) << kSecret;
  const access::NewKey visitors = access::MakeKey({.role = access::Role::kPublic}, entropy_);
  ASSERT_TRUE(access::AppendKey(file_, visitors.key));
  ServerProcess server(
      Flags({"--log-level", "trace", "--access-log", "1", "--log-format", "json", "--backup-dir",
             (directory_.path() / "backups").string(), "--entry-token-secret", secret_file,
             "--cors-origin", std::string(kPage)}));
  HttpClient client(server.port());
  const auto created =
      boost::json::parse(client
                             .Ask(Request("/coupon.v1.CouponService/CreateCampaign",
                                          R"({"name":"one","startIn":"0s","totalCoupons":5})"))
                             .value()
                             .body);
  const std::string id(created.at("campaign").at("id").as_string());
  const auto issued = boost::json::parse(
      client
          .Ask(Request("/coupon.v1.CouponService/IssueCoupon",
                       R"({"campaignId":")" + id + R"(","userId":")" + std::string(kUser) + "\"}"))
          .value()
          .body);
  const std::string code(issued.at("coupon").at("code").as_string());

  int methods = 0;
  for (const auto* const file : {coupon::v1::IssueCouponRequest::descriptor()->file(),
                                 coupon::v1::EraseUserRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      const auto& service = *file->service(s);
      for (int m = 0; m < service.method_count(); ++m) {
        const auto& method = *service.method(m);
        const std::string path = "/" + service.full_name() + "/" + method.name();
        const std::string body = boost::json::serialize(SecretsIn(*method.input_type(), code, id));
        // As it is, broken off, with a field that does not exist, and to a path that does not.
        for (const std::string& sent :
             {body, body.substr(0, body.size() - 1),
              body.substr(0, body.size() - 1) + ",\"" + std::string(kUser) + "\":1}"}) {
          if (method.server_streaming()) {
            ASSERT_TRUE(
                HttpClient(server.port()).Ask(Request(path, sent, "application/connect+json")));
          } else {
            ASSERT_TRUE(client.Ask(Request(path, sent))) << path;
          }
          ASSERT_TRUE(client.Ask(Request(path, sent, "application/grpc-web+json"))) << path;
          ASSERT_TRUE(client.Ask(Request("/" + method.name(), sent))) << path;
        }
        ASSERT_TRUE(client.Ask(Request(path + "/" + code, body))) << path;
        ++methods;
      }
    }
  }
  EXPECT_GT(methods, 20);
  const std::string in_query =
      "GET /coupon.v1.CouponService/GetCoupon?connect=v1&encoding=json&message=" +
      std::string(kUser) + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key_.text +
      "x\r\n\r\n";
  ASSERT_TRUE(client.Ask(in_query));
  for (const std::string& page :
       {"/campaigns/" + id + "/coupons.csv?x=" + std::string(kUser),
        "/campaigns/" + id + "/coupons.jsonl", "/campaigns/" + code + "/coupons.csv",
        "/events?from=1&follow=false&x=" + std::string(kUser), "/metrics?" + code}) {
    ASSERT_TRUE(HttpClient(server.port())
                    .Ask("GET " + page + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                         "Authorization: Bearer " + key_.text + "\r\n\r\n"))
        << page;
  }
  // A visitor's coupon, with an entry token that is good.
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const std::string token = Hs256Token(R"({"alg":"HS256"})",
                                       R"({"sub":")" + std::string(kUser) + R"(","aud":")" + id +
                                           R"(","exp":)" + std::to_string(now.count() + 300) + "}",
                                       kSecret);
  std::string visit =
      PostRequest("/IssueCoupon", "application/json",
                  R"({"campaignId":")" + id + R"(","entryToken":")" + token + "\"}");
  visit.insert(visit.find("\r\n") + 2, "Authorization: Bearer " + visitors.text +
                                           "\r\nOrigin: " + std::string(kPage) + "\r\n");
  const auto visited = client.Ask(visit);
  ASSERT_TRUE(visited);
  EXPECT_EQ(visited->status, 200) << visited->body;
  ASSERT_EQ(server.Stop(), 0);

  const std::string log = server.output();
  const std::string secret(access::ParseKeyText(key_.text)->secret);
  EXPECT_THAT(log, HasSubstr("IssueCoupon"));
  EXPECT_THAT(log, HasSubstr("everybody on this machine may read the secret " + secret_file));
  const std::string visitors_secret(access::ParseKeyText(visitors.text)->secret);
  for (const std::string& hidden :
       {code, std::string(kUser), std::string(kToken), std::string("token-nobody-may-read"), secret,
        visitors_secret, token, token.substr(token.rfind('.') + 1), std::string(kSecret)}) {
    EXPECT_THAT(log, Not(HasSubstr(hidden)));
  }
}

TEST_F(RequestLog, IsOneObjectInALine) {
  ServerProcess server(Flags({"--access-log", "1", "--log-format", "json"}));
  HttpClient client(server.port());
  const auto reply = client.Ask(Request("/coupon.v1.CouponService/ListCampaigns", "{}"));
  ASSERT_TRUE(reply);
  EXPECT_NE(reply->Header("x-request-id"), "");
  ASSERT_EQ(server.Stop(), 0);
  int lines = 0;
  std::istringstream all(server.output());
  for (std::string line; std::getline(all, line); ++lines) {
    boost::json::error_code wrong;
    const auto parsed = boost::json::parse(line, wrong);
    ASSERT_FALSE(wrong) << line;
    for (const char* name : {"time", "level", "msg", "component"}) {
      EXPECT_TRUE(parsed.as_object().contains(name)) << line;
    }
    if (parsed.at("msg") != "request") continue;
    EXPECT_EQ(parsed.at("component"), "request");
    EXPECT_EQ(parsed.at("route"), "/coupon.v1.CouponService/ListCampaigns");
    EXPECT_EQ(parsed.at("status"), 200);
    EXPECT_EQ(parsed.at("client"), "127.0.0.1");
    EXPECT_EQ(parsed.at("key_id").as_string(), FormatKeyId(key_.key.id));
    EXPECT_EQ(parsed.at("request_id").as_string(), reply->Header("x-request-id"));
  }
  EXPECT_GT(lines, 3);
}

TEST_F(RequestLog, IsWrittenAtEveryLevel) {
  const std::string socket = (directory_.path() / "http.sock").string();
  Process server({COUPOND_PATH, "--listen", "unix:" + socket, "--data-dir",
                  (directory_.path() / "data").string(), "--log-level", "error", "--access-log",
                  "1"});
  // At this level the server does not say that it is ready.
  Process curl({"/usr/bin/curl", "--silent", "--fail", "--retry", "90", "--retry-delay", "1",
                "--retry-all-errors", "--unix-socket", socket, "http://localhost/readyz"});
  EXPECT_EQ(curl.WaitForExit(std::chrono::minutes(2)), 0) << curl.output();
  EXPECT_TRUE(server.WaitForLine("GET /readyz 200", std::chrono::minutes(1))) << server.output();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(std::chrono::minutes(1)), 0);
  EXPECT_THAT(server.output(), Not(HasSubstr("stopped")));
}

TEST_F(RequestLog, IsOffUnlessItIsAskedFor) {
  ServerProcess server(Flags({"--log-level", "trace"}));
  HttpClient client(server.port());
  const auto reply = client.Ask(Request("/coupon.v1.CouponService/ListCampaigns", "{}"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->Header("x-request-id"), "");
  ASSERT_EQ(server.Stop(), 0);
  EXPECT_THAT(LinesWith(server.output(), "ListCampaigns"), testing::IsEmpty());
}

TEST_F(RequestLog, InTextIsForPeople) {
  ServerProcess server(Flags({"--access-log", "1"}));
  HttpClient client(server.port());
  ASSERT_TRUE(client.Ask(Request("/coupon.v1.CouponService/ListCampaigns", "{}")));
  ASSERT_EQ(server.Stop(), 0);
  const auto lines = LinesWith(server.output(), "ListCampaigns");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines.front(), testing::ContainsRegex(
                                 "POST /coupon.v1.CouponService/ListCampaigns 200 in [0-9.]+ ms, "
                                 "[0-9]+ bytes, client 127.0.0.1, request [0-9a-f]+-1, key " +
                                 FormatKeyId(key_.key.id)));
}

}  // namespace
}  // namespace coupond::test
