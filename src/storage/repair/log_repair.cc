#include "storage/repair/log_repair.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "storage/files/data_directory.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/format/commit_record.h"
#include "storage/repair/log_copy.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/rocksdb_log/whole_records.h"
#include "storage/views/view_database.h"

namespace coupond::storage {
namespace {

constexpr std::uint64_t kGroupsPerProgress = 1'000;

/// Refuses a directory that holds no finished store before a lock file is created in it.
Status CheckIsStore(const std::filesystem::path& path) {
  const std::optional<StoreFormat> format = TRY(ReadStoreFormat(path / "FORMAT"));
  if (!format) {
    return MakeError(ErrorCode::kNotADataDirectory,
                     path.string() +
                         " has no file FORMAT, so it is not a data directory, and nothing in it "
                         "can be repaired; put FORMAT back, or restore the whole directory from a "
                         "backup");
  }
  if (format->state == StoreFormat::State::kComplete) return {};
  return MakeError(
      ErrorCode::kNotADataDirectory,
      path.string() +
          " holds a store whose creation was interrupted: nothing was ever acknowledged, "
          "so there is nothing to repair; start coupond, which creates a new store");
}

/// Copies a small file under the same name; durable on return. A missing file is not an error.
Status KeepFile(const std::filesystem::path& file, const std::filesystem::path& directory) {
  const std::optional<std::string> contents = TRY(ReadSmallFile(file));
  if (!contents) return {};
  return ReplaceFile(directory / file.filename(), *contents);
}

/// Copies torn records as "000004.log-from-1234"; durable on return. Creates the directory if there
/// are any.
Status KeepTails(const std::vector<LeftOut>& tails, const std::filesystem::path& directory) {
  for (const LeftOut& tail : tails) {
    TRY(MakePrivateDirectory(directory));
    std::string bytes(tail.bytes, '\0');
    std::ifstream file(tail.file, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(tail.offset));
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
      return MakeError(ErrorCode::kIo, "cannot read the end of " + tail.file.string());
    }
    const std::string name = tail.file.filename().string() + "-from-" + std::to_string(tail.offset);
    TRY(ReplaceFile(directory / name, bytes));
  }
  return {};
}

}  // namespace

GroupNumber RepairFindings::acknowledged() const {
  return std::max(watermark ? watermark->group : GroupNumber(), views_group);
}

std::uint64_t RepairFindings::acknowledged_lost() const {
  const std::uint64_t known = acknowledged().value();
  return known - std::min(known, survey.sound.group.value());
}

RepairFindings::Loss RepairFindings::known_loss() const {
  const LogTip& sound = survey.sound;
  const GroupNumber last = std::max({sound.group, acknowledged(), survey.behind.last});
  // Sequences have no gaps, and a group has at least one event.
  const auto events_up_to = [&](GroupNumber group, Sequence sequence) -> std::uint64_t {
    if (group <= sound.group || sequence <= sound.sequence) return 0;
    return sequence.value() - sound.sequence.value() + (last.value() - group.value());
  };
  const std::uint64_t groups = last.value() - sound.group.value();
  return {.groups = groups,
          .events = std::max({groups, events_up_to(views_group, views_sequence),
                              events_up_to(survey.behind.last, survey.behind.last_sequence)}),
          .coupons = survey.behind.coupons};
}

bool RepairFindings::needs_repair() const {
  return log_damage || !watermark || acknowledged_lost() > 0;
}

Result<std::unique_ptr<LogRepair>> LogRepair::Inspect(const std::filesystem::path& path,
                                                      const Progress& progress) {
  TRY(CheckRocksDbVersion());
  TRY(CheckIsStore(path));
  DataDirectory directory = TRY(DataDirectory::Open(path));
  std::unique_ptr<LogRepair> repair(new LogRepair(path, std::move(directory)));
  TRY(repair->Look(progress));
  return repair;
}

LogRepair::LogRepair(std::filesystem::path path, DataDirectory directory)
    : path_(std::move(path)), directory_(std::move(directory)) {}

LogRepair::~LogRepair() {
  salvage_.reset();
  // The next repair removes what is left.
  static_cast<void>(RemoveAll(scratch()));
}

std::filesystem::path LogRepair::removed_pattern() const {
  return path_ / "removed-YYYYMMDDTHHMMSSZ";
}

