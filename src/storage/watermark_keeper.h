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
#include "engine/ports/commit_listener.h"
#include "storage/files/watermark.h"

namespace coupond::storage {

/// Follows the log with the watermark file, on a thread of its own: at most one write per interval
/// while groups commit, and exactly to the last group on Stop.
///
/// OnCommit and Advance are for the sequencer, and cost a lock and a copy. Start, Stop and Abandon
/// are for the owner.
class WatermarkKeeper final : public CommitListener {
 public:
  static constexpr std::chrono::milliseconds kInterval{100};
  using OnFailure = std::function<void(const Error& error)>;

  /// `written` is what the file says now. `env` (null: the system's files) must outlive the keeper.
  WatermarkKeeper(std::filesystem::path file, const Watermark& written,
                  std::chrono::milliseconds interval = kInterval, rocksdb::Env* env = nullptr);
  /// Stops; an error is then lost, so owners who care call Stop themselves.
  ~WatermarkKeeper() override;
  WatermarkKeeper(const WatermarkKeeper&) = delete;
  WatermarkKeeper& operator=(const WatermarkKeeper&) = delete;

  /// Begins to write. A write that fails is reported once, on the keeper's thread, and is the last
  /// one. `on_failure` must not call Stop or Abandon.
  void Start(OnFailure on_failure);
  /// `watermark` was acknowledged; each call with a later group than the one before.
  void Advance(const Watermark& watermark);
  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override;
  /// Ends the thread and writes the last group. An error of an earlier write is returned instead.
  /// Doing it twice is fine.
  [[nodiscard]] Status Stop();
  /// Ends the thread and writes nothing more, now or on Stop or destruction: for a fence that was
  /// raised. A write that was under way is finished when this returns.
  void Abandon();

 private:
  void EndThread();
  void Run(const OnFailure& on_failure);
  /// What is thrown comes as an error: on the keeper's thread nobody else would catch it.
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
