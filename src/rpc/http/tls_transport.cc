#include "rpc/http/tls_transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/check.h"
#include "rpc/http/tls_context.h"

namespace coupond::http {
namespace {

/// The plaintext of one record (RFC 8446, section 5.1).
constexpr std::size_t kRecordBytesMax = 16 * 1024;
/// OpenSSL writes no more while that much ciphertext waits to be sent: a handshake fits easily, and
/// a client that asks for answers without reading them has to wait.
constexpr std::size_t kOutgoingBytesMax = 64 * 1024;
/// A buffer for ciphertext that has grown past this is freed once it is empty.
constexpr std::size_t kOutgoingBytesKept = 4 * 1024;

/// What a client gets that speaks HTTP without TLS.
constexpr std::string_view kPlainAnswer =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 42\r\n"
    "Connection: close\r\n"
    "\r\n"
    "this port speaks TLS; use https:// for it\n";

}  // namespace

void TlsTransport::FreeSsl::operator()(ssl_st* ssl) const { SSL_free(ssl); }

/// A BIO over the buffers of a transport. OpenSSL's own memory BIOs would keep the most memory that
/// each connection has ever needed.
struct TlsTransport::Wire {
  static int Read(BIO* bio, char* space, int size) {
    auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::size_t count =
        std::min(self.in_end_ - self.in_begin_, static_cast<std::size_t>(std::max(size, 0)));
    if (count > 0) {
      std::copy_n(self.in_.begin() + static_cast<std::ptrdiff_t>(self.in_begin_), count, space);
      self.in_begin_ += count;
      return static_cast<int>(count);
    }
    if (self.in_ended_) return 0;
    BIO_set_retry_read(bio);
    return -1;
  }

  static int Write(BIO* bio, const char* bytes, int size) {
    auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.flushing_ || self.out_.size() >= kOutgoingBytesMax) {
      BIO_set_retry_write(bio);
      return -1;
    }
    try {
      self.out_.append(bytes, static_cast<std::size_t>(size));
    } catch (const std::exception&) {
      return -1;  // no memory: the connection fails
    }
    return size;
  }

  static long Control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
    const auto& self = *static_cast<const TlsTransport*>(BIO_get_data(bio));
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return self.in_ended_ && self.in_begin_ == self.in_end_ ? 1 : 0;
    return 0;
  }

  struct FreeMethod {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  };

  /// Returns null if there is no memory for it.
  static const BIO_METHOD* Method() {
    static const std::unique_ptr<BIO_METHOD, FreeMethod> kMethod = [] {
      std::unique_ptr<BIO_METHOD, FreeMethod> method(
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport"));
      if (method != nullptr) {
        BIO_meth_set_read(method.get(), Read);
        BIO_meth_set_write(method.get(), Write);
        BIO_meth_set_ctrl(method.get(), Control);
      }
      return method;
    }();
    return kMethod.get();
  }
};

TlsTransport::TlsTransport(std::unique_ptr<Transport> inner, const TlsContext& context,
                           EventLoop& loop)
    : loop_(loop), inner_(std::move(inner)), ssl_(SSL_new(context.Current().get())) {
  BIO* const wire = ssl_ == nullptr ? nullptr : BIO_new(Wire::Method());
  if (wire == nullptr) {
    failed_ = true;
    return;
  }
  BIO_set_data(wire, this);
  BIO_set_init(wire, 1);
  SSL_set_bio(ssl_.get(), wire, wire);
  SSL_set_accept_state(ssl_.get());
}

TlsTransport::~TlsTransport() { Close(); }

void TlsTransport::ReadSome(std::span<char> space, OnBytes on_read) {
  space_ = space;
  on_read_ = std::move(on_read);
  ContinueSoon();
}

