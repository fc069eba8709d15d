// Coupon codes: every serial has one code, every code one serial, however the code is typed.
#include "engine/codes/coupon_code.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/codes/coupon_alphabet.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"

namespace coupond::fuzz {
namespace {

constexpr std::size_t kCodeBytesMax = 28;

/// The key of the worked example in docs/LOG_FORMAT.md.
CodeKey ExampleKey() {
  CodeKey key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) {
    key.bytes[i] = static_cast<std::uint8_t>(0x20 + i);
  }
  return key;
}

void CheckSerial(const CouponCodec& codec, Serial serial) {
  const std::string code = codec.Encode(serial);
  Require(code.size() <= kCodeBytesMax, "a code is ten characters", code);
  Require(codec.Decode(code) == serial, "a code is read back as its serial", code);
  Require(codec.Decode(" " + code + "-") == serial, "spaces and hyphens do not matter", code);
  const CodePoints characters = WriteNumber(serial.value());
  Require(ReadNumber(characters) == serial.value(), "a number is read back equal");
}

std::uint64_t NumberOf(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<std::uint8_t>(byte);
  return number;
}

/// Checks ten characters in or near the alphabet, one for each byte: almost a code.
void CheckCharacters(std::string_view bytes) {
  constexpr char32_t kFirstSyllable = 0xAC00;
  CodePoints characters{};
  for (std::size_t i = 0; i < characters.size() && i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    characters[i] = byte >= '0' && byte <= '9' ? byte : kFirstSyllable + byte * 28U;
  }
  const auto number = ReadNumber(characters);
  if (number) Require(WriteNumber(*number) == characters, "a number is written in one way");
}

}  // namespace

void FuzzCouponCode(std::string_view bytes) {
  const CouponCodec codec(ExampleKey());
  Input input(bytes);
  switch (input.Choose(3)) {
    case 0:
      return CheckSerial(codec, Serial(NumberOf(input.Take(sizeof(std::uint64_t)))));
    case 1:
      return CheckCharacters(input.rest());
    default:
      if (const auto serial = codec.Decode(input.rest())) CheckSerial(codec, *serial);
  }
}

}  // namespace coupond::fuzz
