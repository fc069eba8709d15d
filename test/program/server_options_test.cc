#include "server_options.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace coupond {
namespace {

std::expected<ServerOptions, int> Parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "coupond");
  return ParseServerOptions(static_cast<int>(flags.size()), flags.data());
}

TEST(ListenAddress, IsAHostAndAPort) {
  const struct {
    const char* text;
    ListenAddress address;
  } rows[] = {
      {"127.0.0.1:8080", {"127.0.0.1", 8080}}, {"localhost:0", {"localhost", 0}},
      {"[::1]:8080", {"::1", 8080}},           {"[fe80::1]:65535", {"fe80::1", 65535}},
      {"0.0.0.0:1", {"0.0.0.0", 1}},
  };
  for (const auto& row : rows) EXPECT_EQ(ParseListenAddress(row.text), row.address) << row.text;
}

TEST(ListenAddress, AnythingElseIsNone) {
  for (const char* text : {"",
                           ":",
                           "8080",
                           ":8080",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:x",
                           "127.0.0.1:80 80",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+1",
                           "127.0.0.1: 1",
                           "::1:8080",
                           "[::1]",
                           "[::1]8080",
                           "[]:8080",
                           "[:8080",
                           "[::1:8080",
                           "::1]:8080",
                           "[::1]x:8080"}) {
    EXPECT_FALSE(ParseListenAddress(text)) << text;
  }
}

TEST(ServerOptions, DefaultsKeepToThisMachine) {
  const auto options = Parse({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->listen, (ListenAddress{"127.0.0.1", 8080}));
  EXPECT_EQ(options->data_directory, "./coupon-data");
  EXPECT_GE(options->threads, 1U);
  EXPECT_EQ(options->log_level, "info");
  EXPECT_TRUE(options->cors_origins.empty());
}

TEST(ServerOptions, TheLastOfTwoFlagsCounts) {
  const auto options = Parse({"--listen", "127.0.0.1:1", "--threads=2", "--listen=[::1]:2",
                              "--data-dir", "a", "--data-dir", "b", "--threads", "3"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->listen, (ListenAddress{"::1", 2}));
  EXPECT_EQ(options->data_directory, "b");
  EXPECT_EQ(options->threads, 3U);
}

/// The origins as text, joined by spaces.
std::string CorsOrigins(const std::expected<ServerOptions, int>& options) {
  std::string text;
  if (!options) return "exit status " + std::to_string(options.error());
  for (const auto& origin : options->cors_origins) text += origin.text() + " ";
  return text;
}

TEST(ServerOptions, EveryCorsOriginCounts) {
  EXPECT_EQ(CorsOrigins(Parse({"--cors-origin", "https://a.example", "--threads", "1",
                               "--cors-origin=HTTP://localhost:3000"})),
            "https://a.example http://localhost:3000 ");
  EXPECT_EQ(CorsOrigins(Parse({"--cors-origin", "*"})), "* ");
  EXPECT_EQ(CorsOrigins(Parse({"--cors-origin", "https://a.example", "https://b.example"})),
            "exit status 2");
  EXPECT_EQ(
      CorsOrigins(Parse({"--cors-origin", "https://a.example", "--cors-origin", "b.example"})),
      "exit status 2");
  EXPECT_EQ(CorsOrigins(Parse({"--cors-origin", ""})), "exit status 2");
  EXPECT_EQ(CorsOrigins(Parse({"--cors-origin"})), "exit status 2");
}

TEST(ServerOptions, CorsOriginsInAFileAreAListAndFlagsGoBeforeIt) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.path() / "coupond.toml";
  std::ofstream(file) << "cors-origin = [\"https://a.example\", \"https://b.example\"]\n";
  EXPECT_EQ(CorsOrigins(Parse({"--config", file.c_str()})), "https://a.example https://b.example ");
  EXPECT_EQ(CorsOrigins(Parse({"--config", file.c_str(), "--cors-origin", "https://c.example"})),
            "https://c.example ");
  std::ofstream(file) << "cors-origin = \"https://a.example\"\n";
  EXPECT_EQ(CorsOrigins(Parse({"--config", file.c_str()})), "https://a.example ");
  std::ofstream(file) << "cors-origin = [\"https://a.example/\"]\n";
  EXPECT_EQ(CorsOrigins(Parse({"--config", file.c_str()})), "exit status 2");
}

TEST(ServerOptions, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(Parse({"--help"}).error(), 0);
  EXPECT_EQ(Parse({"--version"}).error(), 0);
  EXPECT_EQ(Parse({"--dance"}).error(), 2);
}

}  // namespace
}  // namespace coupond