std::optional<std::size_t> TlsTransport::WriteNow(std::string_view bytes) {
  if (closed_) return std::nullopt;
  std::size_t taken = 0;
  while (!failed_ && Flush()) {
    if (flushing_ || !out_.empty()) return taken;
    COUPOND_CHECK(held_bytes_ <= bytes.size() - taken);
    taken += std::exchange(held_bytes_, 0);
    if (taken == bytes.size()) return taken;
    held_bytes_ = Encrypt(bytes.substr(taken, kRecordBytesMax));
    if (held_bytes_ == 0 && !failed_ && out_.empty()) return taken;  // not established
  }
  return std::nullopt;
}

void TlsTransport::WriteSome(std::string_view bytes, OnBytes on_written) {
  bytes_ = bytes;
  on_written_ = std::move(on_written);
  ContinueSoon();
}

void TlsTransport::AwaitInput(OnInput on_input) {
  on_input_ = std::move(on_input);
  ContinueSoon();
}

void TlsTransport::ContinueSoon() {
  if (!closed_ && !std::exchange(continues_, true)) loop_.Resume(*this);
}

void TlsTransport::OnReady(EventLoop::Readiness /*ready*/) {
  continues_ = false;
  Continue();
}

/// Calls back for one operation that can be done, after which this may be destroyed. Otherwise
/// waits for what they need.
void TlsTransport::Continue() {
  if (on_input_ && HasNews()) {
    if (on_read_ || on_written_) ContinueSoon();
    return std::exchange(on_input_, nullptr)();
  }
  if (on_written_) {
    const std::optional<std::size_t> written = WriteNow(bytes_);
    if (written != std::size_t{0}) {
      if (on_read_ || on_input_) ContinueSoon();
      return std::exchange(on_written_, nullptr)(written ? Outcome::kDone : Outcome::kFailed,
                                                 written.value_or(0));
    }
  }
  if (on_read_) {
    const std::size_t bytes = Decrypt();
    if (bytes > 0 || ended_ || failed_) {
      if (!failed_) FlushSoon();
      if (on_input_ || on_written_) ContinueSoon();
      const Outcome outcome = bytes > 0 ? Outcome::kDone
                              : failed_ ? Outcome::kFailed
                                        : Outcome::kEnd;
      return std::exchange(on_read_, nullptr)(outcome, bytes);
    }
  }
  FlushSoon();
  // If everything was sent at once, nothing else calls this again.
  if (std::exchange(wants_room_, false) && !flushing_ && out_.empty()) ContinueSoon();
  if (failed_ && (on_read_ || on_written_ || on_input_)) return ContinueSoon();
  if (wants_input_ && (on_read_ || on_input_ || (on_written_ && !established_))) ReadCiphertext();
}

void TlsTransport::ReadCiphertext() {
  if (std::exchange(reading_, true)) return;
  inner_->ReadSome(in_, [this](Outcome outcome, std::size_t bytes) {
    reading_ = wants_input_ = false;
    in_begin_ = 0;
    in_end_ = bytes;
    in_ended_ = outcome == Outcome::kEnd;
    failed_ |= outcome == Outcome::kFailed;
    Continue();
  });
}

/// Goes on with the handshake. Returns whether it is done.
bool TlsTransport::Establish() {
  if (established_ || failed_) return established_ && !failed_;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  established_ = result == 1;
  if (!established_) Judge(result);
  return established_;
}

/// Fills the space with what has arrived. Returns the number of bytes.
std::size_t TlsTransport::Decrypt() {
  std::size_t bytes = 0;
  while (bytes < space_.size() && !ended_ && Establish()) {
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), space_.data() + bytes, space_.size() - bytes, &got);
    bytes += got;
    if (result == 1) continue;
    Judge(result);
    break;
  }
  return bytes;
}

/// Reports whether there is something to read, or there will be nothing more.
bool TlsTransport::HasNews() {
  if (ended_ || failed_) return true;
  if (!Establish()) return failed_;
  char byte = 0;
  std::size_t got = 0;
  ERR_clear_error();
  const int result = SSL_peek_ex(ssl_.get(), &byte, 1, &got);
  if (result == 1) return true;
  Judge(result);
  return ended_ || failed_;
}

