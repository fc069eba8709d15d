#ifndef COUPOND_STORAGE_REPAIR_LOG_SALVAGE_H_
#define COUPOND_STORAGE_REPAIR_LOG_SALVAGE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/ports/commit_group.h"
#include "engine/rules/event.h"
#include "storage/files/watermark.h"
#include "storage/rocksdb_log/log_opening.h"

namespace rocksdb {
class Iterator;
}  // namespace rocksdb

namespace coupond::storage {

/// What was found in a log that may be damaged.
struct LogSurvey {
  LogTip sound;                          ///< where its longest sound beginning ends; group 0: none
  std::uint64_t sound_bytes = 0;         ///< of the records up to there
  std::optional<Error> broken;           ///< why it ends there; nothing: nothing follows
  std::optional<StoreCreated> identity;  ///< the first event, if group 1 is sound
  std::optional<GroupHash> marked_hash;  ///< of the watermark's group, if it is in the sound part

  /// What can be read behind the sound part, although it does not follow. Where files are damaged
  /// it may be less than there was.
  struct Behind {
    std::uint64_t groups = 0;
    std::uint64_t events = 0;
    std::uint64_t coupons = 0;  ///< events that issue one
    std::uint64_t bytes = 0;    ///< of the records
    GroupNumber last;           ///< the highest number among them; 0: none
    Sequence last_sequence;     ///< of that group's last event
  };
  Behind behind;
};

/// How a log's files are read.
enum class SalvageMethod : std::uint8_t {
  kAsUsual,     ///< as a start does: any damage but a torn tail ends it
  kPastDamage,  ///< over damaged records of the WAL, and with a list of files that does not fit
  kRebuilt,     ///< with a list of files made anew from those that are there, in a copy of them
};

/// A log that may be damaged, opened in one of several ways, none of which changes it.
///
/// Whatever the way, only records whose chain of hashes holds from group 1 on count as sound, so a
/// way that reads too much does no harm. One thread.
class LogSalvage {
 public:
  /// Groups that were read so far.
  using Progress = std::function<void(std::uint64_t groups)>;
  using Visitor = std::function<Status(GroupNumber number, std::string_view record)>;

  /// `scratch` is made for kRebuilt, which needs as much room there as the log takes; the caller
  /// removes it afterwards. kLogDamaged and others: the log cannot be opened in this way.
  [[nodiscard]] static Result<std::unique_ptr<LogSalvage>> Open(
      const std::filesystem::path& log, SalvageMethod method, const std::filesystem::path& scratch);
  ~LogSalvage();
  LogSalvage(const LogSalvage&) = delete;
  LogSalvage& operator=(const LogSalvage&) = delete;

  /// Reads everything. `marked` is the group whose hash is wanted; 0: none.
  [[nodiscard]] LogSurvey Survey(GroupNumber marked, const Progress& progress) const;

  /// The torn records that a start would leave out, and with them the last that is left of them.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const { return log_.whole.left_out; }

  /// Hands out the records from 1 to `last`, which must be in the sound part, as they are.
  [[nodiscard]] Status Read(GroupNumber last, const Visitor& visit) const;

 private:
  LogSalvage(std::filesystem::path directory, ReadOnlyLog log);

  /// Reads up to the end of the sound part, and leaves `position` there.
  void SurveySound(GroupNumber marked, const Progress& progress, rocksdb::Iterator& position,
                   LogSurvey& survey) const;

  const std::filesystem::path directory_;
  const ReadOnlyLog log_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_LOG_SALVAGE_H_
