#ifndef COUPOND_TOOLS_COMMON_PROGRESS_BAR_H_
#define COUPOND_TOOLS_COMMON_PROGRESS_BAR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

/// The progress of something that takes longer than a moment.
namespace coupond::tools {

/// Returns a bar of `cells` cells, such as "[####......]". It is full only if nothing is missing.
/// `done` may exceed `all`, which must not be 0.
[[nodiscard]] std::string BarText(std::uint64_t done, std::uint64_t all, std::size_t cells);

/// A line on a terminal that is rewritten in place. One thread.
class LiveLine {
 public:
  /// Writes to `out`, which must outlive this.
  explicit LiveLine(std::ostream& out) : out_(out) {}
  /// Erases the line.
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  /// Replaces the line with this text, which must fit on one line.
  void Show(std::string_view text);
  /// Erases the line, to make room for other output.
  void Erase();

 private:
  std::ostream& out_;
  bool shown_ = false;
};

/// A bar on standard error, shown only if that is a terminal. One thread.
class ProgressBar {
 public:
  /// `what` says what is being done, and must outlive this.
  explicit ProgressBar(std::string_view what);

  void Show(std::uint64_t done, std::uint64_t all);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string_view what_;
  const bool terminal_;
  Clock::time_point shown_at_;
  LiveLine line_;
};

}  // namespace coupond::tools

#endif  // COUPOND_TOOLS_COMMON_PROGRESS_BAR_H_
