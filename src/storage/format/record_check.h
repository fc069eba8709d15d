#ifndef COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_
#define COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"

/// Checks the records of a log, one after the other, each against the end of the log before it.
namespace coupond::storage {

/// What can be wrong with a record.
enum class RecordFaultKind : std::uint8_t {
  kKeyWrong,           ///< its key is not a group's, or is that of an earlier group
  kGroupMissing,       ///< its key is that of a later group
  kUndecodable,        ///< its bytes are not a commit group that this version knows
  kChainBroken,        ///< its hash does not follow from the group before
  kGroupNumberWrong,   ///< its group has another number than its key
  kSequenceGap,        ///< its first sequence does not follow from the group before
  kTimeWentBack,       ///< it is older than the group before, and does not say why
  kClockResetWrong,    ///< it has clock_reset beside other events, or with another time before it
  kStoreNotCreated,    ///< it begins the log with another event than store_created
  kStoreCreatedAgain,  ///< store_created is not the first event of the log
};

/// A record that is not the next one of its log.
struct RecordFault {
  RecordFaultKind kind;
  GroupNumber group;                 ///< the group that the record should hold
  std::optional<Sequence> sequence;  ///< the event at fault, if it is a single one
  std::string detail;                ///< what is wrong, for people: "it is missing, …"
};

/// Returns kLogUndecodable, kLogChainBroken or kLogGap.
[[nodiscard]] ErrorCode ErrorCodeOf(RecordFaultKind kind);

/// A group whose record was found in order, and its hash.
struct CheckedRecord {
  CommitGroup group;
  GroupHash hash{};
};

/// Returns the tip of a log that ends with this group.
[[nodiscard]] LogTip TipOf(const CommitGroup& group, const GroupHash& hash);

/// Returns where `group` has store_created without being the beginning of the log, or begins the
/// log without it; nullopt if its events are in their places.
[[nodiscard]] std::optional<Sequence> MisplacedStoreCreation(const CommitGroup& group);

/// Returns where `group`, which follows `tip`, has clock_reset in a wrong place or with a wrong
/// previous_time; nullopt if it has none, or a right one.
[[nodiscard]] std::optional<Sequence> MisplacedClockReset(const CommitGroup& group,
                                                          const LogTip& tip);

/// Follows a log from one record to the next. One thread.
class RecordChain {
 public:
  /// Begins behind `tip`: by default, at the first group.
  explicit RecordChain(const LogTip& tip = {}, RecordFormat format = RecordFormat::k2)
      : format_(format), tip_(tip), codec_(format) {}

  /// Returns where the log ends with the records so far.
  [[nodiscard]] const LogTip& tip() const { return tip_; }

  /// Checks that this is the key of the next group.
  [[nodiscard]] std::expected<void, RecordFault> CheckKey(std::string_view key) const;

  /// Takes the next group's record apart, checks that it follows from the tip, and moves the tip
  /// behind it. A fault leaves the tip as it was.
  [[nodiscard]] std::expected<CheckedRecord, RecordFault> Take(std::string_view bytes);

 private:
  [[nodiscard]] std::unexpected<RecordFault> Fault(RecordFaultKind kind,
                                                   std::optional<Sequence> sequence,
                                                   std::string detail) const;
  [[nodiscard]] std::expected<void, RecordFault> CheckFollows(const CommitGroup& group) const;

  RecordFormat format_;
  LogTip tip_;
  EventCodec codec_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_RECORD_CHECK_H_
