#include "base/thrown.h"

#include <exception>

namespace coupond {

std::string DescribeThrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown kind";
  }
}

}  // namespace coupond
