#include "storage/watermark_keeper.h"

#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "base/thread.h"

namespace coupond::storage {

WatermarkKeeper::WatermarkKeeper(std::filesystem::path file, const Watermark& written,
                                 std::chrono::milliseconds interval, rocksdb::Env* env)
    : file_(std::move(file)), interval_(interval), env_(env), latest_(written), written_(written) {}

WatermarkKeeper::~WatermarkKeeper() { static_cast<void>(Stop()); }

void WatermarkKeeper::Start(OnFailure on_failure) {
  COUPOND_CHECK(!thread_.joinable());
  thread_ = std::thread([this, report = std::move(on_failure)] {
    NameThisThread("watermark");
    Run(report);
  });
}

void WatermarkKeeper::Advance(const Watermark& watermark) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    COUPOND_CHECK(watermark.group > latest_.group);
    // A thread that was woken and has not written yet needs no second wake-up.
    wake = latest_ == written_;
    latest_ = watermark;
  }
  if (wake) changed_.notify_one();
}

void WatermarkKeeper::OnCommit(const std::shared_ptr<const CommitGroup>& /*group*/,
                               const LogTip& tip) {
  Advance({.group = tip.group, .hash = tip.hash});
}

Status WatermarkKeeper::Stop() {
  EndThread();
  const std::lock_guard lock(mutex_);
  if (!failure_ && !abandoned_ && latest_ != written_) {
    if (Status written = Write(latest_); !written) failure_ = written.error();
    written_ = latest_;
  }
  if (failure_) return std::unexpected(*failure_);
  return {};
}

void WatermarkKeeper::Abandon() {
  EndThread();
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
}

void WatermarkKeeper::EndThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void WatermarkKeeper::Run(const OnFailure& on_failure) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || latest_ != written_; });
    if (stopping_) return;
    const Watermark next = latest_;
    lock.unlock();
    const Status result = Write(next);
    lock.lock();
    if (!result) {
      failure_ = result.error();
      lock.unlock();
      on_failure(result.error());
      return;
    }
    written_ = next;
    changed_.wait_for(lock, interval_, [this] { return stopping_; });
  }
}

Status WatermarkKeeper::Write(const Watermark& watermark) const {
  try {
    return WriteWatermark(file_, watermark, env_);
  } catch (...) {
    return MakeError(ErrorCode::kIo, "cannot write " + file_.string() + ": " + DescribeThrown());
  }
}

}  // namespace coupond::storage
