#ifndef COUPOND_COUPOND_KEPT_TLS_H_
#define COUPOND_COUPOND_KEPT_TLS_H_

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "coupond/watched_file.h"
#include "rpc/http/tls_context.h"

namespace coupond {

/// The certificate of a server, its key, and the CA of its clients. They are read again when one of
/// their files changes. What cannot be used changes nothing: what was read before stays. So a
/// certificate and its key may be replaced one after the other. Logs what it does, and that the
/// certificate is about to expire. One thread.
class KeptTls {
 public:
  /// Reads the files, unless there are none. The error names the one at fault.
  [[nodiscard]] static Result<std::unique_ptr<KeptTls>> Open(const http::TlsFiles& files);

  /// Returns null if there are no files.
  [[nodiscard]] const std::shared_ptr<http::TlsContext>& context() const { return context_; }

  /// Reads the files again.
  void Reload();
  /// Reads the files again if one has changed, and warns once a day if the certificate is about to
  /// expire.
  void ReloadIfChanged();

 private:
  using Marks = std::array<FileMark, 3>;

  explicit KeptTls(http::TlsFiles files) : files_(std::move(files)) {}

  [[nodiscard]] Marks MarksNow() const;
  [[nodiscard]] Status Read();
  void LogCertificate();
  void WarnOfExpiry();

  const http::TlsFiles files_;
  Marks marks_ = {};       // none if the files should be read again as soon as they are there
  std::string complaint_;  // what was wrong with the files; empty if nothing was
  std::shared_ptr<http::TlsContext> context_;
  std::chrono::sys_seconds expires_{};
  std::chrono::sys_seconds next_warning_{};
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_KEPT_TLS_H_
