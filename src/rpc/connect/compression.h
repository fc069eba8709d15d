#ifndef COUPOND_RPC_CONNECT_COMPRESSION_H_
#define COUPOND_RPC_CONNECT_COMPRESSION_H_

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The compressions that messages may travel in: none, and gzip (RFC 1952) by zlib.
namespace coupond::connect {

enum class Compression { kIdentity, kGzip };

/// "identity", "gzip".
[[nodiscard]] std::string_view CompressionName(Compression compression);
/// Of that name, in any case; nothing if it is not supported here.
[[nodiscard]] std::optional<Compression> CompressionByName(std::string_view name);
/// For messages to clients: "gzip, identity".
inline constexpr std::string_view kCompressionNames = "gzip, identity";

/// What to answer with: the first of the client's list that is supported here, or identity, which
/// is always acceptable. Without a list, what the request was compressed with is. A name with
/// ";q=0" behind it is not wanted; other weights do not count.
[[nodiscard]] Compression ChooseCompression(std::optional<std::string_view> accepted,
                                            Compression of_request);

[[nodiscard]] std::string Gzip(std::string_view bytes);

enum class GunzipFailure {
  kCorrupt,   ///< not gzip, cut short, or with something behind its end
  kTooLarge,  ///< more than bytes_max when decompressed
};

/// Holds little more than `bytes_max` bytes in memory, whatever the input would grow to.
[[nodiscard]] std::expected<std::string, GunzipFailure> Gunzip(std::string_view compressed,
                                                               std::size_t bytes_max);

/// What zlib says that deflating needs (zconf.h): for the window, and for its hash table and what
/// is about to be written.
constexpr std::size_t DeflateBytes(int window_bits, int memory_level) {
  return (std::size_t{1} << (window_bits + 2)) + (std::size_t{1} << (memory_level + 9));
}

/// For text that is not there all at once. A server has as many of these as it has long answers,
/// and each is kept until the client has read its answer. Readers need not know: they take any
/// window.
inline constexpr int kGzipStreamWindowBits = 13;
inline constexpr int kGzipStreamMemoryLevel = 5;
inline constexpr std::size_t kGzipStreamBytes =
    DeflateBytes(kGzipStreamWindowBits, kGzipStreamMemoryLevel);
static_assert(kGzipStreamBytes == std::size_t{48} * 1024);

/// Compresses what comes in pieces. One thread at a time.
class GzipStream {
 public:
  /// For as long as a client takes to read: holds kGzipStreamBytes and a little, whatever it is
  /// given, which costs a few percent in size.
  GzipStream();
  /// For `bytes_expected` at most, in one go: takes what compresses them best, up to 256 KiB.
  explicit GzipStream(std::size_t bytes_expected);
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// What is ready of the compressed bytes; perhaps nothing.
  [[nodiscard]] std::string Compress(std::string_view bytes);
  /// The rest, with gzip's end. Nothing may come after it.
  [[nodiscard]] std::string Finish();

 private:
  GzipStream(int window_bits, int memory_level);

  struct Deflater;
  const std::unique_ptr<Deflater> deflater_;
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_COMPRESSION_H_
