#include "rpc/client/server_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace coupond::rpc_client {
namespace {

TEST(ServerAddress, ReadsUrls) {
  EXPECT_EQ(ParseServerAddress("http://127.0.0.1:8080").value().Url(), "http://127.0.0.1:8080");
  EXPECT_EQ(ParseServerAddress("127.0.0.1:8080/").value().Authority(), "127.0.0.1:8080");
  EXPECT_EQ(ParseServerAddress("HTTP://a:81").value().Authority(), "a:81");
  EXPECT_EQ(ParseServerAddress("localhost").value().Authority(), "localhost:80");
  EXPECT_EQ(ParseServerAddress("http://[::1]:8080").value().host, "::1");
  EXPECT_EQ(ParseServerAddress("http://[::1]:8080").value().Authority(), "[::1]:8080");
  EXPECT_EQ(ParseServerAddress("HTTPS://example.com").value().Url(), "https://example.com:443");
  EXPECT_EQ(ParseServerAddress("https://a:8443/").value().Url(), "https://a:8443");
}

TEST(ServerAddress, RefusesOtherText) {
  constexpr std::array kWrong = {"",          "http://",   "https://",    "http://a/path", "a:0",
                                 "a:65536",   "a:",        "a:8080x",     "[::1",          "a b",
                                 "a\r\nX: 1", "user@host", "http://a:1?x"};
  for (const char* url : kWrong) EXPECT_FALSE(ParseServerAddress(url).has_value()) << url;
  for (const char* url : {"httpss://a", "ftp://a", "://a"}) {
    EXPECT_THAT(ParseServerAddress(url).error(), testing::HasSubstr("only http and https")) << url;
  }
  EXPECT_THAT(ParseServerAddress("unix:/run/coupond.sock").error(),
              testing::HasSubstr("sockets are not supported"));
}

}  // namespace
}  // namespace coupond::rpc_client
