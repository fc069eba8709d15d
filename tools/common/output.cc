#include "common/output.h"

namespace coupond::audit {

bool Output::Write(std::string_view text) {
  if (error_) return false;
  try {
    out_ << text;
  } catch (const OutputError& error) {
    error_ = error;
  }
  return !error_;
}

std::optional<OutputError> Output::Finish() {
  if (error_) return error_;
  try {
    out_.flush();
  } catch (const OutputError& error) {
    error_ = error;
  }
  return error_;
}

}  // namespace coupond::audit
