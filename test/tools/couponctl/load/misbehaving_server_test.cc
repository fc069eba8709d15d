#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/envelope.h"
#include "support/scripted_server.h"
#include "tools/couponctl/run_couponctl.h"

// The built couponctl, as a client of servers that misbehave.
namespace coupond::ctl {
namespace {

using test::Script;
using test::ScriptedServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using End = Script::End;

constexpr std::chrono::milliseconds kShortPause{15};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

Ran RunAgainst(const ScriptedServer& server, const std::string& command,
               const std::string& timeout = "60s") {
  return RunCouponctl("--server " + server.address().Url() + " --timeout " + timeout + " " +
                      command);
}

struct Misbehaviour {
  const char* name;
  Script script;
  const char* message;
  const char* timeout = "60s";
};

std::ostream& operator<<(std::ostream& out, const Misbehaviour& misbehaviour) {
  return out << misbehaviour.name;
}

/// Returns pieces of which so many small ones follow the first.
std::vector<std::string> Dripping(const std::string& first, int drips) {
  std::vector<std::string> pieces(static_cast<std::size_t>(drips) + 1, "a");
  pieces.front() = first;
  return pieces;
}

class MisbehavingServer : public testing::TestWithParam<Misbehaviour> {};

TEST_P(MisbehavingServer, ExitsWith3AndSaysWhatIsWrong) {
  const ScriptedServer server({GetParam().script});
  for (const std::string command : {"list", "issue x --json"}) {
    const Ran ran = RunAgainst(server, command, GetParam().timeout);
    EXPECT_EQ(ran.exit_code, 3) << command << "\n" << ran.output;
    EXPECT_THAT(ran.output, AllOf(HasSubstr("couponctl: "), HasSubstr(GetParam().message)))
        << command;
    EXPECT_THAT(ran.output, Not(HasSubstr("couponctl list")))
        << "the campaign is not what was wrong";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Answers, MisbehavingServer,
    testing::Values(
        Misbehaviour{"ClosesAtOnce", {.reads_request = false}, "without one"},
        Misbehaviour{"ClosesUnanswered", {}, "the connection was closed without one"},
        Misbehaviour{"Resets", {.end = End::kReset}, "no answer from"},
        Misbehaviour{"NeverAnswers",
                     {.end = End::kStayOpen},
                     "none came within 150ms; --timeout DURATION waits longer",
                     "150ms"},
        Misbehaviour{"Drips",
                     {.pieces = std::vector<std::string>(400, "H"), .pause = kShortPause},
                     "it was not complete within 2s",
                     "2s"},
        Misbehaviour{"DripsABody",
                     {.pieces = Dripping(kOk + "Content-Length: 1000\r\n\r\n", 400),
                      .pause = kShortPause,
                      .end = End::kStayOpen},
                     "it was not complete within 2s",
                     "2s"},
        Misbehaviour{"Garbage", {.pieces = {"\x16\x03\x01\x02\n\x1b[2J"}}, "it is not HTTP/1.1"},
        Misbehaviour{"Ssh",
                     {.pieces = {"SSH-2.0-OpenSSH_9.2\r\n"}, .reads_request = false},
                     "it is not HTTP/1.1"},
        Misbehaviour{"HeaderTooLarge",
                     {.pieces = {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')}},
                     "its header is larger than 8 KiB"},
        Misbehaviour{"NegativeLength",
                     {.pieces = {kOk + "Content-Length: -5\r\n\r\nhello"}},
                     "Content-Length is not a number"},
        Misbehaviour{"HugeLength",
                     {.pieces = {kOk + "Content-Length: 9223372036854775807\r\n\r\nhello"}},
                     "its body is too large"},
        Misbehaviour{"TwoLengths",
                     {.pieces = {kOk + "Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello"}},
                     "two different values of Content-Length"},
        Misbehaviour{"ShorterThanPromised",
                     {.pieces = {kOk + "Content-Length: 9\r\n\r\nhello"}},
                     "closed in its body"},
        Misbehaviour{"LongerThanPromised",
                     {.pieces = {kOk + "Content-Length: 0\r\n\r\nhello"}},
                     "there are bytes after its end"},
        Misbehaviour{"CutInItsHeader", {.pieces = {kOk}}, "closed in its header"},
        Misbehaviour{"BadChunks", {.pieces = {kChunked + "zzz\r\n"}}, "its chunks are malformed"},
        Misbehaviour{"EndlessChunkHeader",
                     {.pieces = {kChunked + "1;" + std::string(50'000, 'x')}},
                     "the header of a chunk is larger than 16 KiB"},
        Misbehaviour{"OnlyInterim",
                     {.pieces = {"HTTP/1.1 103 Early Hints\r\n\r\n"}},
                     "the connection was closed before it came"},
        Misbehaviour{"SwitchesProtocols",
                     {.pieces = {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"}},
                     "status 101"},
        Misbehaviour{"NoContent",
                     {.pieces = {"HTTP/1.1 204 No Content\r\n\r\n"}},
                     "the answer is not from a Connect server: HTTP status 204"},
        Misbehaviour{
            "NotModified", {.pieces = {"HTTP/1.1 304 Not Modified\r\n\r\n"}}, "HTTP status 304"},
        Misbehaviour{
            "Compressed",
            {.pieces = {kOk + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"}},
            "compressed with gzip although that was not requested"},
        Misbehaviour{"OtherContentType",
                     {.pieces = {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                 "Content-Length: 7\r\n\r\nWelcome"}},
                     "HTTP status 200, text/plain, \"Welcome\"; check --server"},
        Misbehaviour{"NoMessage",
                     {.pieces = {kOk + "Content-Length: 3\r\n\r\n\xff\xff\xff"}},
                     "cannot be read: it is not a coupon.v1."},
        Misbehaviour{"ErrorThatIsNoUtf8",
                     {.pieces = {"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
                                 "Connection: close\r\n\r\n"
                                 "{\"code\":\"not_found\",\"message\":\"\xb0\xa1\x1b[2J\"}"}},
                     "unimplemented: the answer is not from a Connect server: HTTP status 404"},
        Misbehaviour{
            "UnknownCode",
            {.pieces = {"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
                        "Connection: close\r\n\r\n{\"code\":\"E_BAD\",\"message\":\"no\"}"}},
            "internal: the answer is not from a Connect server: HTTP status 400"},
        Misbehaviour{
            "ProxyPage",
            {.pieces = {"HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Type: "
                        "text/html\r\nConnection: close\r\n\r\n<html><head><title>502 Bad "
                        "Gateway</title></head></html>"}},
            "unavailable: the answer is not from a Connect server: HTTP status 502, "
            "text/html, from nginx, \"502 Bad Gateway\"; check --server, and whether a proxy"},
        Misbehaviour{"NotFoundPage",
                     {.pieces = {"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n"
                                 "Content-Length: 9\r\n\r\n<p>no</p>"}},
                     "unimplemented: the answer is not from a Connect server: HTTP status 404"},
        Misbehaviour{"Redirect",
                     {.pieces = {"HTTP/1.1 301 Moved Permanently\r\nLocation: "
                                 "https://example.org/\r\nContent-Length: 0\r\n\r\n"}},
                     "HTTP status 301 to https://example.org/, which is not followed"}),
    [](const auto& test) { return std::string(test.param.name); });

const std::string kStream = "HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\n\r\n";

std::string Envelope(std::string_view message, std::uint8_t flags = 0) {
  std::string envelope;
  connect::AppendEnvelope(flags, message, envelope);
  return envelope;
}

std::string SoldOut() {
  coupon::v1::WatchCampaignResponse message;
  message.mutable_campaign()->set_name("spring");
  message.mutable_campaign()->set_total_coupons(10);
  message.mutable_campaign()->set_issued_coupons(10);
  message.set_state(coupon::v1::WATCH_STATE_SOLD_OUT);
  return Envelope(message.SerializeAsString());
}

class MisbehavingStream : public testing::TestWithParam<Misbehaviour> {};

TEST_P(MisbehavingStream, ExitsWith3AndSaysWhatIsWrong) {
  const ScriptedServer server({GetParam().script});
  const Ran ran = RunAgainst(server, "watch x --no-reconnect", GetParam().timeout);
  EXPECT_EQ(ran.exit_code, 3) << ran.output;
  EXPECT_THAT(ran.output, AllOf(HasSubstr("couponctl: "), HasSubstr(GetParam().message)));
  EXPECT_THAT(ran.output, Not(HasSubstr("couponctl list")));
}

INSTANTIATE_TEST_SUITE_P(
    Streams, MisbehavingStream,
    testing::Values(
        Misbehaviour{"ClosesUnanswered", {}, "the stream was cut off"},
        Misbehaviour{"NeverAnswers", {.end = End::kStayOpen}, "none came within 150ms", "150ms"},
        Misbehaviour{"EmptyMessage",
                     {.pieces = {kStream + Envelope("")}, .end = End::kStayOpen},
                     "a message cannot be read"},
        Misbehaviour{"TruncatedEnvelope",
                     {.pieces = {kStream + SoldOut().substr(0, 9)}},
                     "the stream was cut off"},
        Misbehaviour{"EnvelopeOf4GiB",
                     {.pieces = {kStream + "\xff\xff\xff\xff\xff"}, .end = End::kStayOpen},
                     "a message is too large"},
        Misbehaviour{"NoEnd", {.pieces = {kStream + SoldOut()}}, "the stream was cut off"},
        Misbehaviour{"NoMessage",
                     {.pieces = {kStream + Envelope("{}", 2)}},
                     "the stream ended, but the campaign did not"},
        Misbehaviour{"EndThatIsNoJson",
                     {.pieces = {kStream + SoldOut() + Envelope("\xff", 2)}},
                     "the end of the stream cannot be read"},
        Misbehaviour{"Compressed",
                     {.pieces = {kStream + Envelope("\x1f\x8b", 1)}},
                     "a message is compressed"},
        Misbehaviour{"UnknownFlags",
                     {.pieces = {kStream + Envelope("", 0x40)}},
                     "unknown envelope flags 64"},
        Misbehaviour{"TooManyInterim",
                     {.pieces = std::vector<std::string>(30, "HTTP/1.1 103 Early Hints\r\n\r\n")},
                     "more than 20 interim answers"},
        Misbehaviour{"UnaryAnswer",
                     {.pieces = {kOk + "Content-Length: 0\r\n\r\n"}},
                     "the answer is not from a Connect server: HTTP status 200, application/proto"},
        Misbehaviour{"NotFoundPage",
                     {.pieces = {"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n"
                                 "Content-Length: 9\r\n\r\n<p>no</p>"}},
                     "unimplemented: the answer is not from a Connect server: HTTP status 404"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(UnusualStream, IsUnderstood) {
  const std::string end = Envelope("{}", 2);
  const std::vector<Script> scripts = {
      {.pieces = {"HTTP/1.1 103 Early Hints\r\n\r\n", kStream + SoldOut(), end},
       .pause = kShortPause},
      {.pieces = {kStream + SoldOut() + end + end + "and more"}},
      {.pieces = {kStream + SoldOut() + end}, .end = End::kStayOpen},
      {.pieces = {"HTTP/1.0 200 OK\r\nContent-Type: Application/Connect+Proto\r\n\r\n" + SoldOut() +
                  end}},
      {.pieces = {kStream + SoldOut() + end}, .reads_request = false},
  };
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    const ScriptedServer server({scripts[i]});
    const Ran ran = RunAgainst(server, "watch x --no-reconnect");
    EXPECT_EQ(ran.exit_code, 0) << i << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("sold out: all 10 coupons of spring")) << i;
  }
}

TEST(UnusualServer, IsUnderstood) {
  const std::vector<Script> scripts = {
      {.pieces = {kChunked, "0\r\n", "\r", "\n"}, .pause = kShortPause},
      {.pieces = {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
                  "HTTP/1.1 102 Processing\r\n\r\n", kOk + "Content-Length: 0\r\n\r\n"},
       .pause = kShortPause},
      {.pieces = {"HTTP/1.1 103 Early Hints\r\n\r\n" + kOk + "Content-Length: 0\r\n\r\n"}},
      {.pieces = {"HTTP/1.0 200 OK\r\nContent-Type: Application/Proto; charset=utf-8\r\n\r\n"}},
      {.pieces = {kChunked + "0;last=\"yes\"\r\nContent-Type: text/html\r\nX: y\r\n\r\n"}},
      // Answers and closes without having read the request.
      {.pieces = {kOk + "Content-Length: 0\r\n\r\n"}, .reads_request = false},
      {.pieces = {kOk + "Content-Length: 0\r\n\r\n"}, .end = End::kStayOpen},
  };
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    const ScriptedServer server({scripts[i]});
    const Ran ran = RunAgainst(server, "list");
    EXPECT_EQ(ran.exit_code, 0) << i << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("no campaigns")) << i;
  }
}

TEST(UnreadableText, ProtobufLogsNothing) {
  const std::string body = "\x0a\x04\x12\x02\xba\xbd";  // a campaign's name in CP949
  const ScriptedServer server(
      {{.pieces = {kOk + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body}}});
  const Ran ran = RunAgainst(server, "list");
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.output, AllOf(HasSubstr("cannot be read"), Not(HasSubstr("libprotobuf"))));
}

// An answer that was emptied on the way must be neither a success nor a refusal.
TEST(EmptyAnswersToChanges, AreNeitherSuccessNorRefusal) {
  coupon::v1::IssueCouponResponse without_coupon;
  without_coupon.set_success(true);
  const struct {
    std::string command;
    std::string body;
  } rows[] = {{"create --name x --total 1 --start-in 0s", ""},
              {"issue x", ""},
              {"issue x", without_coupon.SerializeAsString()},
              {"issue x --json", ""},
              {"delete x", ""},
              {"backup x", ""}};
  for (const auto& [command, body] : rows) {
    const ScriptedServer server(
        {{.pieces = {kOk + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body}}});
    const Ran ran = RunAgainst(server, command);
    EXPECT_EQ(ran.exit_code, 3) << command << "\n" << ran.output;
    EXPECT_THAT(ran.output, AllOf(HasSubstr("it does not say what became of the request"),
                                  HasSubstr("may have ")))
        << command;
  }
}

TEST(MisbehavingPages, EmptyPagesWithoutEndAreAnError) {
  coupon::v1::ListCampaignsResponse page;
  std::vector<std::string> pages;
  for (int i = 0; i < 300; ++i) {
    page.set_next_page_token(std::to_string(1'000 + i));
    const std::string body = page.SerializeAsString();
    pages.push_back(kOk + "Content-Length: " + std::to_string(body.size()) +
                    "\r\nConnection: close\r\n\r\n" + body);
  }
  std::vector<Script> scripts;
  for (const std::string& answer : pages) scripts.push_back({.pieces = {answer}});
  const ScriptedServer server(scripts);
  const Ran ran = RunCouponctl("--server " + server.address().Url() + " list");
  EXPECT_EQ(ran.exit_code, 3) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("sends empty pages without end"));
}

}  // namespace
}  // namespace coupond::ctl
