#include "rpc/connect/compression.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/peak_memory.h"

namespace coupond::connect {
namespace {

constexpr std::size_t kMegabyte = 1024 * 1024;

/// Returns bytes that do not compress.
std::string RandomBytes(std::size_t count) {
  std::mt19937 random(7);
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// Returns that many zeros compressed, without holding them in memory.
std::string GzippedZeros(std::size_t megabytes) {
  const std::string zeros(kMegabyte, '\0');
  GzipStream stream;
  std::string out;
  for (std::size_t i = 0; i < megabytes; ++i) out += stream.Compress(zeros);
  return out += stream.Finish();
}

TEST(Gzip, GunzipRestoresTheText) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("coupons, coupons, coupons"),
        std::string(kMegabyte, 'a'), RandomBytes(100'000), std::string(16 * 1024, 'b')}) {
    EXPECT_TRUE(Gunzip(Gzip(text), text.size()) == text) << text.size();
  }
}

TEST(Gzip, IsSmallerWhereTextRepeats) {
  EXPECT_LT(Gzip(std::string(10'000, 'a')).size(), 200U);
  EXPECT_EQ(Gzip("x").substr(0, 2), "\x1f\x8b") << "gzip's mark, RFC 1952, section 2.3.1";
}

TEST(GzipStream, PiecesAreCompressedAsOneText) {
  for (const std::size_t piece_bytes : {1U, 7U, 1'000U, 40'000U, 300'000U}) {
    const std::string text = RandomBytes(100'000) + std::string(100'000, 'z');
    GzipStream stream;
    std::string compressed;
    for (std::size_t i = 0; i < text.size(); i += piece_bytes) {
      compressed += stream.Compress(std::string_view(text).substr(i, piece_bytes));
      compressed += stream.Compress("");
    }
    compressed += stream.Finish();
    EXPECT_TRUE(Gunzip(compressed, text.size()) == text) << piece_bytes;
  }
}

TEST(GzipStream, HoldsLittleMemoryBetweenPieces) {
#ifdef COUPOND_SANITIZED
  GTEST_SKIP() << "sanitizers keep what was freed, and memory of their own beside what is held";
#endif
  constexpr std::size_t kStreams = 400;
  // zlib's own bookkeeping and the allocator's are not in the formula.
  constexpr std::size_t kStreamBytesMax = 64 * 1024;
  const test::PeakMemory memory;
  std::vector<std::unique_ptr<GzipStream>> streams;
  for (std::size_t i = 0; i < kStreams; ++i) {
    streams.push_back(std::make_unique<GzipStream>());
    static_cast<void>(streams.back()->Compress(RandomBytes(50'000)));
  }
  EXPECT_LT(memory.GrowthBytes(), kStreams * kStreamBytesMax);
}

TEST(GzipStream, OfNoInputIsAnEmptyText) {
  GzipStream stream;
  EXPECT_EQ(Gunzip(stream.Finish(), 0), "");
}

TEST(GzipStream, MayBeDroppedUnfinished) {
  GzipStream stream;
  static_cast<void>(stream.Compress("never finished"));
}

TEST(Gunzip, ReadsSeveralMembersAsOneText) {
  EXPECT_EQ(Gunzip(Gzip("one ") + Gzip("") + Gzip("two"), 100), "one two");
}

TEST(Gunzip, EveryTruncationIsCorrupt) {
  for (const std::string& whole : {Gzip("a text"), Gzip("a ") + Gzip("text")}) {
    const std::size_t first_member = Gzip("a ").size();
    for (std::size_t length = 0; length < whole.size(); ++length) {
      // The truncated text may happen to consist of whole members.
      if (whole.size() > 2 * first_member - 5 && length == first_member) continue;
      EXPECT_EQ(Gunzip(whole.substr(0, length), 100), std::unexpected(GunzipFailure::kCorrupt))
          << length;
    }
  }
}

TEST(Gunzip, WhatIsNotGzipIsCorrupt) {
  const std::string sound = Gzip("a text");
  std::string wrong_checksum = sound;
  wrong_checksum[sound.size() - 5] ^= 1;
  std::string wrong_length = sound;
  wrong_length.back() ^= 1;
  const std::string zlib_frame = std::string("\x78\x9c\x03") + std::string(4, '\0') + "\x01";
  for (const std::string& bytes :
       {std::string("{}"), std::string(20, '\0'), zlib_frame, wrong_checksum, wrong_length,
        sound + "x", sound + sound.substr(0, 5), sound + std::string(1, '\0'), "x" + sound}) {
    EXPECT_EQ(Gunzip(bytes, 100), std::unexpected(GunzipFailure::kCorrupt));
  }
}

TEST(Gunzip, TheLimitIsOnTheUncompressedBytes) {
  for (const std::size_t size : {1U, 100U, 16'384U, 16'385U, 65'536U, 100'000U}) {
    const std::string text(size, 'x');
    EXPECT_TRUE(Gunzip(Gzip(text), size) == text) << size;
    EXPECT_EQ(Gunzip(Gzip(text), size - 1), std::unexpected(GunzipFailure::kTooLarge)) << size;
    EXPECT_EQ(Gunzip(Gzip(text.substr(1)) + Gzip("x"), size - 1),
              std::unexpected(GunzipFailure::kTooLarge))
        << size << " in two members";
  }
  EXPECT_EQ(Gunzip(Gzip(""), 0), "");
}

TEST(Gunzip, MemoryIsBoundedForAnyInput) {
  constexpr std::size_t kHeldBytesMax = 32 * kMegabyte;
  const std::string one_member = GzippedZeros(256);
  std::string many_members;
  const std::string member = GzippedZeros(1);
  for (int i = 0; i < 256; ++i) many_members += member;
  ASSERT_LT(one_member.size(), 2 * kMegabyte);
  const test::PeakMemory memory;
  for (const std::string& bomb : {one_member, many_members}) {
    EXPECT_EQ(Gunzip(bomb, 64 * 1024), std::unexpected(GunzipFailure::kTooLarge));
  }
  EXPECT_LT(memory.GrowthBytes(), kHeldBytesMax);
}

TEST(Compression, NamesAreReadInAnyCase) {
  for (const Compression compression : {Compression::kIdentity, Compression::kGzip}) {
    EXPECT_EQ(CompressionByName(CompressionName(compression)), compression);
  }
  EXPECT_EQ(CompressionName(Compression::kGzip), "gzip");
  EXPECT_EQ(CompressionByName("GZip"), Compression::kGzip);
  for (const char* name : {"", "br", "zstd", "deflate", "x-gzip", "gzip ", "gzip,identity"}) {
    EXPECT_EQ(CompressionByName(name), std::nullopt) << name;
  }
}

TEST(ChooseCompression, TakesTheFirstSupportedInTheList) {
  for (const char* list : {"gzip", "GZIP", " gzip ", "br,gzip", "br, zstd ,\tgzip",
                           "gzip, identity", "deflate, gzip, br", ",,gzip", "gzip,"}) {
    EXPECT_EQ(ChooseCompression(list, Compression::kIdentity), Compression::kGzip) << list;
  }
  for (const char* list :
       {"identity", "identity, gzip", "", " ", ",", "br", "br, zstd", "gzipped", "gzip br", "*"}) {
    EXPECT_EQ(ChooseCompression(list, Compression::kGzip), Compression::kIdentity) << list;
  }
}

TEST(ChooseCompression, WithoutAListUsesTheRequestsCompression) {
  EXPECT_EQ(ChooseCompression(std::nullopt, Compression::kGzip), Compression::kGzip);
  EXPECT_EQ(ChooseCompression(std::nullopt, Compression::kIdentity), Compression::kIdentity);
}

TEST(ChooseCompression, OnlyAWeightOfZeroCounts) {
  for (const char* list : {"gzip;q=0", "gzip; q=0.0", "gzip ;q=0.000", "gzip;Q=0.", "br, gzip;q=0",
                           "gzip;x=y;q=0", "gzip;q=0, br"}) {
    EXPECT_EQ(ChooseCompression(list, Compression::kGzip), Compression::kIdentity) << list;
  }
  for (const char* list : {"gzip;q=1", "gzip;q=0.001", "gzip; q=0.5, identity", "br;q=0, gzip",
                           "identity;q=0, gzip", "gzip;x=0", "gzip;qq=0", "gzip;q=0, gzip;q=1"}) {
    EXPECT_EQ(ChooseCompression(list, Compression::kIdentity), Compression::kGzip) << list;
  }
}

}  // namespace
}  // namespace coupond::connect
