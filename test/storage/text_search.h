#ifndef COUPOND_TEST_STORAGE_TEXT_SEARCH_H_
#define COUPOND_TEST_STORAGE_TEXT_SEARCH_H_

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

/// Texts of users that can be found in files, and the search for them.
namespace coupond::test {

/// Returns a text that no compression makes shorter, so that files have it as it is. The same for
/// the same number.
inline std::string IncompressibleText(std::uint64_t number) {
  std::mt19937_64 random(number);
  std::string text(128, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

/// Returns the names of the files in `directory`, and in those within it, that have these bytes.
inline std::vector<std::string> FilesWith(const std::filesystem::path& directory,
                                          const std::string& bytes) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string contents{std::istreambuf_iterator<char>(stream), {}};
    if (contents.find(bytes) != std::string::npos) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_STORAGE_TEXT_SEARCH_H_
