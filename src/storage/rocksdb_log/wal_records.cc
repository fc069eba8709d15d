#include "storage/rocksdb_log/wal_records.h"

#include <cryptopp/crc.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/big_endian.h"
#include "engine/rules/limits.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_status.h"
#include "storage/format/commit_record.h"

namespace coupond::storage {
namespace {

std::uint32_t ReadLittleEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

void AppendLittleEndian(std::string& bytes, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i);
}

/// Returns the checksum as RocksDB stores it: rotated and shifted, so that a checksum over data
/// that contains checksums is not a weak one.
std::uint32_t MaskedChecksum(std::string_view bytes) {
  CryptoPP::CRC32C checksum;
  checksum.Update(reinterpret_cast<const CryptoPP::byte*>(bytes.data()), bytes.size());
  std::array<char, 4> digest{};
  checksum.TruncatedFinal(reinterpret_cast<CryptoPP::byte*>(digest.data()), digest.size());
  const std::uint32_t value = ReadLittleEndian({digest.data(), digest.size()});
  return (value >> 15U | value << 17U) + 0xa282ead8U;
}

constexpr std::size_t kEntryBytes = 8;
/// What follows the entry's number: one entry, which puts a key of eight bytes.
constexpr std::string_view kOnePut{"\x01\x00\x00\x00\x01\x08", 6};
constexpr std::size_t kKeyAt = kEntryBytes + kOnePut.size();
constexpr std::size_t kValueLengthAt = kKeyAt + kBigEndianBytes;
constexpr std::size_t kValueLengthBytesMax = kWriteHeadBytesMax - kValueLengthAt;
static_assert(kWriteBytesMin == kValueLengthAt + 1 + kRecordHeadBytes);

static_assert(std::max(limits::kGroupBytesMax,
                       limits::kBatchBytesMax + limits::kBatchKeysBytesMax) <=
                  kLogRecordBytesMax / 2,
              "a record must hold the largest group, and the headers of its fragments");

/// Reports whether a fragment of this type may stand where a record begins, or within one.
bool Fits(FragmentType type, bool within) {
  const bool begins = type == FragmentType::kFull || type == FragmentType::kFirst;
  return begins != within;
}

/// Returns RocksDB's own number of the file's first entry, or nullopt if the file has no intact
/// record, which others judge.
Result<std::optional<std::uint64_t>> FirstEntryOf(const std::filesystem::path& wal,
                                                  rocksdb::Env* env) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status done = env->NewSequentialFile(wal, &file, {});
  std::string buffer(kLogBlockBytes, '\0');
  rocksdb::Slice block;
  if (done.ok()) done = file->Read(buffer.size(), &block, buffer.data());
  if (!done.ok()) return RocksDbError(done, ErrorCode::kLogDamaged, "cannot read " + wal.string());
  const std::optional<Fragment> first = ReadFragment(block.ToStringView(), 0);
  std::uint64_t entry = 0;
  if (!first || first->payload.size() < sizeof entry) return std::nullopt;
  for (std::size_t i = sizeof entry; i-- > 0;) {
    entry = entry << 8U | static_cast<std::uint8_t>(first->payload[i]);
  }
  return entry;
}

}  // namespace

std::size_t FragmentLength(std::string_view file, std::size_t at) {
  return ReadLittleEndian(file.substr(at + 4, 2));
}

bool ChecksumFits(std::string_view file, std::size_t at, std::size_t length) {
  return MaskedChecksum(file.substr(at + 6, 1 + length)) == ReadLittleEndian(file.substr(at, 4));
}

std::string MakeFragmentHeader(std::uint8_t type, std::string_view payload) {
  std::string checked(1, static_cast<char>(type));
  checked += payload;
  std::string header;
  AppendLittleEndian(header, MaskedChecksum(checked), 4);
  AppendLittleEndian(header, static_cast<std::uint32_t>(payload.size()), 2);
  return header + static_cast<char>(type);
}

std::size_t RecordEnd(std::size_t at, std::size_t payload_bytes) {
  while (true) {
    const std::size_t left = kLogBlockBytes - at % kLogBlockBytes;
    if (left < kFragmentHeaderBytes) {
      at += left;
      continue;
    }
    const std::size_t taken = std::min(payload_bytes, left - kFragmentHeaderBytes);
    at += kFragmentHeaderBytes + taken;
    payload_bytes -= taken;
    if (payload_bytes == 0) return at;
  }
}

std::optional<Fragment> ReadFragment(std::string_view file, std::size_t at) {
  const std::size_t limit = std::min(file.size(), (at / kLogBlockBytes + 1) * kLogBlockBytes);
  if (at + kFragmentHeaderBytes > limit) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(file[at + 6]);
  const std::size_t length = FragmentLength(file, at);
  if (type == 0 || type > static_cast<std::uint8_t>(FragmentType::kLast)) return std::nullopt;
  if (at + kFragmentHeaderBytes + length > limit) return std::nullopt;
  if (!ChecksumFits(file, at, length)) return std::nullopt;
  return Fragment{.type = static_cast<FragmentType>(type),
                  .payload = file.substr(at + kFragmentHeaderBytes, length),
                  .end = at + kFragmentHeaderBytes + length};
}

