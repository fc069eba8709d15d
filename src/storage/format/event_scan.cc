#include "storage/format/event_scan.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/protobuf_fields.h"
#include "coupond/storage/v1/commit_group.pb.h"

namespace coupond::storage {
namespace {

using protobuf::WireType;

constexpr unsigned kWireTypeBits = 3;
constexpr std::size_t kFixed64Bytes = 8;

/// Takes a varint from the front of the bytes, or returns nullopt if there is none.
std::optional<std::uint64_t> TakeVarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

/// Reports whether an event's message begins with one of the kinds, or with the key, which no
/// writer puts before the kind.
bool IsOfWantedKind(std::string_view event) {
  switch (TakeVarint(event).value_or(0) >> kWireTypeBits) {
    case v1::Event::kStoreRestoredFieldNumber:
    case v1::Event::kUserErasedFieldNumber:
    case v1::Event::kErasureFinishedFieldNumber:
    case v1::Event::kKeyIdFieldNumber:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool TellsOfMissingTexts(std::string_view payload) {
  while (!payload.empty()) {
    const std::optional<std::uint64_t> tag = TakeVarint(payload);
    if (!tag) return true;
    std::uint64_t size = 0;
    switch (static_cast<WireType>(*tag & ((1U << kWireTypeBits) - 1))) {
      case WireType::kVarint:
        if (!TakeVarint(payload)) return true;
        break;
      case WireType::kFixed64:
        size = kFixed64Bytes;
        break;
      case WireType::kLengthDelimited: {
        const std::optional<std::uint64_t> length = TakeVarint(payload);
        if (!length) return true;
        size = *length;
        break;
      }
      default:
        return true;
    }
    if (size > payload.size()) return true;
    const bool is_event = *tag >> kWireTypeBits == v1::CommitGroup::kEventsFieldNumber;
    if (is_event && IsOfWantedKind(payload.substr(0, size))) return true;
    payload.remove_prefix(size);
  }
  return false;
}

}  // namespace coupond::storage
