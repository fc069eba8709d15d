#include "fuzz/service_world.h"

#include <algorithm>
#include <utility>

#include "fuzz/invariant.h"
#include "fuzz/recorded_exchange.h"

namespace coupond::fuzz {
namespace {

StoreCreated ExampleStore() {
  return {.store_id = test::MakeId<StoreId>(1),
          .code_key = test::MakeId<CodeKey>(2),
          .format_version = 2};
}

CommitGroup FirstGroup() {
  return {.number = GroupNumber(1),
          .first_sequence = Sequence(1),
          .commit_time = test::At(0),
          .events = {ExampleStore()}};
}

/// Reports whether the answer may go on for as long as the client listens.
bool MayNotEnd(const http::Request& request) {
  if (request.path.contains("WatchCampaign")) return true;
  if (!request.path.contains("ReadEvents") && request.path != "/events") return false;
  // Without saying so, only a reader of JSON lines or of JSON reads up to what is there.
  const auto is_json = [](const http::HeaderField& field) {
    return field.value.contains("json") && !field.value.contains("event-stream");
  };
  return request.query.contains("follow") || request.body.contains("follow") ||
         !std::ranges::any_of(request.headers, is_json);
}

}  // namespace

std::array<std::uint8_t, 16> CountingEntropy::Random16() {
  std::array<std::uint8_t, 16> bytes;
  bytes.fill(++count_);
  return bytes;
}

ServiceWorld::ServiceWorld() : log_({FirstGroup()}) {
  auto engine = Engine::Start({.log = log_,
                               .stored_log = log_,
                               .views = views_,
                               .clock = clock_,
                               .fence = fence_,
                               .texts = &texts_},
                              {});
  Require(engine.has_value(), "the engine starts");
  engine_ = std::move(*engine);
  service_ = std::make_unique<api::CouponService>(*engine_, entropy_, ExampleStore().code_key);
  handler_ = service_->MakeHandler(executor_);
}

ServiceWorld::~ServiceWorld() {
  Require(!engine_->fenced(), "no request raises the fence");
  engine_->Stop();
  handler_.reset();
}

WholeAnswer ServiceWorld::Ask(const http::Request& request) {
  const auto exchange = std::make_shared<RecordedExchange>();
  handler_->Handle(request, exchange);
  while (!exchange->response()) executor_.RunNext();

  WholeAnswer answer{.head = *exchange->response(), .body = exchange->response()->body};
  if (exchange->pieces() == nullptr || MayNotEnd(request)) return answer;
  using Progress = http::BodySource::Progress;
  for (Progress last = Progress::kMore; last == Progress::kMore;) {
    bool delivered = false;
    exchange->pieces()->Next([&](Progress progress, const std::string& piece) {
      delivered = true;
      last = progress;
      answer.body += piece;
    });
    while (!delivered) executor_.RunNext();
    Require(last != Progress::kFailed, "an answer in pieces comes to its end");
  }
  return answer;
}

}  // namespace coupond::fuzz
