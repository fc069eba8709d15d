#ifndef COUPOND_TEST_SUPPORT_MEMORY_TRANSPORT_H_
#define COUPOND_TEST_SUPPORT_MEMORY_TRANSPORT_H_

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/http/event_loop.h"
#include "rpc/http/transport.h"

namespace coupond::test {

/// A transport whose other end is the test: without a socket, so that nothing depends on time. The
/// loop's thread only.
class MemoryTransport final : public http::Transport, private http::EventLoop::Watcher {
 public:
  /// Takes at most `write_bytes_max` bytes with each write, and none with every second WriteNow if
  /// that is limited.
  explicit MemoryTransport(http::EventLoop& loop,
                           std::size_t write_bytes_max = std::numeric_limits<std::size_t>::max())
      : loop_(loop), write_bytes_max_(write_bytes_max) {}
  ~MemoryTransport() override { Close(); }
  MemoryTransport(const MemoryTransport&) = delete;
  MemoryTransport& operator=(const MemoryTransport&) = delete;

  // The test's end.
  void Arrive(std::string_view bytes) {
    incoming_.append(bytes);
    ContinueSoon();
  }
  void ArriveEnd() {
    ended_ = true;
    ContinueSoon();
  }
  /// Returns what was written since the last call.
  [[nodiscard]] std::string TakeSent() { return std::exchange(outgoing_, {}); }
  [[nodiscard]] bool send_ended() const { return send_ended_; }
  /// Returns how often something was read or written so far.
  [[nodiscard]] std::size_t moves() const { return moves_; }

  [[nodiscard]] http::PeerAddress Peer() const override { return {}; }
  void ReadSome(std::span<char> space, OnBytes on_read) override {
    space_ = space;
    on_read_ = std::move(on_read);
    ContinueSoon();
  }
  [[nodiscard]] std::optional<std::size_t> WriteNow(std::string_view bytes) override {
    if (closed_ || send_ended_) return std::nullopt;
    const bool is_limited = write_bytes_max_ < std::numeric_limits<std::size_t>::max();
    if (is_limited && !std::exchange(takes_, !takes_)) return 0;
    return Take(bytes);
  }
  void WriteSome(std::string_view bytes, OnBytes on_written) override {
    bytes_ = bytes;
    on_written_ = std::move(on_written);
    ContinueSoon();
  }
  void AwaitInput(OnInput on_input) override {
    on_input_ = std::move(on_input);
    ContinueSoon();
  }
  [[nodiscard]] bool HasInput() override { return !incoming_.empty(); }
  [[nodiscard]] bool HasPeerClosed() override { return ended_ || closed_; }
  [[nodiscard]] bool ShutDownSend() override {
    send_ended_ = true;
    return !closed_;
  }
  void Close() override {
    closed_ = true;
    loop_.Forget(*this);
    const OnBytes read = std::exchange(on_read_, nullptr);
    const OnBytes written = std::exchange(on_written_, nullptr);
    const OnInput input = std::exchange(on_input_, nullptr);
  }
  void Reset() override { Close(); }

 private:
  void ContinueSoon() {
    if (!closed_ && !std::exchange(continues_, true)) loop_.Resume(*this);
  }
  std::size_t Take(std::string_view bytes) {
    bytes = bytes.substr(0, write_bytes_max_);
    outgoing_.append(bytes);
    ++moves_;
    return bytes.size();
  }
  void OnReady(http::EventLoop::Readiness /*ready*/) override {
    continues_ = false;
    const bool readable = !incoming_.empty() || ended_;
    if (on_input_ && readable) {
      if (on_read_ || on_written_) ContinueSoon();
      return std::exchange(on_input_, nullptr)();
    }
    if (on_written_) {
      if (on_read_) ContinueSoon();
      return std::exchange(on_written_, nullptr)(Outcome::kDone, Take(bytes_));
    }
    if (!on_read_ || !readable) return;
    const std::size_t count = std::min(space_.size(), incoming_.size());
    std::copy_n(incoming_.begin(), count, space_.begin());
    incoming_.erase(0, count);
    ++moves_;
    std::exchange(on_read_, nullptr)(count > 0 ? Outcome::kDone : Outcome::kEnd, count);
  }

  http::EventLoop& loop_;
  const std::size_t write_bytes_max_;
  std::string incoming_;
  std::string outgoing_;
  std::size_t moves_ = 0;
  bool ended_ = false;
  bool send_ended_ = false;
  bool closed_ = false;
  bool takes_ = false;
  bool continues_ = false;
  std::span<char> space_;
  std::string_view bytes_;
  OnBytes on_read_;
  OnBytes on_written_;
  OnInput on_input_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_MEMORY_TRANSPORT_H_
