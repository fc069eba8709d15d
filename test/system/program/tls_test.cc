#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "rpc/http/tls_files.h"
#include "support/at_some_pace.h"
#include "support/certificates.h"
#include "support/tls_client.h"
#include "system/program/http_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The real server over TLS, with its own client and others'.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::chrono::seconds kPatience{60};
constexpr std::string_view kReady = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";

class TlsProgram : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> Flags() const {
    std::vector<std::string> flags{"--tls-cert", tls_.files.certificate, "--tls-key",
                                   tls_.files.key};
    if (!tls_.files.client_ca.empty()) {
      flags.insert(flags.end(), {"--tls-client-ca", tls_.files.client_ca});
    }
    return flags;
  }
  [[nodiscard]] TlsClientOptions Trusting() const {
    return {.authority = tls_.authority.certificate()};
  }
  /// Writes a text and returns the path of its file.
  [[nodiscard]] std::string FileOf(const std::string& name, const std::string& text) const {
    http::TestTlsFiles::WriteTo(tls_.Path(name), text);
    return tls_.Path(name);
  }
  [[nodiscard]] std::string AuthorityFile() const {
    return FileOf("ca.pem", tls_.authority.certificate());
  }
  static std::string Url(const ServerProcess& server, const std::string& scheme = "https") {
    return scheme + "://127.0.0.1:" + std::to_string(server.port());
  }
  /// Runs couponctl with these words. Returns what it has written.
  static std::string Ctl(const std::string& url, const std::vector<std::string>& words,
                         int status = 0) {
    std::vector<std::string> command{COUPONCTL_PATH, "--server", url};
    command.insert(command.end(), words.begin(), words.end());
    Process process(command);
    EXPECT_EQ(process.WaitForExit(kPatience), status) << process.output();
    return process.output();
  }
  /// Creates a campaign that is open at once, and returns its id.
  [[nodiscard]] std::string Create(const ServerProcess& server, int total) const {
    const std::string created =
        Ctl(Url(server), {"create", "--name", "summer", "--total", std::to_string(total),
                          "--start-in", "0s", "--json", "--ca-file", AuthorityFile()});
    return IdIn(created);
  }
  /// Returns the id of the campaign that `couponctl create --json` has printed.
  static std::string IdIn(const std::string& created) {
    return created.substr(created.find(R"("id":")") + 6, 36);
  }

  http::TestTlsFiles tls_;
};

TEST_F(TlsProgram, ServesHttpsAlone) {
  const ServerProcess server(Flags());
  EXPECT_THAT(server.output(), AllOf(HasSubstr("ready on https://127.0.0.1:"),
                                     HasSubstr("the certificate is for CN=localhost, until ")));
  TlsClient client(server.port(), Trusting());
  ASSERT_TRUE(client.ready()) << client.error();
  EXPECT_EQ(client.version(), "TLSv1.3");
  EXPECT_THAT(client.Ask(kReady).value_or(""), StartsWith("HTTP/1.1 200 "));
  TlsClientOptions old = Trusting();
  old.version_max = TLS1_1_VERSION;
  old.ciphers = "ALL:@SECLEVEL=0";
  EXPECT_FALSE(TlsClient(server.port(), old).ready());
  EXPECT_THAT(Ctl(Url(server, "http"), {"list"}, 3), HasSubstr("check --server"));
}

TEST_F(TlsProgram, CurlTrustsIt) {
  const ServerProcess server(Flags());
  const std::string url = Url(server) + "/readyz";
  const auto curl = [&url](const std::vector<std::string>& options) {
    std::vector<std::string> command{"/usr/bin/curl", "-sS", "--max-time", "50", url};
    command.insert(command.end(), options.begin(), options.end());
    Process process(command);
    return process.WaitForExit(kPatience);
  };
  EXPECT_EQ(curl({"--fail", "--cacert", AuthorityFile()}), 0);
  EXPECT_EQ(curl({"--fail", "--cacert", AuthorityFile(), "--tlsv1.2", "--tls-max", "1.2"}), 0);
  EXPECT_EQ(curl({}), 60) << "nobody vouches for the certificate";
}

