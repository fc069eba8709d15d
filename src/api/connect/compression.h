#ifndef COUPOND_API_CONNECT_COMPRESSION_H_
#define COUPOND_API_CONNECT_COMPRESSION_H_

#include <cstddef>
#include <expected>
#include <limits>
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

/// Compresses what comes in pieces. One thread at a time. Takes up to 270 KB of memory; less when
/// it is known that it will be given no more than `bytes_expected`.
class GzipStream {
 public:
  explicit GzipStream(std::size_t bytes_expected = std::numeric_limits<std::size_t>::max());
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// What is ready of the compressed bytes; perhaps nothing.
  [[nodiscard]] std::string Compress(std::string_view bytes);
  /// The rest, with gzip's end. Nothing may come after it.
  [[nodiscard]] std::string Finish();

 private:
  struct Deflater;
  const std::unique_ptr<Deflater> deflater_;
};

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_COMPRESSION_H_
