#include "api/text_mapping.h"

#include <utility>

#include "base/normal_text.h"

namespace coupond::service {
namespace {

connect::Error Invalid(const TextField& field, std::string_view reason) {
  return {.code = connect::Code::kInvalidArgument,
          .message = std::string(field.name) + ": " + std::string(reason),
          .details = {},
          .headers = {}};
}

}  // namespace

MappedText::MappedText(const std::string& sent, std::optional<std::string> changed,
                       std::size_t stored_bytes_max)
    : sent_(&sent), changed_(std::move(changed)) {
  if (changed_ && sent.size() <= stored_bytes_max) as_sent_ = &sent;
}

connect::Error TooLong(const TextField& field, std::size_t bytes) {
  return Invalid(field, std::to_string(bytes) + " bytes are too long; at most " +
                            std::string(field.limit) + " are allowed");
}

bool IsTooLong(const TextField& field, const std::string& sent) {
  return sent.size() > field.sent_bytes_max && TrimmedText(sent).size() > field.sent_bytes_max;
}

std::expected<MappedText, connect::Error> MapText(const TextField& field, const std::string& sent) {
  if (IsTooLong(field, sent)) return std::unexpected(TooLong(field, sent.size()));
  auto normal = NormalForm(sent);
  if (!normal) return std::unexpected(Invalid(field, normal.error()));
  return MappedText(sent, *std::move(normal), field.stored_bytes_max);
}

std::expected<MappedText, connect::Error> MapOptionalText(const TextField& field,
                                                          const std::string& sent) {
  auto text = MapText(field, sent);
  if (text && text->normal().empty() && !sent.empty()) {
    return std::unexpected(Invalid(field, "has only blanks; give a value or leave the field out"));
  }
  return text;
}

}  // namespace coupond::service
