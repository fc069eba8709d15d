#include "base/block_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace coupond {
namespace {

struct Object {
  int number = 0;
};

std::shared_ptr<Object> Make(const std::shared_ptr<BlockCache>& cache) {
  return std::allocate_shared<Object>(CachedAllocator<Object>(cache));
}

TEST(BlockCache, WhatIsGivenBackServesTheNext) {
  const auto cache = std::make_shared<BlockCache>();
  auto first = Make(cache);
  const Object* const place = first.get();
  first.reset();
  EXPECT_EQ(Make(cache).get(), place);
  const auto one = Make(cache);
  const auto other = Make(cache);
  EXPECT_NE(one.get(), other.get());
}

TEST(BlockCache, LivesAsLongAsWhatCameFromIt) {
  auto cache = std::make_shared<BlockCache>();
  const auto object = Make(cache);
  const std::weak_ptr<BlockCache> watch = cache;
  cache.reset();
  EXPECT_FALSE(watch.expired());
  object->number = 1;
}

TEST(BlockCache, ABlockFromAnotherThreadIsNotKept) {
  const auto cache = std::make_shared<BlockCache>();
  std::thread([object = Make(cache)]() mutable { object.reset(); }).join();
  EXPECT_EQ(cache->kept(), 0U);
  Make(cache).reset();
  EXPECT_EQ(cache->kept(), 1U);
}

}  // namespace
}  // namespace coupond
