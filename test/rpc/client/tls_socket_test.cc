#include "rpc/client/tls_socket.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <expected>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "rpc/client/tls_trust.h"
#include "support/certificates.h"
#include "support/temporary_directory.h"

namespace coupond::rpc_client {
namespace {

namespace asio = boost::asio;
using asio::error::would_block;

struct FreeOpenSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

/// The two ends of a connection. The server's is OpenSSL alone. Neither waits, and what one end
/// sends has arrived at once.
class TlsSocketTest : public testing::Test {
 protected:
  TlsSocketTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    client_end_ = FileDescriptor(ends[0]);
    server_end_ = FileDescriptor(ends[1]);
    Certify({});
  }

  [[nodiscard]] std::string FileOf(const std::string& name, const std::string& text) const {
    const std::string path = (directory_.path() / name).string();
    std::ofstream(path) << text;
    return path;
  }
  /// Gives the server a certificate.
  void Certify(const test::CertificateWish& wish) {
    const test::CertificateAndKey pair = authority_.Issue(wish);
    context_.reset(SSL_CTX_new(TLS_server_method()));
    const std::string certificate = FileOf("certificate", pair.certificate);
    const std::string key = FileOf("key", pair.key);
    EXPECT_EQ(SSL_CTX_use_certificate_file(context_.get(), certificate.c_str(), SSL_FILETYPE_PEM),
              1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM), 1);
  }
  /// Begins on both ends. The client trusts this authority.
  void Begin(const test::CertificateAuthority& trusted) {
    trust_ = LoadTrust({.ca = FileOf("ca", trusted.certificate())}).value();
    client_.emplace(client_end_.number(), *trust_, "localhost");
    server_.reset(SSL_new(context_.get()));
    SSL_set_fd(server_.get(), server_end_.number());
    SSL_set_accept_state(server_.get());
  }
  /// Lets both ends go on with the handshake until the client's has a result.
  TlsSocket::Error Shake() {
    while (true) {
      const TlsSocket::Error error = client_->Handshake();
      if (error != would_block) return error;
      SSL_do_handshake(server_.get());
    }
  }
  /// Opens the connection.
  void Open() {
    Begin(authority_);
    EXPECT_FALSE(Shake());
    EXPECT_EQ(SSL_do_handshake(server_.get()), 1);
  }
  /// Returns what the client reads, or the error.
  std::expected<std::string, TlsSocket::Error> Read(std::size_t bytes_max = 1'000) {
    std::string space(bytes_max, '\0');
    const auto count = client_->Read(space);
    if (!count) return std::unexpected(count.error());
    return space.substr(0, *count);
  }
  void ServerSays(std::string_view text) {
    std::size_t written = 0;
    EXPECT_EQ(SSL_write_ex(server_.get(), text.data(), text.size(), &written), 1);
  }
  /// Changes the server's keys, and asks the client to change its own.
  void ServerWantsNewKeys() {
    EXPECT_EQ(SSL_key_update(server_.get(), SSL_KEY_UPDATE_REQUESTED), 1);
    EXPECT_EQ(SSL_do_handshake(server_.get()), 1);
  }
  /// Returns all that has arrived at the server.
  std::string ServerHears() {
    std::string heard;
    std::array<char, 4096> piece;
    std::size_t count = 0;
    while (SSL_read_ex(server_.get(), piece.data(), piece.size(), &count) == 1) {
      heard.append(piece.data(), count);
    }
    return heard;
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority authority_{"the test's CA"};
  FileDescriptor client_end_;
  FileDescriptor server_end_;
  std::unique_ptr<SSL_CTX, FreeOpenSsl> context_;
  std::unique_ptr<SSL, FreeOpenSsl> server_;
  std::shared_ptr<asio::ssl::context> trust_;
  std::optional<TlsSocket> client_;
};

TEST_F(TlsSocketTest, AsksAndIsAnswered) {
  Begin(authority_);
  EXPECT_EQ(client_->Handshake(), would_block);
  EXPECT_FALSE(Shake());
  EXPECT_FALSE(client_->Write("a question"));
  EXPECT_EQ(SSL_do_handshake(server_.get()), 1);
  EXPECT_EQ(ServerHears(), "a question");
  // The server's session tickets are nothing to read.
  EXPECT_EQ(Read().error(), would_block);
  ServerSays("an answer");
  EXPECT_EQ(Read(), "an answer");
  EXPECT_FALSE(client_->MayHaveMore());
  EXPECT_EQ(Read().error(), would_block);
}

TEST_F(TlsSocketTest, KnowsThatThereIsMore) {
  Open();
  ServerSays("one");
  ServerSays("two");
  EXPECT_EQ(Read(), "one");
  EXPECT_TRUE(client_->MayHaveMore()) << "another record";
  EXPECT_EQ(Read(2), "tw");
  EXPECT_TRUE(client_->MayHaveMore()) << "the rest of it";
  EXPECT_EQ(Read(), "o");
  EXPECT_FALSE(client_->MayHaveMore());
}

TEST_F(TlsSocketTest, ReadsMoreThanOneRecvTakes) {
  Open();
  const std::string text(60'000, 'x');
  ServerSays(text);
  std::string heard;
  do {
    heard += Read(16 * 1024).value_or("");
  } while (client_->MayHaveMore() && heard.size() < text.size());
  EXPECT_EQ(heard, text);
}

TEST_F(TlsSocketTest, ReadsARecordOnceItIsWhole) {
  Open();
  EXPECT_EQ(Read().error(), would_block);
  SSL_set0_wbio(server_.get(), BIO_new(BIO_s_mem()));
  ServerSays("an answer");
  char* record = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(server_.get()), &record);
  for (long i = 0; i < size; ++i) {
    EXPECT_EQ(Read().error(), would_block) << i << " bytes have arrived";
    ASSERT_EQ(send(server_end_.number(), record + i, 1, MSG_NOSIGNAL), 1);
  }
  EXPECT_EQ(Read(), "an answer");
}

TEST_F(TlsSocketTest, GoesOnWithAWriteThatDidNotFit) {
  Open();
  const std::string text(2'000'000, 'x');
  std::string heard;
  int calls = 0;
  TlsSocket::Error error = would_block;
  while (error == would_block) {
    ++calls;
    error = client_->Write(text);
    heard += ServerHears();
  }
  EXPECT_FALSE(error) << error.message();
  EXPECT_GT(calls, 1);
  EXPECT_EQ(heard.size(), text.size());
  EXPECT_EQ(heard, text);
}

TEST_F(TlsSocketTest, FollowsTheServerToNewKeys) {
  Open();
  ServerWantsNewKeys();
  EXPECT_EQ(Read().error(), would_block);
  EXPECT_FALSE(client_->Write("a question"));
  EXPECT_EQ(ServerHears(), "a question");
  ServerSays("an answer");
  EXPECT_EQ(Read(), "an answer");
}

TEST_F(TlsSocketTest, FollowsTheServerToNewKeysWithinAWrite) {
  Open();
  const std::string text(2'000'000, 'x');
  ASSERT_EQ(client_->Write(text), would_block) << "there is no space for a reply";
  ServerWantsNewKeys();
  EXPECT_EQ(Read().error(), would_block);
  std::string heard;
  TlsSocket::Error error = would_block;
  while (error == would_block) {
    heard += ServerHears();
    error = client_->Write(text);
  }
  EXPECT_FALSE(error) << error.message();
  heard += ServerHears();
  EXPECT_TRUE(heard == text) << heard.size() << " bytes";
  ServerSays("an answer");
  EXPECT_EQ(Read(), "an answer");
  EXPECT_FALSE(client_->Write("a question"));
  EXPECT_EQ(ServerHears(), "a question");
}

TEST_F(TlsSocketTest, OnlyACloseNotifyIsAnEnd) {
  Open();
  SSL_shutdown(server_.get());
  EXPECT_EQ(Read().error(), asio::error::eof);
}

TEST_F(TlsSocketTest, AnEndWithoutCloseNotifyIsAFailure) {
  Open();
  ServerSays("an answer");
  server_end_.Close();
  EXPECT_EQ(Read(), "an answer");
  EXPECT_EQ(Read().error(), asio::ssl::error::stream_truncated);
}

TEST_F(TlsSocketTest, AWriteToNobodyIsAnError) {
  Open();
  server_end_.Close();
  EXPECT_EQ(client_->Write("a question"), asio::error::broken_pipe);
}

TEST_F(TlsSocketTest, AServerThatClosesDuringTheHandshakeIsGone) {
  Begin(authority_);
  EXPECT_EQ(client_->Handshake(), would_block);
  server_end_.Close();
  EXPECT_EQ(client_->Handshake(), asio::error::connection_reset) << "the hello was not read";
}

TEST_F(TlsSocketTest, AServerThatHeardTheHelloAndClosesIsGone) {
  Begin(authority_);
  EXPECT_EQ(client_->Handshake(), would_block);
  std::array<char, 4096> hello;
  ASSERT_GT(recv(server_end_.number(), hello.data(), hello.size(), 0), 0);
  server_end_.Close();
  EXPECT_EQ(client_->Handshake(), asio::ssl::error::stream_truncated);
}

TEST_F(TlsSocketTest, DoesNotBelieveAStranger) {
  const test::CertificateAuthority other("another CA");
  Begin(other);
  EXPECT_EQ(FaultOf(Shake()), TlsFault::kUntrusted);
}

TEST_F(TlsSocketTest, DoesNotBelieveAnotherName) {
  Certify({.subject = "shop", .names = "DNS:shop.example.com"});
  Begin(authority_);
  EXPECT_EQ(FaultOf(Shake()), TlsFault::kMisnamed);
}

TEST_F(TlsSocketTest, NoticesAServerWithoutTls) {
  Begin(authority_);
  EXPECT_EQ(client_->Handshake(), would_block);
  constexpr std::string_view kAnswer = "HTTP/1.1 400 Bad Request\r\n\r\n";
  ASSERT_GT(send(server_end_.number(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL), 0);
  EXPECT_EQ(FaultOf(client_->Handshake()), TlsFault::kNoTls);
}

TEST_F(TlsSocketTest, NoticesThatACertificateIsWanted) {
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  Begin(authority_);
  EXPECT_FALSE(Shake()) << "the server has not said so yet";
  EXPECT_NE(SSL_do_handshake(server_.get()), 1);
  EXPECT_EQ(FaultOf(Read().error()), TlsFault::kCertificateWanted);
}

TEST_F(TlsSocketTest, AWriteThatFailsKnowsWhatTheServerSaid) {
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  Begin(authority_);
  EXPECT_FALSE(Shake());
  EXPECT_NE(SSL_do_handshake(server_.get()), 1);
  server_end_.Close();
  EXPECT_EQ(FaultOf(client_->Write("a question")), TlsFault::kCertificateWanted);
}

}  // namespace
}  // namespace coupond::rpc_client
