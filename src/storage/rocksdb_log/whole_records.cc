#include "storage/rocksdb_log/whole_records.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include "storage/files/env_files.h"
#include "storage/rocksdb_log/shown_files.h"

namespace coupond::storage {
namespace {

/// Disks write sectors as a whole; nothing smaller is ever half there.
constexpr std::size_t kSectorBytes = 512;

/// The list of files gets several records with one sync; together they are never longer.
constexpr std::size_t kManifestWriteBytesMax = 4'096;

bool IsZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == '\0'; });
}

/// Returns where the sector of a byte ends, or the file.
std::size_t SectorEnd(std::string_view file, std::size_t at) {
  return std::min(file.size(), (at / kSectorBytes + 1) * kSectorBytes);
}

std::size_t BlockEnd(std::size_t at) { return (at / kLogBlockBytes + 1) * kLogBlockBytes; }

/// Reports whether a sector was never written, as far as it lies at or after `from`. A single byte
/// of one is enough: a power loss must never be refused, and no more than this record is left out.
bool HasHole(std::string_view file, std::size_t from) {
  for (std::size_t at = from; at < file.size(); at = SectorEnd(file, at)) {
    if (IsZero(file.substr(at, SectorEnd(file, at) - at))) return true;
  }
  return false;
}

/// Reports whether these bytes of the file exist and lie in sectors that were written. What is
/// before `record` proves nothing, because it was there before.
bool WasWritten(std::string_view file, std::size_t record, std::size_t from, std::size_t size) {
  if (from + size > file.size()) return false;
  for (std::size_t at = std::max(record, from / kSectorBytes * kSectorBytes); at < from + size;
       at = SectorEnd(file, at)) {
    if (IsZero(file.substr(at, SectorEnd(file, at) - at))) return false;
  }
  return true;
}

/// Where a record ends, as far as the headers of its fragments tell.
enum class End : std::uint8_t {
  kBefore,   ///< before the file does, or the headers make no sense
  kWith,     ///< where the file does
  kBehind,   ///< behind it: the record is cut off
  kUnknown,  ///< the header that would tell is cut off, or was never written
};

struct Extent {
  End end = End::kUnknown;
  std::size_t header = 0;  ///< the last one that was read
  std::size_t at = 0;      ///< how far the record reaches, as it states
  bool goes_on = false;    ///< it continues in the next block
};

/// Reads the headers from the broken fragment on. `within` is whether the record begins before it.
Extent ReadExtent(std::string_view file, std::size_t at, bool within) {
  const std::size_t begin = at;
  while (at < file.size()) {
    const std::size_t block_end = BlockEnd(at);
    if (block_end - at < kFragmentHeaderBytes) {
      at = block_end;
      continue;
    }
    // The length and the type must have been written; the checksum is of no use here.
    if (!WasWritten(file, begin, at + 4, 3)) return {.end = End::kUnknown, .header = at};
    const auto type = static_cast<FragmentType>(file[at + 6]);
    const bool last = type == (within ? FragmentType::kLast : FragmentType::kFull);
    const bool more = type == (within ? FragmentType::kMiddle : FragmentType::kFirst);
    const std::size_t end = at + kFragmentHeaderBytes + FragmentLength(file, at);
    const bool fits = last ? end <= block_end : more && end == block_end;
    if (!fits || (last && end < file.size())) return {.end = End::kBefore, .header = at};
    if (last || end > file.size()) {
      return {.end = end == file.size() ? End::kWith : End::kBehind,
              .header = at,
              .at = end,
              .goes_on = more};
    }
    at = end;
    within = true;
  }
  return {.end = End::kBehind, .header = at, .at = at, .goes_on = true};
}

/// Returns the head of the write in a WAL's record, if it was written.
std::optional<WriteHead> OwnHead(const LogTail& tail) {
  if (tail.broken > tail.begin) return ReadWriteHead(tail.payload);
  const std::size_t payload = tail.begin + kFragmentHeaderBytes;
  const std::string_view file = tail.bytes;
  if (payload >= file.size()) return std::nullopt;
  const std::string_view bytes =
      file.substr(payload, std::min(kWriteHeadBytesMax, BlockEnd(tail.begin) - payload));
  if (!WasWritten(file, tail.begin, payload, bytes.size())) return std::nullopt;
  return ReadWriteHead(bytes);
}

