#ifndef COUPOND_TEST_SUPPORT_FAKE_TEXT_PURGE_H_
#define COUPOND_TEST_SUPPORT_FAKE_TEXT_PURGE_H_

#include <atomic>
#include <deque>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports/text_purge.h"
#include "support/fake_event_log.h"

namespace coupond::test {

/// Remembers which texts are hidden and where they were removed. With a fake log, it does both
/// there; a log that it was destroyed for hides nothing any more, as after a restart.
///
/// Any thread may call anything.
class FakeTextPurge final : public TextPurge {
 public:
  FakeTextPurge() = default;
  /// The log must outlive it.
  explicit FakeTextPurge(FakeEventLog& log) : log_(&log) {}
  ~FakeTextPurge() override {
    if (log_ != nullptr) log_->ShowTexts(std::vector<Serial>(hidden_.begin(), hidden_.end()));
  }

  void Hide(std::span<const Serial> coupons) override {
    const std::lock_guard lock(mutex_);
    hidden_.insert(coupons.begin(), coupons.end());
    if (log_ != nullptr) log_->HideTexts(coupons);
  }
  void Forget(std::span<const Serial> coupons) override {
    const std::lock_guard lock(mutex_);
    for (const Serial coupon : coupons) {
      hidden_.erase(coupon);
      forgotten_.insert(coupon);
    }
    if (log_ != nullptr) log_->ShowTexts(coupons);
  }
  [[nodiscard]] Result<bool> Purge(const TextPlaces& places,
                                   const std::atomic<bool>& stop) override {
    const std::lock_guard lock(mutex_);
    if (stop) return MakeError(ErrorCode::kUnavailable, "stopped");
    purges_.push_back(places);
    Result<bool> answer = true;
    if (!answers_.empty()) {
      answer = std::move(answers_.front());
      answers_.pop_front();
    }
    if (answer && *answer && log_ != nullptr) log_->RemoveHiddenTexts(places.groups);
    return answer;
  }
  [[nodiscard]] std::vector<std::string> FindCopies() const override {
    const std::lock_guard lock(mutex_);
    return copies_;
  }

  /// Makes the next purge that has no answer yet return this one, and remove nothing unless it is
  /// true. Those beyond the answers succeed.
  void AnswerPurge(Result<bool> answer) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  void SetCopies(std::vector<std::string> copies) {
    const std::lock_guard lock(mutex_);
    copies_ = std::move(copies);
  }

  /// Returns the coupons whose texts are hidden.
  [[nodiscard]] std::set<Serial> hidden() const {
    const std::lock_guard lock(mutex_);
    return hidden_;
  }
  /// Returns all that were ever forgotten.
  [[nodiscard]] std::set<Serial> forgotten() const {
    const std::lock_guard lock(mutex_);
    return forgotten_;
  }
  /// Returns where each purge was told to look, also of those that failed.
  [[nodiscard]] std::vector<TextPlaces> purges() const {
    const std::lock_guard lock(mutex_);
    return purges_;
  }

 private:
  FakeEventLog* const log_ = nullptr;
  mutable std::mutex mutex_;
  std::set<Serial> hidden_;
  std::set<Serial> forgotten_;
  std::vector<TextPlaces> purges_;
  std::deque<Result<bool>> answers_;
  std::vector<std::string> copies_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_FAKE_TEXT_PURGE_H_
