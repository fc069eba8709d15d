#include "engine_on_disk.h"

#include <utility>

#include "base/check.h"
#include "base/error.h"

namespace coupond::bench {

EngineOnDisk::EngineOnDisk(const std::filesystem::path& directory) {
  auto store = storage::Store::Open(directory, entropy_, clock_);
  COUPOND_CHECK(store.has_value());
  store_ = std::move(*store);
  store_->watermark().Start([this](const Error& error) { fence_.Raise(error); });
  auto engine = Engine::Start({.log = store_->log(),
                               .stored_log = store_->log(),
                               .views = store_->views(),
                               .clock = clock_,
                               .fence = fence_,
                               .commit_listener = &store_->watermark()},
                              {});
  COUPOND_CHECK(engine.has_value());
  engine_ = std::move(*engine);
}

EngineOnDisk::~EngineOnDisk() {
  if (store_ != nullptr) Close();
}

void EngineOnDisk::Close() {
  engine_.reset();
  COUPOND_CHECK(store_->watermark().Stop().has_value());
  store_.reset();
}

}  // namespace coupond::bench
