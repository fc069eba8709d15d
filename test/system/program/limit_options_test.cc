#include "coupond/limit_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <expected>
#include <fstream>
#include <string>
#include <vector>

#include "coupond/options.h"
#include "support/temporary_directory.h"

namespace coupond {
namespace {

class TrustedProxyOption : public testing::Test {
 protected:
  static std::expected<ServerOptions, int> Parse(std::vector<const char*> flags) {
    flags.insert(flags.begin(), "coupond");
    return ParseServerOptions(static_cast<int>(flags.size()), flags.data());
  }
};

TEST_F(TrustedProxyOption, TakesNetworksAndSockets) {
  const auto none = Parse({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->limits.asking.proxies.any());
  const auto networks = Parse({"--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "::1"});
  ASSERT_TRUE(networks);
  EXPECT_EQ(networks->limits.asking.proxies.networks.size(), 2U);
  EXPECT_FALSE(networks->limits.asking.proxies.sockets);
  const auto both = Parse(
      {"--listen", "unix:/run/a.sock", "--trusted-proxy", "unix", "--trusted-proxy", "10.0.0.0/8"});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->limits.asking.proxies.networks.size(), 1U);
  EXPECT_TRUE(both->limits.asking.proxies.sockets);
  EXPECT_TRUE(both->limits.asking.proxies.any());
}

TEST_F(TrustedProxyOption, UnixNeedsASocketInListen) {
  const std::vector<std::vector<const char*>> without_socket = {
      {"--trusted-proxy", "unix"}, {"--ops-listen", "unix:/run/a.sock", "--trusted-proxy", "unix"}};
  for (const std::vector<const char*>& flags : without_socket) {
    testing::internal::CaptureStderr();
    const auto refused = Parse(flags);
    EXPECT_TRUE(!refused && refused.error() == 2) << flags.front();
    EXPECT_THAT(
        testing::internal::GetCapturedStderr(),
        testing::HasSubstr("--trusted-proxy unix is for a proxy that connects to a socket, so it "
                           "cannot be given without a socket in --listen (unix:PATH)"));
  }
  for (const char* text : {"Unix", "unix:", "unix:/run/a.sock", "proxy.example"}) {
    testing::internal::CaptureStderr();
    const auto wrong = Parse({"--listen", "unix:/run/a.sock", "--trusted-proxy", text});
    EXPECT_TRUE(!wrong && wrong.error() == 2) << text;
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                testing::HasSubstr("or give unix, for a proxy that connects to a socket"));
  }
}

TEST_F(TrustedProxyOption, InAFileIsAListThatOptionsOverride) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.path() / "coupond.toml";
  std::ofstream(file) << "listen = \"unix:/run/a.sock\"\ntrusted-proxy = [\"unix\", \"::1\"]\n";
  const auto options = Parse({"--config", file.c_str()});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->limits.asking.proxies.sockets);
  EXPECT_EQ(options->limits.asking.proxies.networks.size(), 1U);
  const auto overridden = Parse({"--config", file.c_str(), "--trusted-proxy", "10.0.0.0/8"});
  ASSERT_TRUE(overridden);
  EXPECT_FALSE(overridden->limits.asking.proxies.sockets);
}

}  // namespace
}  // namespace coupond
