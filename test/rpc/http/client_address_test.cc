#include "rpc/http/client_address.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace coupond::http {
namespace {

/// Requests from a proxy in 10.0.0.0/8 or 2001:db8:a::/48, from a socket, or from elsewhere.
class ForwardedClientTest : public testing::Test {
 protected:
  /// Returns the client's address without its port, "-" if no proxy names one.
  std::string Client(std::vector<HeaderField> headers, std::string_view peer = "10.0.0.1") {
    const Request request{
        .method = "POST",
        .path = "/",
        .query = "",
        .body = "",
        .headers = headers,
        .peer = peer == "unix" ? PeerAddress{.is_unix = true} : ParseIpAddress(peer).value()};
    const auto client = ForwardedClient(request, proxies_);
    if (!client) return "-";
    const std::string text = client->Text();
    return text.substr(0, text.rfind(':'));
  }
  std::string XForwardedFor(std::string_view value) { return Client({{"x-forwarded-FOR", value}}); }
  std::string Forwarded(std::string_view value) {
    proxies_.field = ForwardedField::kForwarded;
    return Client({{"forwarded", value}});
  }

  TrustedProxies proxies_{
      .networks = {*IpNetwork::Parse("10.0.0.0/8"), *IpNetwork::Parse("2001:db8:a::/48")}};
};

TEST_F(ForwardedClientTest, OnlyTrustedProxiesNameOne) {
  EXPECT_EQ(XForwardedFor("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(Client({{"X-Forwarded-For", "192.0.2.7"}}, "192.0.2.1"), "-");
  EXPECT_EQ(Client({}), "-");
  proxies_.networks.clear();
  EXPECT_EQ(XForwardedFor("192.0.2.7"), "-");
}

TEST_F(ForwardedClientTest, ASocketNamesOneOnlyIfItIsTrusted) {
  const std::vector<HeaderField> named = {{"X-Forwarded-For", "203.0.113.1, 192.0.2.7, 10.0.0.2"}};
  EXPECT_EQ(Client(named, "unix"), "-");
  proxies_.sockets = true;
  EXPECT_EQ(Client(named, "unix"), "192.0.2.7");
  EXPECT_EQ(Client(named), "192.0.2.7") << "networks are trusted as before";
  EXPECT_EQ(Client(named, "192.0.2.1"), "-");
  EXPECT_EQ(Client({}, "unix"), "-");
  proxies_.networks.clear();
  EXPECT_EQ(Client(named, "unix"), "10.0.0.2");
  EXPECT_EQ(Client(named), "-");
}

TEST_F(ForwardedClientTest, ASocketThatHidesItsClientIsTheClient) {
  proxies_.sockets = true;
  // As nginx writes of a client that has come through a socket itself.
  EXPECT_EQ(Client({{"X-Forwarded-For", "192.0.2.7, unix:"}}, "unix"), "unix");
  EXPECT_EQ(Client({{"X-Forwarded-For", "unknown"}}, "unix"), "unix");
}

TEST_F(ForwardedClientTest, NothingBeforeAStrangerIsBelieved) {
  EXPECT_EQ(XForwardedFor("203.0.113.1, 192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(XForwardedFor("203.0.113.1, 192.0.2.7, 10.0.0.2,10.0.0.3"), "192.0.2.7");
  EXPECT_EQ(
      Client({{"X-Forwarded-For", "203.0.113.1"}, {"X-Forwarded-For", "192.0.2.7, 10.0.0.2"}}),
      "192.0.2.7");
  EXPECT_EQ(XForwardedFor("10.0.0.9, 10.0.0.2"), "10.0.0.9") << "a client within the network";
}

TEST_F(ForwardedClientTest, ANodeThatIsNoAddressEndsTheSearch) {
  EXPECT_EQ(XForwardedFor("192.0.2.7, unknown, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(XForwardedFor("unknown"), "10.0.0.1");
  EXPECT_EQ(XForwardedFor(""), "-");
  EXPECT_EQ(XForwardedFor("192.0.2.7,"), "192.0.2.7");
}

TEST_F(ForwardedClientTest, PortsDoNotCount) {
  EXPECT_EQ(XForwardedFor("192.0.2.7:4711"), "192.0.2.7");
  EXPECT_EQ(XForwardedFor("[2001:db8::7]:4711"), "[2001:db8::7]");
  EXPECT_EQ(XForwardedFor("[2001:db8::7]"), "[2001:db8::7]");
  EXPECT_EQ(XForwardedFor("2001:db8::7"), "[2001:db8::7]");
  EXPECT_EQ(XForwardedFor("[2001:db8::7]x"), "10.0.0.1");
  EXPECT_EQ(XForwardedFor("[2001:db8::7"), "10.0.0.1");
}

// RFC 7239, section 4 and 6.
TEST_F(ForwardedClientTest, TheStandardFieldIsRead) {
  EXPECT_EQ(Forwarded("for=192.0.2.7;proto=https;by=10.0.0.1"), "192.0.2.7");
  EXPECT_EQ(Forwarded("proto=http; FOR=\"[2001:db8:cafe::17]:4711\""), "[2001:db8:cafe::17]");
  EXPECT_EQ(Forwarded("for=203.0.113.1, for=192.0.2.7;ext=\"a, for=198.51.100.1\", for=10.0.0.2"),
            "192.0.2.7");
  EXPECT_EQ(Forwarded("for=_hidden"), "10.0.0.1");
  EXPECT_EQ(Forwarded("for=192.0.2.7, for=\"_SEVKISEK\", for=10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(Forwarded("by=10.0.0.3"), "10.0.0.1");
}

TEST_F(ForwardedClientTest, AClientCannotHideWhatItsProxyAdds) {
  EXPECT_EQ(Forwarded("for=203.0.113.1;x=\", for=192.0.2.7"), "10.0.0.1");
  EXPECT_EQ(Forwarded("for=203.0.113.1;x=\"\\, for=\"192.0.2.7:80\""), "10.0.0.1");
}

TEST_F(ForwardedClientTest, TheFieldThatWasNotChosenMeansNothing) {
  const std::vector<HeaderField> both = {{"Forwarded", "for=203.0.113.1"},
                                         {"X-Forwarded-For", "192.0.2.7"}};
  EXPECT_EQ(Client(both), "192.0.2.7");
  proxies_.field = ForwardedField::kForwarded;
  EXPECT_EQ(Client(both), "203.0.113.1");
}

}  // namespace
}  // namespace coupond::http
