#include "engine/rules/chunked_vector.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace coupond {
namespace {

using Numbers = ChunkedVector<int, 4>;

Numbers UpTo(int count) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

std::vector<int> Visited(const Numbers& numbers) {
  std::vector<int> items;
  numbers.ForEach([&items](int item) { items.push_back(item); });
  return items;
}

TEST(ChunkedVector, HasItsItemsInTheirOrderWhateverItsSize) {
  for (int count = 0; count < 20; ++count) {
    const Numbers numbers = UpTo(count);
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(numbers.empty(), count == 0);
    std::vector<int> expected;
    for (int i = 0; i < count; ++i) {
      expected.push_back(i);
      EXPECT_EQ(numbers[static_cast<std::size_t>(i)], i);
    }
    EXPECT_EQ(Visited(numbers), expected);
    if (count > 0) {
      EXPECT_EQ(numbers.back(), count - 1);
    }
  }
}

TEST(ChunkedVector, WhatIsTakenFromTheEndLeavesTheRest) {
  for (int left = 20; left-- > 0;) {
    Numbers numbers = UpTo(20);
    while (numbers.size() > static_cast<std::size_t>(left)) numbers.pop_back();
    EXPECT_EQ(numbers, UpTo(left));
    numbers.push_back(left);
    EXPECT_EQ(numbers, UpTo(left + 1));
  }
}

TEST(ChunkedVector, PopChunkRemovesTheLastChunk) {
  Numbers numbers = UpTo(10);
  numbers.PopChunk();
  EXPECT_EQ(numbers, UpTo(8));
  numbers.PopChunk();
  EXPECT_EQ(numbers, UpTo(4));
}

TEST(ChunkedVector, FindsEachPartitionPoint) {
  for (int count = 0; count < 20; ++count) {
    for (int point = 0; point <= count; ++point) {
      EXPECT_EQ(UpTo(count).PartitionPoint([point](int item) { return item < point; }),
                static_cast<std::size_t>(point));
    }
  }
}

TEST(ChunkedVector, ItemsOfFullChunksNeverMove) {
  Numbers numbers = UpTo(4);
  const int* const first = &numbers[0];
  for (int i = 0; i < 1'000; ++i) numbers.push_back(i);
  EXPECT_EQ(&numbers[0], first);
}

}  // namespace
}  // namespace coupond
