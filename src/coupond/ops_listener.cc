#include "coupond/ops_listener.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "api/health.h"
#include "api/refusal_mapping.h"
#include "coupond/http_options.h"
#include "coupond/listen_address.h"

namespace coupond {

/// How far the start has come. Written by the main thread, read by the worker.
struct OpsListener::Progress {
  std::atomic<std::uint64_t> groups_read{0};
  std::atomic<std::uint64_t> groups{0};
};

/// Answers for the server until the service is there, and then leaves it to the service. Used on
/// the worker's thread.
class OpsListener::Handler final : public http::Handler {
 public:
  explicit Handler(std::shared_ptr<const Progress> progress) : progress_(std::move(progress)) {}

  void Serve(std::unique_ptr<http::Handler> service) { service_ = std::move(service); }

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override {
    if (service_) return service_->Handle(request, std::move(exchange));
    const bool is_get = request.method == "GET" || request.method == "HEAD";
    if (is_get && request.path == "/") return api::AnswerAbout(COUPOND_VERSION, request, *exchange);
    if (is_get && IsLiveness(request.path)) {
      return Answer(*exchange, kHttpOk, "text/plain; charset=utf-8", "ok\n");
    }
    if (is_get && request.path == "/metrics") {
      return Answer(*exchange, kHttpOk, "text/plain; version=0.0.4; charset=utf-8",
                    "# HELP coupond_ready Whether commands are accepted.\n"
                    "# TYPE coupond_ready gauge\ncoupond_ready 0\n");
    }
    if (is_get && request.path == "/readyz") {
      return Answer(*exchange, kHttpUnavailable, "application/json", ProgressJson());
    }
    exchange->Respond(
        api::PageFailure(api::TryLater("STARTING", "the server is reading its log; retry")));
  }
  [[nodiscard]] std::size_t BodyBytesMax(const http::Request& head,
                                         std::size_t usual_bytes_max) override {
    return service_ ? service_->BodyBytesMax(head, usual_bytes_max) : usual_bytes_max;
  }
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message) override {
    if (!service_) return plain;
    return service_->BodyTooLarge(request, std::move(plain), message);
  }

 private:
  static constexpr int kHttpOk = 200;
  static constexpr int kHttpUnavailable = 503;

  static bool IsLiveness(std::string_view path) {
    return path == "/livez" || path == "/healthz" || path == "/health";
  }
  static void Answer(http::Exchange& exchange, int status, std::string_view content_type,
                     std::string text) {
    exchange.Respond({.status = status,
                      .content_type = content_type,
                      .headers = {{"Cache-Control", "no-store"}},
                      .body = std::move(text)});
  }
  [[nodiscard]] std::string ProgressJson() const {
    return R"({"phase":"recovery","read":)" +
           std::to_string(progress_->groups_read.load(std::memory_order_relaxed)) + R"(,"of":)" +
           std::to_string(progress_->groups.load(std::memory_order_relaxed)) + "}\n";
  }

  const std::shared_ptr<const Progress> progress_;
  std::unique_ptr<http::Handler> service_;  ///< null until the service is there
};

OpsListener::OpsListener(const ServerOptions& options, std::shared_ptr<http::TlsContext> tls)
    : progress_(std::make_shared<Progress>()),
      metrics_need_key_(!IsLoopback(*options.ops_listen)),
      server_(MakeHttpOptions(options, *options.ops_listen, 1, kOpsConnectionsMax, std::move(tls)),
              [this](http::Executor& executor) {
                auto handler = std::make_unique<Handler>(progress_);
                handler_ = handler.get();
                executor_ = &executor;
                return std::unique_ptr<http::Handler>(std::move(handler));
              }) {}

OpsListener::~OpsListener() = default;

Result<std::unique_ptr<OpsListener>> OpsListener::Start(const ServerOptions& options,
                                                        http::BoundPort port,
                                                        std::shared_ptr<http::TlsContext> tls) {
  if (IsLoopback(*options.ops_listen)) tls = nullptr;
  const char* const scheme = tls == nullptr ? "http" : "https";
  std::unique_ptr<OpsListener> listener(new OpsListener(options, std::move(tls)));
  TRY(listener->server_.Start(std::move(port)));
  const ListenAddress address{.host = options.ops_listen->host, .port = listener->server_.port()};
  spdlog::info("operation: {} (/livez, /readyz, /metrics, AdminService)", PlaceOf(scheme, address));
  return listener;
}

void OpsListener::ShowProgress(std::uint64_t groups_read, std::uint64_t groups) {
  progress_->groups_read.store(groups_read, std::memory_order_relaxed);
  progress_->groups.store(groups, std::memory_order_relaxed);
}

void OpsListener::Attach(api::CouponService& service, api::AccessLog* access_log) {
  auto made = service.MakeHandler(
      *executor_, {.side = api::ServiceSide::kOperation, .metrics_need_key = metrics_need_key_});
  if (access_log != nullptr) made = access_log->Wrap(std::move(made));
  executor_->Post(
      [handler = handler_, made = std::move(made)]() mutable { handler->Serve(std::move(made)); });
}

}  // namespace coupond
