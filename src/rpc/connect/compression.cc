#include "rpc/connect/compression.h"

// Makes zlib declare its input const.
#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/ascii.h"
#include "base/check.h"

namespace coupond::connect {
namespace {

struct Row {
  Compression compression;
  std::string_view name;
};

constexpr std::array kRows = {
    Row{Compression::kIdentity, "identity"},
    Row{Compression::kGzip, "gzip"},
};

/// Added to the window bits, selects the gzip format in zlib.
constexpr int kGzipFrame = 16;
/// zlib's smallest window.
constexpr int kWindowBitsMin = 9;
/// zlib's default.
constexpr int kMemoryLevelMax = 8;
constexpr std::size_t kStepBytes = 16 * 1024;

void SetInput(z_stream& stream, std::string_view bytes) {
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
}

/// Runs inflate or deflate once, into new space at the end of `out`. Returns its status.
template <typename Run>
int RunInto(z_stream& stream, std::string& out, Run run) {
  const std::size_t had = out.size();
  out.resize(had + kStepBytes);
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
  stream.avail_out = static_cast<uInt>(kStepBytes);
  const int status = run(stream);
  out.resize(had + kStepBytes - stream.avail_out);
  return status;
}

class Inflater {
 public:
  Inflater() { COUPOND_CHECK(inflateInit2(&stream_, MAX_WBITS + kGzipFrame) == Z_OK); }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  [[nodiscard]] z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

// zlib clears all of its memory first, which for a short text takes longer than compressing it.
// Neither the window nor its tables need to be larger than the text.
int WindowBitsFor(std::size_t bytes) {
  return std::clamp(static_cast<int>(std::bit_width(bytes)), kWindowBitsMin, MAX_WBITS);
}
int MemoryLevelFor(int window_bits) {
  return std::min(window_bits - kWindowBitsMin + 1, kMemoryLevelMax);
}

}  // namespace

std::string_view CompressionName(Compression compression) {
  return kRows.at(static_cast<std::size_t>(compression)).name;
}

std::optional<Compression> CompressionByName(std::string_view name) {
  for (const Row& row : kRows) {
    if (EqualsIgnoringCase(name, row.name)) return row.compression;
  }
  return std::nullopt;
}

Compression ChooseCompression(std::optional<std::string_view> accepted, Compression of_request) {
  if (!accepted) return of_request;
  while (!accepted->empty()) {
    std::string_view item = TakeUntil(',', *accepted);
    const auto compression = CompressionByName(TakeUntil(';', item));
    if (compression && HasWeight(item)) return *compression;
  }
  return Compression::kIdentity;
}

struct GzipStream::Deflater {
  z_stream stream{};
};

GzipStream::GzipStream() : GzipStream(kGzipStreamWindowBits, kGzipStreamMemoryLevel) {}

GzipStream::GzipStream(std::size_t bytes_expected)
    : GzipStream(WindowBitsFor(bytes_expected), MemoryLevelFor(WindowBitsFor(bytes_expected))) {}

GzipStream::GzipStream(int window_bits, int memory_level)
    : deflater_(std::make_unique<Deflater>()) {
  const int status = deflateInit2(&deflater_->stream, Z_BEST_SPEED, Z_DEFLATED,
                                  window_bits + kGzipFrame, memory_level, Z_DEFAULT_STRATEGY);
  COUPOND_CHECK(status == Z_OK);
}

GzipStream::~GzipStream() { deflateEnd(&deflater_->stream); }

std::string GzipStream::Compress(std::string_view bytes) {
  std::string out;
  z_stream& stream = deflater_->stream;
  SetInput(stream, bytes);
  while (stream.avail_in > 0) {
    RunInto(stream, out, [](z_stream& it) { return deflate(&it, Z_NO_FLUSH); });
  }
  return out;
}

std::string GzipStream::Finish() {
  std::string out;
  z_stream& stream = deflater_->stream;
  SetInput(stream, {});
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    status = RunInto(stream, out, [](z_stream& it) { return deflate(&it, Z_FINISH); });
    COUPOND_CHECK(status == Z_OK || status == Z_STREAM_END);
  }
  return out;
}

std::string Gzip(std::string_view bytes) {
  GzipStream stream(bytes.size());
  std::string out = stream.Compress(bytes);
  return out.append(stream.Finish());
}

std::expected<std::string, GunzipFailure> Gunzip(std::string_view compressed,
                                                 std::size_t bytes_max) {
  std::string out;
  Inflater inflater;
  z_stream& stream = inflater.stream();
  SetInput(stream, compressed);
  for (;;) {
    const int status = RunInto(stream, out, [](z_stream& it) { return inflate(&it, Z_NO_FLUSH); });
    if (out.size() > bytes_max) return std::unexpected(GunzipFailure::kTooLarge);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return out;
      // Several members in a row form one text (RFC 1952, section 2.2).
      if (inflateReset(&stream) != Z_OK) return std::unexpected(GunzipFailure::kCorrupt);
    } else if (status != Z_OK) {
      return std::unexpected(GunzipFailure::kCorrupt);
    }
  }
}

}  // namespace coupond::connect
