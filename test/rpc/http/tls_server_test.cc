#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/tls_files.h"
#include "rpc/http/wire_client.h"
#include "support/at_some_pace.h"
#include "support/tls_client.h"

// The HTTP server over TLS, against OpenSSL's client.
namespace coupond::http {
namespace {

using test::TlsClient;
using test::TlsClientOptions;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kLastGet =
    "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

std::string Post(const std::string& body) {
  return "POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class TlsServerTest : public testing::Test {
 protected:
  void Start(HandleFunction handle = Echo, Limits limits = {}, unsigned threads = 1) {
    context_ = tls_.Load();
    server_.emplace(std::move(handle), limits, threads, "127.0.0.1", context_);
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] TlsClientOptions Trusting() const {
    return {.authority = tls_.authority.certificate()};
  }
  /// Expects that a new client is served.
  void ExpectServed() const {
    TlsClient client(port(), Trusting());
    ASSERT_TRUE(client.ready()) << client.error();
    EXPECT_THAT(client.Ask(kGet).value_or(""), HasSubstr("GET /a?"));
  }

  TestTlsFiles tls_;
  std::shared_ptr<TlsContext> context_;
  std::optional<RunningServer> server_;
};

TEST_F(TlsServerTest, AnswersRequestsOnOneConnection) {
  Start();
  TlsClientOptions options = Trusting();
  options.protocols = "\x02h2\x08http/1.1";
  TlsClient client(port(), options);
  ASSERT_TRUE(client.ready()) << client.error();
  EXPECT_EQ(client.version(), "TLSv1.3");
  EXPECT_EQ(client.protocol(), "http/1.1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(client.Ask(kGet).value_or(""),
                AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("GET /a?")));
  }
  EXPECT_THAT(client.Ask(kLastGet).value_or(""), HasSubstr("GET /a?"));
  EXPECT_EQ(client.Receive(), std::nullopt);
  EXPECT_EQ(client.end(), TlsClient::End::kOrderly);
}

TEST_F(TlsServerTest, AnswersPipelinedRequests) {
  Start();
  TlsClient client(port(), Trusting());
  ASSERT_TRUE(client.Send(std::string(kGet) + Post("x")));
  std::string received;
  while (received.find("POST /b? x") == std::string::npos) {
    const auto more = client.Receive();
    ASSERT_TRUE(more.has_value()) << client.error() << received;
    received += *more;
  }
  EXPECT_THAT(received, HasSubstr("GET /a?"));
}

TEST_F(TlsServerTest, SpeaksTls12WithStrongCiphersAlone) {
  Start();
  TlsClientOptions options = Trusting();
  options.version_max = TLS1_2_VERSION;
  TlsClient client(port(), options);
  ASSERT_TRUE(client.ready()) << client.error();
  EXPECT_EQ(client.version(), "TLSv1.2");
  EXPECT_THAT(client.cipher(),
              AllOf(StartsWith("ECDHE-"), testing::AnyOf(HasSubstr("GCM"), HasSubstr("CHACHA20"))));
  EXPECT_THAT(client.Ask(kGet).value_or(""), HasSubstr("GET /a?"));
  for (const char* const weak : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                                 "AES128-GCM-SHA256", "AES256-SHA", "DHE-RSA-AES128-GCM-SHA256"}) {
    options.ciphers = weak;
    EXPECT_FALSE(TlsClient(port(), options).ready()) << weak;
  }
}

/// Returns the names of all ciphers of TLS 1.2 and before that OpenSSL has, however weak.
std::vector<std::string> AllCiphers() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  EXPECT_EQ(SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0"), 1);
  std::vector<std::string> names;
  STACK_OF(SSL_CIPHER)* const ciphers = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const std::string name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i));
    if (!name.starts_with("TLS_")) names.push_back(name);  // these are of TLS 1.3
  }
  return names;
}

TEST_F(TlsServerTest, OfAllCiphersThereAreItTakesTheStrongOnes) {
  const std::vector<std::string> ciphers = AllCiphers();
  EXPECT_GT(ciphers.size(), 60U);
  for (const int rsa_bits : {0, 2'048}) {
    tls_.Write(tls_.authority.Issue({.rsa_bits = rsa_bits}));
    Start();
    TlsClientOptions options = Trusting();
    options.version_max = TLS1_2_VERSION;
    std::vector<std::string> taken;
    for (const std::string& cipher : ciphers) {
      options.ciphers = cipher + ":@SECLEVEL=0";
      if (TlsClient(port(), options).ready()) taken.push_back(cipher);
    }
    const std::string kind = rsa_bits == 0 ? "ECDHE-ECDSA-" : "ECDHE-RSA-";
    EXPECT_THAT(
        taken, testing::UnorderedElementsAre(kind + "AES128-GCM-SHA256", kind + "AES256-GCM-SHA384",
                                             kind + "CHACHA20-POLY1305"));
  }
}

// More than what waits to be sent may have, so that OpenSSL has to go on in the middle of it.
TEST_F(TlsServerTest, ALongChainOfCertificatesArrivesWhole) {
  std::string names = "DNS:localhost,IP:127.0.0.1";
  for (int i = 0; i < 60; ++i) names += ",DNS:" + std::string(60, 'a') + std::to_string(i);
  const test::CertificateAndKey own = tls_.authority.Issue();
  std::string chain = own.certificate;
  while (chain.size() < std::size_t{120} * 1'024) {
    chain += tls_.authority.Issue({.names = names}).certificate;
  }
  tls_.Write({.certificate = chain, .key = own.key});
  Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options = Trusting();
    options.version_max = version;
    TlsClient client(port(), options);
    ASSERT_TRUE(client.ready()) << client.error();
    EXPECT_THAT(client.Ask(kGet).value_or(""), HasSubstr("GET /a?"));
  }
}