/// Reports whether the headers and the write in the record state the same length.
bool Agree(const Extent& extent, std::size_t end, std::size_t file_size) {
  if (extent.end == End::kUnknown) return end >= file_size;
  return extent.goes_on ? end > extent.at : end == extent.at;
}

/// Returns the head of the write that begins in the fragment at `at`, if it could be one. The
/// fragment may not be intact.
std::optional<WriteHead> HeadOf(std::string_view file, std::size_t at) {
  std::string payload(file.substr(at + kFragmentHeaderBytes,
                                  std::min(FragmentLength(file, at), kWriteHeadBytesMax)));
  const std::size_t next = BlockEnd(at);
  // A record's first fragment may be as short as its block's end is near.
  if (payload.size() < kWriteHeadBytesMax && next + kFragmentHeaderBytes < file.size()) {
    payload += file.substr(next + kFragmentHeaderBytes, kWriteHeadBytesMax - payload.size());
  }
  return ReadWriteHead(payload);
}

/// Reports whether the record at `at` could be that of a group behind the one after `last`.
bool CouldFollow(std::string_view file, std::size_t begin, std::size_t at,
                 const std::optional<WriteHead>& last) {
  const std::optional<WriteHead> head = HeadOf(file, at);
  if (!head || head->write_bytes > kLogRecordBytesMax) return false;
  const bool fills = RecordEnd(at, head->write_bytes) > BlockEnd(at);
  const std::size_t length = fills ? BlockEnd(at) - at - kFragmentHeaderBytes : head->write_bytes;
  const auto type = fills ? FragmentType::kFirst : FragmentType::kFull;
  if (FragmentLength(file, at) != length || static_cast<FragmentType>(file[at + 6]) != type) {
    return false;
  }
  if (!last) return true;
  // Each write is one group, the one that cannot be read is the next, and this one is behind it.
  const std::uint64_t groups = head->group.value() - last->group.value();
  return groups > 1 && groups - 2 < (at - begin) / kWriteBytesMin &&
         head->entry - last->entry == groups;
}

/// Reports whether an intact record begins anywhere at or after `from`. Computes a checksum only
/// where one could.
bool HasRecord(const LogTail& tail, std::size_t from, LogFileKind kind,
               const std::optional<WriteHead>& last) {
  const std::string_view file = tail.bytes;
  for (std::size_t at = from; at + kFragmentHeaderBytes <= file.size(); ++at) {
    const auto type = static_cast<FragmentType>(file[at + 6]);
    if (type != FragmentType::kFull && type != FragmentType::kFirst) continue;
    if (BlockEnd(at) - at < kFragmentHeaderBytes) continue;
    if (kind == LogFileKind::kWal && !CouldFollow(file, tail.begin, at, last)) continue;
    if (ReadFragment(file, at)) return true;
  }
  return false;
}

/// Returns the list of files that CURRENT names, if that makes sense.
Result<std::optional<std::string>> CurrentList(const std::filesystem::path& log,
                                               rocksdb::Env* env) {
  std::optional<std::string> current = TRY(ReadSmallFile(log / "CURRENT", env));
  if (!current || !current->starts_with("MANIFEST-") || !current->ends_with('\n')) {
    return std::nullopt;
  }
  current->pop_back();
  return current;
}

/// Collects the groups in the WALs, until something unusual is among them.
class GroupCollector {
 public:
  explicit GroupCollector(WalReading reading) {
    if (reading == WalReading::kKeepGroups) groups_ = std::make_shared<WalGroups>();
  }
  /// Takes the next record's payload, whose head is `head`.
  void Take(const std::optional<WriteHead>& head, std::string_view payload) {
    if (!groups_) return;
    const bool usual =
        head && payload.size() == head->write_bytes &&
        (groups_->records.empty() ? head->group != GroupNumber() : head->group == groups_->end());
    if (!usual) {
      groups_ = nullptr;
      return;
    }
    if (groups_->records.empty()) groups_->first = head->group;
    groups_->records.emplace_back(payload.substr(head->record_at));
  }
  [[nodiscard]] std::shared_ptr<const WalGroups> groups() const { return groups_; }

 private:
  std::shared_ptr<WalGroups> groups_;
};

