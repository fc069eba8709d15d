#ifndef COUPOND_STORAGE_WATERMARK_KEEPER_H_
#define COUPOND_STORAGE_WATERMARK_KEEPER_H_

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "storage/files/watermark.h"

namespace coupond::storage {

/// Keeps the watermark file up to date with the log, on a thread of its own: at most one write per
/// interval while groups commit, and exactly up to the last group on Stop.
///
/// The sequencer calls OnCommit and Advance, which cost a lock and a copy. The owner calls Start,
/// Stop and Abandon.
class WatermarkKeeper final : public CommitListener {
 public:
  static constexpr std::chrono::milliseconds kInterval{100};
  using OnFailure = std::function<void(const Error& error)>;

  /// `written` is what the file holds now. `env` (null: the system's files) must outlive the
  /// keeper.
  WatermarkKeeper(std::filesystem::path file, const Watermark& written,
                  std::chrono::milliseconds interval = kInterval, rocksdb::Env* env = nullptr);
  /// Stops. An error is lost then, so call Stop before if it matters.
  ~WatermarkKeeper() override;
  WatermarkKeeper(const WatermarkKeeper&) = delete;
  WatermarkKeeper& operator=(const WatermarkKeeper&) = delete;

  /// Starts the thread. A write that fails is reported once, on that thread, and is the last one.
  /// `on_failure` must not call Stop or Abandon.
  void Start(OnFailure on_failure);
  /// Records that `watermark` was acknowledged. Its group must be later than in the call before.
  void Advance(const Watermark& watermark);
  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override;
  /// Ends the thread and writes the last group. Returns the error of an earlier write instead if
  /// there was one. A second call does nothing.
  [[nodiscard]] Status Stop();
  /// Ends the thread and writes nothing more, now or on Stop or destruction, because the fence was
  /// raised. A write in progress is finished when this returns.
  void Abandon();

 private:
  void EndThread();
  void Run(const OnFailure& on_failure);
  /// Returns what is thrown as an error, because nothing else would catch it on the keeper's
  /// thread.
  [[nodiscard]] Status Write(const Watermark& watermark) const;

  const std::filesystem::path file_;
  const std::chrono::milliseconds interval_;
  rocksdb::Env* const env_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Watermark latest_;
  Watermark written_;
  bool stopping_ = false;
  bool abandoned_ = false;
  std::optional<Error> failure_;

  std::thread thread_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_WATERMARK_KEEPER_H_
