#include "coupond/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_directory.h"

namespace coupond {
namespace {

std::expected<ServerOptions, int> Parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "coupond");
  return ParseServerOptions(static_cast<int>(flags.size()), flags.data());
}

TEST(TlsOptions, GoTogether) {
  const auto both = Parse({"--tls-cert", "c.pem", "--tls-key", "k.pem"});
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->tls.certificate, "c.pem");
  EXPECT_EQ(both->tls.key, "k.pem");
  const auto all = Parse({"--tls-cert", "c.pem", "--tls-key", "k.pem", "--tls-client-ca", "a.pem"});
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->tls.client_ca, "a.pem");
  for (const std::vector<const char*>& flags :
       {std::vector<const char*>{"--tls-cert", "c.pem"}, {"--tls-key", "k.pem"}}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(Parse(flags).error(), 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                testing::HasSubstr("--tls-cert and --tls-key go together"));
  }
  testing::internal::CaptureStderr();
  EXPECT_EQ(Parse({"--tls-client-ca", "a.pem"}).error(), 2);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("--tls-client-ca needs --tls-cert"));
}

TEST(Advised, NamesTheOptionThatCorrectsAnError) {
  const auto advised = [](StartStep step, ErrorCode code) {
    return Advised(step, Error{code, "it failed"}).message;
  };
  EXPECT_EQ(advised(StartStep::kListen, ErrorCode::kCannotListen),
            "it failed. Use --listen to choose another address");
  EXPECT_EQ(advised(StartStep::kListenForOperation, ErrorCode::kCannotListen),
            "it failed. Use --ops-listen to choose another address");
  EXPECT_EQ(advised(StartStep::kOpenStore, ErrorCode::kDataDirectoryInUse),
            "it failed. Use --data-dir to choose another directory");
  EXPECT_EQ(advised(StartStep::kOpenStore, ErrorCode::kNotADataDirectory),
            "it failed. Use --data-dir to choose another directory");
  EXPECT_EQ(advised(StartStep::kOpenStore, ErrorCode::kIsBackup),
            "it failed. Use --data-dir to start on that one");
  EXPECT_EQ(advised(StartStep::kOpenBackups, ErrorCode::kNotADataDirectory),
            "it failed. Use --backup-dir to choose another directory");
  EXPECT_EQ(advised(StartStep::kOpenBackups, ErrorCode::kInvalidArgument),
            "it failed. Use --backup-dir to choose another directory, best on another disk");
  EXPECT_EQ(advised(StartStep::kOpenStore, ErrorCode::kLogDamaged), "it failed");
}

TEST(ServerOptions, DefaultsListenOnThisMachineOnly) {
  const auto options = Parse({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->listen, (ListenAddress{"127.0.0.1", 8080}));
  EXPECT_EQ(options->data_directory, "./coupon-data");
  EXPECT_GE(options->threads, 1U);
  EXPECT_EQ(options->log_level, "info");
  EXPECT_TRUE(options->cors_origins.empty());
}

TEST(ServerOptions, OperationMayHaveAnAddressOfItsOwn) {
  EXPECT_EQ(Parse({})->ops_listen, std::nullopt);
  const auto options = Parse({"--ops-listen", "127.0.0.1:9090", "--listen", "unix:/run/a.sock"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->ops_listen, (ListenAddress{"127.0.0.1", 9090}));
  EXPECT_EQ(FormatListenAddress(options->listen), "unix:/run/a.sock");
  EXPECT_FALSE(Parse({"--ops-listen", "0.0.0.0:9090"})) << "without access keys";
  EXPECT_FALSE(Parse({"--ops-listen", "9090"}));
}

TEST(ServerOptions, TwoListenersNeedTwoAddresses) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(Parse({"--listen", "127.0.0.1:9090", "--ops-listen", "localhost:9090"}).error(), 2);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("--ops-listen localhost:9090: --listen is there already"));
}

TEST(ServerOptions, AHundredCampaignsMayBeCounted) {
  constexpr const char* kId = "00000000-0000-4000-8000-000000000000";
  std::vector<const char*> flags;
  for (std::size_t i = 0; i < kMetricsCampaignsMax; ++i) {
    flags.insert(flags.end(), {"--metrics-campaign", kId});
  }
  const auto options = Parse(flags);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->metrics_campaigns.size(), kMetricsCampaignsMax);
  flags.insert(flags.end(), {"--metrics-campaign", kId});
  EXPECT_FALSE(Parse(flags));
  EXPECT_FALSE(Parse({"--metrics-campaign", "summer"}));
}

