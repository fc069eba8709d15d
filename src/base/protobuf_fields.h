#ifndef COUPOND_BASE_PROTOBUF_FIELDS_H_
#define COUPOND_BASE_PROTOBUF_FIELDS_H_

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Fields in protobuf's encoding (https://protobuf.dev/programming-guides/encoding/), for the few
/// messages that are written too often to make an object of each. In the order of their numbers,
/// they are the bytes that protobuf itself writes.
namespace coupond::protobuf {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };

/// At most four varints in a row, to be appended at once, because appending costs more than the
/// bytes do.
class Varints {
 public:
  void Add(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_[size_++] = static_cast<char>(value | 0x80);
    bytes_[size_++] = static_cast<char>(value);
  }
  void AddTag(int field_number, WireType type) {
    Add(static_cast<std::uint32_t>(field_number) << 3 | static_cast<std::uint32_t>(type));
  }
  /// Adds a field as AppendNumber does.
  void AddNumber(int field_number, std::uint64_t value) {
    if (value == 0) return;
    AddTag(field_number, WireType::kVarint);
    Add(value);
  }
  void AppendTo(std::string& out) const { out.append(bytes_.data(), size_); }

 private:
  std::array<char, 4 * 10> bytes_;
  std::size_t size_ = 0;
};

inline void AppendVarint(std::uint64_t value, std::string& out) {
  Varints varint;
  varint.Add(value);
  varint.AppendTo(out);
}

/// Returns the number of bytes that AppendVarint appends.
constexpr std::size_t VarintBytes(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

/// Appends a field of type int32, int64, uint32, uint64 or bool, whatever its value.
inline void AppendPresentNumber(int field_number, std::uint64_t value, std::string& out) {
  Varints field;
  field.AddTag(field_number, WireType::kVarint);
  field.Add(value);
  field.AppendTo(out);
}

/// Appends the same without presence: nothing if it is 0, which is what a reader then assumes.
inline void AppendNumber(int field_number, std::uint64_t value, std::string& out) {
  if (value != 0) AppendPresentNumber(field_number, value, out);
}

/// Appends a field of type sfixed64, whatever its value.
inline void AppendPresentFixed64(int field_number, std::int64_t value, std::string& out) {
  Varints tag;
  tag.AddTag(field_number, WireType::kFixed64);
  tag.AppendTo(out);
  static_assert(std::endian::native == std::endian::little);
  std::array<char, sizeof value> bytes;
  std::memcpy(bytes.data(), &value, bytes.size());
  out.append(bytes.data(), bytes.size());
}

/// Appends the same without presence: nothing if it is 0, which is what a reader then assumes.
inline void AppendFixed64(int field_number, std::int64_t value, std::string& out) {
  if (value != 0) AppendPresentFixed64(field_number, value, out);
}

/// Appends a string, bytes or an encoded message, also if it is empty.
inline void AppendBytes(int field_number, std::string_view bytes, std::string& out) {
  Varints head;
  head.AddTag(field_number, WireType::kLengthDelimited);
  head.Add(bytes.size());
  head.AppendTo(out);
  out.append(bytes);
}

}  // namespace coupond::protobuf

#endif  // COUPOND_BASE_PROTOBUF_FIELDS_H_
