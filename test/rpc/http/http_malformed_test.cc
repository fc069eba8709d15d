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
  std::string code;
};

const std::string kHead = "POST / HTTP/1.1\r\nHost: x\r\n";
const std::string kChunked = kHead + "Transfer-Encoding: chunked\r\n\r\n";

std::vector<Malformed> Rows() {
  using std::string_literals::operator""s;
  const std::string bad = "invalid_argument";
  return {
      {"NotHttp", "hello world, how are you\r\n\r\n", 400, bad},
      {"Binary", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400, bad},
      {"LowerCaseVersion", "GET / http/1.1\r\nHost: x\r\n\r\n", 400, bad},
      {"Http09", "GET /\r\n\r\n", 400, bad},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "unimplemented"},
      {"Http12", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505, "unimplemented"},
      {"EmptyTarget", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", 400, bad},
      {"AuthorityTarget", "GET x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400, bad},
      {"Connect", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 501, "unimplemented"},
      {"BareLineFeeds", "GET / HTTP/1.1\nHost: x\n\n", 400, bad},
      {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400, bad},
      {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, bad},
      {"HostWithASpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, bad},
      {"HostWithAUser", "GET / HTTP/1.1\r\nHost: u@x\r\n\r\n", 400, bad},
      {"HostWithAPath", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400, bad},
      {"HostWithAHugePort", "GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n", 400, bad},
      {"HostOfAnOpenBracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, bad},
      {"HostWithAControlCharacter", "GET / HTTP/1.1\r\nHost: x\x01y\r\n\r\n", 400, bad},
      {"BadHostInHttp10", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400, bad},
      {"BadAuthorityInTheTarget", "GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, bad},
      {"NoAuthorityInTheTarget", "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", 400, bad},
      {"BadHostBesideAnAbsoluteTarget", "GET http://x/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400, bad},
      {"TwoHosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, bad},
      {"NulInHeader", kHead + "A: b\0c\r\n\r\n"s, 400, bad},
      {"ControlInHeader", kHead + "A: b\x01\r\n\r\n", 400, bad},
      {"SpaceBeforeColon", kHead + "A : b\r\n\r\n", 400, bad},
      {"NoColon", kHead + "A\r\n\r\n", 400, bad},
      {"EmptyHeaderName", kHead + ": b\r\n\r\n", 400, bad},
      {"Folded", kHead + "A: b\r\n c\r\n\r\n", 400, bad},
      {"LargeHeader", kHead + "A: " + std::string(10'000, 'a') + "\r\n\r\n", 431,
       "resource_exhausted"},
      {"HugeHeader", kHead + "A: " + std::string(1 << 20, 'a'), 431, "resource_exhausted"},
      {"HugeTarget", "GET /" + std::string(1 << 20, 'a'), 431, "resource_exhausted"},
      {"NegativeLength", kHead + "Content-Length: -1\r\n\r\n", 400, bad},
      {"WordLength", kHead + "Content-Length: ten\r\n\r\n", 400, bad},
      {"EmptyLength", kHead + "Content-Length: \r\n\r\n", 400, bad},
      {"OverflowingLength", kHead + "Content-Length: 18446744073709551616\r\n\r\n", 400, bad},
      {"TwoLengths", kHead + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, bad},
      {"LargeBody", kHead + "Content-Length: 73729\r\n\r\n", 413, "resource_exhausted"},
      {"LargeBodySent", kHead + "Content-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'b'),
       413, "resource_exhausted"},
      {"LargeBodyExpected", kHead + "Expect: 100-continue\r\nContent-Length: 73729\r\n\r\n", 413,
       "resource_exhausted"},
      {"LargeChunk", kChunked + "12001\r\n", 413, "resource_exhausted"},
      {"ManyChunks",
       kChunked +
           [] {
             std::string chunks;
             for (int i = 0; i < 100; ++i) chunks += "400\r\n" + std::string(1024, 'c') + "\r\n";
             return chunks;
           }(),
       413, "resource_exhausted"},
      {"BadChunkSize", kChunked + "xyz\r\nabc\r\n", 400, bad},
      {"NegativeChunkSize", kChunked + "-1\r\na\r\n", 400, bad},
      {"OverflowingChunkSize", kChunked + "11111111111111111\r\na\r\n", 400, bad},
      {"ChunkLongerThanSaid", kChunked + "1\r\nabc\r\n0\r\n\r\n", 400, bad},
      {"EndlessChunkHeader", kChunked + "1;" + std::string(40'000, 'e'), 400, bad},
      {"EndlessTrailer", kChunked + "0\r\nA: " + std::string(40'000, 'e'), 400, bad},
      {"LengthAndChunked",
       kHead + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, bad},
      {"ChunkedAndLength",
       kHead + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400, bad},
      {"UnknownTransferCoding", kHead + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501,
       "unimplemented"},
      {"ChunkedTwice", kHead + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       501, "unimplemented"},
      {"IdentityTransferCoding", kHead + "Transfer-Encoding: identity\r\n\r\n", 501,
       "unimplemented"},
      {"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       bad},
      {"UnknownExpectation", kHead + "Expect: tea\r\n\r\n", 417, bad},
  };
}

class HttpMalformed : public testing::TestWithParam<Malformed> {};

TEST_P(HttpMalformed, GetsAClearAnswerAndAnOrderlyClose) {
  RunningServer server;
  WireClient client(server.port());
  // Pending bytes that the server never looks at must not turn the answer into a reset.
  ASSERT_TRUE(client.Send(GetParam().bytes));
  const WireReply reply = client.Receive();
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_TRUE(reply.whole);
  EXPECT_TRUE(reply.Has("Content-Type: application/json\r\n"));
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
  EXPECT_TRUE(reply.Has("Cache-Control: no-store\r\n"));
  EXPECT_EQ(reply.body.find(R"({"code":")" + GetParam().code + R"(","message":")"), 0U)
      << reply.body;
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);

  WireClient next(server.port());
  EXPECT_EQ(next.Ask(kHead + "\r\n").status, 200);
  EXPECT_EQ(server.log().size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Table, HttpMalformed, testing::ValuesIn(Rows()),
                         [](const auto& row) { return row.param.name; });

TEST(HttpMalformed, HalfARequestThenTheEndIsAnswered) {
  RunningServer server;
  for (const std::string& half : {std::string("GET / HT"), kHead + "Content-Length: 5\r\n\r\nab",
                                  kChunked + "5\r\nab", kChunked + "0\r\n"}) {
    WireClient client(server.port());
    client.Send(half);
    client.HalfClose();
    const WireReply reply = client.Receive();
    EXPECT_EQ(reply.status, 400) << half;
    EXPECT_NE(reply.body.find("ended before it was whole"), std::string::npos) << reply.body;
    EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
  }
}

TEST(HttpMalformed, NothingThenTheEndIsNotAnswered) {
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

TEST(HttpMalformed, AHeaderBlockMayBeExactlyAsLongAsTheLimit) {
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
