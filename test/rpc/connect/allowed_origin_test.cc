#include "rpc/connect/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coupond::connect {
namespace {

using testing::HasSubstr;

TEST(AllowedOrigin, IsNormalizedAsBrowsersSendIt) {
  const struct {
    const char* text;
    const char* origin;
  } rows[] = {
      {"https://app.example.com", "https://app.example.com"},
      {"HTTPS://App.Example.COM", "https://app.example.com"},
      {"http://localhost:3000", "http://localhost:3000"},
      {"https://a.example:443", "https://a.example"},
      {"http://a.example:80", "http://a.example"},
      {"http://a.example:443", "http://a.example:443"},
      {"http://127.0.0.1:1", "http://127.0.0.1:1"},
      {"http://[::1]", "http://[::1]"},
      {"http://[FE80::1]:65535", "http://[fe80::1]:65535"},
      {"https://xn--2e0b27l.example", "https://xn--2e0b27l.example"},
      {"chrome-extension://abcdefgh", "chrome-extension://abcdefgh"},
      {"*", "*"},
  };
  for (const auto& row : rows) {
    const auto origin = AllowedOrigin::Parse(row.text);
    ASSERT_TRUE(origin) << origin.error();
    EXPECT_EQ(origin->text(), row.origin);
    EXPECT_EQ(origin->any(), origin->text() == "*");
  }
}

TEST(AllowedOrigin, InvalidTextIsRefusedWithTheReason) {
  const struct {
    const char* text;
    const char* why;
  } rows[] = {
      {"", "scheme"},
      {"app.example.com", "scheme"},
      {"localhost:3000", "scheme"},
      {"://a", "scheme"},
      {"1http://a", "scheme"},
      {" https://a", "scheme"},
      {"https://a.example/", "slash"},
      {"https://a.example/app", "slash"},
      {"https://a.example?x", "slash"},
      {"https://a.example#x", "slash"},
      {"https://*.example.com", "patterns"},
      {"https://", "host"},
      {"https://:443", "host"},
      {"https://user@a.example", "host"},
      {"https://a b", "host"},
      {"https://쿠폰.example", "host"},
      {"https://a,https", "host"},
      {"http://::1", "host"},
      {"http://[]", "host"},
      {"http://[::1", "host"},
      {"http://[::1]x", "host"},
      {"http://a.example:", "port"},
      {"http://a.example:0", "port"},
      {"http://a.example:080", "port"},
      {"http://a.example:65536", "port"},
      {"http://a.example:x", "port"},
      {"http://a.example:-1", "port"},
      {"null", "anybody"},
      {"**", "scheme"},
  };
  for (const auto& row : rows) {
    const auto origin = AllowedOrigin::Parse(row.text);
    ASSERT_FALSE(origin) << row.text;
    EXPECT_THAT(origin.error(), HasSubstr(std::string("\"") + row.text + "\" is no origin"));
    EXPECT_THAT(origin.error(), HasSubstr(row.why));
    EXPECT_THAT(origin.error(), HasSubstr("https://app.example.com"));
  }
}

}  // namespace
}  // namespace coupond::connect
