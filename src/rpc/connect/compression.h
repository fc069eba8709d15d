#ifndef COUPOND_RPC_CONNECT_COMPRESSION_H_
#define COUPOND_RPC_CONNECT_COMPRESSION_H_

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The compressions of messages: none, and gzip (RFC 1952) by zlib.
namespace coupond::connect {

enum class Compression { kIdentity, kGzip };

/// Returns "identity" or "gzip".
[[nodiscard]] std::string_view CompressionName(Compression compression);
/// Returns the compression of that name, in any case, or nullopt if it is not supported.
[[nodiscard]] std::optional<Compression> CompressionByName(std::string_view name);
/// The supported compressions, for messages to clients.
inline constexpr std::string_view kCompressionNames = "gzip, identity";

/// Returns the compression for the response: the first in the client's list that is supported, or
/// identity, which is always acceptable. Without a list, returns the compression of the request. A
/// name with ";q=0" is skipped; other weights are ignored.
[[nodiscard]] Compression ChooseCompression(std::optional<std::string_view> accepted,
                                            Compression of_request);

[[nodiscard]] std::string Gzip(std::string_view bytes);

enum class GunzipFailure {
  kCorrupt,   ///< not gzip, cut short, or followed by other bytes
  kTooLarge,  ///< more than bytes_max when decompressed
};

/// Decompresses gzip. Holds little more than `bytes_max` bytes in memory, however large the input
/// would become.
[[nodiscard]] std::expected<std::string, GunzipFailure> Gunzip(std::string_view compressed,
                                                               std::size_t bytes_max);

/// Returns the memory that zlib documents for deflating (zconf.h): for the window, and for the hash
/// table and pending output.
constexpr std::size_t DeflateBytes(int window_bits, int memory_level) {
  return (std::size_t{1} << (window_bits + 2)) + (std::size_t{1} << (memory_level + 9));
}

/// The settings for text that comes in pieces. A server has one such stream for each long response,
/// until the client has read it. Readers accept any window size.
inline constexpr int kGzipStreamWindowBits = 13;
inline constexpr int kGzipStreamMemoryLevel = 5;
inline constexpr std::size_t kGzipStreamBytes =
    DeflateBytes(kGzipStreamWindowBits, kGzipStreamMemoryLevel);
static_assert(kGzipStreamBytes == std::size_t{48} * 1024);

/// Compresses text that comes in pieces. For one thread at a time.
class GzipStream {
 public:
  /// For a stream that lives as long as a client takes to read: holds little more than
  /// kGzipStreamBytes for any input, which costs a few percent in size.
  GzipStream();
  /// For at most `bytes_expected` bytes at once: uses the memory that compresses them best, up to
  /// 256 KiB.
  explicit GzipStream(std::size_t bytes_expected);
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// Returns the compressed bytes that are ready; there may be none.
  [[nodiscard]] std::string Compress(std::string_view bytes);
  /// Returns the remaining bytes, with gzip's end. Nothing may be called after it.
  [[nodiscard]] std::string Finish();

 private:
  GzipStream(int window_bits, int memory_level);

  struct Deflater;
  const std::unique_ptr<Deflater> deflater_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_COMPRESSION_H_
