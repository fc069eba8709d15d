// Gzip: compressed bytes are read back equal, and exactly what zlib accepts in one call is
// accepted. The result never exceeds the limit.
#include "rpc/connect/compression.h"

// Makes zlib declare its input const.
#define ZLIB_CONST
#include <zlib.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"

namespace coupond::fuzz {
namespace {

using connect::Gunzip;
using connect::GunzipFailure;
using connect::Gzip;

/// Includes sizes around the steps in which the output grows.
constexpr std::array<std::size_t, 8> kLimits = {0,      1,      100,    16'383,
                                                16'384, 16'385, 65'536, 1'000'000};
constexpr int kRawWindow = -MAX_WBITS;
constexpr int kGzipWindow = MAX_WBITS + 16;

void SetInput(z_stream& stream, std::string_view bytes) {
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
}

/// Inflates all members with zlib into one buffer. Returns nullopt if the result exceeds
/// `bytes_max` or zlib refuses.
std::optional<std::string> InflateAtOnce(int window, std::string_view bytes,
                                         std::size_t bytes_max) {
  // One byte more, because zlib does not detect the end if the buffer is full.
  std::string out(bytes_max + 1, '\0');
  z_stream stream{};
  Require(inflateInit2(&stream, window) == Z_OK, "zlib starts");
  SetInput(stream, bytes);
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int status = inflate(&stream, Z_FINISH);
  while (status == Z_STREAM_END && stream.avail_in > 0 && inflateReset(&stream) == Z_OK) {
    status = inflate(&stream, Z_FINISH);
  }
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  if (status != Z_STREAM_END || out.size() > bytes_max) return std::nullopt;
  return out;
}

void CheckGunzip(std::string_view compressed, std::size_t bytes_max) {
  const auto bytes = Gunzip(compressed, bytes_max);
  const auto expected = InflateAtOnce(kGzipWindow, compressed, bytes_max);
  Require(bytes.has_value() == expected.has_value(), "exactly what zlib accepts is accepted");
  if (!bytes) return;
  Require(bytes->size() <= bytes_max, "the limit holds");
  Require(*bytes == *expected, "the bytes are those of zlib");
  Require(Gunzip(Gzip(*bytes), bytes->size()) == *bytes,
          "what was read can be written and read back");
}

void AppendLittleEndian(std::uint32_t number, std::string& out) {
  for (const int shift : {0, 8, 16, 24}) out.push_back(static_cast<char>(number >> shift & 0xff));
}

/// Adds the header and the checksums that make deflated data gzip (RFC 1952).
std::string Framed(std::string_view deflated) {
  const std::string bytes =
      InflateAtOnce(kRawWindow, deflated, kLimits.back()).value_or(std::string());
  std::string framed("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  framed.append(deflated);
  const uLong checksum =
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  AppendLittleEndian(static_cast<std::uint32_t>(checksum), framed);
  AppendLittleEndian(static_cast<std::uint32_t>(bytes.size()), framed);
  return framed;
}

void CheckRoundTrip(std::string_view bytes) {
  const std::string compressed = Gzip(bytes);
  Require(Gunzip(compressed, bytes.size()) == bytes, "bytes are read back equal");
  if (!bytes.empty()) {
    Require(Gunzip(compressed, bytes.size() - 1) == std::unexpected(GunzipFailure::kTooLarge),
            "one byte too many is too large");
  }
  const std::string twice = compressed + compressed;
  Require(Gunzip(twice, 2 * bytes.size()) == std::string(bytes) + std::string(bytes),
          "two members are one text");
  const std::unexpected corrupt(GunzipFailure::kCorrupt);
  Require(Gunzip(compressed + "x", bytes.size()) == corrupt, "bytes after the end are refused");
  Require(Gunzip(std::string_view(compressed).substr(0, compressed.size() - 1), bytes.size()) ==
              corrupt,
          "a truncated end is refused");
}

/// Compresses in pieces; the byte before each piece is its length.
void CheckPieces(Input& input) {
  connect::GzipStream stream;
  std::string bytes;
  std::string compressed;
  while (!input.rest().empty()) {
    const auto length = static_cast<std::uint8_t>(input.TakeByte());
    const std::string_view piece = input.Take(length);
    bytes.append(piece);
    compressed.append(stream.Compress(piece));
  }
  compressed.append(stream.Finish());
  Require(Gunzip(compressed, bytes.size()) == bytes, "pieces are read back as one text");
}

}  // namespace

void FuzzCompression(std::string_view bytes) {
  Input input(bytes);
  enum class Kind { kGzip, kDeflated, kBytes, kPieces };
  const auto kind = static_cast<Kind>(input.Choose(4));
  const std::size_t bytes_max = kLimits[input.Choose(kLimits.size())];
  switch (kind) {
    case Kind::kGzip:
      return CheckGunzip(input.rest(), bytes_max);
    case Kind::kDeflated:
      return CheckGunzip(Framed(input.rest()), bytes_max);
    case Kind::kBytes:
      return CheckRoundTrip(input.rest());
    case Kind::kPieces:
      return CheckPieces(input);
  }
}

}  // namespace coupond::fuzz
