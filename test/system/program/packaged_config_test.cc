#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "coupond/options.h"
#include "support/temporary_directory.h"

// packaging/coupond.toml, which the packages install: it must name every option, and each of its
// lines must be one that coupond understands.
namespace coupond {
namespace {

/// A line "key = value", or "#key = value", which sets the option once its "#" is removed.
struct Setting {
  std::string key;
  std::string text;  ///< without the "#"
  bool is_comment = false;
};

std::vector<Setting> ReadSettings() {
  constexpr std::string_view kKeyCharacters = "abcdefghijklmnopqrstuvwxyz-";
  std::vector<Setting> settings;
  std::ifstream file(COUPOND_PACKAGED_CONFIG);
  for (std::string line; std::getline(file, line);) {
    const bool is_comment = line.starts_with('#');
    const std::string text = line.substr(is_comment ? 1 : 0);
    const std::string key = text.substr(0, text.find_first_not_of(kKeyCharacters));
    if (key.empty() || !text.substr(key.size()).starts_with(" = ")) continue;
    settings.push_back({.key = key, .text = text, .is_comment = is_comment});
  }
  return settings;
}

TEST(PackagedConfig, NamesEveryOption) {
  CLI::App app;
  ServerOptions options;
  ServerOptionTexts texts;
  AddServerOptions(app, options, texts);
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (name != "help" && name != "config") known.push_back(name);
  }
  std::vector<std::string> named;
  for (const Setting& setting : ReadSettings()) named.push_back(setting.key);
  EXPECT_THAT(named, testing::UnorderedElementsAreArray(known));
}

TEST(PackagedConfig, EachLineCanBeUsed) {
  const test::TemporaryDirectory directory;
  const std::string path = (directory.path() / "coupond.toml").string();
  const std::vector<Setting> settings = ReadSettings();
  ASSERT_FALSE(settings.empty());
  for (const Setting& tried : settings) {
    std::ofstream file(path, std::ios::trunc);
    for (const Setting& setting : settings) {
      // What needs access keys comes with them, and a certificate with its key.
      const bool is_set = !setting.is_comment || setting.key == "keys-file" ||
                          (tried.key.starts_with("tls-") && setting.key.starts_with("tls-"));
      if (is_set || setting.key == tried.key) file << setting.text << '\n';
    }
    file.close();
    const char* const arguments[] = {"coupond", "--config", path.c_str()};
    EXPECT_TRUE(ParseServerOptions(3, arguments)) << tried.text;
  }
}

}  // namespace
}  // namespace coupond