TEST_F(TlsServerTest, RefusesOlderVersions) {
  Start();
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsClientOptions options = Trusting();
    options.version_max = version;
    options.ciphers = "ALL:@SECLEVEL=0";
    const TlsClient client(port(), options);
    EXPECT_FALSE(client.ready()) << version;
    EXPECT_THAT(client.error(), HasSubstr("alert protocol version"));
  }
  EXPECT_EQ(server_->log().size(), 0U);
}

TEST_F(TlsServerTest, RefusesProtocolsOtherThanHttp11) {
  Start();
  TlsClientOptions options = Trusting();
  options.protocols = "\x02h2";
  EXPECT_FALSE(TlsClient(port(), options).ready());
  EXPECT_EQ(server_->log().size(), 0U);
}

TEST_F(TlsServerTest, LargeBodiesArriveWhole) {
  std::string large;
  for (int i = 0; large.size() < (8U << 20U); ++i) large += std::to_string(i) + ",";
  Start([&large](const Request& request, const std::shared_ptr<Exchange>& exchange, Executor&) {
    exchange->Respond(Text(request.method == "GET" ? large : std::string(request.body)));
  });
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options = Trusting();
    options.version_max = version;
    TlsClient client(port(), options);
    const std::string sent = large.substr(0, 70 * 1024);
    const std::string echoed = client.Ask(Post(sent)).value_or("");
    EXPECT_TRUE(echoed.ends_with("\r\n\r\n" + sent)) << echoed.size();
    // Nobody reads for as long as it takes to fill all buffers, and keys change in between.
    ASSERT_TRUE(client.Send(kGet));
    EXPECT_TRUE(version != TLS1_3_VERSION || client.UpdateKeys());
    const std::string received = client.Ask(kGet).value_or("");
    EXPECT_TRUE(received.ends_with("\r\n\r\n" + large)) << received.size();
  }
}

TEST_F(TlsServerTest, KeysMayChangeBetweenRequests) {
  Start();
  TlsClient client(port(), Trusting());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.UpdateKeys());
    ASSERT_THAT(client.Ask(kGet).value_or(client.error()), HasSubstr("GET /a?"));
  }
}

TEST_F(TlsServerTest, NobodyRenegotiates) {
  Start();
  TlsClientOptions options = Trusting();
  options.version_max = TLS1_2_VERSION;
  TlsClient client(port(), options);
  ASSERT_TRUE(client.ready()) << client.error();
  EXPECT_FALSE(client.Renegotiate());
  ExpectServed();
}

// Anybody in between can end a TCP connection, but not a TLS one.
TEST_F(TlsServerTest, ATruncatedRequestIsToldFromAnEndedOne) {
  Start();
  const std::string begun = Post("whole").substr(0, 60);
  TlsClient ended(port(), Trusting());
  ASSERT_TRUE(ended.Send(begun));
  ended.SendEnd();
  EXPECT_THAT(ended.Receive().value_or(""), StartsWith("HTTP/1.1 400 "));
  TlsClient cut(port(), Trusting());
  ASSERT_TRUE(cut.Send(begun));
  ::shutdown(cut.socket(), SHUT_WR);
  EXPECT_EQ(cut.Receive(), std::nullopt);
}

TEST_F(TlsServerTest, GarbageIsClosedWithoutALine) {
  Start();
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x00\x05hello", 10), std::string(1000, '\xff'),
        std::string(20'000, '\0'), std::string("\x15\x03\x03\x00\x02\x02\x28", 7)}) {
    WireClient client(port());
    client.Send(garbage);
    client.HalfClose();
    client.AwaitEnd();
  }
  ExpectServed();
  EXPECT_EQ(server_->log().size(), 0U);
}

TEST_F(TlsServerTest, HttpInTheClearIsToldToUseHttps) {
  Start();
  WireClient client(port());
  const WireReply reply = client.Ask(kGet);
  EXPECT_EQ(reply.status, 400);
  EXPECT_TRUE(reply.whole);
  EXPECT_THAT(reply.body, HasSubstr("https://"));
  EXPECT_EQ(server_->log().size(), 0U);
}

