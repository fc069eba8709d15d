#include "api/first_fault.h"

#include <google/protobuf/descriptor.h>

#include <limits>
#include <string>
#include <utility>

#include "api/refusal_mapping.h"

namespace coupond::api {
namespace {

/// Returns a field's place in the order.
int PlaceOf(const std::string& field, const google::protobuf::Descriptor& fields) {
  const auto* const found = fields.FindFieldByName(field == "start_in" ? "start_time" : field);
  return found == nullptr ? std::numeric_limits<int>::max() : found->number();
}

}  // namespace

connect::Error FirstFault(const google::protobuf::Descriptor& fields, connect::Error of_mapping,
                          std::optional<RefusalReason> of_rules) {
  if (!of_rules) return of_mapping;
  connect::Error other = RefusalError({.reason = *of_rules});
  const bool comes_first = PlaceOf(other.field, fields) < PlaceOf(of_mapping.field, fields);
  return comes_first ? std::move(other) : std::move(of_mapping);
}

}  // namespace coupond::api
