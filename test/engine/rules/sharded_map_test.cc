#include "engine/rules/sharded_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "engine/rules/ids.h"

namespace coupond {
namespace {

TEST(ShardedMap, IsEmptyAtFirst) {
  const ShardedMap<std::string, int> map;
  EXPECT_EQ(map.size(), 0U);
  EXPECT_EQ(map.Find("one"), nullptr);
}

TEST(ShardedMap, AgreesWithAMapAfterEveryChange) {
  std::mt19937_64 random(1);
  ShardedMap<CampaignNumber, int> map;
  std::map<CampaignNumber, int> model;
  for (int i = 0; i < 50'000; ++i) {
    const CampaignNumber key(random() % 2'000);
    switch (random() % 3) {
      case 0:
        map.Put(key, i);
        model.insert_or_assign(key, i);
        break;
      case 1:
        map.FindOrAdd(key) += i;
        model[key] += i;
        break;
      default:
        map.Erase(key);
        model.erase(key);
    }
    ASSERT_EQ(map.size(), model.size());
    const auto expected = model.find(key);
    const int* const found = map.Find(key);
    ASSERT_EQ(found != nullptr, expected != model.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, expected->second);
    }
  }
  std::map<CampaignNumber, int> visited;
  map.ForEach([&visited](CampaignNumber key, int value) { visited.emplace(key, value); });
  EXPECT_EQ(visited, model);
}

TEST(ShardedMap, ValuesStayWhereTheyAreWhileItGrows) {
  ShardedMap<std::string, int> map;
  map.Put("first", 7);
  const int* const value = map.Find("first");
  for (int i = 0; i < 100'000; ++i) map.Put(std::to_string(i), i);
  EXPECT_EQ(map.Find("first"), value);
  EXPECT_EQ(*value, 7);
}

}  // namespace
}  // namespace coupond
