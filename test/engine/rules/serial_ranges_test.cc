#include "engine/rules/serial_ranges.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace coupond {
namespace {

SerialRange Range(std::uint64_t first, std::uint64_t count) {
  return {.first = Serial(first), .count = count};
}

SerialRanges RangesOf(const std::vector<SerialRange>& ranges) {
  SerialRanges serials;
  for (const SerialRange& range : ranges) serials.Add(range);
  return serials;
}

std::vector<SerialRange> Visited(const SerialRanges& serials) {
  std::vector<SerialRange> ranges;
  serials.ForEach([&ranges](SerialRange range) { ranges.push_back(range); });
  return ranges;
}

SerialRanges Truncated(SerialRanges serials, std::uint64_t count) {
  serials.Truncate(count);
  return serials;
}

TEST(SerialRanges, WithoutSerialsThereIsNothing) {
  const SerialRanges none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(none.OrdinalOf(Serial(0)), std::nullopt);
  EXPECT_TRUE(Visited(none).empty());
}

TEST(SerialRanges, TheFirstRangeMayBeAddedLater) {
  EXPECT_EQ(RangesOf({Range(5, 3)}), SerialRanges(Range(5, 3)));
}

TEST(SerialRanges, TruncatingCutsTheRangeThatContainsTheEnd) {
  const SerialRanges serials = RangesOf({Range(10, 5), Range(30, 5), Range(50, 5)});
  EXPECT_EQ(Truncated(serials, 7), RangesOf({Range(10, 5), Range(30, 2)}));
  EXPECT_EQ(Truncated(serials, 3), RangesOf({Range(10, 3)}));
}

TEST(SerialRanges, TruncatingAtTheEndOfARangeLeavesItWhole) {
  const SerialRanges serials = RangesOf({Range(10, 5), Range(30, 5), Range(50, 5)});
  EXPECT_EQ(Truncated(serials, 10), RangesOf({Range(10, 5), Range(30, 5)}));
  EXPECT_EQ(Truncated(serials, 5), RangesOf({Range(10, 5)}));
}

TEST(SerialRanges, TruncatingToWhatThereIsOrMoreChangesNothing) {
  const SerialRanges serials = RangesOf({Range(10, 5), Range(30, 5)});
  EXPECT_EQ(Truncated(serials, 10), serials);
  EXPECT_EQ(Truncated(serials, 99), serials);
}

TEST(SerialRanges, NoSerialIsLeftAfterTruncatingToNone) {
  const SerialRanges none = Truncated(RangesOf({Range(10, 5), Range(30, 5)}), 0);
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(none.OrdinalOf(Serial(10)), std::nullopt);
  EXPECT_TRUE(Visited(none).empty());
}

TEST(SerialRanges, SerialsAddedAfterAllWereGivenUpAreTheFirst) {
  SerialRanges serials = Truncated(RangesOf({Range(10, 5), Range(30, 5)}), 0);
  serials.Add(Range(100, 2));
  EXPECT_EQ(serials, SerialRanges(Range(100, 2)));
  EXPECT_EQ(serials.At(1), Serial(101));
  EXPECT_EQ(serials.OrdinalOf(Serial(101)), 1U);
  EXPECT_EQ(serials.OrdinalOf(Serial(10)), std::nullopt);
}

TEST(SerialRanges, SerialsAddedAfterSomeWereGivenUpFollowTheOthers) {
  SerialRanges serials = Truncated(RangesOf({Range(10, 5), Range(30, 5)}), 6);
  serials.Add(Range(100, 2));
  EXPECT_EQ(Visited(serials), (std::vector{Range(10, 5), Range(30, 1), Range(100, 2)}));
  EXPECT_EQ(serials.At(6), Serial(100));
  EXPECT_EQ(serials.OrdinalOf(Serial(31)), std::nullopt);
}

/// Expects the ranges to be what they stand for: a list of serials.
void ExpectEqual(const SerialRanges& serials, const std::vector<Serial>& plain) {
  ASSERT_EQ(serials.size(), plain.size());
  std::vector<Serial> visited;
  serials.ForEach([&visited](SerialRange range) {
    EXPECT_GT(range.count, 0U);
    for (std::uint64_t i = 0; i < range.count; ++i) visited.push_back(range.first.Plus(i));
  });
  EXPECT_EQ(visited, plain);
  for (std::size_t ordinal = 0; ordinal < plain.size(); ++ordinal) {
    ASSERT_EQ(serials.At(ordinal), plain[ordinal]);
  }
}

TEST(SerialRanges, WhateverIsAddedAndGivenUpItIsAListOfSerials) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int history = 0; history < 200; ++history) {
    SerialRanges serials;
    std::vector<Serial> plain;
    Serial next(1);
    for (int step = 0; step < 20; ++step) {
      if (random() % 3 == 0) {
        const std::uint64_t left = random() % (plain.size() + 3);
        serials.Truncate(left);
        if (left < plain.size()) plain.resize(left);
      } else {
        next = next.Plus(random() % 4);
        const SerialRange range{.first = next, .count = 1 + random() % 5};
        serials.Add(range);
        for (; next < range.first.Plus(range.count); next = next.Next()) plain.push_back(next);
      }
      ExpectEqual(serials, plain);
      std::size_t found = 0;
      for (Serial serial(0); serial <= next; serial = serial.Next()) {
        const auto ordinal = serials.OrdinalOf(serial);
        if (!ordinal) continue;
        ASSERT_LT(*ordinal, plain.size());
        ASSERT_EQ(plain[*ordinal], serial);
        ++found;
      }
      ASSERT_EQ(found, plain.size());
    }
  }
}

}  // namespace
}  // namespace coupond
