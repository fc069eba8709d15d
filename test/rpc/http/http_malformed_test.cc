#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

struct Malformed {
  std::string name;
  std::string bytes;
  int status;
};

const std::string kHead = "POST / HTTP/1.1\r\nHost: x\r\n";
const std::string kChunked = kHead + "Transfer-Encoding: chunked\r\n\r\n";

std::vector<Malformed> Rows() {
  using std::string_literals::operator""s;
  return {
      {"NotHttp", "hello world, how are you\r\n\r\n", 400},
      {"Binary", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"LowerCaseVersion", "GET / http/1.1\r\nHost: x\r\n\r\n", 400},
      {"Http09", "GET /\r\n\r\n", 400},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"Http12", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505},
      {"EmptyTarget", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"AuthorityTarget", "GET x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"Connect", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"BareLineFeeds", "GET / HTTP/1.1\nHost: x\n\n", 400},
      {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
      {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"HostWithASpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"HostWithAUser", "GET / HTTP/1.1\r\nHost: u@x\r\n\r\n", 400},
      {"HostWithAPath", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
      {"HostWithAHugePort", "GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n", 400},
      {"HostOfAnOpenBracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"HostWithAControlCharacter", "GET / HTTP/1.1\r\nHost: x\x01y\r\n\r\n", 400},
      {"BadHostInHttp10", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400},
      {"BadAuthorityInTheTarget", "GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"NoAuthorityInTheTarget", "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"BadHostBesideAnAbsoluteTarget", "GET http://x/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"TwoHosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
      {"NulInHeader", kHead + "A: b\0c\r\n\r\n"s, 400},
      {"ControlInHeader", kHead + "A: b\x01\r\n\r\n", 400},
      {"SpaceBeforeColon", kHead + "A : b\r\n\r\n", 400},
      {"NoColon", kHead + "A\r\n\r\n", 400},
      {"EmptyHeaderName", kHead + ": b\r\n\r\n", 400},
      {"Folded", kHead + "A: b\r\n c\r\n\r\n", 400},
      {"LargeHeader", kHead + "A: " + std::string(10'000, 'a') + "\r\n\r\n", 431},
      {"HugeHeader", kHead + "A: " + std::string(1 << 20, 'a'), 431},
      {"HugeTarget", "GET /" + std::string(1 << 20, 'a'), 431},
      {"NegativeLength", kHead + "Content-Length: -1\r\n\r\n", 400},
      {"WordLength", kHead + "Content-Length: ten\r\n\r\n", 400},
      {"EmptyLength", kHead + "Content-Length: \r\n\r\n", 400},
      {"OverflowingLength", kHead + "Content-Length: 18446744073709551616\r\n\r\n", 400},
      {"TwoLengths", kHead + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"LargeBody", kHead + "Content-Length: 73729\r\n\r\n", 413},
      {"LargeBodySent", kHead + "Content-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'b'),
       413},
      {"LargeBodyExpected", kHead + "Expect: 100-continue\r\nContent-Length: 73729\r\n\r\n", 413},
      {"LargeChunk", kChunked + "12001\r\n", 413},
      {"ManyChunks",
       kChunked +
           [] {
             std::string chunks;
             for (int i = 0; i < 100; ++i) chunks += "400\r\n" + std::string(1024, 'c') + "\r\n";
             return chunks;
           }(),
       413},
      {"BadChunkSize", kChunked + "xyz\r\nabc\r\n", 400},
      {"NegativeChunkSize", kChunked + "-1\r\na\r\n", 400},
      {"OverflowingChunkSize", kChunked + "11111111111111111\r\na\r\n", 400},
      {"ChunkLongerThanSaid", kChunked + "1\r\nabc\r\n0\r\n\r\n", 400},
      {"EndlessChunkHeader", kChunked + "1;" + std::string(40'000, 'e'), 400},
      {"EndlessTrailer", kChunked + "0\r\nA: " + std::string(40'000, 'e'), 400},
      {"LengthAndChunked",
       kHead + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"ChunkedAndLength",
       kHead + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {"UnknownTransferCoding", kHead + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"ChunkedTwice", kHead + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       501},
      {"IdentityTransferCoding", kHead + "Transfer-Encoding: identity\r\n\r\n", 501},
      {"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"UnknownExpectation", kHead + "Expect: tea\r\n\r\n", 417},
  };
}

class HttpMalformed : public testing::TestWithParam<Malformed> {};

TEST_P(HttpMalformed, IsAnsweredAndClosedInOrder) {
  RunningServer server;
  WireClient client(server.port());
  // Pending bytes that the server never reads must not turn the response into a reset.
  ASSERT_TRUE(client.Send(GetParam().bytes));
  const WireReply reply = client.Receive();
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_TRUE(reply.whole);
  EXPECT_TRUE(reply.Has("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
  EXPECT_TRUE(reply.Has("Cache-Control: no-store\r\n"));
  EXPECT_THAT(reply.body, testing::MatchesRegex("[^{}]{10,}\n"));
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);

  WireClient next(server.port());
  EXPECT_EQ(next.Ask(kHead + "\r\n").status, 200);
  EXPECT_EQ(server.log().size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Table, HttpMalformed, testing::ValuesIn(Rows()),
                         [](const auto& row) { return row.param.name; });

TEST(HttpMalformed, AnIncompleteRequestIsAnswered) {
  RunningServer server;
  for (const std::string& half : {std::string("GET / HT"), kHead + "Content-Length: 5\r\n\r\nab",
                                  kChunked + "5\r\nab", kChunked + "0\r\n"}) {
    WireClient client(server.port());
    client.Send(half);
    client.HalfClose();
    const WireReply reply = client.Receive();
    EXPECT_EQ(reply.status, 400) << half;
    EXPECT_NE(reply.body.find("the request is incomplete"), std::string::npos) << reply.body;
    EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
  }
}

TEST(HttpMalformed, AnEmptyConnectionIsNotAnswered) {
  RunningServer server;
  WireClient client(server.port());
  client.HalfClose();
  EXPECT_EQ(client.Receive().head, "");
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
}

TEST(HttpMalformed, RequestsBeforeTheBadOneAreAnswered) {
  RunningServer server;
  WireClient client(server.port());
  client.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n");
  EXPECT_EQ(client.Receive().body, "GET /1? ");
  EXPECT_EQ(client.Receive().body, "GET /2? ");
  EXPECT_EQ(client.Receive().status, 400);
}

TEST(HttpMalformed, ManyHeaderFieldsAreRefused) {
  Limits limits;
  limits.header_fields_max = 3;
  RunningServer server(Echo, limits);
  WireClient fits(server.port());
  EXPECT_EQ(fits.Ask(kHead + "A: b\r\nA: b\r\n\r\n").status, 200);
  WireClient does_not(server.port());
  const WireReply reply = does_not.Ask(kHead + "A: b\r\nA: b\r\nA: b\r\n\r\n");
  EXPECT_EQ(reply.status, 431);
  EXPECT_NE(reply.body.find("more than 3 header fields"), std::string::npos) << reply.body;
}

TEST(HttpMalformed, AHeaderBlockMayReachTheLimit) {
  RunningServer server;
  const std::size_t frame = kHead.size() + std::string("A: \r\n\r\n").size();
  const auto request = [&](std::size_t bytes) {
    return kHead + "A: " + std::string(bytes - frame, 'a') + "\r\n\r\n";
  };
  WireClient fits(server.port());
  EXPECT_EQ(fits.Ask(request(kHeaderBlockBytesMax)).status, 200);
  WireClient does_not(server.port());
  const WireReply reply = does_not.Ask(request(kHeaderBlockBytesMax + 1));
  EXPECT_EQ(reply.status, 431);
  EXPECT_NE(reply.body.find("8,192 bytes"), std::string::npos) << reply.body;
}

}  // namespace
}  // namespace coupond::http