/// Appends a record to out_. Returns how many bytes it has; 0 if there cannot be one yet.
std::size_t TlsTransport::Encrypt(std::string_view bytes) {
  std::size_t encrypted = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &encrypted);
  if (result != 1) Judge(result);
  return encrypted;
}

/// Notes why OpenSSL could not do something.
void TlsTransport::Judge(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      wants_input_ = true;
      return;
    case SSL_ERROR_WANT_WRITE:
      wants_room_ = true;
      return;
    case SSL_ERROR_ZERO_RETURN:
      ended_ = true;
      return;
    default:
      return Fail();
  }
}

/// Gives the connection up. The client is told why, if that can be sent at once.
void TlsTransport::Fail() {
  failed_ = true;
  const auto error = ERR_peek_error();
  const bool is_plain = ERR_GET_LIB(error) == ERR_LIB_SSL &&
                        ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST && !established_;
  ERR_clear_error();
  if (is_plain && !flushing_) out_.append(kPlainAnswer);
  static_cast<void>(Flush());
}

/// Sends what can be sent at once. Returns false if the transport below has failed.
bool TlsTransport::Flush() {
  if (flushing_) return true;
  while (out_sent_ < out_.size()) {
    const auto sent = inner_->WriteNow(std::string_view(out_).substr(out_sent_));
    if (!sent) {
      failed_ = true;
      return false;
    }
    if (*sent == 0) return true;
    out_sent_ += *sent;
  }
  out_sent_ = 0;
  out_.clear();
  if (out_.capacity() > kOutgoingBytesKept) out_ = std::string();
  return true;
}

/// Sends everything in out_, now or when the transport below takes it.
void TlsTransport::FlushSoon() {
  if (!Flush() || flushing_ || out_.empty()) return;
  flushing_ = true;
  inner_->WriteSome(std::string_view(out_).substr(out_sent_),
                    [this](Outcome outcome, std::size_t bytes) { OnFlushed(outcome, bytes); });
}

void TlsTransport::OnFlushed(Outcome outcome, std::size_t bytes) {
  flushing_ = false;
  out_sent_ += bytes;
  failed_ |= outcome != Outcome::kDone;
  if (end_wanted_ && !failed_) failed_ = !EndSending();
  Continue();
}

void TlsTransport::SendCloseNotify() {
  if (!established_ || std::exchange(close_notified_, true)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsTransport::ShutDownSend() {
  end_wanted_ = true;
  return !closed_ && !failed_ && EndSending();
}

/// Ends the sending half once everything is sent. Returns false if the connection has failed.
bool TlsTransport::EndSending() {
  if (!flushing_) SendCloseNotify();
  FlushSoon();
  if (failed_) return false;
  if (flushing_ || !out_.empty() || std::exchange(end_sent_, true)) return true;
  return inner_->ShutDownSend();
}

bool TlsTransport::HasInput() {
  if (ended_ || failed_ || closed_) return false;
  return in_begin_ < in_end_ || SSL_has_pending(ssl_.get()) == 1 || inner_->HasInput();
}

bool TlsTransport::HasPeerClosed() {
  return ended_ || failed_ || in_ended_ || inner_->HasPeerClosed();
}

void TlsTransport::Close() {
  if (closed_) return;
  // Not within a response: its rest would be missing.
  if (!failed_ && !flushing_ && out_.empty()) {
    SendCloseNotify();
    static_cast<void>(Flush());
  }
  inner_->Close();
  Drop();
}

void TlsTransport::Reset() {
  if (closed_) return;
  inner_->Reset();
  Drop();
}

void TlsTransport::Drop() {
  closed_ = true;
  loop_.Forget(*this);
  ssl_.reset();
  // Destroyed last: they may own what owns this.
  const OnBytes read = std::exchange(on_read_, nullptr);
  const OnBytes written = std::exchange(on_written_, nullptr);
  const OnInput input = std::exchange(on_input_, nullptr);
}

}  // namespace coupond::http
