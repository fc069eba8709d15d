// The protocols' errors for wrong requests; each row is tried in every dialect of a method.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol_probe.h"
#include "rpc/connect/compression.h"
#include "support/peak_memory.h"

namespace coupond::connect {
namespace {

/// The default of MethodLimits.
constexpr std::size_t kMessageBytesMax = 64 * 1024;

using ProtocolErrorsTest = ProtocolProbe;

TEST_F(ProtocolErrorsTest, AValidRequestIsServed) {
  for (const Target& target : kTargets) {
    ExpectServed(target, *PostMessage(target, SoundMessage(target)));
    const std::string gzipped = Framed(target, Gzip(SoundMessage(target)), kCompressedFlag);
    ExpectServed(target, *Post(target, gzipped, {CompressedWith(target, "gzip")}));
    ExpectServed(target,
                 *PostMessage(target, SoundMessage(target), {CompressedWith(target, "identity")}));
  }
}

// Requests that reach no method: 404, 405, 415.

TEST_F(ProtocolErrorsTest, AnUnknownPathIs404) {
  for (const Target& target : kTargets) {
    for (const char* path : {"/", "/connecttest.Probe", "/connecttest.Probe/", "/x.Y/Change",
                             "/connecttest.Probe/Changes", "/connecttest.probe/change"}) {
      const auto exchange = Post({path, target.dialect}, Framed(target, SoundMessage(target)));
      if (target.dialect.protocol == Protocol::kGrpcWeb) {
        EXPECT_EQ(exchange->response().status, 404);
        EXPECT_EQ(exchange->response().content_type, "text/plain");
      } else {
        ExpectJsonError(Code::kUnimplemented, 404, *exchange);
      }
    }
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(ProtocolErrorsTest, AWrongVerbIs405WithTheAllowedOnes) {
  for (const auto& [path, allowed] : {std::pair{kLook, "GET, HEAD, POST"},
                                      std::pair{kChange, "POST"}, std::pair{kWatch, "POST"}}) {
    for (const char* verb : {"PUT", "DELETE", "OPTIONS", "PATCH", "post", "GET", "HEAD"}) {
      if (path == kLook && (verb == std::string_view("GET") || verb == std::string_view("HEAD"))) {
        continue;
      }
      const auto exchange = Send({.method = verb,
                                  .path = std::string(path),
                                  .body = "{}",
                                  .headers = {{"Content-Type", "application/json"}}});
      ExpectJsonError(Code::kUnknown, 405, *exchange);
      EXPECT_EQ(exchange->Header("Allow"), allowed) << verb;
    }
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(ProtocolErrorsTest, AWrongContentTypeIs415WithTheAcceptedOnes) {
  for (const std::string_view path : {kChange, kWatch}) {
    const std::string bare = "application/proto, application/json";
    const std::string streamed = "application/connect+proto, application/connect+json";
    const std::string accepted = (path == kChange ? bare : streamed) +
                                 ", application/grpc-web+proto, application/grpc-web+json";
    const auto post = [&](std::vector<http::HeaderField> headers) {
      return Send({.path = std::string(path), .body = "{}", .headers = std::move(headers)});
    };
    // Missing, or that of another kind of method.
    const std::string_view other =
        path == kChange ? "application/connect+json" : "application/json";
    for (const auto& exchange : {post({}), post({{"Content-Type", other}})}) {
      ExpectJsonError(Code::kUnknown, 415, *exchange);
      EXPECT_EQ(exchange->Header("Accept-Post"), accepted);
    }
    // Not one of Connect's, so the client may not read Connect's errors.
    for (const std::string_view type :
         {"", "text/plain", "application/xml", "application/connect+xml", "application/grpc",
          "application/grpc-web+thrift", "application/grpc-web-text",
          "application/json; charset=latin1"}) {
      const auto exchange = post({{"Content-Type", type}});
      EXPECT_EQ(exchange->response().status, 415) << type;
      EXPECT_EQ(exchange->response().content_type, "text/plain") << type;
      EXPECT_EQ(exchange->Header("Accept-Post"), accepted) << type;
    }
  }
  EXPECT_EQ(calls_, 0);
}

// The terms of a call.

TEST_F(ProtocolErrorsTest, AnUnknownCompressionIsUnimplemented) {
  for (const Target& target : kTargets) {
    for (const std::string_view name : {"br", "zstd", "deflate", "gzip, gzip", ""}) {
      const auto exchange =
          PostMessage(target, SoundMessage(target), {CompressedWith(target, name)});
      ExpectRefused(target, Code::kUnimplemented, *exchange);
      EXPECT_THAT(exchange->response().body, testing::HasSubstr("gzip, identity"));
    }
  }
}

TEST_F(ProtocolErrorsTest, AMalformedTimeoutIsInvalid) {
  for (const Target& target : kTargets) {
    const bool grpc = target.dialect.protocol == Protocol::kGrpcWeb;
    const std::vector<std::string_view> wrong =
        grpc ? std::vector<std::string_view>{"", "1", "S", "-1S", "1s", "1.5S", "100000000m", "1 S"}
             : std::vector<std::string_view>{"", "0", "-1", "+1", "1.5", "1S", "10000000000", "x"};
    for (const std::string_view text : wrong) {
      ExpectRefused(target, Code::kInvalidArgument,
                    *PostMessage(target, SoundMessage(target),
                                 {{grpc ? "Grpc-Timeout" : "Connect-Timeout-Ms", text}}));
    }
    ExpectServed(target, *PostMessage(target, SoundMessage(target),
                                      {{grpc ? "Grpc-Timeout" : "Connect-Timeout-Ms",
                                        grpc ? "99999999m" : "9999999999"}}));
  }
}

TEST_F(ProtocolErrorsTest, AnotherVersionOfConnectIsInvalid) {
  for (const Target& target : kTargets) {
    for (const std::string_view version : {"", "0", "2", "v1", "1.0"}) {
      const auto exchange =
          PostMessage(target, SoundMessage(target), {{"Connect-Protocol-Version", version}});
      if (target.dialect.protocol == Protocol::kGrpcWeb) {
        ExpectServed(target, *exchange);  // has no meaning there
      } else {
        ExpectRefused(target, Code::kInvalidArgument, *exchange);
      }
    }
  }
}

// Compressed messages.

TEST_F(ProtocolErrorsTest, CorruptGzipIsInvalid) {
  for (const Target& target : kTargets) {
    const std::string sound = Gzip(SoundMessage(target));
    std::string wrong_checksum = sound;
    wrong_checksum[sound.size() - 6] ^= 1;
    for (const std::string& bytes :
         {std::string("{}"), sound.substr(0, 5), sound.substr(0, sound.size() - 1), sound + "x",
          wrong_checksum, std::string(SoundMessage(target))}) {
      ExpectRefused(
          target, Code::kInvalidArgument,
          *Post(target, Framed(target, bytes, kCompressedFlag), {CompressedWith(target, "gzip")}));
    }
  }
}

TEST_F(ProtocolErrorsTest, NoCompressedBytesAreAnEmptyMessage) {
  for (const Target& target : kTargets) {
    const auto exchange =
        Post(target, Framed(target, "", kCompressedFlag), {CompressedWith(target, "gzip")});
    if (target.dialect.codec == Codec::kProto) {
      ExpectServed(target, *exchange);
    } else {
      ExpectRefused(target, Code::kInvalidArgument, *exchange);
    }
  }
}

TEST_F(ProtocolErrorsTest, AGzipBombIsRefusedInBoundedMemory) {
  constexpr std::size_t kBombBytes = 12 * 1024 * 1024;
  constexpr std::size_t kHeldBytesMax = 6 * 1024 * 1024;
  GzipStream stream;
  std::string bomb;
  const std::string zeros(64 * 1024, '\0');
  for (std::size_t i = 0; i < kBombBytes; i += zeros.size()) bomb += stream.Compress(zeros);
  bomb += stream.Finish();
  ASSERT_LT(bomb.size(), kMessageBytesMax) << "small enough to be read";
  const test::PeakMemory memory;
  for (const Target& target : kTargets) {
    ExpectRefused(
        target, Code::kResourceExhausted,
        *Post(target, Framed(target, bomb, kCompressedFlag), {CompressedWith(target, "gzip")}));
  }
  EXPECT_LT(memory.GrowthBytes(), kHeldBytesMax);
}

TEST_F(ProtocolErrorsTest, TheLimitIsOnTheUncompressedMessage) {
  for (const Target& target : kTargets) {
    if (target.dialect.codec != Codec::kJson) continue;
    const std::string fits = "{}" + std::string(kMessageBytesMax - 2, ' ');
    for (const bool compressed : {false, true}) {
      const auto post = [&](const std::string& message) {
        return compressed ? Post(target, Framed(target, Gzip(message), kCompressedFlag),
                                 {CompressedWith(target, "gzip")})
                          : PostMessage(target, message);
      };
      ExpectServed(target, *post(fits));
      ExpectRefused(target, Code::kResourceExhausted, *post(fits + " "));
    }
  }
}

// Envelopes, in the protocols that have them.

TEST_F(ProtocolErrorsTest, ABodyThatIsNotOneEnvelopeIsRefused) {
  struct Row {
    std::string body;
    Code code;
  };
  for (const Target& target : kTargets) {
    if (target.bare()) continue;
    const std::string sound = Framed(target, SoundMessage(target));
    const std::vector<Row> rows = {
        {"", Code::kUnimplemented},                                   // no message
        {sound + sound, Code::kUnimplemented},                        // two
        {sound + "x", Code::kUnimplemented},                          // the beginning of another
        {sound.substr(0, 1), Code::kInvalidArgument},                 // cut in the head
        {sound.substr(0, 4), Code::kInvalidArgument},                 // the same
        {sound.substr(0, 5), Code::kInvalidArgument},                 // cut before the message
        {sound.substr(0, sound.size() - 1), Code::kInvalidArgument},  // cut in it
        {std::string("\0\xff\xff\xff\xff", 5), Code::kResourceExhausted},
        {std::string("\0\0\x01\0\x01", 5), Code::kResourceExhausted},  // one above the limit
        {std::string("\0\0\x01\0\0", 5), Code::kInvalidArgument},      // at it, but cut
        {Framed(target, SoundMessage(target), 0x02), Code::kInvalidArgument},
        {Framed(target, SoundMessage(target), 0x80), Code::kInvalidArgument},
        {Framed(target, SoundMessage(target), 0x03), Code::kInvalidArgument},
        {Framed(target, SoundMessage(target), 0xff), Code::kInvalidArgument},
    };
    for (const Row& row : rows) {
      SCOPED_TRACE(testing::PrintToString(row.body));
      ExpectRefused(target, row.code, *Post(target, row.body));
    }
  }
}

TEST_F(ProtocolErrorsTest, CompressionMustBeDeclared) {
  for (const Target& target : kTargets) {
    if (target.bare()) continue;
    const std::string body = Framed(target, Gzip(SoundMessage(target)), kCompressedFlag);
    ExpectRefused(target, Code::kInternal, *Post(target, body));
    ExpectRefused(target, Code::kInternal,
                  *Post(target, body, {CompressedWith(target, "identity")}));
  }
}

TEST_F(ProtocolErrorsTest, AnEnvelopeMayBeUncompressed) {
  for (const Target& target : kTargets) {
    if (target.bare()) continue;
    ExpectServed(target,
                 *PostMessage(target, SoundMessage(target), {CompressedWith(target, "gzip")}));
  }
}

}  // namespace
}  // namespace coupond::connect
