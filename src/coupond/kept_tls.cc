#include "coupond/kept_tls.h"

#include <utility>

#include "base/time_text.h"
#include "coupond/logging.h"

namespace coupond {
namespace {

/// How long before its end a certificate should have been renewed. Certbot renews 30 days before.
constexpr std::chrono::days kExpiryNotice{14};
constexpr std::chrono::days kWarningInterval{1};

std::chrono::sys_seconds SystemNow() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string TimeText(std::chrono::sys_seconds time) {
  return FormatTime({.seconds = time.time_since_epoch().count(), .nanoseconds = 0});
}

}  // namespace

Result<std::unique_ptr<KeptTls>> KeptTls::Open(const http::TlsFiles& files) {
  std::unique_ptr<KeptTls> tls(new KeptTls(files));
  if (files.certificate.empty()) return tls;
  TRY(tls->Read());
  tls->LogCertificate();
  return tls;
}

KeptTls::Marks KeptTls::MarksNow() const {
  return {MarkOf(files_.certificate), MarkOf(files_.key),
          files_.client_ca.empty() ? FileMark{} : MarkOf(files_.client_ca)};
}

/// A certificate that was replaced while it was read either fits the key, or is refused.
Status KeptTls::Read() {
  marks_ = MarksNow();
  if (context_ != nullptr) return context_->Reload(files_);
  context_ = TRY(http::TlsContext::Load(files_));
  return {};
}

void KeptTls::LogCertificate() {
  const http::TlsCertificate certificate = context_->certificate();
  expires_ = certificate.expires;
  next_warning_ = {};
  LoggerOf("tls").info("the certificate is for {}, until {}", certificate.subject,
                       TimeText(expires_));
  for (const std::string& warning : certificate.warnings) LoggerOf("tls").warn("{}", warning);
  WarnOfExpiry();
}

void KeptTls::WarnOfExpiry() {
  const std::chrono::sys_seconds now = SystemNow();
  if (now < next_warning_ || now + kExpiryNotice < expires_) return;
  next_warning_ = now + kWarningInterval;
  LoggerOf("tls").warn("the certificate {} {}; renew {}", expires_ <= now ? "expired" : "expires",
                       TimeText(expires_), files_.certificate);
}

void KeptTls::Reload() {
  if (context_ == nullptr) return;
  const Status done = Read();
  if (done) {
    LoggerOf("tls").info("read the certificate again, for new connections");
    complaint_.clear();
    return LogCertificate();
  }
  // What may pass is tried again.
  if (done.error().code == ErrorCode::kIo) marks_ = {};
  if (std::exchange(complaint_, done.error().message) == done.error().message) return;
  LogError(done.error(), "tls");
  LoggerOf("tls").warn("the certificate and its key: what was read before still holds");
}

void KeptTls::ReloadIfChanged() {
  if (context_ == nullptr) return;
  if (MarksNow() != marks_) Reload();
  WarnOfExpiry();
}

}  // namespace coupond
