// Envelopes: a request's body is accepted if it is exactly one whole envelope, and is read back as
// written.
#include "rpc/connect/envelope.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"

namespace coupond::fuzz {
namespace {

using connect::Code;
using connect::ReadOnlyEnvelope;

constexpr std::array<std::size_t, 5> kLimits = {65'536, 0, 1, 300, 0xffff'ffff};

/// Applies the rules of envelope.h independently.
bool IsOnlyEnvelope(std::string_view body, std::size_t bytes_max) {
  if (body.size() < connect::kEnvelopeHeadBytes) return false;
  const auto byte = [&body](std::size_t i) -> std::size_t {
    return static_cast<std::uint8_t>(body[i]);
  };
  const std::size_t length = ((byte(1) * 256 + byte(2)) * 256 + byte(3)) * 256 + byte(4);
  return byte(0) <= 1 && length <= bytes_max && body.size() == length + connect::kEnvelopeHeadBytes;
}

void CheckBody(std::string_view body, std::size_t bytes_max) {
  const auto envelope = ReadOnlyEnvelope(body, bytes_max);
  Require(envelope.has_value() == IsOnlyEnvelope(body, bytes_max),
          "what is whole and alone is read");
  if (!envelope) {
    const connect::Error& error = envelope.error();
    Require(error.code == Code::kUnimplemented || error.code == Code::kInvalidArgument ||
                error.code == Code::kResourceExhausted,
            "the fault is the client's");
    return Require(!error.message.empty(), "a refusal says why");
  }
  std::string written;
  connect::AppendEnvelope(envelope->compressed ? connect::kCompressedFlag : 0, envelope->message,
                          written);
  Require(written == body, "what was read is written back equal");
}

void CheckMessage(std::string_view message, std::size_t bytes_max) {
  for (const std::uint8_t flags : {std::uint8_t{0}, connect::kCompressedFlag}) {
    std::string body;
    connect::AppendEnvelope(flags, message, body);
    const auto envelope = ReadOnlyEnvelope(body, bytes_max);
    Require(envelope.has_value() == (message.size() <= bytes_max), "the limit is the message's");
    if (!envelope) {
      Require(envelope.error().code == Code::kResourceExhausted,
              "a message over the limit is refused as too large");
      continue;
    }
    Require(envelope->message == message && envelope->compressed == (flags != 0),
            "a message is read back equal");
    // An envelope that is cut short or followed by another is refused.
    for (std::size_t cut = 0; cut < connect::kEnvelopeHeadBytes; ++cut) {
      Require(!ReadOnlyEnvelope(std::string_view(body).substr(0, cut), bytes_max),
              "a head is whole");
    }
    Require(!ReadOnlyEnvelope(body + body, bytes_max), "two are not one");
  }
}

}  // namespace

void FuzzEnvelope(std::string_view bytes) {
  Input input(bytes);
  const auto check = input.Choose(2) == 0 ? CheckBody : CheckMessage;
  const std::size_t bytes_max = kLimits[input.Choose(kLimits.size())];
  check(input.rest(), bytes_max);
}

}  // namespace coupond::fuzz
