#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHECK_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "system/program/history.h"

/// Whether what clients were told fits together: whether one thread that does one thing after
/// another, in the order of the sequences and by the written rules, would have said all of it.
namespace coupond::test {

struct HistoryFault {
  enum class Kind : std::uint8_t {
    kNoSequence,     ///< a reply does not say where in the log it stands
    kSequenceTwice,  ///< two events have one place in the log
    kSequenceGap,    ///< a place in the log that no client knows the event of
    kStale,          ///< a reply rests on less than somebody had been told before it was asked for
    kTimeWentBack,   ///< a reply was decided earlier than one with a smaller sequence
    kWrongReply,     ///< the rules say otherwise
    kWrongDetail,    ///< the right answer with a wrong field: another's id, name, user or time
    kCodeTwice,      ///< two coupons have one code
    kCodeChanged,    ///< a coupon has another code than when it was issued
  };
  Kind kind;
  std::string text;  ///< which operations, and why
};

[[nodiscard]] const char* NameOf(HistoryFault::Kind kind);

/// The first fault of a whole history of a store that held nothing but StoreCreated, sequence 1.
[[nodiscard]] std::optional<HistoryFault> FindFault(const History& history);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHECK_H_