TEST(ServerOptions, TheLastOfTwoValuesWins) {
  const auto options = Parse({"--listen", "127.0.0.1:1", "--threads=2", "--listen=[::1]:2",
                              "--data-dir", "a", "--data-dir", "b", "--threads", "3"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->listen, (ListenAddress{"::1", 2}));
  EXPECT_EQ(options->data_directory, "b");
  EXPECT_EQ(options->threads, 3U);
}

/// Returns the origins as text, joined by spaces.
std::string CorsOrigins(const std::expected<ServerOptions, int>& options) {
  std::string text;
  if (!options) return "exit status " + std::to_string(options.error());
  for (const auto& origin : options->cors_origins) text += origin.text() + " ";
  return text;
}

TEST(ServerOptions, EveryCorsOriginIsKept) {
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

TEST(ServerOptions, CorsOriginsInAFileAreAListThatOptionsOverride) {
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

/// Returns the error message for a configuration file with this content.
std::string ToldOfFile(const std::string& content, std::vector<const char*> flags = {}) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.path() / "coupond.toml";
  std::ofstream(file) << content;
  flags.insert(flags.begin(), {"--config", file.c_str()});
  testing::internal::CaptureStderr();
  const auto options = Parse(std::move(flags));
  std::string told = testing::internal::GetCapturedStderr();
  if (options) return "read";
  EXPECT_EQ(options.error(), 2) << content;
  return told.substr(0, told.find('\n'));
}

TEST(ServerOptions, AnInvalidFileIsAUsageErrorThatNamesTheLine) {
  const struct {
    std::string content;
    std::string told;
  } rows[] = {
      {"data-dir = \"\"", "line 1: data-dir: the value is empty"},
      {"\ndata-dir = \"  \"", "line 2: data-dir: the value has only blanks"},
      {"backup-dir = \"/srv\\u0000/b\"", "line 1: backup-dir: the value has a NUL character"},
      {"--threads = 1", "line 1: --threads: options are written without dashes"},
      {"-h = true", "line 1: -h: options are written without dashes"},
      {"backup-dir = ''", "line 1: backup-dir: the value is empty"},
      {"cors-origin = []", "line 1: cors-origin: the array is empty"},
      {"cors-origin = [\"\"]", "line 1: cors-origin: the value is empty"},
      {"threads = 0100", "line 1: "},
      {"threads = 0x10", "--threads: \"0x10\" is not a whole number"},
      {"threads = 0o10", "--threads: \"0o10\" is not a whole number"},
      {"threads = +5", "--threads: \"+5\" is not a whole number"},
      {"threads = 1_0  # ten", "--threads: \"1_0\" is not a whole number"},
      {"threads = -1", "--threads: \"-1\" is not a whole number"},
      {"threads = 0", "--threads: \"0\" is too small"},
      {"threads = 1e1", "line 1: threads must be a whole number"},
      {"threads = \"4\"", "line 1: threads must be a whole number, without quotes"},
      {"threads = [1, 2]", "line 1: threads takes one value, not an array"},
      {"threads = true", "line 1: threads must be a whole number"},
      {"threads", "line 1: "},
      {"threads = 1\nthreads = 2", "line 2: "},
      {"data-dir = 5", "line 1: data-dir must be a string in quotes"},
      {"data-dir = /var/lib/coupond", "line 1: "},
      {"[server]\nthreads = 1", "must not contain tables such as [server]"},
      {"server.threads = 1", "must not contain tables such as [server]"},
      {"thread = 1", "\"thread\", which is not an option; did you mean threads?"},
      {"config = \"other.toml\"", "\"config\", which can only be given on the command line"},
      {"version = true", "\"version\", which can only be given on the command line"},
      {"data-dir = \"\xba\xbd\"", "the file is not UTF-8"},
      {"log-level = \"INFO\"",
       "--log-level: \"INFO\" is not one of its values; give one of: debug, "},
      {"# " + std::string(1'100'000, 'x'), "larger than 1 MiB"},
  };
  for (const auto& [content, told] : rows) {
    EXPECT_THAT(ToldOfFile(content), testing::HasSubstr(told)) << content.substr(0, 100);
  }
  // Even if the command line overrides the option.
  EXPECT_THAT(ToldOfFile("data-dir = \"\"", {"--data-dir", "x"}),
              testing::HasSubstr("data-dir: the value is empty"));
}

TEST(ServerOptions, AFileIsToml) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.path() / "coupond.toml";
  std::ofstream(file) << "\xEF\xBB\xBF# a comment\r\ndata-dir = \"/srv/여름 #1\"  # in quotes\r\n"
                         "threads = 3\nlog-level = 'debug'\n";
  const auto options = Parse({"--config", file.c_str()});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->data_directory, "/srv/여름 #1");
  EXPECT_EQ(options->threads, 3U);
  EXPECT_EQ(options->log_level, "debug");
  // A number right after the byte order mark.
  std::ofstream(file) << "\xEF\xBB\xBFthreads = 12";
  EXPECT_EQ(Parse({"--config", file.c_str()}).value().threads, 12U);
}

