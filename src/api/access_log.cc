#include "api/access_log.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "access/key.h"
#include "api/access/caller_table.h"
#include "api/access/method_access.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "engine/rules/ids.h"

namespace coupond::api {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view kNone = "-";
constexpr std::string_view kRequestIdHeader = "X-Request-Id";
constexpr std::size_t kRequestIdBytesMax = 64;
/// Digits of a run in the ids that are made here: enough to tell the runs of a log from each other.
constexpr std::size_t kRunDigits = 12;
constexpr int kServerErrorMin = 500;

constexpr std::array<std::string_view, 7> kPages{"/",        "/health", "/healthz", "/livez",
                                                 "/metrics", "/readyz", "/events"};
constexpr std::array<std::string_view, 6> kMethods{"GET",  "HEAD",   "OPTIONS",
                                                   "POST", "DELETE", "PUT"};
constexpr std::string_view kCampaigns = "/campaigns/";
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kFiles{
    {{"/coupons.csv", "/campaigns/{id}/coupons.csv"},
     {"/coupons.jsonl", "/campaigns/{id}/coupons.jsonl"}}};

/// Returns the entry of a list that equals the text, or "-".
template <typename List>
std::string_view OneOf(const List& list, std::string_view text) {
  const auto found = std::ranges::find(list, text);
  return found == list.end() ? kNone : *found;
}

/// Reports whether an id from outside can stand in a log line, and in the header of an answer.
bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax && !access::ParseKeyText(text) &&
         std::ranges::all_of(text, [](char c) {
           return IsDigit(c) || IsLetter(c) || c == '-' || c == '_' || c == '.' || c == ':';
         });
}

/// Returns the id of the key that a request has, which may be revoked or expired; an empty text if
/// it has none, or an invented one.
std::string KeyIdOf(const http::Request& request, std::optional<CallerTable>& callers) {
  std::string_view text = request.Header("Authorization").value_or(std::string_view());
  if (!callers || !EqualsIgnoringCase(TakeUntil(' ', text), "Bearer")) return {};
  const auto caller = callers->Find(Trimmed(text));
  return caller ? FormatKeyId(caller->key().id) : std::string();
}

/// Returns the client's address without its port.
std::string ClientOf(const http::Request& request, const http::TrustedProxies& proxies) {
  const auto forwarded = http::ForwardedClient(request, proxies);
  const std::string text = forwarded.value_or(request.peer).Text();
  return text.substr(0, text.rfind(':'));
}

}  // namespace

/// A request on its way. Writes its line when it ends.
class LoggedRequest {
 public:
  LoggedRequest(AccessLog& log, AccessLogEntry entry, bool is_chosen)
      : log_(log), entry_(std::move(entry)), is_chosen_(is_chosen), start_(SteadyClock::now()) {}
  LoggedRequest(const LoggedRequest&) = delete;
  LoggedRequest& operator=(const LoggedRequest&) = delete;
  ~LoggedRequest() {
    if (entry_.status == 0) {
      // The HTTP server answers for the handler.
      entry_.status = kServerErrorMin;
      entry_.is_whole = false;
    }
    if (!is_chosen_ && entry_.status < kServerErrorMin) return;
    entry_.duration = SteadyClock::now() - start_;
    log_.options_.write(entry_);
  }

  void SetHead(http::Response& response) {
    entry_.status = response.status;
    entry_.body_bytes = response.body.size();
    response.headers.emplace_back(kRequestIdHeader, entry_.request_id);
  }
  void BeginPieces() { entry_.is_whole = false; }
  void AddPiece(std::size_t bytes, bool is_end) {
    entry_.body_bytes += bytes;
    entry_.is_whole = is_end;
  }

 private:
  AccessLog& log_;
  AccessLogEntry entry_;
  const bool is_chosen_;
  const SteadyClock::time_point start_;
};

namespace {

class LoggedBody final : public http::BodySource {
 public:
  LoggedBody(std::shared_ptr<LoggedRequest> request, std::unique_ptr<http::BodySource> inside)
      : request_(std::move(request)), inside_(std::move(inside)) {}

  void Next(Deliver deliver) override {
    inside_->Next([request = request_, deliver = std::move(deliver)](Progress progress,
                                                                     std::string piece) mutable {
      request->AddPiece(piece.size(), progress == Progress::kEnd);
      deliver(progress, std::move(piece));
    });
  }
  [[nodiscard]] bool waits_for_events() const override { return inside_->waits_for_events(); }
  void FinishTrailers(http::FieldList& trailers) override { inside_->FinishTrailers(trailers); }
  void OnServerStopping() override { inside_->OnServerStopping(); }