Status LogRepair::Look(const Progress& progress) {
  TRY(RemoveAll(scratch()));
  findings_.watermark = ReadWatermark(directory_.watermark_path());
  const bool unreadable = !findings_.watermark &&
                          findings_.watermark.error().code != ErrorCode::kWatermarkMissing &&
                          findings_.watermark.error().code != ErrorCode::kWatermarkDamaged;
  if (unreadable) return std::unexpected(findings_.watermark.error());
  // Views that cannot be read prove nothing; the next start rebuilds them anyway.
  const auto checkpoint = LookAtViews(directory_.views_path(), nullptr);
  if (checkpoint && *checkpoint && (*checkpoint)->store_id == directory_.store_id()) {
    findings_.views_group = (*checkpoint)->tip.group;
    findings_.views_sequence = (*checkpoint)->tip.sequence;
  }
  TRY(FindSoundPart(progress));
  return CheckIdentity();
}

Status LogRepair::FindSoundPart(const Progress& progress) {
  const std::uint64_t expected = findings_.acknowledged().value();
  const bool list_is_whole = TRY(ListIsWhole(directory_.log_path(), nullptr));
  const GroupNumber marked = findings_.watermark ? findings_.watermark->group : GroupNumber();
  for (const SalvageMethod method :
       {SalvageMethod::kAsUsual, SalvageMethod::kPastDamage, SalvageMethod::kRebuilt}) {
    TRY(MakePrivateDirectory(scratch()));
    auto salvage = LogSalvage::Open(directory_.log_path(), method, scratch() / "salvage");
    if (!salvage) {
      // With more room more of the log might turn out to be sound.
      if (salvage.error().code == ErrorCode::kNoSpace) return std::unexpected(salvage.error());
      // The first failure is what a start meets; those of the other ways say no more.
      if (method == SalvageMethod::kAsUsual) findings_.log_damage = salvage.error();
      continue;
    }
    LogSurvey survey = (*salvage)->Survey(marked, [&](std::uint64_t groups) {
      if (progress) progress(groups, std::max(groups, expected));
    });
    if (method == SalvageMethod::kAsUsual) findings_.log_damage = survey.broken;
    if (salvage_ == nullptr || survey.sound.group > findings_.survey.sound.group) {
      if (method != SalvageMethod::kAsUsual && !findings_.log_damage) {
        findings_.log_damage = {.code = ErrorCode::kLogDamaged,
                                .message = "its list of files lacks some that are there"};
      }
      findings_.survey = std::move(survey);
      salvage_ = std::move(*salvage);
    } else if (survey.behind.groups > findings_.survey.behind.groups) {
      findings_.survey.behind = survey.behind;
    }
    // Without WATERMARK it is unknown how far the log must reach, and a list that is not whole may
    // lack files, unless a start would use it, so another way may find more.
    const bool list_is_complete = method == SalvageMethod::kAsUsual || list_is_whole;
    if (findings_.watermark && list_is_complete && !findings_.survey.broken &&
        findings_.survey.sound.group.value() >= expected) {
      break;
    }
  }
  if (salvage_ != nullptr && findings_.survey.sound.group != GroupNumber()) return {};
  const Error why = findings_.survey.broken.value_or(findings_.log_damage.value_or(
      Error{.code = ErrorCode::kLogDamaged, .message = "it has no groups"}));
  return MakeError(why.code, "the log in " + directory_.log_path().string() +
                                 " has no sound beginning, so nothing of it can be kept; restore "
                                 "the whole directory from a backup: " +
                                 why.message);
}

Status LogRepair::CheckIdentity() const {
  if (findings_.survey.identity->store_id != directory_.store_id()) {
    return MakeError(ErrorCode::kLogDamaged,
                     "the log in " + directory_.log_path().string() + " belongs to the store " +
                         FormatUuid(findings_.survey.identity->store_id.bytes) + ", but " +
                         directory_.format_path().string() +
                         " names another; put back the one that is wrong, or restore the whole "
                         "directory from a backup");
  }
  const auto& hash = findings_.survey.marked_hash;
  if (findings_.watermark && hash && *hash != findings_.watermark->hash) {
    return MakeError(ErrorCode::kLogChainBroken,
                     "the log in " + directory_.log_path().string() + " is sound, but at group " +
                         std::to_string(findings_.watermark->group.value()) +
                         " it is not the one that " + directory_.watermark_path().string() +
                         " was written for; restore the whole "
                         "directory from a backup, or, if you know that this log is the right one, "
                         "move WATERMARK away and repair again");
  }
  return {};
}

