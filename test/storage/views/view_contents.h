#ifndef COUPOND_TEST_STORAGE_VIEWS_VIEW_CONTENTS_H_
#define COUPOND_TEST_STORAGE_VIEWS_VIEW_CONTENTS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/ports/view_store.h"
#include "storage/groups.h"

/// Reads all rows of a kind.
namespace coupond::test {

inline std::vector<CouponRun> RunsFrom(const ViewStore& views, std::uint64_t campaign,
                                       std::uint64_t ordinal) {
  std::vector<CouponRun> runs;
  const auto cursor = views.OpenCoupons(CampaignNumber(campaign), {.first = ordinal});
  EXPECT_EQ(Outcome(cursor), "ok");
  while (true) {
    auto run = (*cursor)->Next();
    EXPECT_EQ(Outcome(run), "ok");
    if (!run || !*run) return runs;
    runs.push_back(std::move(**run));
  }
}

/// Returns them sorted, because the order of claims is not promised.
inline std::vector<ClaimRun> Claims(const ViewStore& views) {
  std::vector<ClaimRun> claims;
  EXPECT_EQ(Outcome(views.ReadClaims([&](const ClaimRun& run) { claims.push_back(run); })), "ok");
  std::sort(claims.begin(), claims.end(), [](const ClaimRun& left, const ClaimRun& right) {
    return std::tie(left.campaign, left.first_ordinal) <
           std::tie(right.campaign, right.first_ordinal);
  });
  return claims;
}

inline std::vector<CouponStatusRow> Statuses(const ViewStore& views) {
  std::vector<CouponStatusRow> rows;
  const auto add = [&rows](const CouponStatusRow& row) { rows.push_back(row); };
  EXPECT_EQ(Outcome(views.ReadStatuses(add)), "ok");
  return rows;
}

inline std::vector<RequestRow> Requests(const ViewStore& views) {
  std::vector<RequestRow> rows;
  const auto add = [&rows](const RequestRow& row) { rows.push_back(row); };
  EXPECT_EQ(Outcome(views.ReadRequests(add)), "ok");
  return rows;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_STORAGE_VIEWS_VIEW_CONTENTS_H_
