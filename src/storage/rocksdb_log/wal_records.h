#ifndef COUPOND_STORAGE_ROCKSDB_LOG_WAL_RECORDS_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_WAL_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class Env;
class SequentialFile;
}  // namespace rocksdb

/// The format of RocksDB's WAL files and of its list of files (MANIFEST), and a reader of our own
/// for both: blocks of 32 KiB, in them fragments of records, each with a checksum, a length and a
/// type; and at the beginning of a WAL's record the head of the write that a commit group is.
///
/// Source: RocksDB's wiki, "Write Ahead Log File Format"; db/log_format.h, db/write_batch.cc.
/// Reused files have another header, but no file here is ever reused (rocksdb_options.cc).
/// docs/ROCKSDB.md says what to verify before another version of RocksDB is used.
namespace coupond::storage {

inline constexpr std::size_t kLogBlockBytes = 32'768;
/// Checksum 4, length 2, type 1; little-endian. A block's last bytes are unused if fewer are left.
inline constexpr std::size_t kFragmentHeaderBytes = 7;
/// No record is longer, with the headers of its fragments.
inline constexpr std::size_t kLogRecordBytesMax = 16'777'216;

enum class FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Fragment {
  FragmentType type = FragmentType::kZero;
  std::string_view payload;
  std::size_t end = 0;  ///< where the next one begins, unless the block ends
};

/// Returns the length of the payload that the header at `at` states, true or not. The header must
/// lie within the file.
[[nodiscard]] std::size_t FragmentLength(std::string_view file, std::size_t at);

/// Reports whether the checksum of the header at `at` matches a payload of this length, whatever
/// length the header states. Both must lie within the file.
[[nodiscard]] bool ChecksumFits(std::string_view file, std::size_t at, std::size_t length);

/// Returns the header of an intact fragment of any type.
[[nodiscard]] std::string MakeFragmentHeader(std::uint8_t type, std::string_view payload);

/// Returns where a record with this many bytes of payload ends if its first fragment begins at
/// `at`.
[[nodiscard]] std::size_t RecordEnd(std::size_t at, std::size_t payload_bytes);

/// Returns the fragment at `at`, or nullopt if there is no intact one.
[[nodiscard]] std::optional<Fragment> ReadFragment(std::string_view file, std::size_t at);

/// How a commit group begins in the WAL: the head of the RocksDB write that RocksDbEventLog makes
/// for it, which is one entry that puts one key. In the file: the number of the first entry (8
/// bytes, little-endian), the count (4), and for each entry its kind (1) and what it puts, with
/// lengths as in protobuf.
struct WriteHead {
  std::uint64_t entry = 0;  ///< RocksDB's own number for it, one more with each write
  GroupNumber group;
  std::size_t record_at = 0;    ///< where in the write the group's record begins
  std::size_t write_bytes = 0;  ///< length of the whole write, as it states itself
};

/// No head is longer.
inline constexpr std::size_t kWriteHeadBytesMax = 27;
/// No group's write is shorter.
inline constexpr std::size_t kWriteBytesMin = 59;

/// Parses the beginning of a record's payload. Returns nullopt if no group's write begins so.
[[nodiscard]] std::optional<WriteHead> ReadWriteHead(std::string_view payload);

/// What lies behind the last intact record of a file.
struct LogTail {
  std::uint64_t offset = 0;  ///< of `bytes` in the file; a block begins there
  std::size_t begin = 0;     ///< where in `bytes` the record begins that cannot be read
  std::size_t broken = 0;    ///< its first fragment that is not intact
  bool too_long = false;     ///< the file continues for longer than any record
  std::string payload;       ///< the record's first bytes, from its intact fragments
  std::string bytes;         ///< up to the end of the file, unless that is too long

  /// Reports whether the file ends with an intact record.
  [[nodiscard]] bool empty() const { return begin >= bytes.size(); }
};

/// Reads a WAL or a list of files from its first record to the first one that is not intact, which
/// RocksDB takes for the end of the file in more cases than it should.
///
/// Holds one record at a time. If a running server appends to the file, it ends where its end was
/// when the reader reached it. One thread.
class LogRecordReader {
 public:
  /// How much of each record's payload is wanted.
  enum class Payload : std::uint8_t { kHead, kWhole };

  /// Returns nullopt if there is no such file. `env` must outlive the reader. kIo.
  [[nodiscard]] static Result<std::optional<LogRecordReader>> Open(
      const std::filesystem::path& path, rocksdb::Env* env, Payload payload = Payload::kHead);
  ~LogRecordReader();
  LogRecordReader(LogRecordReader&&) noexcept;
  LogRecordReader& operator=(LogRecordReader&&) = delete;

  /// Returns the next record's payload, or at least as much of it as a WriteHead may have; nullopt
  /// if no intact record follows. The bytes are valid until the next call. kIo.
  [[nodiscard]] Result<std::optional<std::string_view>> Next();
  /// Returns the rest of the file. Call it once, after Next returned nullopt. kIo.
  [[nodiscard]] Result<LogTail> ReadTail();

 private:
  LogRecordReader(std::filesystem::path path, std::unique_ptr<rocksdb::SequentialFile> file,
                  std::size_t payload_max);

  /// Adds a block to bytes_; a shorter one at the end of the file.
  [[nodiscard]] Status ReadBlock();
  /// Drops the blocks before the record.
  void DropBefore();

  std::filesystem::path path_;
  std::unique_ptr<rocksdb::SequentialFile> file_;
  std::size_t payload_max_;
  bool ended_ = false;        ///< there are no more blocks
  std::uint64_t offset_ = 0;  ///< of bytes_ in the file
  std::string bytes_;         ///< the blocks from the record's beginning on
  std::size_t begin_ = 0;     ///< of the record in bytes_
  std::size_t at_ = 0;        ///< the next fragment
  std::string payload_;       ///< the record's first bytes
};

/// Returns the names of a log's WAL files, the oldest first. `env` is not owned; null: the system's
/// files.
[[nodiscard]] Result<std::vector<std::string>> ListWals(const std::filesystem::path& log,
                                                        rocksdb::Env* env);

/// Checks that each WAL begins with later entries than the one before. Debian's RocksDB has asserts
/// on, and one of them would end the process at files that were exchanged. kLogDamaged, kIo.
[[nodiscard]] Status CheckWalOrder(const std::filesystem::path& log, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_WAL_RECORDS_H_
