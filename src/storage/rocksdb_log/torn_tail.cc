#include "storage/rocksdb_log/torn_tail.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "storage/rocksdb_log/log_fragment.h"

namespace coupond::storage {
namespace {

/// Disks write sectors as a whole; nothing smaller is ever half there.
constexpr std::size_t kSectorBytes = 512;

/// The list of files gets some records with one sync; this is much for them.
constexpr std::size_t kManifestWriteBytesMax = 4'096;

bool IsZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == '\0'; });
}

/// Where the sector of a byte ends, or the file.
std::size_t SectorEnd(std::string_view file, std::size_t at) {
  return std::min(file.size(), (at / kSectorBytes + 1) * kSectorBytes);
}

std::size_t BlockEnd(std::size_t at) { return (at / kLogBlockBytes + 1) * kLogBlockBytes; }

/// Whether a sector was never written, as far as it lies from `from` on. Even a single byte of one
/// may be: a power loss must never be refused, and no more than this record is left out.
bool HasHole(std::string_view file, std::size_t from) {
  for (std::size_t at = from; at < file.size(); at = SectorEnd(file, at)) {
    if (IsZero(file.substr(at, SectorEnd(file, at) - at))) return true;
  }
  return false;
}

/// Whether these bytes of the file are there, and in sectors that were written. What is before
/// `record` says nothing: it was there before.
bool WasWritten(std::string_view file, std::size_t record, std::size_t from, std::size_t size) {
  if (from + size > file.size()) return false;
  for (std::size_t at = std::max(record, from / kSectorBytes * kSectorBytes); at < from + size;
       at = SectorEnd(file, at)) {
    if (IsZero(file.substr(at, SectorEnd(file, at) - at))) return false;
  }
  return true;
}

/// Where a record ends, as far as its fragments' headers can be known.
enum class End : std::uint8_t {
  kBefore,   ///< before the file, or the headers make no sense
  kWith,     ///< where the file does
  kBehind,   ///< behind it: the record is cut off
  kUnknown,  ///< the header that would say so is cut off, or was never written
};

struct Extent {
  End end = End::kUnknown;
  std::size_t header = 0;  ///< the last one that was looked at
  std::size_t at = 0;      ///< how far the record goes, as it says
  bool goes_on = false;    ///< and further, in the next block
};

/// What the headers from the broken fragment on say. Whether `within`: the record begins before it.
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

/// What the write in a WAL's record says itself, if that was written.
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

/// Whether the headers and the write in the record say the same of its length.
bool Agree(const Extent& extent, std::size_t end, std::size_t file_size) {
  if (extent.end == End::kUnknown) return end >= file_size;
  return extent.goes_on ? end > extent.at : end == extent.at;
}

/// What the write says that begins in the fragment at `at`, if it could be one. The fragment is not
/// known to be whole.
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

/// Whether the record at `at` could be a group's that follows, not at once, on `last`.
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

/// Whether a whole record begins anywhere from `from` on. A checksum is only made where one could.
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

}  // namespace

bool IsTornRecord(const LogTail& tail, LogFileKind kind, const std::optional<WriteHead>& last) {
  if (tail.too_long) return false;
  const std::string_view file = tail.bytes;
  // Whole records behind the hole may be of the same write.
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

}  // namespace coupond::storage