TEST_F(TlsServerTest, AHandshakeHasTheTimeOfAHeader) {
  Start(Echo, {.header_timeout = std::chrono::milliseconds(50)});
  // Less than the time of a connection without a request.
  constexpr std::chrono::seconds kPatience{60};
  WireClient silent(port());
  EXPECT_TRUE(silent.IsReadableWithin(kPatience));
  EXPECT_EQ(silent.AwaitEnd(), WireClient::End::kOrderly);
  // Nor do single bytes win time: a record of 16 KiB, and the beginning of the ClientHello in it.
  WireClient slow(port());
  slow.Send(std::string_view("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc", 9));
  for (int bytes = 0; !slow.IsReadableWithin(std::chrono::milliseconds(2)); ++bytes) {
    ASSERT_LT(bytes, 15'000) << "the deadline never comes";
    slow.Send(std::string_view("\0", 1));
  }
  slow.AwaitEnd();
}

TEST_F(TlsServerTest, TheTimeWithoutARequestBeginsAfterTheHandshake) {
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    Start(Echo, {.header_timeout = std::chrono::milliseconds(50 * pace)});
    TlsClientOptions options = Trusting();
    options.version_max = TLS1_2_VERSION;  // which sends no more by itself
    TlsClient idle(port(), options);
    if (!idle.ready()) return false;
    pollfd end{.fd = idle.socket(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&end, 1, 150 * pace), 0);
    EXPECT_THAT(idle.Ask(kGet).value_or(""), HasSubstr("GET /a?"));
    return true;
  })) << "no handshake ended in time";
}

TEST_F(TlsServerTest, ClientsNeedACertificateIfThatIsDemanded) {
  const test::CertificateAuthority clients("clients");
  tls_.DemandCertificatesOf(clients);
  Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto ask = [&](const test::CertificateAndKey& own) {
      TlsClientOptions options = Trusting();
      options.version_max = version;
      options.own = own;
      TlsClient client(port(), options);
      return client.Ask(kGet).value_or("");
    };
    EXPECT_EQ(ask({}), "");
    EXPECT_EQ(ask(tls_.authority.Issue()), "") << "of another CA";
    EXPECT_EQ(ask(clients.Issue({.expires_in = -std::chrono::hours(1)})), "") << "expired";
    EXPECT_THAT(ask(clients.Issue({.subject = "shop"})), HasSubstr("GET /a?"));
  }
  EXPECT_EQ(server_->log().size(), 0U);
}

TEST_F(TlsServerTest, AnIntermediateCaIsTrustedWithoutItsRoot) {
  const test::CertificateAuthority root("root");
  const test::CertificateAuthority clients("clients", root);
  tls_.DemandCertificatesOf(clients);
  Start();
  const auto ask = [&](const test::CertificateAndKey& own) {
    TlsClientOptions options = Trusting();
    options.own = own;
    TlsClient client(port(), options);
    return client.Ask(kGet).value_or("");
  };
  EXPECT_THAT(ask(clients.Issue()), HasSubstr("GET /a?"));
  EXPECT_EQ(ask(root.Issue()), "") << "of the root itself, which is not named";
}

TEST_F(TlsServerTest, ANewCertificateIsForNewConnections) {
  Start(Echo, {}, 2);
  TlsClient before(port(), Trusting());
  ASSERT_TRUE(before.ready()) << before.error();
  tls_.Write(tls_.authority.Issue({.subject = "renewed"}));
  ASSERT_TRUE(context_->Reload(tls_.files).has_value());
  TlsClient after(port(), Trusting());
  EXPECT_EQ(before.ServerName(), "localhost");
  EXPECT_EQ(after.ServerName(), "renewed");
  EXPECT_THAT(before.Ask(kGet).value_or(before.error()), HasSubstr("GET /a?"));
  EXPECT_THAT(after.Ask(kGet).value_or(after.error()), HasSubstr("GET /a?"));
}

TEST_F(TlsServerTest, ConnectionsOverTheLimitAreClosed) {
  Start(Echo, {.connections_max = 1});
  TlsClient first(port(), Trusting());
  ASSERT_TRUE(first.ready()) << first.error();
  EXPECT_FALSE(TlsClient(port(), Trusting()).ready());
  EXPECT_THAT(first.Ask(kGet).value_or(""), HasSubstr("GET /a?"));
}

TEST_F(TlsServerTest, StoppingEndsIdleConnectionsInOrder) {
  Start();
  TlsClient client(port(), Trusting());
  EXPECT_THAT(client.Ask(kGet).value_or(""), HasSubstr("GET /a?"));
  TlsClient unused(port(), Trusting());
  ASSERT_TRUE(unused.ready()) << unused.error();
  server_->server().BeginStop();
  EXPECT_EQ(client.Receive(), std::nullopt);
  EXPECT_EQ(client.end(), TlsClient::End::kOrderly);
  EXPECT_EQ(unused.Receive(), std::nullopt);
}

}  // namespace
}  // namespace coupond::http
