#ifndef COUPOND_PROGRAM_STANDARD_OUTPUT_H_
#define COUPOND_PROGRAM_STANDARD_OUTPUT_H_

#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <vector>

namespace coupond {

/// Standard output took no more: the disk is full, or its reader has gone.
class OutputError : public std::runtime_error {
 public:
  /// `error_number` is that of errno.
  explicit OutputError(int error_number);

  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

/// What a program prints. Collects the text in large pieces; call flush() at the end, and wherever
/// a reader is waiting. Every operation that cannot write throws OutputError, so that no program
/// calls something done that nobody has been told. SIGPIPE must be ignored. One thread.
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
