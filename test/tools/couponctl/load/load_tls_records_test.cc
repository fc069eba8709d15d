#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "couponctl/load/load_generator.h"
#include "rpc/client/tls_trust.h"
#include "support/certificates.h"
#include "support/temporary_directory.h"
#include "tools/couponctl/fake_campaign.h"

// A load over TLS, and what comes right behind an answer.
namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct FreeConnection {
  void operator()(SSL* connection) const { SSL_free(connection); }
};

void WriteRecord(SSL* connection, std::string_view text) {
  std::size_t written = 0;
  EXPECT_EQ(SSL_write_ex(connection, text.data(), text.size(), &written), 1);
}

/// A server on a free port of the loopback interface whose records arrive together: all that it
/// writes after a request is one send. It serves one connection after the other on its thread, and
/// closes none before the client does.
class RecordServer {
 public:
  /// Writes the answer to a request with this body.
  using Handler = std::function<void(SSL* connection, std::string_view body)>;

  RecordServer(const test::CertificateAndKey& certificate, Handler handler)
      : handler_(std::move(handler)) {
    tls_.use_certificate_chain(asio::buffer(certificate.certificate));
    tls_.use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
    thread_ = std::thread([this] { Serve(); });
  }
  /// The clients must have closed their connections.
  ~RecordServer() {
    shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
  }
  RecordServer(const RecordServer&) = delete;
  RecordServer& operator=(const RecordServer&) = delete;

  [[nodiscard]] std::string port() const {
    return std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  void Serve() {
    // OpenSSL may write to a client that has gone.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    while (true) {
      boost::system::error_code error;
      tcp::socket socket = acceptor_.accept(error);
      if (error) return;
      Converse(socket.native_handle());
    }
  }

  void Converse(int socket) {
    const std::unique_ptr<SSL, FreeConnection> connection(SSL_new(tls_.native_handle()));
    SSL_set_fd(connection.get(), socket);
    if (SSL_accept(connection.get()) != 1) return;
    BIO* const together = BIO_new(BIO_s_mem());
    SSL_set0_wbio(connection.get(), together);
    // The client sends each of its small requests as one record.
    std::array<char, 4096> request;
    std::size_t size = 0;
    while (SSL_read_ex(connection.get(), request.data(), request.size(), &size) == 1) {
      const std::string_view text(request.data(), size);
      handler_(connection.get(), text.substr(text.find("\r\n\r\n") + 4));
      char* records = nullptr;
      const long count = BIO_get_mem_data(together, &records);
      if (send(socket, records, static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) return;
      EXPECT_EQ(BIO_reset(together), 1);
    }
  }

  Handler handler_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread_;
};

class LoadTlsRecordsTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kRequests = 5;

  [[nodiscard]] std::string AnswerTo(std::string_view body) {
    const test::FakeAnswer answer = campaign_.Handle("IssueCoupon", body);
    return "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: " +
           std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  }
  /// Sends requests one after the other to a server that answers so.
  LoadResult LoadOn(RecordServer::Handler handler) {
    const RecordServer server(authority_.Issue(), std::move(handler));
    const std::string ca = (directory_.path() / "ca.pem").string();
    std::ofstream(ca) << authority_.certificate();
    const LoadPlan plan{.server = {.host = "127.0.0.1",
                                   .port = server.port(),
                                   .secure = true,
                                   .trust = rpc_client::LoadTrust({.ca = ca}).value()},
                        .campaign_id = FakeCampaign::kId,
                        .schedule = ArrivalSchedule::Make(100, milliseconds(50)).value(),
                        .request_timeout = seconds(60),
                        .drain_for = seconds(60)};
    auto result = RunLoad(plan, seconds(1), [](const LoadProgress&) {});
    EXPECT_TRUE(result.has_value()) << result.error();
    return std::move(result).value();
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority authority_{"the test's CA"};
  FakeCampaign campaign_{1000};
};

TEST_F(LoadTlsRecordsTest, AnAnswerOfTwoRecordsIsOne) {
  const LoadResult result = LoadOn([this](SSL* connection, std::string_view body) {
    const std::string answer = AnswerTo(body);
    const std::size_t head = answer.find("\r\n\r\n") + 4;
    WriteRecord(connection, answer.substr(0, head));
    WriteRecord(connection, answer.substr(head));
  });
  EXPECT_EQ(result.tally.issued(), kRequests);
  EXPECT_EQ(result.tally.connections(), 1U);
}

TEST_F(LoadTlsRecordsTest, ARecordBehindAnAnswerAnswersNothing) {
  const LoadResult result = LoadOn([this](SSL* connection, std::string_view body) {
    const std::string answer = AnswerTo(body);
    WriteRecord(connection, answer);
    WriteRecord(connection, answer);
  });
  EXPECT_EQ(result.tally.issued(), 0U);
  EXPECT_EQ(result.tally.open(), kRequests);
  EXPECT_EQ(result.tally.errors().at("unreadable answer"), kRequests);
  EXPECT_EQ(result.tally.errors().size(), 1U);
}

TEST_F(LoadTlsRecordsTest, NoRequestGoesToAConnectionThatTlsHasEnded) {
  const LoadResult result = LoadOn([this](SSL* connection, std::string_view body) {
    WriteRecord(connection, AnswerTo(body));
    SSL_shutdown(connection);
  });
  EXPECT_EQ(result.tally.issued(), kRequests);
  EXPECT_EQ(result.tally.open(), 0U);
  EXPECT_GE(result.tally.connections(), kRequests);
  EXPECT_TRUE(result.tally.errors().empty());
}

}  // namespace
}  // namespace coupond::ctl
