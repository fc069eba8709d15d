#include "storage/rocksdb_log/whole_records.h"

#include <rocksdb/env.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "storage/files/durable_file.h"
#include "storage/rocksdb_log/log_record_reader.h"
#include "storage/rocksdb_log/shown_files.h"
#include "storage/rocksdb_log/torn_tail.h"
#include "storage/rocksdb_log/wal_order.h"
#include "storage/rocksdb_log/write_head.h"

namespace coupond::storage {
namespace {

/// The list of files that CURRENT names, if that makes sense.
Result<std::optional<std::string>> CurrentList(const std::filesystem::path& log,
                                               rocksdb::Env* env) {
  const Result<std::optional<std::string>> current = ReadSmallFile(log / "CURRENT", env);
  if (!current) return std::unexpected(current.error());
  if (!*current || !(*current)->starts_with("MANIFEST-") || !(*current)->ends_with('\n')) {
    return std::nullopt;
  }
  return (*current)->substr(0, (*current)->size() - 1);
}

/// Goes over a log's files, one after the other.
class Reading {
 public:
  /// `env` is not null.
  Reading(std::filesystem::path log, rocksdb::Env* env) : log_(std::move(log)), env_(env) {}

  Status ReadList() {
    const Result<std::optional<std::string>> list = CurrentList(log_, env_);
    if (!list) return std::unexpected(list.error());
    return *list ? Read(**list, LogFileKind::kManifest) : Status();
  }

  Status Read(const std::string& name, LogFileKind kind) {
    const std::filesystem::path file = log_ / name;
    Result<std::optional<LogRecordReader>> reader = LogRecordReader::Open(file, env_);
    if (!reader) return std::unexpected(std::move(reader.error()));
    if (!*reader) return {};
    while (true) {
      const Result<std::optional<std::string>> payload = (*reader)->Next();
      if (!payload) return std::unexpected(payload.error());
      if (!*payload) break;
      if (kind == LogFileKind::kManifest) continue;
      if (Status taken = Take(ReadWriteHead(**payload)); !taken) return taken;
    }
    const Result<LogTail> tail = (*reader)->ReadTail();
    if (!tail) return std::unexpected(tail.error());
    return tail->empty() ? Status() : Judge(file, kind, *tail);
  }

  [[nodiscard]] const std::vector<LeftOut>& left_out() const { return left_out_; }

 private:
  /// A WAL's record. It must follow on what was there before a torn one.
  Status Take(const std::optional<WriteHead>& head) {
    const bool follows = head && (!last_ || head->group == last_->group.Next());
    if (torn_wal_ && !follows) {
      return Damaged(left_out_[*torn_wal_].file, left_out_[*torn_wal_].offset);
    }
    torn_wal_.reset();
    if (head) last_ = head;
    return {};
  }
  Status Judge(const std::filesystem::path& file, LogFileKind kind, const LogTail& tail) {
    const std::uint64_t offset = tail.offset + tail.begin;
    if (!IsTornRecord(tail, kind, last_)) return Damaged(file, tail.offset + tail.broken);
    if (kind == LogFileKind::kWal) torn_wal_ = left_out_.size();
    left_out_.push_back({.file = file, .offset = offset, .bytes = tail.bytes.size() - tail.begin});
    return {};
  }
  static Status Damaged(const std::filesystem::path& file, std::uint64_t offset) {
    return MakeError(ErrorCode::kLogDamaged,
                     file.string() + " is damaged: what stands at byte " + std::to_string(offset) +
                         " is no whole record, nor one that a power failure tore; put the file "
                         "back from a copy");
  }

  const std::filesystem::path log_;
  rocksdb::Env* const env_;
  std::optional<WriteHead> last_;        ///< the last group in the WALs
  std::optional<std::size_t> torn_wal_;  ///< which of left_out_ came after it
  std::vector<LeftOut> left_out_;
};

}  // namespace

std::uint64_t WholeRecords::left_out_bytes() const {
  std::uint64_t bytes = 0;
  for (const LeftOut& torn : left_out) bytes += torn.bytes;
  return bytes;
}

Result<WholeRecords> FindWholeRecords(const std::filesystem::path& log, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const Result<std::vector<std::string>> wals = ListWals(log, env);
  if (!wals) return std::unexpected(wals.error());
  Reading reading(log, env);
  if (Status read = reading.ReadList(); !read) return std::unexpected(std::move(read.error()));
  WholeRecords whole;
  whole.list_is_torn = !reading.left_out().empty();
  for (const std::string& wal : *wals) {
    if (Status read = reading.Read(wal, LogFileKind::kWal); !read) {
      return std::unexpected(std::move(read.error()));
    }
  }
  whole.left_out = reading.left_out();
  if (whole.left_out.empty()) return whole;
  std::map<std::filesystem::path, ShownFile> shown;
  for (const LeftOut& torn : whole.left_out) shown[torn.file].size = torn.offset;
  whole.env = ShowFiles(*env, std::move(shown));
  return whole;
}

Result<bool> ListIsWhole(const std::filesystem::path& log, rocksdb::Env* env) {
  Reading reading(log, env == nullptr ? rocksdb::Env::Default() : env);
  const Status read = reading.ReadList();
  if (!read && read.error().code != ErrorCode::kLogDamaged) return std::unexpected(read.error());
  return read && reading.left_out().empty();
}

}  // namespace coupond::storage