/// Reads a log's files, one after the other.
class Reading {
 public:
  /// `env` is not null.
  Reading(std::filesystem::path log, rocksdb::Env* env, WalReading reading)
      : log_(std::move(log)),
        env_(env),
        payload_(reading == WalReading::kCheck ? LogRecordReader::Payload::kHead
                                               : LogRecordReader::Payload::kWhole),
        collector_(reading) {}

  Status ReadList() {
    const std::optional<std::string> list = TRY(CurrentList(log_, env_));
    return list ? Read(*list, LogFileKind::kManifest) : Status();
  }

  Status Read(const std::string& name, LogFileKind kind) {
    const std::filesystem::path file = log_ / name;
    std::optional<LogRecordReader> reader = TRY(LogRecordReader::Open(file, env_, payload_));
    if (!reader) return {};
    while (const std::optional<std::string_view> payload = TRY(reader->Next())) {
      if (kind == LogFileKind::kWal) TRY(Take(*payload));
    }
    const LogTail tail = TRY(reader->ReadTail());
    return tail.empty() ? Status() : Judge(file, kind, tail);
  }

  [[nodiscard]] const std::vector<LeftOut>& left_out() const { return left_out_; }
  [[nodiscard]] std::shared_ptr<const WalGroups> groups() const { return collector_.groups(); }

 private:
  /// Takes a WAL's record, which must follow on what was there before a torn one.
  Status Take(std::string_view payload) {
    const std::optional<WriteHead> head = ReadWriteHead(payload);
    collector_.Take(head, payload);
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
  const LogRecordReader::Payload payload_;
  GroupCollector collector_;
  std::optional<WriteHead> last_;        ///< the last group in the WALs
  std::optional<std::size_t> torn_wal_;  ///< which of left_out_ came after it
  std::vector<LeftOut> left_out_;
};

}  // namespace

bool IsTornRecord(const LogTail& tail, LogFileKind kind, const std::optional<WriteHead>& last) {
  if (tail.too_long) return false;
  const std::string_view file = tail.bytes;
  // Intact records behind the hole may be of the same write.
  const bool one_write =
      kind == LogFileKind::kManifest && file.size() - tail.begin <= kManifestWriteBytesMax;
  if (one_write && HasHole(file, tail.broken)) return true;
  const Extent extent = ReadExtent(file, tail.broken, tail.broken > tail.begin);
  if (extent.end == End::kBefore) return false;
  if (extent.end == End::kWith && !HasHole(file, tail.broken)) return false;
  if (extent.end == End::kBehind && extent.header < file.size()) {
    // All of it may be there, and only its length be wrong.
    const std::size_t length = file.size() - extent.header - kFragmentHeaderBytes;
    if (ChecksumFits(file, extent.header, length)) return false;
  }
  if (kind == LogFileKind::kWal) {
    if (const std::optional<WriteHead> head = OwnHead(tail)) {
      return Agree(extent, RecordEnd(tail.begin, head->write_bytes), file.size());
    }
  }
  return !HasRecord(tail, tail.broken + 1, kind, last);
}

std::uint64_t WholeRecords::left_out_bytes() const {
  std::uint64_t bytes = 0;
  for (const LeftOut& torn : left_out) bytes += torn.bytes;
  return bytes;
}

Result<WholeRecords> FindWholeRecords(const std::filesystem::path& log, rocksdb::Env* env,
                                      WalReading how) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const std::vector<std::string> wals = TRY(ListWals(log, env));
  Reading reading(log, env, how);
  TRY(reading.ReadList());
  WholeRecords whole;
  whole.list_is_torn = !reading.left_out().empty();
  for (const std::string& wal : wals) TRY(reading.Read(wal, LogFileKind::kWal));
  whole.groups = reading.groups();
  whole.left_out = reading.left_out();
  if (whole.left_out.empty()) return whole;
  std::map<std::filesystem::path, ShownFile> shown;
  for (const LeftOut& torn : whole.left_out) shown[torn.file].size = torn.offset;
  whole.env = ShowFiles(*env, std::move(shown));
  return whole;
}

Result<bool> ListIsWhole(const std::filesystem::path& log, rocksdb::Env* env) {
  Reading reading(log, env == nullptr ? rocksdb::Env::Default() : env, WalReading::kCheck);
  const Status read = reading.ReadList();
  if (!read && read.error().code != ErrorCode::kLogDamaged) return std::unexpected(read.error());
  return read && reading.left_out().empty();
}

}  // namespace coupond::storage
