#include "api/access/guarded_page.h"

#include <utility>

#include "rpc/connect/call.h"
#include "rpc/connect/error.h"

namespace coupond::api {
namespace {

class GuardedBody final : public http::BodySource {
 public:
  GuardedBody(std::unique_ptr<connect::StreamGuard> guard, std::unique_ptr<http::BodySource> inside)
      : inside_(std::move(inside)), guard_(std::move(guard)) {
    guard_->Begin([this](const connect::Error& /*error*/) { BreakOff(); });
  }

  void Next(Deliver deliver) override {
    if (broken_off_) return deliver(Progress::kFailed, {});
    auto pending = std::make_shared<Deliver>(std::move(deliver));
    pending_ = pending;
    inside_->Next([pending = std::move(pending)](Progress progress, std::string piece) {
      DeliverNow(*pending, progress, std::move(piece));
    });
  }

  [[nodiscard]] bool waits_for_events() const override { return inside_->waits_for_events(); }
  void FinishTrailers(http::FieldList& trailers) override { inside_->FinishTrailers(trailers); }
  void OnServerStopping() override { inside_->OnServerStopping(); }

 private:
  void BreakOff() {
    broken_off_ = true;
    if (const auto pending = pending_.lock()) DeliverNow(*pending, Progress::kFailed, {});
  }

  /// Delivers a piece unless that has happened. May call Next, or destroy the body.
  static void DeliverNow(Deliver& pending, Progress progress, std::string piece) {
    if (Deliver deliver = std::exchange(pending, nullptr)) deliver(progress, std::move(piece));
  }

  const std::unique_ptr<http::BodySource> inside_;
  bool broken_off_ = false;
  // Owned by what was given to the source: if that is dropped, so is the right to deliver.
  std::weak_ptr<Deliver> pending_;
  const std::unique_ptr<connect::StreamGuard> guard_;
};

class GuardedExchange final : public http::Exchange {
 public:
  GuardedExchange(std::unique_ptr<connect::StreamGuard> guard,
                  std::shared_ptr<http::Exchange> inside)
      : guard_(std::move(guard)), inside_(std::move(inside)) {}

  void Respond(http::Response response) override { inside_->Respond(std::move(response)); }
  void RespondInPieces(http::Response head, std::unique_ptr<http::BodySource> pieces) override {
    inside_->RespondInPieces(std::move(head),
                             std::make_unique<GuardedBody>(std::move(guard_), std::move(pieces)));
  }

 private:
  std::unique_ptr<connect::StreamGuard> guard_;
  const std::shared_ptr<http::Exchange> inside_;
};

}  // namespace

std::shared_ptr<http::Exchange> GuardedPage(const PageCaller& caller, std::string campaign_id,
                                            std::shared_ptr<http::Exchange> inside) {
  if (caller.streams == nullptr) return inside;
  return std::make_shared<GuardedExchange>(
      caller.streams->Guard(caller.caller, std::move(campaign_id)), std::move(inside));
}

}  // namespace coupond::api
