#ifndef COUPOND_STORAGE_ROCKSDB_LOG_LOG_RECORD_READER_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_LOG_RECORD_READER_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"

namespace rocksdb {
class Env;
class SequentialFile;
}  // namespace rocksdb

namespace coupond::storage {

/// No record is longer, with the headers of its fragments.
inline constexpr std::size_t kLogRecordBytesMax = 16'777'216;

/// What lies behind the last whole record of a file.
struct LogTail {
  std::uint64_t offset = 0;  ///< of `bytes` in the file; a block begins there
  std::size_t begin = 0;     ///< where in `bytes` a record begins that cannot be read
  std::size_t broken = 0;    ///< the first of its fragments that is not whole
  bool too_long = false;     ///< the file goes on for longer than any record
  std::string payload;       ///< the record's first bytes, from the fragments that are whole
  std::string bytes;         ///< up to the end of the file, unless that is too long

  /// Nothing does: the file ends with a whole record.
  [[nodiscard]] bool empty() const { return begin >= bytes.size(); }
};

/// Reads a WAL or a list of files through, from its first record to the first that is not whole,
/// which RocksDB takes for the end of the file in more cases than it should. The files are as
/// log_fragment.h says.
///
/// Holds a record at a time. A file that a running server appends to ends where it did when its end
/// was met. One thread.
class LogRecordReader {
 public:
  /// `env` must outlive the reader. Nothing: there is no such file. kIo.
  [[nodiscard]] static Result<std::optional<LogRecordReader>> Open(
      const std::filesystem::path& path, rocksdb::Env* env);
  ~LogRecordReader();
  LogRecordReader(LogRecordReader&&) noexcept;
  LogRecordReader& operator=(LogRecordReader&&) = delete;

  /// The first bytes of the next record's payload, as many as a WriteHead may have. Nothing: no
  /// whole record follows. kIo.
  [[nodiscard]] Result<std::optional<std::string>> Next();
  /// After Next gave nothing, once. kIo.
  [[nodiscard]] Result<LogTail> ReadTail();

 private:
  LogRecordReader(std::filesystem::path path, std::unique_ptr<rocksdb::SequentialFile> file);

  /// Adds a block to bytes_, a shorter one at the end.
  [[nodiscard]] Status ReadBlock();
  /// Drops the blocks before the record.
  void DropBefore();

  std::filesystem::path path_;
  std::unique_ptr<rocksdb::SequentialFile> file_;
  bool ended_ = false;        ///< there are no more blocks
  std::uint64_t offset_ = 0;  ///< of bytes_ in the file
  std::string bytes_;         ///< the blocks from the record's beginning on
  std::size_t begin_ = 0;     ///< of the record in bytes_
  std::size_t at_ = 0;        ///< the next fragment
  std::string payload_;       ///< the record's first bytes
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_LOG_RECORD_READER_H_
