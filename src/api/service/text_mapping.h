#ifndef COUPOND_API_SERVICE_TEXT_MAPPING_H_
#define COUPOND_API_SERVICE_TEXT_MAPPING_H_

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/connect/error.h"

/// Names and ids of requests in their normal form (base/normal_text.h). This is the only place
/// where texts are normalised: the rules, the log and the audit compare bytes.
namespace coupond::service {

/// A field that holds a name or an id.
struct TextField {
  std::string_view name;
  std::string_view limit;  ///< for messages: "128", "200 characters"
  /// Of the text as it was sent, without blanks at its ends: longer ones are not even normalised.
  std::size_t sent_bytes_max = 0;
  /// The longest text that stores from before texts were normalised can hold.
  std::size_t stored_bytes_max = 0;
};

/// A text in normal form, and as it was sent. Refers to the request that it came from, and
/// allocates nothing if the two are the same.
class MappedText {
 public:
  MappedText(const std::string& sent, std::optional<std::string> changed,
             std::size_t stored_bytes_max);

  [[nodiscard]] const std::string& normal() const { return changed_ ? *changed_ : *sent_; }
  /// The text as it was sent, if it differs and an old store may hold it; else null.
  [[nodiscard]] const std::string* as_sent() const { return as_sent_; }

 private:
  const std::string* sent_;
  std::optional<std::string> changed_;
  const std::string* as_sent_ = nullptr;
};

/// What is said of a text of so many bytes that is too long.
[[nodiscard]] connect::Error TooLong(const TextField& field, std::size_t bytes);

/// Whether a text is too long to become one that the field can hold.
[[nodiscard]] bool IsTooLong(const TextField& field, const std::string& sent);

/// The normal form; it may be empty, also when what was sent has only blanks. The error is
/// invalid_argument and names the field and the character that is refused, or the length.
[[nodiscard]] std::expected<MappedText, connect::Error> MapText(const TextField& field,
                                                                const std::string& sent);

/// The same for a text that has to say something if it is there: blanks alone are an error.
[[nodiscard]] std::expected<MappedText, connect::Error> MapOptionalText(const TextField& field,
                                                                        const std::string& sent);

}  // namespace coupond::service

#endif  // COUPOND_API_SERVICE_TEXT_MAPPING_H_
