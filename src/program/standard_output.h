#ifndef COUPOND_PROGRAM_STANDARD_OUTPUT_H_
#define COUPOND_PROGRAM_STANDARD_OUTPUT_H_

#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <vector>

namespace coupond {

/// A failure to write to standard output: the disk is full, or its reader has gone.
class OutputError : public std::runtime_error {
 public:
  /// `error_number` is a value of errno.
  explicit OutputError(int error_number);

  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

/// The standard output of a program, buffered in large pieces; call flush() at the end, and
/// wherever a reader is waiting. Every operation that fails to write throws OutputError, so that no
/// program reports success when its output was lost. SIGPIPE must be ignored. One thread.
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

}  // namespace coupond

#endif  // COUPOND_PROGRAM_STANDARD_OUTPUT_H_
