#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/connect/compression.h"
#include "rpc/connect/envelope.h"
#include "support/peak_memory.h"
#include "system/program/protocol_errors_fixture.h"

// What the protocols say of wrong requests, asked of the real program: every one gets its answer,
// and the same connection serves the next request. The rows in full are in test/api/connect.
namespace coupond::test {
namespace {

using connect::Code;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(ProtocolErrorsTest, InvalidHeadersOfACall) {
  for (const Way& way : kWays) {
    const auto with = [&](const std::string& header, const std::string& value) {
      std::string line = header;
      line.append(": ").append(value).append("\r\n");
      return PostMessage(way, SoundMessage(way), line);
    };
    for (const char* name : {"br", "zstd", "gzip, gzip"}) {
      ExpectRefused(way, Code::kUnimplemented, with(way.encoding_header(), name));
    }
    for (const char* timeout : {"", "soon", "-1", "1.5", way.grpc() ? "1" : "0",
                                way.grpc() ? "100000000m" : "10000000000"}) {
      ExpectRefused(way, Code::kInvalidArgument, with(way.timeout_header(), timeout));
    }
    if (way.grpc()) continue;
    for (const char* version : {"", "2", "v1"}) {
      ExpectRefused(way, Code::kInvalidArgument, with("Connect-Protocol-Version", version));
    }
  }
}

TEST_F(ProtocolErrorsTest, TheLongestTimeoutsAreNoTimeouts) {
  for (const Way& way : kWays) {
    if (way.method != "IssueCoupon") continue;
    const HttpReply reply = AskAndGoOn(
        PostMessage(way, SoundMessage(way),
                    way.timeout_header() + (way.grpc() ? ": 99999999H" : ": 9999999999") + "\r\n"));
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(reply.body, testing::Not(HasSubstr("grpc-status: 4")));
  }
}

TEST_F(ProtocolErrorsTest, InvalidMessages) {
  for (const Way& way : kWays) {
    const std::vector<std::string> wrong =
        way.json() ? std::vector<std::string>{"",
                                              "{",
                                              "[]",
                                              "null",
                                              R"({"campaignId":"a","campaignId":"b"})",
                                              R"({"campaignId":"\ud800"})",
                                              R"({"campaignId":7})",
                                              "{\"campaignId\":\"\xff\"}"}
                   : std::vector<std::string>{"\xff", "\x0a\x05x", "\x0a\x01\xff", "{}"};
    for (const std::string& message : wrong) {
      ExpectRefused(way, Code::kInvalidArgument, PostMessage(way, message));
    }
  }
}

TEST_F(ProtocolErrorsTest, UnknownKeysAreIgnored) {
  const std::string body = R"({"unknown":{"a":[1]},"campaignId":")" + campaign_ + R"("})";
  const HttpReply reply = AskAndGoOn(PostMessage(kWays[0], body));
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr(R"("success":true)"));
}

TEST_F(ProtocolErrorsTest, InvalidCompressedMessages) {
  for (const Way& way : kWays) {
    const std::string sound = connect::Gzip(SoundMessage(way));
    for (const std::string& bytes : {std::string("not gzip"), sound.substr(0, 7),
                                     sound.substr(0, sound.size() - 1), sound + "x"}) {
      ExpectRefused(
          way, Code::kInvalidArgument,
          PostMessage(way, bytes, way.encoding_header() + ": gzip\r\n", connect::kCompressedFlag));
    }
  }
}

TEST_F(ProtocolErrorsTest, GzipBombs) {
  constexpr std::size_t kBombBytes = 12 * 1024 * 1024;
  constexpr std::size_t kServerGrowthBytesMax = 6 * 1024 * 1024;
  const std::string bomb = connect::Gzip(std::string(kBombBytes, ' '));
  for (const Way& way : kWays) {  // once, so that later calls allocate nothing for the first time
    ExpectRefused(way, Code::kInvalidArgument, PostMessage(way, "\xff"));
  }
  const PeakMemory memory(server_.pid());
  for (const Way& way : kWays) {
    ExpectRefused(
        way, Code::kResourceExhausted,
        PostMessage(way, bomb, way.encoding_header() + ": gzip\r\n", connect::kCompressedFlag));
  }
  EXPECT_LT(memory.GrowthBytes(), kServerGrowthBytesMax);
}

TEST_F(ProtocolErrorsTest, InvalidEnvelopes) {
  for (const Way& way : kWays) {
    if (way.bare()) continue;
    const std::string message = SoundMessage(way);
    const std::string sound = Enveloped(message);
    ExpectRefused(way, Code::kUnimplemented, Post(way, ""));
    ExpectRefused(way, Code::kUnimplemented, Post(way, sound + sound));
    for (const std::size_t length : {std::size_t{1}, std::size_t{5}, sound.size() - 1}) {
      ExpectRefused(way, Code::kInvalidArgument, Post(way, sound.substr(0, length)));
    }
    ExpectRefused(way, Code::kResourceExhausted,
                  Post(way, std::string_view("\0\xff\xff\xff\xff", 5)));
    ExpectRefused(way, Code::kResourceExhausted, Post(way, std::string_view("\0\0\x01\0\x01", 5)));
    for (const std::uint8_t flags : {0x02, 0x03, 0x40, 0x80, 0xff}) {
      ExpectRefused(way, Code::kInvalidArgument, Post(way, Enveloped(message, flags)));
    }
    ExpectRefused(way, Code::kInternal,
                  Post(way, Enveloped(connect::Gzip(message), connect::kCompressedFlag)));
  }
}

TEST_F(ProtocolErrorsTest, RequestsThatReachNoMethod) {
  for (const Way& way : kWays) {
    const std::string type = "Content-Type: " + std::string(way.content_type()) + "\r\n";
    const std::string body = way.bare() ? SoundMessage(way) : Enveloped(SoundMessage(way));
    const std::string_view told_in = way.grpc() ? "text/plain" : "application/json";

    const HttpReply lost = AskAndGoOn(Request("POST", kService + "Nothing", body, type));
    EXPECT_EQ(lost.status, 404);
    EXPECT_EQ(lost.Header("content-type"), told_in);

    const HttpReply verb = AskAndGoOn(Request("PUT", kService + way.method, body, type));
    EXPECT_EQ(verb.status, 405);
    EXPECT_EQ(verb.Header("allow"), "POST");
    EXPECT_EQ(verb.Header("content-type"), told_in);
    if (way.grpc()) continue;

    // A valid type on the wrong kind of method.
    const std::string other = way.bare() ? "WatchCampaign" : "IssueCoupon";
    const HttpReply kind = AskAndGoOn(Request("POST", kService + other, body, type));
    EXPECT_EQ(kind.status, 415);
    EXPECT_THAT(kind.body, StartsWith(R"({"code":"unknown")"));
    EXPECT_THAT(kind.Header("accept-post"), HasSubstr("application/grpc-web+proto"));
  }
  for (const char* type : {"", "Content-Type: application/xml\r\n", "Content-Type: \r\n"}) {
    EXPECT_EQ(AskAndGoOn(Request("POST", kService + "IssueCoupon", "{}", type)).status, 415)
        << type;
  }
}

TEST_F(ProtocolErrorsTest, InvalidGets) {
  const auto get = [&](const std::string& query, const Headers& headers = "",
                       const std::string& method = "ListCampaigns", std::string_view body = "") {
    return AskAndGoOn(Request("GET", kService + method + "?" + query, body, headers));
  };
  const Way& json = kWays[0];
  const std::string sound = "encoding=json&message=%7B%7D";
  EXPECT_EQ(get(sound).status, 200);
  ExpectError(json, Code::kInvalidArgument, get("encoding=json"));
  ExpectError(json, Code::kInvalidArgument, get("encoding=json&message="));
  ExpectError(json, Code::kInvalidArgument, get("encoding=json&message=%7B"));
  ExpectError(json, Code::kInvalidArgument, get("encoding=json&base64=1&message=!!"));
  ExpectError(json, Code::kInvalidArgument, get("encoding=proto&message=%FF"));
  ExpectError(json, Code::kInvalidArgument, get(sound + "&connect=v2"));
  ExpectError(json, Code::kInvalidArgument, get(sound + "&compression=gzip"));
  ExpectError(json, Code::kUnimplemented, get(sound + "&compression=br"));
  ExpectError(json, Code::kInvalidArgument, get(sound, "Connect-Timeout-Ms: 0\r\n"));
  ExpectError(json, Code::kInvalidArgument, get(sound, "Connect-Protocol-Version: 2\r\n"));
  EXPECT_EQ(get("message=%7B%7D").status, 415);
  EXPECT_EQ(get("encoding=xml&message=%7B%7D").status, 415);
  EXPECT_EQ(get(sound, "", "ListCampaigns", "{}").status, 415);
  for (const char* method : {"IssueCoupon", "WatchCampaign"}) {
    const HttpReply reply = get(sound, "", method);
    EXPECT_EQ(reply.status, 405);
    EXPECT_EQ(reply.Header("allow"), "POST");
  }
}

TEST_F(ProtocolErrorsTest, ADeadlineEndsAStreamNotItsConnection) {
  for (const Way& way : kWays) {
    if (way.method != "WatchCampaign") continue;
    const HttpReply reply = AskAndGoOn(PostMessage(
        way, SoundMessage(way), way.timeout_header() + (way.grpc() ? ": 1m" : ": 1") + "\r\n"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.body, HasSubstr(way.grpc() ? "grpc-status: 4" : R"("deadline_exceeded")"));
  }
}

// Where HTTP's own limits are met, the answer is the connection's last, and the server goes on.
TEST_F(ProtocolErrorsTest, MessagesTooLargeForHttp) {
  constexpr std::size_t kBodyBytesMax = 72 * 1024;
  std::vector<std::pair<std::string, int>> rows = {
      {Request("GET", kService + "ListCampaigns?encoding=json&message=" + std::string(9'000, '+'),
               "", ""),
       431}};
  for (const Way& way : kWays) {
    if (way.bare()) rows.emplace_back(PostMessage(way, std::string(kBodyBytesMax + 1, ' ')), 413);
  }
  for (const auto& [request, status] : rows) {
    const auto reply = HttpClient(server_.port()).Ask(request);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, status);
    EXPECT_EQ(reply->Header("connection"), "close");
    EXPECT_THAT(reply->body, StartsWith(R"({"code":"resource_exhausted")"));
    EXPECT_TRUE(client_.Issue(campaign_).response.success());
  }
}

// Those who look for errors in envelopes find this one there; the connection is closed all the
// same.
TEST_F(ProtocolErrorsTest, ABodyTooLargeForHttpIsReportedInEnvelopes) {
  constexpr std::size_t kBodyBytesMax = 72 * 1024;
  for (const Way& way : kWays) {
    if (way.bare()) continue;
    const std::string message = Enveloped(std::string(kBodyBytesMax, ' '));
    std::string chunked = Request(
        "POST", kService + way.method, "",
        "Content-Type: " + std::string(way.content_type()) + "\r\nTransfer-Encoding: chunked\r\n");
    const std::string no_length = "Content-Length: 0\r\n";
    chunked.erase(chunked.find(no_length), no_length.size());
    chunked += "8000\r\n" + message.substr(0, 0x8000) + "\r\nFFFF\r\n" + message.substr(0x8000);
    for (const std::string& request : {Post(way, message), chunked}) {
      HttpClient http(server_.port());
      const auto reply = http.Ask(request);
      ASSERT_TRUE(reply.has_value());
      ExpectError(way, connect::Code::kResourceExhausted, *reply);
      EXPECT_EQ(reply->Header("connection"), "close");
      EXPECT_TRUE(http.WaitForClose());
      EXPECT_TRUE(client_.Issue(campaign_).response.success());
    }
  }
}

TEST_F(ProtocolErrorsTest, ErrorsOfAGetAreNotCacheable) {
  const auto get = [&](const std::string& target) {
    return AskAndGoOn(Request("GET", target, "", ""));
  };
  for (const auto& [target, status] : std::vector<std::pair<std::string, int>>{
           {kService + "GetCampaign?encoding=json&message={%22campaignId%22:%22none%22}", 404},
           {kService + "GetCampaign?encoding=json&message={}", 400},
           {kService + "GetCampaign?encoding=json&message={", 400},
           {kService + "GetCampaign?encoding=json", 400},
           {kService + "GetCampaign?encoding=json&message={}&compression=br", 501},
           {kService + "GetCampaign?message={}", 415},
           {kService + "IssueCoupon?encoding=json&message={}", 405},
           {"/nowhere", 404}}) {
    const HttpReply reply = get(target);
    EXPECT_EQ(reply.status, status) << target << " " << reply.body;
    EXPECT_EQ(reply.Header("cache-control"), "no-store") << target;
  }
  const HttpReply good = get(kService + "ListCampaigns?encoding=json&message={}");
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.Header("cache-control"), "no-cache");
}

}  // namespace
}  // namespace coupond::test
