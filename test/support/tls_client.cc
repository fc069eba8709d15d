#include "support/tls_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace coupond::test {
namespace {

constexpr std::string_view kLengthField = "\r\nContent-Length: ";

template <auto Free>
struct ReleasedBy {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Text = std::unique_ptr<BIO, ReleasedBy<BIO_free_all>>;

Text Reader(const std::string& pem) {
  return Text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

int ConnectTo(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("no server listens there");
  }
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

void Trust(SSL_CTX* context, const std::string& authority) {
  const Text reader = Reader(authority);
  X509* const certificate = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
  X509_free(certificate);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

void Show(SSL_CTX* context, const CertificateAndKey& own) {
  const Text certificate_reader = Reader(own.certificate);
  const Text key_reader = Reader(own.key);
  X509* const certificate = PEM_read_bio_X509(certificate_reader.get(), nullptr, nullptr, nullptr);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_reader.get(), nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

}  // namespace

struct TlsClient::State {
  std::shared_ptr<SSL_CTX> context;
  std::shared_ptr<SSL> ssl;
};

TlsClient::TlsClient(std::uint16_t port, const TlsClientOptions& options)
    : state_(std::make_unique<State>()), socket_(ConnectTo(port)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a socket with write(2)
  state_->context.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX* const context = state_->context.get();
  // So that a test can ask for what no server should agree to.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  if (options.version_max != 0) SSL_CTX_set_max_proto_version(context, options.version_max);
  if (!options.ciphers.empty()) SSL_CTX_set_cipher_list(context, options.ciphers.c_str());
  if (!options.authority.empty()) Trust(context, options.authority);
  if (!options.own.key.empty()) Show(context, options.own);
  state_->ssl.reset(SSL_new(context), SSL_free);
  SSL* const ssl = state_->ssl.get();
  if (!options.protocols.empty()) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(options.protocols.data()),
                        static_cast<unsigned>(options.protocols.size()));
  }
  SSL_set_fd(ssl, socket_);
  ERR_clear_error();
  const int result = SSL_connect(ssl);
  ready_ = result == 1;
  if (!ready_) Note(result);
}

TlsClient::~TlsClient() { Cut(); }

bool TlsClient::ready() const { return ready_; }

std::string TlsClient::version() const { return SSL_get_version(state_->ssl.get()); }

std::string TlsClient::cipher() const { return SSL_get_cipher_name(state_->ssl.get()); }

std::string TlsClient::protocol() const {
  const unsigned char* bytes = nullptr;
  unsigned count = 0;
  SSL_get0_alpn_selected(state_->ssl.get(), &bytes, &count);
  return {reinterpret_cast<const char*>(bytes), count};
}

std::string TlsClient::ServerName() const {
  X509* const certificate = SSL_get1_peer_certificate(state_->ssl.get());
  if (certificate == nullptr) return {};
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  X509_free(certificate);
  return name.data();
}

void TlsClient::Note(int result) {
  const int kind = SSL_get_error(state_->ssl.get(), result);
  const auto code = ERR_peek_last_error();
  const char* const reason = ERR_reason_error_string(code);
  error_ = reason == nullptr ? "the connection failed" : reason;
  if (kind == SSL_ERROR_ZERO_RETURN) {
    end_ = End::kOrderly;
  } else {
    end_ = ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? End::kCut : End::kFailed;
  }
  ERR_clear_error();
}

bool TlsClient::Send(std::string_view bytes) {
  if (!ready_) return false;
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(state_->ssl.get(), bytes.data(), bytes.size(), &written);
  if (result != 1) Note(result);
  return result == 1;
}

std::optional<std::string> TlsClient::Receive() {
  if (!unread_.empty()) return std::exchange(unread_, {});
  if (!ready_) return std::nullopt;
  std::string bytes(16 * 1024, '\0');
  std::size_t got = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(state_->ssl.get(), bytes.data(), bytes.size(), &got);
  if (result != 1) {
    Note(result);
    return std::nullopt;
  }
  bytes.resize(got);
  return bytes;
}

std::optional<std::string> TlsClient::Ask(std::string_view request) {
  if (!Send(request)) return std::nullopt;
  std::string response;
  for (;;) {
    const auto more = Receive();
    if (!more) return std::nullopt;
    response += *more;
    const std::size_t head_end = response.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    const std::size_t field = response.find(kLengthField);
    if (field == std::string::npos || field > head_end) return std::nullopt;
    const std::size_t whole =
        head_end + 4 + std::stoul(response.substr(field + kLengthField.size(), 20));
    if (response.size() < whole) continue;
    unread_ = response.substr(whole);
    response.resize(whole);
    return response;
  }
}

bool TlsClient::UpdateKeys() {
  return SSL_key_update(state_->ssl.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
         SSL_do_handshake(state_->ssl.get()) == 1;
}

bool TlsClient::Renegotiate() {
  ERR_clear_error();
  if (SSL_renegotiate(state_->ssl.get()) != 1) return false;
  const int result = SSL_do_handshake(state_->ssl.get());
  if (result != 1) Note(result);
  return result == 1;
}

void TlsClient::SendEnd() {
  if (ready_) SSL_shutdown(state_->ssl.get());
}

void TlsClient::Cut() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace coupond::test