TEST(ServerOptions, AnUnreadableFileIsNamed) {
  const test::TemporaryDirectory directory;
  const std::string none = directory.path() / "none.toml";
  const struct {
    std::string path;
    std::string told;
  } rows[] = {{none, "cannot read \"" + none + "\": No such file or directory"},
              {directory.path().string(),
               "\"" + directory.path().string() + "\" is a directory, not a file"}};
  for (const auto& [path, told] : rows) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(Parse({"--config", path.c_str()}).error(), 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("--config: " + told));
  }
}

TEST(ServerOptions, DurationsHaveBounds) {
  using std::chrono::milliseconds;
  const auto options = Parse({"--heartbeat", "1.5s", "--idle-timeout=2m", "--drain-delay", "20s"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->http.heartbeat, milliseconds(1'500));
  EXPECT_EQ(options->http.idle_timeout, milliseconds(120'000));
  EXPECT_EQ(options->http.drain_delay, milliseconds(20'000));
  const auto defaults = Parse({});
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->http.heartbeat, milliseconds(20'000));
  EXPECT_EQ(defaults->http.idle_timeout, milliseconds(75'000));
  EXPECT_EQ(defaults->http.drain_delay, milliseconds(0));
  EXPECT_EQ(defaults->clock_slack, std::chrono::minutes(5));
  EXPECT_EQ(Parse({"--clock-slack", "30s"})->clock_slack, std::chrono::seconds(30));
  EXPECT_EQ(defaults->busy_wait, milliseconds(0));
  EXPECT_EQ(Parse({"--busy-wait", "1ms"})->busy_wait, milliseconds(1));
  const struct {
    const char* flag;
    std::vector<const char*> right;
    std::vector<const char*> wrong;
  } rows[] = {{"--heartbeat", {"100ms", "5m"}, {"99ms", "6m", "0s", "20", "-1s", "", "99.9999ms"}},
              {"--idle-timeout", {"1s", "24h", "1d"}, {"999ms", "0s", "25h", "75", ""}},
              {"--busy-wait", {"0s", "0.5ms", "10ms"}, {"11ms", "-1ms", "1", ""}},
              {"--drain-delay", {"0s", "1h"}, {"-1s", "61m", "", "0"}},
              {"--clock-slack", {"1s", "5m", "365d"}, {"0s", "999ms", "366d", "5", ""}}};
  for (const auto& row : rows) {
    for (const char* text : row.right) EXPECT_TRUE(Parse({row.flag, text})) << row.flag << text;
    for (const char* text : row.wrong) {
      const auto wrong = Parse({row.flag, text});
      ASSERT_FALSE(wrong) << row.flag << text;
      EXPECT_EQ(wrong.error(), 2);
    }
  }
}

TEST(ServerOptions, HttpOptionsMayBeInAFile) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.path() / "coupond.toml";
  std::ofstream(file) << "host = [\"a.example\", \"b.example\"]\nheartbeat = \"1s\"\n";
  const auto options = Parse({"--config", file.c_str()});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->http.hosts.size(), 2U);
  EXPECT_EQ(options->http.heartbeat, std::chrono::seconds(1));
  std::ofstream(file) << "heartbeat = 1\n";
  EXPECT_FALSE(Parse({"--config", file.c_str()}));
}

TEST(ServerOptions, HostsAndHeadersMayBeRepeated) {
  const auto options = Parse({"--host", "a.example", "--host=b.example:8443", "--cors-header",
                              "X-A", "--cors-header", "X-B"});
  ASSERT_TRUE(options);
  ASSERT_EQ(options->http.hosts.size(), 2U);
  EXPECT_TRUE(options->http.hosts[1].Matches(*http::ParseAuthority("B.example:8443")));
  EXPECT_EQ(options->http.cors_headers, (std::vector<std::string>{"X-A", "X-B"}));
  for (const char* name : {"", "a b", "https://a.example", "a.example/", "*.example", "x:99999"}) {
    const auto wrong = Parse({"--host", name});
    EXPECT_TRUE(!wrong && wrong.error() == 2) << name;
  }
  for (const char* name : {"", "a b", "a:", "X-A,X-B"}) {
    const auto wrong = Parse({"--cors-header", name});
    EXPECT_TRUE(!wrong && wrong.error() == 2) << name;
  }
}

TEST(ServerOptions, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(Parse({"--help"}).error(), 0);
  EXPECT_EQ(Parse({"--version"}).error(), 0);
  EXPECT_EQ(Parse({"--dance"}).error(), 2);
}

}  // namespace
}  // namespace coupond
