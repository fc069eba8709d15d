#include "coupond/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "rpc/http/socket_file.h"

namespace coupond {
namespace {

using testing::HasSubstr;

TEST(ListenAddress, IsAHostAndAPort) {
  const struct {
    const char* text;
    ListenAddress address;
  } rows[] = {
      {"127.0.0.1:8080", {"127.0.0.1", 8080}},
      {"localhost:0", {"localhost", 0}},
      {"[::1]:8080", {"::1", 8080}},
      {"[fe80::1]:65535", {"fe80::1", 65535}},
      {"[fe80::1%eth0]:1", {"fe80::1%eth0", 1}},
      {"0.0.0.0:1", {"0.0.0.0", 1}},
      {"unix:/run/coupond.sock", {"unix:/run/coupond.sock", 0}},
  };
  for (const auto& row : rows) {
    const auto parsed = ParseListenAddress(row.text);
    ASSERT_TRUE(parsed.has_value()) << row.text;
    EXPECT_EQ(*parsed, row.address) << row.text;
    EXPECT_EQ(FormatListenAddress(*parsed), row.text);
  }
}

TEST(ListenAddress, OfAnyOtherTextItSaysWhatIsWrong) {
  const std::string long_path(http::kSocketPathBytesMax, 'a');
  const struct {
    std::string text;
    const char* why;
  } rows[] = {
      {"", ""},
      {":", ""},
      {"8080", ""},
      {":8080", ""},
      {"127.0.0.1", ""},
      {"127.0.0.1:", "the port is a number"},
      {"127.0.0.1:x", "the port is a number"},
      {"127.0.0.1:80 80", "the port is a number"},
      {"127.0.0.1:65536", "the port is a number from 0 to 65535"},
      {"127.0.0.1:-1", "the port is a number"},
      {"127.0.0.1:+1", "the port is a number"},
      {"127.0.0.1: 1", "the port is a number"},
      {"::1:8080", "in brackets"},
      {"[::1]", ""},
      {"[::1]8080", ""},
      {"[]:8080", ""},
      {"[:8080", ""},
      {"[::1:8080", ""},
      {"::1]:8080", "in brackets"},
      {"[::1]x:8080", ""},
      {"coupons.example.com:8080", "an IP address or localhost"},
      {"shop.localhost:8080", "an IP address or localhost"},
      {"127.0.0.1/8:8080", "an IP address or localhost"},
      {"unix:", "the path of a socket"},
      {"unix:coupond.sock", "the path of a socket begins with a slash"},
      {"unix:/run/", "the path of a socket"},
      {"unix:/" + long_path, "at most 107 bytes"},
  };
  for (const auto& row : rows) {
    const auto parsed = ParseListenAddress(row.text);
    ASSERT_FALSE(parsed.has_value()) << row.text;
    EXPECT_THAT(parsed.error(), HasSubstr("is not an address and port")) << row.text;
    EXPECT_THAT(parsed.error(), HasSubstr(row.why)) << row.text;
    EXPECT_THAT(parsed.error(), HasSubstr("give for example 127.0.0.1:8080")) << row.text;
  }
}

TEST(ListenAddress, IsShownAsAUrlUnlessItIsASocket) {
  EXPECT_EQ(PlaceOf("http", {"127.0.0.1", 8080}), "http://127.0.0.1:8080");
  EXPECT_EQ(PlaceOf("https", {"::1", 8443}), "https://[::1]:8443");
  EXPECT_EQ(PlaceOf("http", {"unix:/run/a.sock", 0}), "unix:/run/a.sock");
}

TEST(ListenAddress, CollidesWithOneAtTheSamePort) {
  const struct {
    std::string_view one;
    std::string_view other;
    bool collide;
  } rows[] = {
      {"127.0.0.1:80", "127.0.0.1:80", true},
      {"127.0.0.1:80", "localhost:80", true},
      {"127.0.0.1:80", "0.0.0.0:80", true},
      {"[::]:80", "127.0.0.1:80", true},
      {"[::]:80", "0.0.0.0:80", true},
      {"[::]:80", "[::1]:80", true},
      {"0.0.0.0:80", "[::1]:80", false},
      {"unix:/run/a.sock", "unix:/run/a.sock", true},
      {"127.0.0.1:80", "127.0.0.1:81", false},
      {"127.0.0.1:80", "127.0.0.2:80", false},
      {"127.0.0.1:0", "127.0.0.1:0", false},
      {"unix:/run/a.sock", "unix:/run/b.sock", false},
      {"unix:/run/a.sock", "127.0.0.1:80", false},
  };
  for (const auto& row : rows) {
    const ListenAddress one = ParseListenAddress(row.one).value();
    const ListenAddress other = ParseListenAddress(row.other).value();
    EXPECT_EQ(Collide(one, other), row.collide) << row.one << ' ' << row.other;
    EXPECT_EQ(Collide(other, one), row.collide) << row.other << ' ' << row.one;
  }
}

}  // namespace
}  // namespace coupond
