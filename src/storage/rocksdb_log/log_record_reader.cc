#include "storage/rocksdb_log/log_record_reader.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <utility>

#include "engine/rules/limits.h"
#include "storage/files/rocksdb_status.h"
#include "storage/rocksdb_log/log_fragment.h"
#include "storage/rocksdb_log/write_head.h"

namespace coupond::storage {
namespace {

/// No event takes more: its texts, and some numbers and ids.
constexpr std::size_t kEventBytesMax =
    limits::kCampaignNameMaxBytes + limits::kUserIdMaxBytes + limits::kRequestIdMaxBytes + 1'024;
static_assert(limits::kCommandsPerGroupMax * kEventBytesMax <= kLogRecordBytesMax / 2,
              "a record must hold the largest group, and the headers of its fragments");

/// Whether a fragment of this type may stand where a record begins, or goes on.
bool Fits(FragmentType type, bool within) {
  const bool begins = type == FragmentType::kFull || type == FragmentType::kFirst;
  return begins != within;
}

}  // namespace

Result<std::optional<LogRecordReader>> LogRecordReader::Open(const std::filesystem::path& path,
                                                             rocksdb::Env* env) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  const rocksdb::Status opened = env->NewSequentialFile(path, &file, {});
  if (opened.IsPathNotFound()) return std::nullopt;
  if (!opened.ok()) return RocksDbError(opened, ErrorCode::kIo, "cannot open " + path.string());
  return LogRecordReader(path, std::move(file));
}

LogRecordReader::LogRecordReader(std::filesystem::path path,
                                 std::unique_ptr<rocksdb::SequentialFile> file)
    : path_(std::move(path)), file_(std::move(file)) {}
LogRecordReader::~LogRecordReader() = default;
LogRecordReader::LogRecordReader(LogRecordReader&&) noexcept = default;

Result<std::optional<std::string>> LogRecordReader::Next() {
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
      if (Status read = ReadBlock(); !read) return std::unexpected(std::move(read.error()));
      continue;
    }
    const std::optional<Fragment> fragment = ReadFragment(bytes_, at_);
    if (!fragment || !Fits(fragment->type, within)) return std::nullopt;
    payload_ += fragment->payload.substr(0, kWriteHeadBytesMax - payload_.size());
    at_ = fragment->end;
    if (fragment->type == FragmentType::kFull || fragment->type == FragmentType::kLast) {
      return payload_;
    }
  }
  return std::nullopt;
}

Result<LogTail> LogRecordReader::ReadTail() {
  DropBefore();
  while (!ended_ && bytes_.size() <= begin_ + kLogRecordBytesMax) {
    if (Status read = ReadBlock(); !read) return std::unexpected(std::move(read.error()));
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
  // It need not have come to where there was room for it.
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

}  // namespace coupond::storage
