#include "api/metrics/call_meter.h"

#include <chrono>
#include <optional>
#include <utility>

#include "api/access/method_access.h"

namespace coupond::api {
namespace {

using connect::Code;

/// Returns the row of a method in AllMethodAccess.
std::size_t RowNumberOf(std::string_view path) {
  return static_cast<std::size_t>(&AccessOf(path) - AllMethodAccess().data());
}

CallWay WayOf(const connect::CallContext& context) {
  if (context.method->kind == connect::MethodKind::kPlainJson) return CallWay::kShort;
  return context.protocol == connect::Protocol::kGrpcWeb ? CallWay::kGrpcWeb : CallWay::kConnect;
}

/// Returns the code that clients of Connect derive from the status of a response.
std::optional<Code> CodeOfStatus(int status) {
  if (status < 400) return std::nullopt;
  switch (status) {
    case 400:
      return Code::kInvalidArgument;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    case 416:
      return Code::kOutOfRange;
    case 429:
      return Code::kResourceExhausted;
    case 503:
      return Code::kUnavailable;
    default:
      return status < 500 ? Code::kUnknown : Code::kInternal;
  }
}

class PageExchange final : public http::Exchange {
 public:
  PageExchange(WorkerFigures& figures, std::size_t method, std::shared_ptr<http::Exchange> inside)
      : figures_(figures), method_(method), inside_(std::move(inside)) {
    figures_.BeginCall();
  }
  ~PageExchange() override { Count(Code::kInternal); }
  PageExchange(const PageExchange&) = delete;
  PageExchange& operator=(const PageExchange&) = delete;

  void Respond(http::Response response) override {
    Count(CodeOfStatus(response.status));
    inside_->Respond(std::move(response));
  }
  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override {
    Count(CodeOfStatus(head.status));
    inside_->RespondInPieces(std::move(head), std::move(pieces));
  }

 private:
  void Count(std::optional<Code> error) {
    if (std::exchange(counted_, true)) return;
    figures_.EndCall(method_, CallWay::kPage, error, std::chrono::steady_clock::now() - begin_);
  }

  WorkerFigures& figures_;
  const std::size_t method_;
  const std::shared_ptr<http::Exchange> inside_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool counted_ = false;
};

}  // namespace

void CallMeter::OnEnd(const connect::CallContext& context, const connect::CallOutcome& outcome) {
  const connect::MethodDescriptor* const method = context.method.get();
  if (method != last_) {
    const auto [found, added] = methods_.try_emplace(method, 0);
    if (added) found->second = RowNumberOf(method->path);
    last_ = method;
    last_method_ = found->second;
  }
  figures_.EndCall(last_method_, WayOf(context), outcome.error, outcome.duration);
}

std::shared_ptr<http::Exchange> MeteredPage(WorkerFigures* figures, std::string_view path,
                                            std::shared_ptr<http::Exchange> inside) {
  if (figures == nullptr) return inside;
  return std::make_shared<PageExchange>(*figures, RowNumberOf(path), std::move(inside));
}

}  // namespace coupond::api