TEST_F(TlsProgram, CouponctlIssuesACoupon) {
  const ServerProcess server(Flags());
  const std::string url = Url(server);
  const std::string ca = AuthorityFile();
  const std::string id = Create(server, 1);
  EXPECT_GT(Ctl(url, {"issue", id, "--user-id", "kim", "--ca-file", ca}).size(), 10U);
  EXPECT_THAT(Ctl(url, {"coupons", id, "--json", "--ca-file", ca}), HasSubstr("kim"));
  // Watching ends by itself, because it is sold out.
  EXPECT_THAT(
      Ctl("https://localhost:" + std::to_string(server.port()), {"watch", id, "--ca-file", ca}),
      HasSubstr("summer"));
}

TEST_F(TlsProgram, CouponctlPutsItUnderLoad) {
  const ServerProcess server(Flags());
  const std::string id = Create(server, 1000);
  const std::string report =
      Ctl(Url(server), {"load", id, "--ca-file", AuthorityFile(), "--rate", "1000", "--duration",
                        "300ms", "--drain", "60s", "--users", "250", "--redeem", "--json"});
  EXPECT_THAT(report, AllOf(HasSubstr(R"("sent":300,)"), HasSubstr(R"("issued":250,)"),
                            HasSubstr(R"("redeemed":250,)"), HasSubstr(R"("state":"passed")"),
                            HasSubstr(R"("secondRedemptions":84)")));
}

TEST_F(TlsProgram, ALoadGoesOnWhenTheServerIsBack) {
  EXPECT_TRUE(AtSomePace([this](int pace) {
    ServerProcess server(Flags());
    const std::string id = Create(server, 1000);
    Process load({COUPONCTL_PATH, "--server", Url(server), "load", id, "--ca-file", AuthorityFile(),
                  "--rate", std::to_string(300 / pace), "--duration",
                  std::to_string(3 * pace) + "s", "--drain", "60s", "--retry", "--retry-for", "10m",
                  "--progress"});
    const bool was_seen = load.WaitForLine("sent ", 2 * kPatience).has_value();
    if (was_seen) {
      server.Kill();
      server.Start(server.port());
    }
    EXPECT_EQ(load.WaitForExit(std::chrono::minutes(10)), 0) << load.output();
    EXPECT_THAT(load.output(), AllOf(HasSubstr("consistency: ok (900 of 1000 issued"),
                                     Not(HasSubstr("outcome unknown"))));
    return was_seen && load.output().find("error: connection ") != std::string::npos;
  })) << "the load was over before the server was killed";
}

TEST_F(TlsProgram, CouponctlSaysWhatToDoAboutACertificate) {
  const ServerProcess server(Flags());
  EXPECT_THAT(Ctl(Url(server), {"list"}, 3),
              AllOf(HasSubstr("is not trusted"), HasSubstr("--ca-file FILE")));
  const CertificateAuthority other("another CA");
  EXPECT_THAT(Ctl(Url(server), {"list", "--ca-file", FileOf("other.pem", other.certificate())}, 3),
              AllOf(HasSubstr("is not trusted"), HasSubstr("--ca-file FILE")));
  const std::string nowhere = tls_.Path("nowhere.pem");
  EXPECT_THAT(Ctl(Url(server), {"list", "--ca-file", nowhere}, 2), HasSubstr(nowhere));
  EXPECT_THAT(Ctl(Url(server, "http"), {"list", "--ca-file", AuthorityFile()}, 2),
              HasSubstr("https://"));
  const ServerProcess plain;
  EXPECT_THAT(Ctl(Url(plain), {"list"}, 3), HasSubstr("does not speak TLS"));
  EXPECT_THAT(Ctl(Url(plain), {"load", "x"}, 3), HasSubstr("does not speak TLS"));
  EXPECT_THAT(Ctl(Url(server), {"load", "x"}, 3),
              AllOf(HasSubstr("is not trusted"), HasSubstr("--ca-file FILE")));
  EXPECT_THAT(Ctl(Url(server), {"load", "x", "--skip-check"}, 3), HasSubstr("--ca-file FILE"));
}

