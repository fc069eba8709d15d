#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_ERASURES_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_ERASURES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/rules/ids.h"
#include "support/model.h"
#include "system/program/history.h"
#include "system/program/history_check.h"
#include "system/program/history_moments.h"
#include "system/program/history_replay.h"

namespace coupond::test {

/// Gives each erasure its events. Returns a fault if those in the log, up to the one that the reply
/// names, are not of as many coupons as the reply says.
[[nodiscard]] std::optional<HistoryFault> TakeErasures(const ErasureLog& log, History& history);

/// Returns the sequences of the notes that what was erased is in no file any more: readers of
/// events are told nothing of them, no reply announces them, and they are not StoreCreated's. The
/// erasures must have been taken.
[[nodiscard]] std::set<std::uint64_t> EndsOfErasures(const ErasureLog& log, const History& history);

/// Holds erasures, the coupons that come with answers, and those in the log against each other,
/// after the whole history was replayed:
/// - every coupon that the user had been given before the request is erased;
/// - an answer that is not pending comes after the note that no file has what was erased of the
///   user, by this request or an earlier one;
/// - a coupon that is read for an answer shows its user unless that was erased, and never after;
/// - so does coupon.issued in the log, which was read after all of the answers.
///
/// Who asks for a coupon with a user_id and has one already is answered with that user_id, erased
/// or not; so is a batch that was not carried out before, and in a repeated one a user who was
/// refused. Such answers are not looked at.
class HistoryErasures {
 public:
  /// All must outlive this.
  HistoryErasures(const HistoryReplay& replay, const HistoryMoments& moments,
                  const std::set<std::uint64_t>& ends, const ErasureLog& log,
                  const std::vector<const Operation*>& operations);

  /// Returns the first fault.
  [[nodiscard]] std::optional<HistoryFault> FindFault() const;

 private:
  using Fault = std::optional<HistoryFault>;

  [[nodiscard]] Fault Judge(const Operation& operation) const;
  [[nodiscard]] Fault JudgeErasure(const Operation& operation,
                                   const api::EraseUserResponse& response) const;
  /// Judges a batch that was carried out before.
  [[nodiscard]] Fault JudgeRepeated(const Operation& operation,
                                    const api::BatchIssueCouponsResponse& response) const;
  /// Judges what coupon.issued shows of each coupon in the log.
  [[nodiscard]] Fault JudgeLog() const;
  /// Judges a coupon that was read for the answer.
  [[nodiscard]] Fault JudgeShown(const Operation& operation, const api::Coupon& shown) const;

  const HistoryReplay& replay_;
  const HistoryMoments& moments_;
  const std::set<std::uint64_t>& ends_;
  const ErasureLog& log_;
  const std::vector<const Operation*>& operations_;
  std::map<Serial, const ModelCoupon*> coupons_;  // those of deleted campaigns, too
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_ERASURES_H_
