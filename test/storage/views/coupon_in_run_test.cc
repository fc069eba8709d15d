#include "storage/views/coupon_in_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "base/protobuf_fields.h"
#include "storage/groups.h"
#include "storage/views/view_changes.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

using test::Outcome;

std::string KeyOf(const CouponRun& run) {
  return RunKey(run.campaign, run.first_ordinal + run.count - 1);
}

/// Returns what a whole run says of a coupon.
std::optional<CouponInRun> CouponOf(const CouponRun& run, std::uint64_t ordinal) {
  if (ordinal < run.first_ordinal) return std::nullopt;
  CouponInRun coupon{.issued_at = run.issued_at, .user_id = {}};
  for (const CouponRun::Holder& holder : run.holders) {
    if (run.first_ordinal + holder.offset == ordinal) coupon.user_id = holder.user_id;
  }
  return coupon;
}

/// Returns a run in which every third coupon has a user.
CouponRun RunOf(std::uint64_t first, std::uint32_t count) {
  CouponRun run = test::Coupons(3, first, count);
  for (std::uint32_t offset = 0; offset < count; offset += 3) {
    run.holders.push_back({.offset = offset, .user_id = "user " + std::to_string(first + offset)});
  }
  return run;
}

std::vector<CouponRun> SomeRuns() {
  std::vector<CouponRun> runs = {RunOf(0, 1), RunOf(0, 2), RunOf(7, 1), RunOf(1'000'000, 300),
                                 test::Coupons(1, 5, 10)};
  runs[1].issued_at = Timestamp::FromUnixNanoseconds(0);
  runs[2].issued_at = Timestamp::FromUnixNanoseconds(-1);
  runs[3].holders.back().user_id = std::string(128, 'x');
  runs.push_back(RunOf(0, 3));
  runs.back().holders = {{.offset = 0, .user_id = ""}, {.offset = 2, .user_id = "last"}};
  return runs;
}

TEST(CouponInRun, IsWhatTheWholeRunSaysOfIt) {
  for (const CouponRun& run : SomeRuns()) {
    const std::string row = EncodeRun(run);
    const std::uint64_t begin = run.first_ordinal - std::min<std::uint64_t>(run.first_ordinal, 3);
    for (std::uint64_t ordinal = begin; ordinal < run.first_ordinal + run.count; ++ordinal) {
      const auto coupon = DecodeCouponInRun(KeyOf(run), row, ordinal);
      ASSERT_EQ(Outcome(coupon), "ok");
      ASSERT_EQ(*coupon, CouponOf(run, ordinal)) << ordinal << " of " << run.count;
    }
  }
}

TEST(CouponInRun, HasOffsetsOfUpToFiveBytes) {
  CouponRun run = test::Coupons(3, 0, 300'000'000);
  for (const std::uint32_t offset : {20'000U, 3'000'000U, 299'999'999U}) {
    run.holders.push_back({.offset = offset, .user_id = std::to_string(offset)});
  }
  const std::string row = EncodeRun(run);
  for (const std::uint64_t ordinal : {0U, 20'000U, 20'001U, 3'000'000U, 299'999'999U}) {
    const auto coupon = DecodeCouponInRun(KeyOf(run), row, ordinal);
    ASSERT_EQ(Outcome(coupon), "ok");
    EXPECT_EQ(*coupon, CouponOf(run, ordinal)) << ordinal;
  }
}

/// Returns fields as protobuf encodes them.
std::string Number(int field, std::uint64_t value) {
  std::string bytes;
  protobuf::AppendPresentNumber(field, value, bytes);
  return bytes;
}
std::string Bytes(int field, std::string_view value) {
  std::string bytes;
  protobuf::AppendBytes(field, value, bytes);
  return bytes;
}
std::string HolderAt(std::uint64_t offset, std::string_view user_id) {
  return Bytes(3, Number(1, offset) + Bytes(2, user_id));
}

TEST(CouponInRun, OfADamagedRowIsNotRead) {
  const std::string key = RunKey(CampaignNumber(3), 9);
  const std::string four = Number(1, 4);
  const std::string holder = HolderAt(1, "kim");
  ASSERT_EQ(Outcome(DecodeCouponInRun(key, four + holder, 9)), "ok");
  const std::pair<const char*, std::string> rows[] = {
      {"empty", ""},
      {"no count", holder},
      {"count 0", Number(1, 0) + holder},
      {"more coupons than ordinals", Number(1, 11)},
      {"cut in a number", std::string("\x08\xff", 2)},
      {"cut in the time", four + "\x11" + "1234"},
      {"cut in a holder", four + holder.substr(0, holder.size() - 1)},
      {"cut after a tag", four + holder + "\x1a"},
      {"cut after the length of a holder", four + "\x1a\x08"},
      {"holder behind the end", four + HolderAt(4, "kim")},
      {"holder twice", four + holder + holder},
      {"holders in a wrong order", four + HolderAt(2, "a") + holder},
      {"holder that is a number", four + Number(3, 1)},
      {"user_id longer than its holder", four + Bytes(3, std::string("\x12\x05kim", 5)) + holder},
      {"unknown field", four + Number(9, 1)},
      {"unknown field of a holder", four + Bytes(3, Number(9, 1))},
      {"count once more", four + holder + four},
      {"end of a group", four + "\x0c"},
      {"tag 0", four + std::string(1, '\0')},
      {"tag 0 after a holder", four + holder + std::string(1, '\0')},
      {"count beyond 32 bits", "\x08\xff\xff\xff\xff\x1f"},
      {"count of six bytes", std::string("\x08\x84\x80\x80\x80\x80\x00", 7)},
      {"length beyond 31 bits", four + "\x1a\xff\xff\xff\xff\x0f" + holder}};
  for (const auto& [name, row] : rows) {
    for (const std::uint64_t ordinal : {0, 6, 7, 9}) {
      EXPECT_EQ(Outcome(DecodeCouponInRun(key, row, ordinal)), "views_damaged") << name;
    }
  }
  for (const std::string& wrong : {std::string(), key + "x", key.substr(1), "t" + key.substr(1)}) {
    EXPECT_EQ(Outcome(DecodeCouponInRun(wrong, four + holder, 9)), "views_damaged");
  }
}

TEST(CouponInRun, OfAnAlteredRowIsRightOrDamaged) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::size_t read = 0;
  for (const CouponRun& run : SomeRuns()) {
    const std::string row = EncodeRun(run);
    for (int i = 0; i < 5'000; ++i) {
      std::string altered = row;
      for (std::size_t left = 1 + random() % 3; left > 0; --left) {
        altered[random() % altered.size()] = static_cast<char>(random());
      }
      if (random() % 4 == 0) altered.resize(random() % altered.size());
      const std::uint64_t ordinal = run.first_ordinal + random() % run.count;
      const auto coupon = DecodeCouponInRun(KeyOf(run), altered, ordinal);
      if (!coupon) {
        ASSERT_EQ(Outcome(coupon), "views_damaged");
        continue;
      }
      const auto whole = DecodeRun(KeyOf(run), altered);
      ASSERT_EQ(Outcome(whole), "ok") << Hex(altered);
      ASSERT_EQ(*coupon, CouponOf(*whole, ordinal));
      ++read;
    }
  }
  EXPECT_GT(read, 100U) << "no altered row could be read";
}

}  // namespace
}  // namespace coupond::storage
