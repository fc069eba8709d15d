#ifndef COUPOND_TEST_SUPPORT_METRICS_TEXT_H_
#define COUPOND_TEST_SUPPORT_METRICS_TEXT_H_

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <string_view>

namespace coupond::test {

/// What a page in Prometheus' text format says. A line that is not in that format fails the test.
struct MetricsText {
  std::map<std::string, std::string> types;  ///< by the name of the metric
  std::map<std::string, double> values;      ///< by name{labels}, as it stands there

  explicit MetricsText(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("# HELP ")) continue;
      constexpr std::string_view kType = "# TYPE ";
      if (line.starts_with(kType)) {
        const std::size_t end = line.find(' ', kType.size());
        const std::string name = line.substr(kType.size(), end - kType.size());
        EXPECT_TRUE(types.emplace(name, line.substr(end + 1)).second) << name << " is there twice";
        continue;
      }
      const std::size_t space = line.rfind(' ');
      if (line.starts_with('#') || space == std::string::npos) {
        ADD_FAILURE() << "not in the text format: " << line;
        continue;
      }
      const std::string series = line.substr(0, space);
      EXPECT_TRUE(values.emplace(series, std::stod(line.substr(space + 1))).second)
          << series << " is there twice";
    }
  }

  /// Returns a value, or -1 if there is none.
  [[nodiscard]] double Of(const std::string& series) const {
    const auto found = values.find(series);
    return found == values.end() ? -1 : found->second;
  }
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_METRICS_TEXT_H_
