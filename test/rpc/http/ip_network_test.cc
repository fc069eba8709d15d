#include "rpc/http/ip_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coupond::http {
namespace {

using testing::HasSubstr;

PeerAddress Address(std::string_view text) {
  const auto address = ParseIpAddress(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(PeerAddress{});
}

bool Has(std::string_view network, std::string_view address) {
  return IpNetwork::Parse(network).value().Contains(Address(address));
}

TEST(ParseIpAddress, TakesBothFamilies) {
  EXPECT_EQ(Address("192.0.2.7").Text(), "192.0.2.7:0");
  EXPECT_EQ(Address("2001:db8::7").Text(), "[2001:db8::7]:0");
  EXPECT_EQ(Address("::ffff:192.0.2.7"), Address("192.0.2.7"));
  for (const char* text : {"", "192.0.2", "192.0.2.256", "192.0.2.7:80", "[::1]", "::1%lo",
                           "unknown", " 192.0.2.7", "0x7f.1.1.1"}) {
    EXPECT_FALSE(ParseIpAddress(text)) << text;
  }
}

TEST(IpNetwork, HasTheAddressesThatShareItsPrefix) {
  EXPECT_TRUE(Has("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(Has("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(Has("192.0.2.128/25", "192.0.2.128"));
  EXPECT_FALSE(Has("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(Has("2001:db8:8000::/33", "2001:db8:ffff::1"));
  EXPECT_FALSE(Has("2001:db8:8000::/33", "2001:db8:7fff::1"));
  EXPECT_TRUE(Has("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(Has("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(Has("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(Has("0.0.0.0/0", "::1")) << "the families have nothing in common";
  EXPECT_FALSE(Has("::/0", "127.0.0.1"));
}

TEST(IpNetwork, SaysWhatIsWrong) {
  const auto error = [](std::string_view text) { return IpNetwork::Parse(text).error(); };
  EXPECT_THAT(error("proxy.example"), HasSubstr("is not a network; give for example 10.0.0.0/8"));
  EXPECT_THAT(error("10.0.0.0/33"), HasSubstr("a number from 0 to 32"));
  EXPECT_THAT(error("2001:db8::/129"), HasSubstr("a number from 0 to 128"));
  EXPECT_THAT(error("10.0.0.0/"), HasSubstr("a number from 0 to 32"));
  EXPECT_THAT(error("10.0.0.1/8"), HasSubstr("ends in zeros"));
}

TEST(IsLoopbackAddress, IsThisMachine) {
  EXPECT_TRUE(IsLoopbackAddress(Address("127.0.0.1")));
  EXPECT_TRUE(IsLoopbackAddress(Address("127.255.0.9")));
  EXPECT_TRUE(IsLoopbackAddress(Address("::1")));
  EXPECT_FALSE(IsLoopbackAddress(Address("128.0.0.1")));
  EXPECT_FALSE(IsLoopbackAddress(Address("::2")));
  EXPECT_FALSE(IsLoopbackAddress(PeerAddress{}));
}

TEST(ClientPart, IsAnIpV4AddressOrAnIpV6Network) {
  PeerAddress with_port = Address("192.0.2.7");
  with_port.port = 4711;
  EXPECT_EQ(ClientPart(with_port), Address("192.0.2.7"));
  EXPECT_NE(ClientPart(Address("192.0.2.7")), ClientPart(Address("192.0.2.8")));
  EXPECT_EQ(ClientPart(Address("2001:db8:1:2:3::4")), ClientPart(Address("2001:db8:1:2:9::")));
  EXPECT_NE(ClientPart(Address("2001:db8:1:2::")), ClientPart(Address("2001:db8:1:3::")));
}

}  // namespace
}  // namespace coupond::http
