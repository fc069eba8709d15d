#include "rpc/http/host_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

Authority Parse(std::string_view text) {
  const auto authority = ParseAuthority(text);
  EXPECT_TRUE(authority) << text;
  return authority.value_or(Authority{.host = "?", .port = {}});
}

std::vector<HostName> Names(const std::vector<std::string>& texts) {
  std::vector<HostName> names;
  for (const std::string& text : texts) names.push_back(*HostName::Parse(text));
  return names;
}

TEST(Authority, IsAHostWithAnOptionalPort) {
  EXPECT_EQ(Parse("example.com").host, "example.com");
  EXPECT_EQ(Parse("example.com").port, std::nullopt);
  EXPECT_EQ(Parse("example.com:").port, std::nullopt);
  EXPECT_EQ(Parse("[::1]:").port, std::nullopt);
  EXPECT_EQ(Parse("example.com:8080").port, 8080);
  EXPECT_EQ(Parse("[2001:db8::1]:65535").host, "2001:db8::1");
  EXPECT_EQ(Parse("[2001:db8::1]:65535").port, 65535);
  for (const char* text : {"a_b-c.d~", "xn--9t4b11yi5a", "a%2Db", "x!$&'()*+,;=y", "localhost.",
                           "127.1", "[::ffff:127.0.0.1]", "x:0", "x:00080"}) {
    EXPECT_TRUE(ParseAuthority(text)) << text;
  }
}

TEST(Authority, RefusesWhatIsMalformed) {
  for (const std::string_view text : {"",
                                      ".",
                                      ":80",
                                      "a b",
                                      " a",
                                      "u@x",
                                      "u:p@x",
                                      "x:99999",
                                      "x:65536",
                                      "x:-1",
                                      "x:+1",
                                      "x:8a",
                                      "x:80:80",
                                      "x:80 ",
                                      "::1",
                                      "[::1",
                                      "::1]",
                                      "[]",
                                      "[]:80",
                                      "[x]",
                                      "[127.0.0.1]",
                                      "[::1]x",
                                      "[::1]80",
                                      "x/",
                                      "x/y",
                                      "x?y",
                                      "x#y",
                                      "x\\y",
                                      "a,b c",
                                      "http://x",
                                      "a%",
                                      "a%2",
                                      "a%zz",
                                      "\xea\xb9\x80.kr",
                                      "\x7f",
                                      "x\ty",
                                      "x\"y",
                                      "<x>",
                                      "[fe80::1%lo]",
                                      "[::1%250]",
                                      "[v1.x]",
                                      "x\x01y",
                                      "[1:2:3:4]",
                                      "x:1 2",
                                      "{x}",
                                      "x|y",
                                      "x^y",
                                      "x`y"}) {
    EXPECT_FALSE(ParseAuthority(text)) << text;
  }
}

TEST(Authority, RecognizesLoopback) {
  for (const char* text :
       {"localhost", "LOCALHOST:1", "localhost.", "a.localhost", "127.0.0.1", "127.255.0.9:80",
        "[::1]", "[0:0:0:0:0:0:0:1]:1", "[::ffff:127.0.0.1]"}) {
    EXPECT_TRUE(IsLoopback(Parse(text))) << text;
  }
  for (const char* text : {"notlocalhost", "localhost.example", ".localhost", "localhost..",
                           "127.1", "127.0.0.1.example", "127.0.0.1.", "128.0.0.1", "0.0.0.0",
                           "[::]", "[::2]", "2130706433", "0x7f.0.0.1", "local%68ost"}) {
    EXPECT_FALSE(IsLoopback(Parse(text))) << text;
  }
}

TEST(HostPolicy, OnLoopbackAcceptsLoopbackAndNamedHosts) {
  for (const char* address : {"127.0.0.1", "::1", "localhost", "127.0.0.9"}) {
    const HostPolicy policy(address, Names({"coupons.example.com", "b.example:8443", "192.0.2.1"}));
    for (const char* text :
         {"localhost:8080", "127.0.0.1", "[::1]", "x.localhost", "coupons.example.com",
          "Coupons.Example.COM.", "coupons.example.com:1", "b.example:8443", "192.0.2.1:80"}) {
      EXPECT_TRUE(policy.Accepts(Parse(text))) << text;
    }
    for (const char* text :
         {"evil.example", "b.example", "b.example:443", "192.0.2.2", "0.0.0.0", "[::]",
          "a.coupons.example.com", "coupons.example.com..", "10.1.2.3"}) {
      EXPECT_FALSE(policy.Accepts(Parse(text))) << text;
    }
  }
  EXPECT_FALSE(HostPolicy("127.0.0.1", {}).Accepts(Parse("evil.example")));
}

TEST(HostPolicy, OnOtherAddressesAcceptsAllUnlessNamed) {
  EXPECT_TRUE(HostPolicy("0.0.0.0", {}).Accepts(Parse("anything.example")));
  const HostPolicy policy("::", Names({"coupons.example.com:443"}));
  for (const char* text : {"coupons.example.com", "coupons.example.com:443", "localhost",
                           "10.1.2.3:80", "[fe80::1]"}) {
    EXPECT_TRUE(policy.Accepts(Parse(text))) << text;
  }
  EXPECT_FALSE(policy.Accepts(Parse("evil.example")));
  EXPECT_FALSE(policy.Accepts(Parse("coupons.example.com:8080")));
}

TEST(HostPolicy, ANameMustBeWellFormed) {
  for (const char* text : {"", "a b", "https://x", "x/", "*", "*.example.com", "x:99999", "u@x"}) {
    const auto name = HostName::Parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_NE(name.error().find("coupons.example.com:8443"), std::string::npos) << name.error();
  }
}

/// A server that answers for loopback names only.
class MisdirectedTest : public testing::Test {
 protected:
  MisdirectedTest() { EXPECT_TRUE(server_.Start().has_value()); }
  WireReply Ask(const std::string& request) { return WireClient(server_.port()).Ask(request); }

  class Everything final : public Handler {
   public:
    void Handle(const Request& request, std::shared_ptr<Exchange> exchange) override {
      exchange->Respond(Text(std::string(request.authority)));
    }
  };
  Server server_{{.address = "127.0.0.1",
                  .port = 0,
                  .threads = 1,
                  .limits = {},
                  .hosts = HostPolicy("127.0.0.1", {}),
                  .log = {}},
                 [](Executor&) { return std::make_unique<Everything>(); }};
};

TEST_F(MisdirectedTest, IsAnsweredAndTheConnectionCloses) {
  WireClient client(server_.port());
  const WireReply reply = client.Ask(
      "POST / HTTP/1.1\r\nHost: evil.example:1\r\n"
      "Content-Length: 1000\r\n\r\n");
  EXPECT_EQ(reply.status, 421);
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
  EXPECT_EQ(reply.body, "this server does not answer for the host evil.example:1\n");
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
}

TEST_F(MisdirectedTest, EveryRequestOfAConnectionIsChecked) {
  WireClient client(server_.port());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "localhost");
  }
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 421);
}

TEST_F(MisdirectedTest, AnAbsoluteTargetTakesPrecedenceOverHost) {
  EXPECT_EQ(Ask("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 421);
  EXPECT_EQ(Ask("GET http://localhost:1/ HTTP/1.1\r\nHost: evil.example\r\n\r\n").body,
            "localhost:1");
}

TEST_F(MisdirectedTest, Http10WithoutHostIsServed) {
  EXPECT_EQ(Ask("GET / HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_EQ(Ask("GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n").status, 421);
}

}  // namespace
}  // namespace coupond::http
