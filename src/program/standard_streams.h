#ifndef COUPOND_PROGRAM_STANDARD_STREAMS_H_
#define COUPOND_PROGRAM_STANDARD_STREAMS_H_

#include <cstddef>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <vector>

/// The standard output, and what a program may print to a descriptor that is a terminal.
namespace coupond {

/// A failure to write to standard output: the disk is full, or the reader is gone.
class OutputError : public std::runtime_error {
 public:
  /// `error_number` is a value of errno.
  explicit OutputError(int error_number);

  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

/// The standard output of a program, with a large buffer; call flush() at the end, and wherever a
/// reader is waiting. Every operation that fails to write throws OutputError, so that no program
/// reports success when its output was lost. SIGPIPE must be ignored. One thread.
class StandardOutput : public std::ostream {
 public:
  StandardOutput();
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

 private:
  class Buffer : public std::streambuf {
   public:
    Buffer();

   protected:
    int_type overflow(int_type character) override;
    int sync() override;

   private:
    void WriteAll();

    std::vector<char> kept_;
  };

  Buffer buffer_;
};

/// Reports whether text may be coloured: on a terminal that is not TERM=dumb, unless NO_COLOR is
/// set and not empty (https://no-color.org).
[[nodiscard]] bool MayColor(int descriptor);

/// Reports whether a line may be redrawn in place: on a terminal that is not TERM=dumb.
[[nodiscard]] bool MayRedraw(int descriptor);

/// Returns the width of the terminal in columns, 80 if that is unknown; nullopt if the descriptor
/// is not a terminal.
[[nodiscard]] std::optional<std::size_t> TerminalColumns(int descriptor);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_STANDARD_STREAMS_H_
