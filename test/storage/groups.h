#ifndef COUPOND_TEST_STORAGE_GROUPS_H_
#define COUPOND_TEST_STORAGE_GROUPS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "engine/ports/event_log.h"
#include "support/builders.h"

/// Makes commit groups that follow the end of a log.
namespace coupond::test {

inline StoreCreated SomeStore() {
  return {.store_id = MakeId<StoreId>(1), .code_key = MakeId<CodeKey>(2), .format_version = 1};
}

inline CommitGroup FirstGroup() {
  return {.number = GroupNumber(1),
          .first_sequence = Sequence(1),
          .commit_time = At(0),
          .events = {SomeStore()}};
}

/// Returns a group of `count` anonymous coupons of campaign 1, one nanosecond after the one before.
inline CommitGroup CouponsAfter(const LogTip& tip, std::uint64_t count = 3) {
  CommitGroup group{.number = tip.group.Next(),
                    .first_sequence = tip.sequence.Next(),
                    .commit_time = tip.time.Plus(std::chrono::nanoseconds(1)),
                    .events = {}};
  for (std::uint64_t i = 0; i < count; ++i) {
    group.events.emplace_back(CouponIssued{.campaign = CampaignNumber(1),
                                           .serial = Serial(tip.sequence.value() + i),
                                           .claim = {},
                                           .user_id = {}});
  }
  return group;
}

/// Appends groups of coupons until the log has `groups` in all.
inline Status AppendUpTo(EventLog& log, std::uint64_t groups) {
  if (log.Tip().group == GroupNumber()) {
    if (Status appended = log.Append(FirstGroup()); !appended) return appended;
  }
  while (log.Tip().group < GroupNumber(groups)) {
    if (Status appended = log.Append(CouponsAfter(log.Tip())); !appended) return appended;
  }
  return {};
}

/// Returns "ok" or the name of the error, for tests to compare and for people to read.
template <typename T>
std::string Outcome(const Result<T>& result) {
  return result ? "ok" : std::string(ErrorCodeName(result.error().code));
}

/// Returns the value of a result, or fails the test if it is an error.
template <typename T>
T Must(Result<T> result) {
  if (result) return std::move(*result);
  ADD_FAILURE() << result.error().message;
  return T();
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_STORAGE_GROUPS_H_
