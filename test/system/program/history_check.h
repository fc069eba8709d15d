#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHECK_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "system/program/history.h"

/// Checks that the replies to concurrent clients are consistent: that one thread which executes the
/// requests in the order of their sequences, by the written rules, would have given all of them.
/// Of erasures, whose answers name one event, it also reads what the log says and what it still
/// shows of users (ErasureLog).
namespace coupond::test {

struct HistoryFault {
  enum class Kind : std::uint8_t {
    kNoSequence,     ///< a reply without a sequence
    kSequenceTwice,  ///< two events with the same sequence
    kSequenceGap,    ///< a sequence whose event no client knows
    kStale,          ///< a reply older than one received before its request
    kTimeWentBack,   ///< a reply decided earlier than one with a smaller sequence
    kWrongReply,     ///< a reply that contradicts the rules
    kWrongDetail,    ///< the right answer with a wrong id, name, user or time
    kCodeTwice,      ///< two coupons with the same code
    kCodeChanged,    ///< a coupon whose code differs from the one issued
    kNotErased,      ///< a user_id that remains or is shown although it was to be erased
  };
  Kind kind;
  std::string text;  ///< names the operations and the reason
};

[[nodiscard]] const char* NameOf(HistoryFault::Kind kind);

/// The first fault of a whole history of a store that held nothing but StoreCreated, sequence 1,
/// and in which no user has more coupons than are erased at once.
[[nodiscard]] std::optional<HistoryFault> FindFault(History history, const ErasureLog& log);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHECK_H_
