#include "system/crash/load.h"

namespace coupond::test {

Load::Load(std::vector<std::unique_ptr<LoadClient>>& clients, std::uint16_t port)
    : running_(clients.size()) {
  threads_.reserve(clients.size());
  for (const std::unique_ptr<LoadClient>& client : clients) {
    threads_.emplace_back([this, port, &client = *client] {
      client.Run({.port = port,
                  .on_answer = [this] { OnAnswer(); },
                  .server_may_end =
                      [this] {
                        const std::lock_guard lock(mutex_);
                        return end_expected_;
                      }});
      const std::lock_guard lock(mutex_);
      --running_;
      changed_.notify_all();
    });
  }
}

Load::~Load() {
  for (std::thread& thread : threads_) thread.join();
}

void Load::OnAnswer() {
  const std::lock_guard lock(mutex_);
  ++answers_;
  changed_.notify_all();
}

void Load::WaitForTime(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return running_ == 0; });
}

bool Load::WaitForAnswers(std::uint64_t count, std::chrono::milliseconds silence_max) {
  std::unique_lock lock(mutex_);
  while (answers_ < count && running_ > 0) {
    const auto more = [this, before = answers_] { return answers_ > before || running_ == 0; };
    if (!changed_.wait_for(lock, silence_max, more)) return false;
  }
  return answers_ >= count;
}

void Load::ExpectEnd() {
  const std::lock_guard lock(mutex_);
  end_expected_ = true;
}

}  // namespace coupond::test
