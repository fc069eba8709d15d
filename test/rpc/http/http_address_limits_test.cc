#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "rpc/http/address_slots.h"
#include "rpc/http/ip_network.h"
#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

// The connections that one address may have.
namespace coupond::http {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

PeerAddress Address(std::string_view text) { return ParseIpAddress(text).value(); }

TEST(AddressSlots, EachAddressHasItsOwn) {
  AddressSlots slots(1, {});
  std::optional<AddressSlots::Slot> first = slots.Take(Address("192.0.2.7"));
  ASSERT_TRUE(first);
  EXPECT_FALSE(slots.Take(Address("192.0.2.7")));
  EXPECT_TRUE(slots.Take(Address("192.0.2.8")));
  first.reset();
  EXPECT_TRUE(slots.Take(Address("192.0.2.7")));
}

TEST(AddressSlots, AnIpV6NetworkIsOneClient) {
  AddressSlots slots(1, {});
  const auto first = slots.Take(Address("2001:db8:1:2::1"));
  EXPECT_FALSE(slots.Take(Address("2001:db8:1:2:ffff::")));
  EXPECT_TRUE(slots.Take(Address("2001:db8:1:3::1")));
}

TEST(AddressSlots, SomeAreNotLimited) {
  AddressSlots slots(1, {*IpNetwork::Parse("192.0.2.0/24")});
  const auto first = slots.Take(Address("192.0.2.7"));
  EXPECT_TRUE(slots.Take(Address("192.0.2.7")));
  AddressSlots endless(0, {});
  const auto one = endless.Take(Address("198.51.100.1"));
  EXPECT_TRUE(endless.Take(Address("198.51.100.1")));
  const auto through_socket = slots.Take({.is_unix = true});
  EXPECT_TRUE(slots.Take({.is_unix = true}));
}

TEST(HttpConnections, OfOneAddressAreLimited) {
  Limits limits;
  limits.connections_per_address_max = 2;
  RunningServer server(Echo, limits, 2, "::");
  WireClient second(server.port());
  {
    WireClient first(server.port());
    EXPECT_EQ(first.Ask(kGet).status, 200);
    EXPECT_EQ(second.Ask(kGet).status, 200);
    WireClient third(server.port());
    const WireReply refused = third.Receive();
    EXPECT_EQ(refused.status, 429);
    EXPECT_TRUE(refused.Has("Retry-After: "));
    EXPECT_NE(refused.body.find("more than 2 connections from this address"), std::string::npos);
    EXPECT_EQ(third.AwaitEnd(), WireClient::End::kOrderly);
    WireClient other(server.port(), "::1");
    EXPECT_EQ(other.Ask(kGet).status, 200);
  }
  // The place comes back with the end of a connection, which the server notices a moment later.
  WireReply reply;
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (reply.status != 200 && std::chrono::steady_clock::now() < end) {
    reply = WireClient(server.port()).Ask(kGet);
  }
  EXPECT_EQ(reply.status, 200);
}

TEST(HttpConnections, OfTrustedAddressesAreNotLimited) {
  Limits limits;
  limits.connections_per_address_max = 1;
  limits.unlimited_addresses = {*IpNetwork::Parse("127.0.0.0/8")};
  RunningServer server(Echo, limits);
  WireClient first(server.port());
  EXPECT_EQ(first.Ask(kGet).status, 200);
  EXPECT_EQ(WireClient(server.port()).Ask(kGet).status, 200);
}

}  // namespace
}  // namespace coupond::http
