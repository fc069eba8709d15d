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
#include "engine/ports/event_log.h"
#include "engine/rules/event.h"
#include "storage/files/watermark.h"
#include "storage/rocksdb_log/stored_log.h"

namespace rocksdb {
class Iterator;
}  // namespace rocksdb

namespace coupond::storage {

/// What was found in a log that may be damaged.
struct LogSurvey {
  LogTip sound;                          ///< where its sound part ends; group 0: there is none
  std::uint64_t sound_bytes = 0;         ///< of the records up to there
  std::optional<Error> broken;           ///< why it ends there; nullopt if nothing follows
  std::optional<StoreCreated> identity;  ///< the first event, if group 1 is sound
  std::optional<GroupHash> marked_hash;  ///< of the watermark's group, if it is in the sound part

  /// What can be read behind the sound part, although it does not follow on it. Where files are
  /// damaged it may be less than there was.
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
  kPastDamage,  ///< past damaged records of the WAL, and with a list of files that does not match
  kRebuilt,     ///< with a list of files that is rebuilt from those that exist, in a copy of them
};

/// A log that may be damaged, opened in one of several ways, none of which changes it.
///
/// In any of them only records whose chain of hashes holds from group 1 on count as sound, so a way
/// that reads too much does no harm. One thread.
class LogSalvage {
 public:
  /// Called now and then with the number of groups that were read.
  using Progress = std::function<void(std::uint64_t groups)>;
  using Visitor = std::function<Status(GroupNumber number, std::string_view record)>;

  /// Opens the log. kRebuilt creates `scratch` and needs as much room there as the log takes; the
  /// caller removes it afterwards. kLogDamaged and others: the log cannot be opened in this way.
  [[nodiscard]] static Result<std::unique_ptr<LogSalvage>> Open(
      const std::filesystem::path& log, SalvageMethod method, const std::filesystem::path& scratch);
  ~LogSalvage();
  LogSalvage(const LogSalvage&) = delete;
  LogSalvage& operator=(const LogSalvage&) = delete;

  /// Reads everything. `marked` is the group whose hash is wanted; 0 for none.
  [[nodiscard]] LogSurvey Survey(GroupNumber marked, const Progress& progress) const;

  /// Returns the torn records that a start would leave out, and thereby destroy.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const { return log_.whole.left_out; }

  /// Passes the records from 1 to `last`, which must be in the sound part, to `visit`, unchanged.
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