Result<std::filesystem::path> LogRepair::AcceptLoss(const Clock& clock, const Progress& progress,
                                                    const BeforeStep& before_step) {
  COUPOND_CHECK(findings_.needs_repair());
  COUPOND_CHECK(removed_.empty());
  const bool views = rebuilds_log() || findings_.views_group > findings_.survey.sound.group;
  const struct {
    RepairStep step;
    bool needed;
    std::function<Status()> run;
  } steps[] = {
      {RepairStep::kCopyLog, rebuilds_log(), [&] { return CopyLog(progress); }},
      {RepairStep::kVerifyCopy, rebuilds_log(), [&] { return VerifyCopy(progress); }},
      {RepairStep::kKeepOld, true, [&] { return KeepOld(clock); }},
      {RepairStep::kSwapLog, rebuilds_log(), [&] { return SwapLog(); }},
      {RepairStep::kRemoveViews, views, [&] { return RemoveViews(); }},
      {RepairStep::kWriteWatermark, true, [&] { return WriteWatermark(); }},
  };
  for (const auto& [step, needed, run] : steps) {
    if (!needed) continue;
    if (before_step && !before_step(step)) {
      return MakeError(ErrorCode::kUnavailable, "the repair was ended before it was complete");
    }
    TRY(run());
  }
  return removed_;
}

Status LogRepair::CopyLog(const Progress& progress) const {
  for (const std::filesystem::path& directory : {scratch(), unfinished()}) {
    TRY(MakePrivateDirectory(directory));
  }
  const std::unique_ptr<LogCopy> copy = TRY(LogCopy::Create(unfinished() / "log"));
  const GroupNumber last = findings_.survey.sound.group;
  TRY(salvage_->Read(last, [&](GroupNumber number, std::string_view record) -> Status {
    if (progress && number.value() % kGroupsPerProgress == 0) {
      progress(number.value(), last.value());
    }
    return copy->Add(number, record);
  }));
  return copy->Finish();
}

Status LogRepair::VerifyCopy(const Progress& progress) const {
  const std::filesystem::path path = unfinished() / "log";
  const auto log = TRY(RocksDbEventLog::Open(path, RocksDbEventLog::Mode::kReadOnly));
  const LogTip& sound = findings_.survey.sound;
  TRY(log->Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash&) -> Status {
    if (progress && group.number.value() % kGroupsPerProgress == 0) {
      progress(group.number.value(), sound.group.value());
    }
    return {};
  }));
  if (log->Tip() == sound) return {};
  return MakeError(ErrorCode::kLogDamaged,
                   "the new log in " + path.string() + " does not end where it should");
}

Status LogRepair::KeepOld(const Clock& clock) {
  for (const std::filesystem::path& directory : {scratch(), unfinished()}) {
    TRY(MakePrivateDirectory(directory));
  }
  for (const std::filesystem::path& file :
       {directory_.watermark_path(), directory_.format_path()}) {
    TRY(KeepFile(file, unfinished()));
  }
  // A log that stays where it is loses them at the next start.
  if (!rebuilds_log()) {
    TRY(KeepTails(salvage_->left_out(), unfinished() / "left-out"));
  }
  TRY(SyncDirectory(unfinished()));
  removed_ = TRY(RemovedName(path_, clock));
  if (::rename(unfinished().c_str(), removed_.c_str()) != 0) {
    return SystemError("rename", unfinished(), errno);
  }
  return SyncDirectory(path_);
}

Status LogRepair::SwapLog() const {
  TRY(ExchangeDirectories(removed_ / "log", directory_.log_path()));
  TRY(SyncDirectory(removed_));
  return SyncDirectory(path_);
}

Status LogRepair::RemoveViews() const {
  const std::filesystem::path views = directory_.views_path();
  if (TRY(Exists(views)) && ::rename(views.c_str(), (removed_ / "views").c_str()) != 0) {
    return SystemError("move away", views, errno);
  }
  TRY(SyncDirectory(removed_));
  return SyncDirectory(path_);
}

Status LogRepair::WriteWatermark() const {
  return storage::WriteWatermark(
      directory_.watermark_path(),
      {.group = findings_.survey.sound.group, .hash = findings_.survey.sound.hash});
}

}  // namespace coupond::storage
