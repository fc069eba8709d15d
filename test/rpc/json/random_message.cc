#include "random_message.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>

#include <array>
#include <cstdint>
#include <string>

#include "every_kind.pb.h"

namespace coupond::connect {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::int64_t Between(RandomEngine& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

bool OneIn(RandomEngine& random, int n) { return Between(random, 1, n) == 1; }

/// Returns small numbers, numbers near the limits, and anything between.
template <typename T>
T RandomInteger(RandomEngine& random) {
  switch (Between(random, 0, 3)) {
    case 0:
      return static_cast<T>(Between(random, 0, 9));
    case 1:
      return static_cast<T>(std::numeric_limits<T>::max() - static_cast<T>(OneIn(random, 2)));
    case 2:
      return static_cast<T>(std::numeric_limits<T>::min() + static_cast<T>(OneIn(random, 2)));
    default:
      return static_cast<T>(random());
  }
}

/// Returns numbers that protobuf's own reader accepts in every spelling.
double RandomDouble(RandomEngine& random) {
  return static_cast<double>(Between(random, -1'000'000, 1'000'000)) / 64;
}

std::string RandomText(RandomEngine& random) {
  static constexpr std::array<const char*, 12> kPieces = {"a",  "Z",    "0", " ",  "\"", "\\",
                                                          "\n", "\x01", "é", "한", "😀", "</"};
  std::string text;
  for (std::int64_t n = Between(random, 0, 6); n > 0; --n) {
    text += kPieces[static_cast<std::size_t>(Between(random, 0, kPieces.size() - 1))];
  }
  return text;
}

std::string RandomBytes(RandomEngine& random) {
  std::string bytes;
  for (std::int64_t n = Between(random, 0, 5); n > 0; --n) {
    bytes.push_back(static_cast<char>(random()));
  }
  return bytes;
}

template <typename Set, typename Value>
void Store(const FieldDescriptor* field, Message& message, Set set, Set add, Value value) {
  (message.GetReflection()->*(field->is_repeated() ? add : set))(&message, field, value);
}

void FillField(RandomEngine& random, int depth, const FieldDescriptor* f, Message& m) {
  using R = Reflection;
  switch (f->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Store(f, m, &R::SetInt32, &R::AddInt32, RandomInteger<std::int32_t>(random));
    case FieldDescriptor::CPPTYPE_INT64:
      return Store(f, m, &R::SetInt64, &R::AddInt64, RandomInteger<std::int64_t>(random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Store(f, m, &R::SetUInt32, &R::AddUInt32, RandomInteger<std::uint32_t>(random));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Store(f, m, &R::SetUInt64, &R::AddUInt64, RandomInteger<std::uint64_t>(random));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Store(f, m, &R::SetDouble, &R::AddDouble, RandomDouble(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Store(f, m, &R::SetFloat, &R::AddFloat, static_cast<float>(RandomDouble(random)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return Store(f, m, &R::SetBool, &R::AddBool, OneIn(random, 2));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = f->enum_type();
      const auto i = static_cast<int>(Between(random, 0, type->value_count() - 1));
      return Store(f, m, &R::SetEnumValue, &R::AddEnumValue, type->value(i)->number());
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return Store(
          f, m, &R::SetString, &R::AddString,
          f->type() == FieldDescriptor::TYPE_BYTES ? RandomBytes(random) : RandomText(random));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillRandomly(random, depth - 1,
                          f->is_repeated() ? *m.GetReflection()->AddMessage(&m, f)
                                           : *m.GetReflection()->MutableMessage(&m, f));
  }
}

void FillSecondsAndNanos(RandomEngine& random, bool may_be_negative, Message& message) {
  const auto* type = message.GetDescriptor();
  std::int64_t seconds = Between(random, 0, 253'402'300'799);
  auto nanos = static_cast<std::int32_t>(Between(random, 0, 999));
  for (std::int64_t thousands = Between(random, 0, 2); thousands > 0; --thousands) nanos *= 1000;
  if (may_be_negative && OneIn(random, 2)) {
    seconds = -seconds;
    nanos = -nanos;
  }
  message.GetReflection()->SetInt64(&message, type->field(0), seconds);
  message.GetReflection()->SetInt32(&message, type->field(1), nanos);
}

/// Fills a Value, which must have something in it.
void FillValue(RandomEngine& random, int depth, google::protobuf::Value& value) {
  const int kinds = depth > 0 ? 6 : 4;
  const auto* type = value.GetDescriptor();
  FillField(random, depth, type->field(static_cast<int>(Between(random, 0, kinds - 1))), value);
}

/// Fills the types of which not every value has a JSON form.
bool FillSpecial(RandomEngine& random, int depth, Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    FillSecondsAndNanos(random, false, message);
  } else if (type == "google.protobuf.Duration") {
    FillSecondsAndNanos(random, true, message);
  } else if (type == "google.protobuf.FieldMask") {
    auto& mask = dynamic_cast<google::protobuf::FieldMask&>(message);
    if (OneIn(random, 2)) mask.add_paths("user.display_name");
    if (OneIn(random, 2)) mask.add_paths("photo");
  } else if (type == "google.protobuf.Value") {
    FillValue(random, depth, dynamic_cast<google::protobuf::Value&>(message));
  } else if (type == "google.protobuf.Any") {
    connecttest::Scalars content;
    FillRandomly(random, 0, content);
    dynamic_cast<google::protobuf::Any&>(message).PackFrom(content);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void FillRandomly(RandomEngine& random, int depth, Message& message) {
  if (FillSpecial(random, depth, message)) return;
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool too_deep = field->message_type() != nullptr && depth <= 0;
    // An entry of a map has both fields.
    const bool may_be_left_out = !type->options().map_entry();
    if (may_be_left_out && (too_deep || OneIn(random, 2))) continue;
    const std::int64_t times = field->is_repeated() ? Between(random, 1, 3) : 1;
    for (std::int64_t n = 0; n < times; ++n) FillField(random, depth, field, message);
  }
}

}  // namespace coupond::connect
