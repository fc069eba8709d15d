#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "api/events/event_block_maker_fixture.h"
#include "counting_new.h"

namespace coupond::api {
namespace {

/// Returns how often operator new was called by threads such as this one.
std::uint64_t AllocationsHere() { return test::AllocationsOf("main"); }

TEST_F(EventBlockMakerTest, AGroupIsNotCopiedForEachOfItsBlocks) {
  constexpr std::uint64_t kCoupons = 20'000;
  Given(1, {Created(1, kCoupons, 1)});
  std::vector<Event> coupons;
  // Each takes an allocation to copy.
  for (std::uint64_t serial = 1; serial <= kCoupons; ++serial) {
    coupons.emplace_back(Issued(1, serial, std::string(40, 'k')));
  }
  Given(6, std::move(coupons));
  Sequence position = Make(1)->next();
  int blocks = 0;
  for (; position <= head(); ++blocks) {
    const std::uint64_t before = AllocationsHere();
    const auto block = Make(position.value());
    EXPECT_LT(AllocationsHere() - before, kCoupons) << "from sequence " << position.value();
    position = block->next();
  }
  EXPECT_GE(blocks, 10);
}

}  // namespace
}  // namespace coupond::api
