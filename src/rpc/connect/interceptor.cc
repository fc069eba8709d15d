#include "rpc/connect/interceptor.h"

#include <utility>

namespace coupond::connect {
namespace {

/// The body of a watched call. If it is destroyed before its end, the client has left.
class WatchedBody final : public http::BodySource {
 public:
  WatchedBody(std::shared_ptr<WatchedCall> call, std::unique_ptr<http::BodySource> inside)
      : call_(std::move(call)), inside_(std::move(inside)) {}

  ~WatchedBody() override {
    if (!call_->ended()) call_->SetError(Code::kCanceled);
    call_->End();
  }

  void Next(Deliver deliver) override {
    inside_->Next(
        [call = call_, deliver = std::move(deliver)](Progress progress, std::string piece) mutable {
          call->AddBytes(piece.size());
          if (progress == Progress::kFailed) call->SetError(Code::kInternal);
          if (progress != Progress::kMore) call->End();
          deliver(progress, std::move(piece));
        });
  }

  [[nodiscard]] bool waits_for_events() const override { return inside_->waits_for_events(); }
  void FinishTrailers(http::FieldList& trailers) override { inside_->FinishTrailers(trailers); }
  void OnServerStopping() override { inside_->OnServerStopping(); }

 private:
  const std::shared_ptr<WatchedCall> call_;
  const std::unique_ptr<http::BodySource> inside_;
};

}  // namespace

std::expected<void, Error> StartAll(const Interceptors& interceptors, CallContext& context,
                                    const http::Request& request) {
  std::expected<void, Error> passed;
  for (const auto& interceptor : interceptors) {
    passed = interceptor->OnStart(context, request);
    if (!passed) break;
  }
  return passed;
}

std::shared_ptr<WatchedCall> WatchedCall::Make(const std::shared_ptr<BlockCache>& memory,
                                               std::shared_ptr<const Interceptors> interceptors,
                                               std::shared_ptr<http::Exchange> inside) {
  return std::allocate_shared<WatchedCall>(CachedAllocator<WatchedCall>(memory),
                                           std::move(interceptors), std::move(inside));
}

WatchedCall::WatchedCall(std::shared_ptr<const Interceptors> interceptors,
                         std::shared_ptr<http::Exchange> inside)
    : interceptors_(std::move(interceptors)),
      inside_(std::move(inside)),
      start_(std::chrono::steady_clock::now()) {}

WatchedCall::~WatchedCall() {
  if (!ended_) SetError(Code::kInternal);
  End();
}

std::expected<void, Error> WatchedCall::Start(CallContext& context, const http::Request& request) {
  std::expected<void, Error> passed;
  while (passed && started_ < interceptors_->size()) {
    passed = (*interceptors_)[started_]->OnStart(context, request);
    ++started_;
  }
  context_ = context;
  return passed;
}

void WatchedCall::SetError(Code code) {
  if (!outcome_.error) outcome_.error = code;
}

void WatchedCall::End() {
  if (std::exchange(ended_, true)) return;
  outcome_.duration = std::chrono::steady_clock::now() - start_;
  while (started_ > 0) (*interceptors_)[--started_]->OnEnd(context_, outcome_);
}

void WatchedCall::Respond(http::Response response) {
  AddBytes(response.body.size());
  End();
  std::exchange(inside_, nullptr)->Respond(std::move(response));
}

void WatchedCall::RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) {
  AddBytes(head.body.size());
  std::exchange(inside_, nullptr)
      ->RespondInPieces(std::move(head),
                        std::make_unique<WatchedBody>(shared_from_this(), std::move(pieces)));
}

}  // namespace coupond::connect
