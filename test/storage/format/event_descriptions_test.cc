#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "coupond/storage/v1/commit_group.pb.h"
#include "engine/rules/event.h"

/// What events say of themselves, and what their messages do.
namespace coupond::storage {
namespace {

/// Returns the names of a kind's fields, in order.
template <typename Kind>
std::vector<std::string> FieldsOf() {
  std::vector<std::string> names;
  Kind().VisitFields([&](std::string_view name, const auto&) { names.emplace_back(name); });
  return names;
}

/// Returns the same of a message, whose times and durations have their unit in the name.
std::vector<std::string> FieldsOf(const google::protobuf::Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    std::string name = message.field(i)->name();
    for (const std::string_view unit : {"_ns", "_unix"}) {
      if (name.ends_with(unit)) name.erase(name.rfind(unit));
    }
    names.push_back(std::move(name));
  }
  return names;
}

/// The text of a coupon's user is not in its event, and the old claim has become two fields.
template <>
std::vector<std::string> FieldsOf<CouponIssued>() {
  std::vector<std::string> names = {"campaign_number", "serial", "claim", "user_id"};
  CouponIssued().VisitFields([&](std::string_view name, const auto&) {
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  });
  return names;
}

template <std::size_t... kIndices>
void ExpectDescriptions(std::index_sequence<kIndices...>) {
  const google::protobuf::OneofDescriptor& kinds = *v1::Event::descriptor()->oneof_decl(0);
  ASSERT_EQ(kinds.field_count(), int{sizeof...(kIndices)});
  const auto expect = [&]<typename Kind>(const Kind&, std::size_t index) {
    const google::protobuf::FieldDescriptor& field = *kinds.field(static_cast<int>(index));
    EXPECT_EQ(field.name(), kKindName<Kind>);
    EXPECT_EQ(FieldsOf(*field.message_type()), FieldsOf<Kind>());
  };
  (expect(std::variant_alternative_t<kIndices, Event>(), kIndices), ...);
}

TEST(EventDescriptions, EveryKindDescribesItselfAsItsMessageDoes) {
  ExpectDescriptions(std::make_index_sequence<std::variant_size_v<Event>>());
}

}  // namespace
}  // namespace coupond::storage
