#ifndef COUPOND_STORAGE_ROCKSDB_LOG_LOG_FRAGMENT_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_LOG_FRAGMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What RocksDB's WAL files and its list of files are made of: blocks of 32 KiB, and in them
/// fragments of records, each with a checksum, a length and a type.
///
/// Source: RocksDB's wiki, "Write Ahead Log File Format"; db/log_format.h. Reused files have
/// another header, but no file here is ever reused (rocksdb_options.cc).
namespace coupond::storage {

inline constexpr std::size_t kLogBlockBytes = 32'768;
/// Checksum 4, length 2, type 1; little-endian. What is left of a block that is shorter is unused.
inline constexpr std::size_t kFragmentHeaderBytes = 7;

enum class FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Fragment {
  FragmentType type = FragmentType::kZero;
  std::string_view payload;
  std::size_t end = 0;  ///< where the next one begins, unless the block ends
};

/// What the header at a place in these bytes of a file says of its fragment's payload, true or not.
/// The header must lie in the file.
[[nodiscard]] std::size_t FragmentLength(std::string_view file, std::size_t at);

/// Whether the checksum of the header at a place fits to this length of its payload, whatever the
/// header says of the length. Both must lie in the file.
[[nodiscard]] bool ChecksumFits(std::string_view file, std::size_t at, std::size_t length);

/// The header that a whole fragment of any type has.
[[nodiscard]] std::string MakeFragmentHeader(std::uint8_t type, std::string_view payload);

/// Where a record with so many bytes of payload ends whose first fragment begins at a place.
[[nodiscard]] std::size_t RecordEnd(std::size_t at, std::size_t payload_bytes);

/// The fragment at a place in these bytes of a file; nothing: none is whole there.
[[nodiscard]] std::optional<Fragment> ReadFragment(std::string_view file, std::size_t at);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_LOG_FRAGMENT_H_