 private:
  const std::shared_ptr<LoggedRequest> request_;
  const std::unique_ptr<http::BodySource> inside_;
};

class LoggedExchange final : public http::Exchange {
 public:
  LoggedExchange(std::shared_ptr<LoggedRequest> request, std::shared_ptr<http::Exchange> inside)
      : request_(std::move(request)), inside_(std::move(inside)) {}

  void Respond(http::Response response) override {
    request_->SetHead(response);
    inside_->Respond(std::move(response));
  }
  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override {
    request_->SetHead(head);
    request_->BeginPieces();
    inside_->RespondInPieces(std::move(head),
                             std::make_unique<LoggedBody>(request_, std::move(pieces)));
  }

 private:
  const std::shared_ptr<LoggedRequest> request_;
  const std::shared_ptr<http::Exchange> inside_;
};

}  // namespace

class AccessLog::LoggingHandler final : public http::Handler {
 public:
  LoggingHandler(AccessLog& log, std::unique_ptr<http::Handler> inside)
      : log_(log), inside_(std::move(inside)) {
    if (log.options_.keys != nullptr) callers_.emplace(*log.options_.keys);
  }

  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override {
    const std::string_view sent_id = request.Header(kRequestIdHeader).value_or(std::string_view());
    AccessLogEntry entry{
        .method = OneOf(kMethods, request.method),
        .route = RouteOf(request.path),
        .client = ClientOf(request, log_.options_.proxies),
        .request_id = IsRequestId(sent_id) ? std::string(sent_id) : log_.MakeRequestId(),
        .trace_id =
            std::string(TraceIdOf(request.Header("traceparent").value_or(std::string_view()))),
        .key_id = KeyIdOf(request, callers_)};
    const bool is_chosen = handled_++ % log_.options_.every == 0;
    auto logged = std::make_shared<LoggedRequest>(log_, std::move(entry), is_chosen);
    inside_->Handle(request,
                    std::make_shared<LoggedExchange>(std::move(logged), std::move(exchange)));
  }
  [[nodiscard]] std::size_t BodyBytesMax(const http::Request& head,
                                         std::size_t usual_bytes_max) override {
    return inside_->BodyBytesMax(head, usual_bytes_max);
  }
  [[nodiscard]] http::Response BodyTooLarge(const http::Request& request, http::Response plain,
                                            std::string_view message) override {
    return inside_->BodyTooLarge(request, std::move(plain), message);
  }

 private:
  AccessLog& log_;
  const std::unique_ptr<http::Handler> inside_;
  std::optional<CallerTable> callers_;
  std::uint64_t handled_ = 0;
};

AccessLog::AccessLog(AccessLogOptions options, Entropy& entropy)
    : options_(std::move(options)), run_(Hex(entropy.Random16()).substr(0, kRunDigits)) {}

std::unique_ptr<http::Handler> AccessLog::Wrap(std::unique_ptr<http::Handler> inside) {
  return std::make_unique<LoggingHandler>(*this, std::move(inside));
}

std::string AccessLog::MakeRequestId() {
  return run_ + "-" + std::to_string(requests_.fetch_add(1, std::memory_order_relaxed) + 1);
}

std::string_view RouteOf(std::string_view path) {
  for (const MethodAccess& method : AllMethodAccess()) {
    if (path == method.path) return method.path;
    // Short routes have the last part alone.
    const std::string_view short_path = method.path.substr(method.path.rfind('/'));
    if (path == short_path) return short_path;
  }
  if (path.starts_with(kCampaigns)) {
    for (const auto& [end, route] : kFiles) {
      if (path.ends_with(end)) return route;
    }
  }
  return OneOf(kPages, path);
}

std::string_view TraceIdOf(std::string_view traceparent) {
  constexpr std::size_t kVersionBytes = 3;  // "00-"
  constexpr std::size_t kIdBytes = 32;
  constexpr std::size_t kWholeBytes = 55;
  if (traceparent.size() < kWholeBytes || !traceparent.starts_with("00-")) return {};
  if (traceparent[kVersionBytes + kIdBytes] != '-') return {};
  const std::string_view id = traceparent.substr(kVersionBytes, kIdBytes);
  const bool is_hex =
      std::ranges::all_of(id, [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); });
  const bool is_zero = std::ranges::all_of(id, [](char c) { return c == '0'; });
  return is_hex && !is_zero ? id : std::string_view();
}

}  // namespace coupond::api