TEST_F(TlsProgram, CouponctlRefusesACertificateOfAnotherName) {
  tls_.Write(tls_.authority.Issue({.subject = "shop", .names = "DNS:shop.example.com"}));
  const ServerProcess server(Flags());
  EXPECT_THAT(Ctl(Url(server), {"list", "--ca-file", AuthorityFile()}, 3),
              HasSubstr("is not for 127.0.0.1"));
  EXPECT_THAT(Ctl(Url(server), {"load", "x", "--skip-check", "--ca-file", AuthorityFile()}, 3),
              HasSubstr("is not for 127.0.0.1"));
}

TEST_F(TlsProgram, ARenewalFailsNoRequest) {
  ServerProcess server(Flags());
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  const auto ask = [&](TlsClient& client) {
    const std::string answer = client.Ask(kReady).value_or("");
    ++(answer.starts_with("HTTP/1.1 200 ") ? answered : failed);
  };
  std::vector<std::jthread> clients;
  clients.emplace_back([&] {  // on one connection
    TlsClient client(server.port(), Trusting());
    while (!over) ask(client);
  });
  clients.emplace_back([&] {  // on many
    while (!over) {
      TlsClient client(server.port(), Trusting());
      ask(client);
    }
  });
  constexpr int kRenewals = 5;
  for (int i = 1; i <= kRenewals; ++i) {
    const int before = answered;
    tls_.Write(tls_.authority.Issue({.subject = "renewed " + std::to_string(i)}));
    server.process().Signal(SIGHUP);
    EXPECT_TRUE(server.WaitForLog("the certificate is for CN=renewed " + std::to_string(i)))
        << server.output();
    while (answered < before + 20 && failed == 0) std::this_thread::yield();
  }
  over = true;
  clients.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(TlsClient(server.port(), Trusting()).ServerName(), "renewed 5");
}

TEST_F(TlsProgram, HandshakesThatDoNotEndHoldUpNobody) {
  ServerProcess server(Flags());
  const std::string campaign = Create(server, 100);
  // The head of a record of 512 bytes, and the beginning of the ClientHello in it.
  const std::string beginning("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  std::vector<HttpClient> slow;
  for (int i = 0; i < 300; ++i) slow.emplace_back(server.port()).Send(beginning);
  for (int i = 0; i < 20; ++i) {
    for (HttpClient& client : slow) client.Send(std::string(1, '\0'));
    TlsClient client(server.port(), Trusting());
    ASSERT_TRUE(client.ready()) << client.error();
    EXPECT_THAT(client
                    .Ask(PostRequest("/IssueCoupon", "application/json",
                                     R"({"campaignId":")" + campaign + "\"}"))
                    .value_or(""),
                HasSubstr(R"("code":)"));
    EXPECT_GE(server.OpenSockets(), slow.size());
  }
}

// As programs that renew certificates do, without a word to the server.
TEST_F(TlsProgram, FilesMayBeReplacedOneAfterTheOther) {
  const ServerProcess server(Flags());
  const CertificateAndKey next = tls_.authority.Issue({.subject = "next"});
  http::TestTlsFiles::WriteTo(tls_.files.certificate, next.certificate);
  EXPECT_TRUE(server.WaitForLog("what was read before still holds")) << server.output();
  EXPECT_THAT(server.output(), HasSubstr(tls_.files.key + " is not the key of the certificate"));
  EXPECT_EQ(TlsClient(server.port(), Trusting()).ServerName(), "localhost");
  http::TestTlsFiles::WriteTo(tls_.files.key, next.key);
  EXPECT_TRUE(server.WaitForLog("read the certificate again")) << server.output();
  EXPECT_EQ(TlsClient(server.port(), Trusting()).ServerName(), "next");
}

