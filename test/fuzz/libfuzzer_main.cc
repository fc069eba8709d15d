// The libFuzzer program of the target that COUPOND_FUZZ_TARGET names.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  coupond::fuzz::COUPOND_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
