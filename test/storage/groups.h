#ifndef COUPOND_TEST_STORAGE_GROUPS_H_
#define COUPOND_TEST_STORAGE_GROUPS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "engine/ports/event_log.h"
#include "support/builders.h"

/// Makes commit groups that follow the end of a log.
namespace coupond::test {

inline StoreCreated SomeStore() {
  return {.store_id = MakeId<StoreId>(1), .code_key = MakeId<CodeKey>(2), .format_version = 2};
}

inline CommitGroup FirstGroup() {
  return {.number = GroupNumber(1),
          .first_sequence = Sequence(1),
          .commit_time = At(0),
          .events = {SomeStore()}};
}

/// Returns a digest that no other user of these logs has.
inline Claim HolderOf(std::uint64_t user) {
  Claim holder = ClaimOf(0x40);
  for (std::size_t i = 0; i < sizeof user; ++i) {
    holder.bytes[i] = static_cast<std::uint8_t>(user >> 8 * i);
  }
  return holder;
}

/// Returns a group of `count` anonymous coupons of campaign 1, one nanosecond after the one before.
inline CommitGroup AnonymousCouponsAfter(const LogTip& tip, std::uint64_t count) {
  CommitGroup group{.number = tip.group.Next(),
                    .first_sequence = tip.sequence.Next(),
                    .commit_time = tip.time.Plus(std::chrono::nanoseconds(1)),
                    .events = {}};
  for (std::uint64_t i = 0; i < count; ++i) {
    group.events.emplace_back(
        CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(tip.sequence.value() + i)});
  }
  return group;
}

/// Returns the same, with every second coupon issued to a user.
inline CommitGroup CouponsAfter(const LogTip& tip, std::uint64_t count = 3) {
  CommitGroup group = AnonymousCouponsAfter(tip, count);
  for (std::size_t i = 1; i < group.events.size(); i += 2) {
    auto& issued = std::get<CouponIssued>(group.events[i]);
    issued.holder = HolderOf(issued.serial.value());
    issued.user_id = "user-" + std::to_string(issued.serial.value());
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