std::optional<WriteHead> ReadWriteHead(std::string_view payload) {
  if (payload.size() <= kValueLengthAt) return std::nullopt;
  if (payload.substr(kEntryBytes, kOnePut.size()) != kOnePut) return std::nullopt;
  WriteHead head;
  head.group = GroupNumber(ReadBigEndian(payload.substr(kKeyAt, kBigEndianBytes)));
  for (std::size_t i = kEntryBytes; i-- > 0;) {
    head.entry = head.entry << 8U | static_cast<std::uint8_t>(payload[i]);
  }
  std::size_t value_bytes = 0;
  const std::string_view lengths = payload.substr(kValueLengthAt, kValueLengthBytesMax);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(lengths[i]);
    value_bytes |= std::size_t{byte & 0x7fU} << 7 * i;
    if ((byte & 0x80U) != 0) continue;
    if (value_bytes < kRecordHeadBytes) return std::nullopt;
    head.record_at = kValueLengthAt + i + 1;
    head.write_bytes = head.record_at + value_bytes;
    return head;
  }
  return std::nullopt;
}

Result<std::optional<LogRecordReader>> LogRecordReader::Open(const std::filesystem::path& path,
                                                             rocksdb::Env* env, Payload payload) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  const rocksdb::Status opened = env->NewSequentialFile(path, &file, {});
  if (opened.IsPathNotFound()) return std::nullopt;
  if (!opened.ok()) return RocksDbError(opened, ErrorCode::kIo, "cannot open " + path.string());
  return LogRecordReader(path, std::move(file),
                         payload == Payload::kHead ? kWriteHeadBytesMax : kLogRecordBytesMax);
}

LogRecordReader::LogRecordReader(std::filesystem::path path,
                                 std::unique_ptr<rocksdb::SequentialFile> file,
                                 std::size_t payload_max)
    : path_(std::move(path)), file_(std::move(file)), payload_max_(payload_max) {}
LogRecordReader::~LogRecordReader() = default;
LogRecordReader::LogRecordReader(LogRecordReader&&) noexcept = default;

Result<std::optional<std::string_view>> LogRecordReader::Next() {
  payload_.clear();
  begin_ = at_;
  while (at_ - begin_ <= kLogRecordBytesMax) {
    const std::size_t left = kLogBlockBytes - at_ % kLogBlockBytes;
    const bool within = at_ != begin_;
    if (left < kFragmentHeaderBytes) at_ += left;
    if (!within) begin_ = at_;
    if (at_ >= bytes_.size()) {
      if (ended_) return std::nullopt;
      if (!within) DropBefore();
      TRY(ReadBlock());
      continue;
    }
    const std::optional<Fragment> fragment = ReadFragment(bytes_, at_);
    if (!fragment || !Fits(fragment->type, within)) return std::nullopt;
    payload_ += fragment->payload.substr(0, payload_max_ - payload_.size());
    at_ = fragment->end;
    if (fragment->type == FragmentType::kFull || fragment->type == FragmentType::kLast) {
      return std::string_view(payload_);
    }
  }
  return std::nullopt;
}

Result<LogTail> LogRecordReader::ReadTail() {
  DropBefore();
  while (!ended_ && bytes_.size() <= begin_ + kLogRecordBytesMax) {
    TRY(ReadBlock());
  }
  return LogTail{.offset = offset_,
                 .begin = begin_,
                 .broken = std::min(at_, bytes_.size()),
                 .too_long = bytes_.size() > begin_ + kLogRecordBytesMax,
                 .payload = std::move(payload_),
                 .bytes = std::move(bytes_)};
}

Status LogRecordReader::ReadBlock() {
  const std::size_t size = bytes_.size();
  bytes_.resize(size + kLogBlockBytes);
  rocksdb::Slice block;
  const rocksdb::Status read = file_->Read(kLogBlockBytes, &block, bytes_.data() + size);
  if (!read.ok()) return RocksDbError(read, ErrorCode::kIo, "cannot read " + path_.string());
  // RocksDB may return its own memory instead of what it was given.
  if (block.data() != bytes_.data() + size) {
    bytes_.replace(size, block.size(), block.data(), block.size());
  }
  bytes_.resize(size + block.size());
  ended_ = block.size() < kLogBlockBytes;
  return {};
}

void LogRecordReader::DropBefore() {
  const std::size_t before = std::min(bytes_.size(), begin_ - begin_ % kLogBlockBytes);
  bytes_.erase(0, before);
  offset_ += before;
  begin_ -= before;
  at_ -= before;
}

Result<std::vector<std::string>> ListWals(const std::filesystem::path& log, rocksdb::Env* env) {
  std::vector<std::string> names = TRY(ListDirectory(log, env));
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".log"); });
  // Their names are numbers with at least six digits.
  std::ranges::sort(names, {},
                    [](const std::string& name) { return std::pair(name.size(), name); });
  return names;
}

Status CheckWalOrder(const std::filesystem::path& log, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::optional<std::uint64_t> last;
  for (const std::string& wal : TRY(ListWals(log, env))) {
    const std::optional<std::uint64_t> first = TRY(FirstEntryOf(log / wal, env));
    if (!first) continue;
    if (last && *first <= *last) {
      return MakeError(ErrorCode::kLogDamaged,
                       (log / wal).string() +
                           " begins with older entries than the WAL file before it, so it is not "
                           "the file that was there; put the files of the log back from a copy");
    }
    last = first;
  }
  return {};
}

}  // namespace coupond::storage
