#include "api/text_mapping.h"

#include "api/refusal_mapping.h"
#include "base/error.h"
#include "base/normal_text.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"

namespace coupond::api {
namespace {

std::unexpected<connect::Error> TooLong(const TextField& field, std::size_t bytes) {
  return InvalidField(field.name, "too long (" + std::to_string(bytes) + " bytes); at most " +
                                      std::string(field.limit) + " are allowed");
}

}  // namespace

std::optional<std::string> AsSent(const MappedText& text) {
  return text.as_sent() == nullptr ? std::nullopt : std::optional(*text.as_sent());
}

bool IsTooLong(const TextField& field, const std::string& sent) {
  return sent.size() > field.sent_bytes_max && TrimmedText(sent).size() > field.sent_bytes_max;
}

Mapped<MappedText> MapText(const TextField& field, const std::string& sent) {
  if (IsTooLong(field, sent)) return TooLong(field, sent.size());
  auto normal = NormalForm(sent);
  if (!normal) return InvalidField(field.name, normal.error());
  return MappedText(sent, *std::move(normal), field.stored_bytes_max);
}

Mapped<MappedText> MapOptionalText(const TextField& field, const std::string& sent) {
  MappedText text = TRY(MapText(field, sent));
  if (text.normal().empty() && !sent.empty()) {
    return InvalidField(field.name, "has only blanks; give a value or leave the field out");
  }
  return text;
}

Mapped<MappedText> MapIdText(const TextField& field, const std::string& sent) {
  MappedText text = TRY(MapOptionalText(field, sent));
  if (text.normal().size() > field.stored_bytes_max) return TooLong(field, text.normal().size());
  return text;
}

Mapped<std::string> MapDescription(const std::string& sent) {
  if (TrimmedText(sent).size() > limits::kDescriptionAsSentMaxBytes) {
    return std::unexpected(RefusalError({.reason = RefusalReason::kDescriptionTooLong}));
  }
  auto normal = NormalFormOfLines(sent);
  if (!normal) return InvalidField("description", normal.error());
  return normal->value_or(sent);
}

}  // namespace coupond::api