TEST_F(TlsProgram, ClientsShowTheirCertificates) {
  const CertificateAuthority clients("clients");
  tls_.DemandCertificatesOf(clients);
  const ServerProcess server(Flags());
  const std::string ca = AuthorityFile();
  EXPECT_THAT(Ctl(Url(server), {"list", "--ca-file", ca}, 3),
              AllOf(HasSubstr("wants a client certificate"), HasSubstr("--client-cert FILE")));
  const CertificateAndKey own = clients.Issue({.subject = "operator"});
  const std::string certificate = FileOf("own.pem", own.certificate);
  const std::string key = FileOf("own.key", own.key);
  const std::vector<std::string> shown{"--ca-file",    ca,  "--client-cert", certificate,
                                       "--client-key", key, "--json"};
  const auto ctl = [&](std::vector<std::string> words) {
    words.insert(words.end(), shown.begin(), shown.end());
    return Ctl(Url(server), words);
  };
  const std::string id =
      IdIn(ctl({"create", "--name", "summer", "--total", "10", "--start-in", "0s"}));
  EXPECT_THAT(ctl({"load", id, "--rate", "100", "--duration", "50ms", "--drain", "60s"}),
              HasSubstr(R"("issued":5,)"));
  EXPECT_THAT(Ctl(Url(server), {"load", id, "--skip-check", "--ca-file", ca}, 3),
              HasSubstr("--client-cert FILE"));
  EXPECT_THAT(Ctl(Url(server), {"list", "--ca-file", ca, "--client-cert", certificate}, 2),
              HasSubstr("--client-key"));
}

TEST_F(TlsProgram, AStartNeedsFilesThatFit) {
  const std::string data = tls_.Path("data");
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> flags{"--listen", "127.0.0.1:0", "--data-dir", data};
    flags.insert(flags.end(), more.begin(), more.end());
    return RunServerProgram(flags);
  };
  EXPECT_EQ(run({"--tls-cert", tls_.files.certificate}).exit_status, 2);
  http::TestTlsFiles::WriteTo(tls_.files.key, tls_.authority.Issue().key);
  const Ran refused = run(Flags());
  EXPECT_EQ(refused.exit_status, 1);
  EXPECT_THAT(refused.output, HasSubstr(tls_.files.key + " is not the key of the certificate"));
  EXPECT_FALSE(std::filesystem::exists(data)) << "nothing is left behind";
}

TEST_F(TlsProgram, WarnsOfWhatIsUnwise) {
  tls_.Write(tls_.authority.Issue({.expires_in = std::chrono::hours(24 * 5)}));
  std::filesystem::permissions(tls_.files.key, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const ServerProcess soon(Flags());
  EXPECT_THAT(soon.output(), AllOf(HasSubstr("the certificate expires "),
                                   HasSubstr("chmod 600 " + tls_.files.key)));
  tls_.Write(tls_.authority.Issue({.expires_in = -std::chrono::hours(1)}));
  const ServerProcess expired(Flags());
  EXPECT_THAT(expired.output(),
              AllOf(HasSubstr("the certificate expired "), Not(HasSubstr("chmod 600"))));
}

TEST_F(TlsProgram, NeitherKeyNorTrafficIsLogged) {
  std::vector<std::string> flags = Flags();
  flags.insert(flags.end(), {"--log-level", "trace"});
  ServerProcess server(flags);
  const std::size_t before = server.output().size();
  for (int i = 0; i < 20; ++i) {
    TlsClientOptions old = Trusting();
    old.version_max = TLS1_1_VERSION;
    old.ciphers = "ALL:@SECLEVEL=0";
    EXPECT_FALSE(TlsClient(server.port(), old).ready());
  }
  EXPECT_EQ(server.output().size(), before) << "failed handshakes write no lines";
  EXPECT_EQ(server.Stop(), 0);
  EXPECT_THAT(server.output(), Not(HasSubstr("PRIVATE KEY")));
}

}  // namespace
}  // namespace coupond::test
