#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// Whatever comes in, it gets a clear answer where HTTP allows one, and the server goes on.
namespace coupond::test {
namespace {

constexpr int kBadRequest = 400;
constexpr int kTooLarge = 413;
constexpr int kUnsupportedMediaType = 415;
constexpr int kHeadersTooLarge = 431;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProto = "application/proto";
const std::string kService = "/coupon.v1.CouponService/";

class GarbageTest : public testing::Test {
 protected:
  GarbageTest() : campaign_(client_.CreateStarted("sound", 10'000)) {}

  /// Checks for a 4xx whose body is an error with a message.
  void ExpectClearRefusal(const std::optional<HttpReply>& reply, std::string_view what) {
    ASSERT_TRUE(reply) << "no answer to " << what;
    EXPECT_GE(reply->status, 400) << what;
    EXPECT_LT(reply->status, 500) << what << ": " << reply->body;
    EXPECT_EQ(reply->Header("content-type"), kJson) << what;
    boost::json::error_code error;
    const auto json = boost::json::parse(reply->body, error);
    ASSERT_FALSE(error) << what << ": " << reply->body;
    EXPECT_FALSE(json.at("code").as_string().empty()) << what;
    EXPECT_FALSE(json.at("message").as_string().empty()) << what;
  }
  /// Checks that coupons are issued, on an old connection and on a new one.
  void ExpectStillIssues(std::string_view after) {
    const auto old = client_.Issue(campaign_);
    ASSERT_TRUE(old.ok() && old.response.success()) << after << ": " << old.raw_body;
    const auto fresh = CouponClient(server_.port(), Form::kConnectProto).Issue(campaign_);
    ASSERT_TRUE(fresh.ok() && fresh.response.success()) << after << ": " << fresh.raw_body;
  }
  /// Sends a request on a connection of its own.
  std::optional<HttpReply> AskOnce(std::string_view bytes) {
    return HttpClient(server_.port()).Ask(bytes);
  }
  /// Does the same as AskOnce, and checks that nothing follows.
  std::optional<HttpReply> AskOnceAndEnd(std::string_view bytes) {
    HttpClient http(server_.port());
    http.Send(bytes);
    http.HalfClose();
    return http.Receive();
  }
  /// Checks that each body gets 400 and the server keeps working.
  void ExpectInvalid(const std::string& path, std::string_view content_type,
                     const std::vector<std::string>& bodies) {
    HttpClient http(server_.port());
    for (const std::string& body : bodies) {
      const auto reply = http.Ask(PostRequest(path, content_type, body));
      ExpectClearRefusal(reply, path + " " + body.substr(0, 100));
      EXPECT_EQ(reply ? reply->status : 0, kBadRequest) << body.substr(0, 100);
      ExpectStillIssues(body.substr(0, 100));
    }
  }

  ServerProcess server_;
  CouponClient client_{server_.port()};
  std::string campaign_;
};

TEST_F(GarbageTest, BytesThatAreNotHttp) {
  const std::string head = "POST /IssueCoupon HTTP/1.1\r\n";
  const std::vector<std::string> garbage = {
      "hello\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(200, '\x7f'),
      std::string(100, '\0') + "\r\n\r\n",
      "GET\r\n\r\n",
      "POST /IssueCoupon\r\n\r\n",
      head + "no colon here\r\n\r\n",
      head + "Host: localhost\r\nHost: b\r\n\r\n",
      head + "Host: localhost\r\nContent-Length: -1\r\n\r\n",
      head + "Host: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
      head + "Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n",
      "\r\n\r\n\r\n\r\n",
  };
  for (const std::string& bytes : garbage) {
    ExpectClearRefusal(AskOnceAndEnd(bytes), bytes);
    ExpectStillIssues(bytes);
  }
}

TEST_F(GarbageTest, HalfARequest) {
  const std::string whole = PostRequest(kService + "IssueCoupon", kJson, R"({"campaignId":"x"})");
  for (const std::size_t length : {std::size_t{1}, std::size_t{10}, whole.find("\r\n\r\n") + 2,
                                   whole.find("\r\n\r\n") + 4, whole.size() - 1}) {
    ExpectClearRefusal(AskOnceAndEnd(whole.substr(0, length)), whole.substr(0, length));
    HttpClient(server_.port()).Send(whole.substr(0, length));  // and leaves
    ExpectStillIssues(whole.substr(0, length));
  }
}

TEST_F(GarbageTest, AMegabyteOfHeaders) {
  constexpr std::size_t kMegabyte = 1'024 * 1'024;
  std::string many = "POST /IssueCoupon HTTP/1.1\r\nHost: localhost\r\n";
  while (many.size() < kMegabyte) many += "X-Padding: " + std::string(1'000, 'x') + "\r\n";
  const std::string one =
      "POST /IssueCoupon HTTP/1.1\r\nHost: localhost\r\nX-Padding: " + std::string(kMegabyte, 'x') +
      "\r\n\r\n";
  const std::string target = "GET /" + std::string(kMegabyte, 'a') + " HTTP/1.1\r\n\r\n";
  for (const std::string& bytes : {many + "\r\n", one, target}) {
    const auto reply = AskOnce(bytes);
    ExpectClearRefusal(reply, bytes.substr(0, 60));
    EXPECT_EQ(reply ? reply->status : 0, kHeadersTooLarge);
    ExpectStillIssues(bytes.substr(0, 60));
  }
}

TEST_F(GarbageTest, ABodyOverTheLimit) {
  constexpr std::size_t kMessageBytesMax = 64 * 1'024;
  constexpr std::size_t kBodyBytesMax = 72 * 1'024;
  std::string fits = R"({"campaignId":")" + campaign_ + R"("})";
  fits.append(kMessageBytesMax - fits.size(), ' ');
  const auto served = AskOnce(PostRequest("/IssueCoupon", kJson, fits));
  EXPECT_EQ(served ? served->status : 0, 200);
  for (const std::size_t bytes : {kBodyBytesMax + 1, std::size_t{3'000'000}}) {
    const auto reply = AskOnce(PostRequest("/IssueCoupon", kJson, std::string(bytes, ' ')));
    ExpectClearRefusal(reply, "a body of " + std::to_string(bytes));
    EXPECT_EQ(reply ? reply->status : 0, kTooLarge);
    ExpectStillIssues("a large body");
  }
  const auto announced = AskOnce(
      "POST /IssueCoupon HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000000\r\n\r\n");
  ExpectClearRefusal(announced, "a huge announced body");
}

TEST_F(GarbageTest, AWrongContentType) {
  const std::string body = R"({"campaignId":")" + campaign_ + R"("})";
  for (const std::string_view type :
       {"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "",
        "application/json; charset=latin-1", "application/grpc", "\xff\xfe"}) {
    const auto reply = AskOnce(PostRequest(kService + "IssueCoupon", type, body));
    ASSERT_TRUE(reply) << type;
    EXPECT_EQ(reply->status, kUnsupportedMediaType) << type;
    // A client that sends such a type may not read JSON either.
    EXPECT_EQ(reply->Header("content-type"), "text/plain") << type;
    EXPECT_NE(reply->body.find("accepted is: application/proto, application/json"),
              std::string::npos)
        << type << ": " << reply->body;
    ExpectStillIssues(type);
  }
  const auto proto_on_short_route = AskOnce(PostRequest("/IssueCoupon", kProto, ""));
  EXPECT_EQ(proto_on_short_route ? proto_on_short_route->status : 0, kUnsupportedMediaType);
}

TEST_F(GarbageTest, UnknownPathsAndVerbs) {
  for (const char* path :
       {"/index.html", "/issuecoupon", "/coupon.v1.CouponService/", "/IssueCoupon/",
        "/coupon.v1.CouponService/Issue", "/../../etc/passwd", "*"}) {
    const auto reply = AskOnce(PostRequest(path, kJson, "{}"));
    ExpectClearRefusal(reply, path);
    EXPECT_EQ(reply ? reply->status : 0, 404) << path;
  }
  const auto get = AskOnce("GET /IssueCoupon HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ExpectClearRefusal(get, "GET");
  EXPECT_EQ(get ? get->status : 0, 405);
  ExpectStillIssues("wrong paths");
}

TEST_F(GarbageTest, InvalidJson) {
  const std::string deep(10'000, '[');
  const std::string id = R"("campaignId":")" + campaign_ + R"(")";
  const std::vector<std::string> bodies = {
      "",
      "   ",
      "{",
      "nonsense",
      "null",
      "[]",
      "\"text\"",
      "17",
      "{" + id + ",}",
      "{" + id + "," + id + "}",
      "{'campaignId':'x'}",
      "{campaignId:\"x\"}",
      "{" + id + "} {}",
      "{" + id + R"(,"userId":")" + "\xff\xfe" + R"("})",
      "{" + id + R"(,"userId":"\ud800"})",
      "{" + id + R"(,"userId":")" + '\x01' + R"("})",
      "{" + id + R"(,"x":)" + deep + "}",
      R"({"x":)" + deep,
      "{" + id + R"(,"userId":7})",
      "{" + id + R"(,"userId":["a"]})",
      "{" + id + R"(,"userId":{"a":1}})",
      "{" + id + R"(,"campaign_id":"twice, by its other name"})",
      "\xef\xbb\xbf{" + id + "}",
  };
  ExpectInvalid(kService + "IssueCoupon", kJson, bodies);
  ExpectInvalid("/IssueCoupon", kJson, bodies);
}

TEST_F(GarbageTest, InvalidNumbersAndTimes) {
  std::vector<std::string> bodies;
  for (const char* total : {"-1", "0", "-2147483648", "2147483648", "1e400", "1.5", "true", "null",
                            "\"many\"", "[1]", "99999999999999999999999999999999", "100000001",
                            "NaN", "0x10", "01", "+1", "\"\"", "\" 5\""}) {
    bodies.push_back(R"({"name":"n","startTime":"2100-01-01T00:00:00Z","totalCoupons":)" +
                     std::string(total) + "}");
  }
  for (const char* time :
       {"\"tomorrow\"", "\"\"", "17", "{}", "\"2100-01-01\"", "\"2100-13-01T00:00:00Z\"",
        "\"2100-02-30T00:00:00Z\"", "\"2100-01-01T25:00:00Z\"", "\"2100-01-01T00:00:00\"",
        "\"2100-01-01T00:00:00.0000000001Z\"", "\"0001-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59Z\"", "\"10000-01-01T00:00:00Z\"", "\"2100-01-01T00:00:00+25:00\"",
        "null"}) {
    bodies.push_back(R"({"name":"n","totalCoupons":1,"startTime":)" + std::string(time) + "}");
  }
  bodies.push_back(R"({"name":")" + std::string(300, 'n') +
                   R"(","totalCoupons":1,"startTime":"2100-01-01T00:00:00Z"})");
  ExpectInvalid(kService + "CreateCampaign", kJson, bodies);
  ExpectInvalid("/CreateCampaign", kJson, bodies);
  EXPECT_EQ(client_.ListCampaigns(0, "").response.campaigns_size(), 1) << "none was created";
}

TEST_F(GarbageTest, InvalidProtobuf) {
  api::IssueCouponRequest request;
  request.set_campaign_id(campaign_);
  const std::string sound = request.SerializeAsString();
  const std::string many_groups(20'000, '\x0b');  // each begins a group inside the previous one
  ExpectInvalid(kService + "IssueCoupon", kProto,
                {
                    "",
                    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                    sound + '\x0a',                      // a field without its length
                    sound + "\x0a\x7fx",                 // a length beyond the end
                    sound + "\x5a\x02\xff\xfe",          // a user_id that is not UTF-8
                    sound + "\x0a\xff\xff\xff\xff\x0f",  // a length of 4 GB
                    sound + std::string("\x00\x00", 2),  // field number 0
                    sound + "\x5c",                      // the end of a group that did not begin
                    many_groups,
                    R"({"campaignId":"x"})",
                });
}

TEST_F(GarbageTest, ImpossibleTimesInProtobuf) {
  CouponClient proto(server_.port(), Form::kConnectProto);
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const struct {
    std::int64_t seconds;
    std::int32_t nanos;
  } rows[] = {{kLeast, 0},
              {kMost, 0},
              {4'102'444'800, -1},
              {4'102'444'800, 1'000'000'000},
              {4'102'444'800, INT32_MIN},
              {kMost, 999'999'999},
              {-1, 999'999'999}};
  for (const auto& row : rows) {
    api::CreateCampaignRequest request;
    request.set_name("never");
    request.set_total_coupons(1);
    request.mutable_start_time()->set_seconds(row.seconds);
    request.mutable_start_time()->set_nanos(row.nanos);
    const auto reply = proto.http().Ask(
        PostRequest(kService + "CreateCampaign", kProto, request.SerializeAsString()));
    ExpectClearRefusal(reply, request.ShortDebugString());
    EXPECT_THAT(reply ? reply->body : "", testing::HasSubstr("start_time"));
  }
  ExpectStillIssues("impossible times");
}

TEST_F(GarbageTest, InvalidPages) {
  const auto coupons_token = [&] {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(client_.Issue(campaign_).response.success());
    return client_.ListCoupons(campaign_, 1, "").response.next_page_token();
  }();
  ASSERT_FALSE(coupons_token.empty());
  const std::string other = client_.CreateStarted("other", 10);
  const std::string campaigns_token = client_.ListCampaigns(1, "").response.next_page_token();
  ASSERT_FALSE(campaigns_token.empty());
  for (const std::string& token :
       {std::string("x"), std::string("AAAA"), std::string(10'000, 'A'), coupons_token + "A",
        std::string("🎟"), coupons_token.substr(1)}) {
    EXPECT_EQ(client_.ListCampaigns(0, token).code, "invalid_argument") << token;
    EXPECT_EQ(client_.ListCoupons(campaign_, 0, token).code, "invalid_argument") << token;
  }
  EXPECT_EQ(client_.ListCampaigns(0, coupons_token).code, "invalid_argument");
  EXPECT_EQ(client_.ListCoupons(campaign_, 0, campaigns_token).code, "invalid_argument");
  EXPECT_EQ(client_.ListCoupons(other, 0, coupons_token).code, "invalid_argument");
  for (const int page_size : {-1, INT32_MIN}) {
    EXPECT_EQ(client_.ListCampaigns(page_size, "").code, "invalid_argument") << page_size;
    EXPECT_EQ(client_.ListCoupons(campaign_, page_size, "").code, "invalid_argument") << page_size;
  }
  for (const int page_size : {1'001, INT32_MAX}) {
    EXPECT_TRUE(client_.ListCampaigns(page_size, "").ok()) << page_size;
    EXPECT_EQ(client_.ListCoupons(campaign_, page_size, "").response.coupons_size(), 3);
  }
  ExpectStillIssues("bad pages");
}

}  // namespace
}  // namespace coupond::test
