// Coupon codes: from a serial to the text that people see, and back.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/codes/coupon_code.h"
#include "workload.h"

namespace coupond::bench {
namespace {

void EncodeCode(benchmark::State& state) {
  const CouponCodec codec(NumberedId<CodeKey>(0));
  std::uint64_t serial = 0;
  std::string code;
  for (auto _ : state) {
    code.clear();
    codec.EncodeTo(code, Serial(++serial));
    benchmark::DoNotOptimize(code.data());
  }
  if (codec.Decode(code) != Serial(serial)) state.SkipWithError("a code cannot be read back");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(EncodeCode);

void DecodeCode(benchmark::State& state) {
  constexpr std::uint64_t kCodes = 1'024;
  const CouponCodec codec(NumberedId<CodeKey>(0));
  std::vector<std::string> codes;
  codes.reserve(kCodes);
  for (std::uint64_t serial = 0; serial < kCodes; ++serial) {
    codes.push_back(codec.Encode(Serial(serial)));
  }
  std::uint64_t next = 0;
  for (auto _ : state) {
    if (codec.Decode(codes[next]) != Serial(next)) {
      state.SkipWithError("a code was read as another serial");
      break;
    }
    next = (next + 1) % kCodes;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(DecodeCode);

}  // namespace
}  // namespace coupond::bench
