#include "program/config_file.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/display_text.h"
#include "program/command_line.h"

namespace coupond {
namespace {

constexpr std::size_t kFileBytesMax = 1'024 * 1'024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[noreturn]] void Wrong(const toml::source_region& where, std::string_view why) {
  throw CLI::ConfigError("line " + std::to_string(where.begin.line) + ": " + std::string(why));
}

/// Returns the value as written in the file: 0x10, 1_000 and +5 are numbers in TOML, but not on the
/// command line.
std::string Written(std::string_view text, const toml::source_region& where) {
  for (std::size_t line = 1; line < where.begin.line; ++line) {
    text.remove_prefix(text.find('\n') + 1);
  }
  // Columns count characters: each has exactly one byte that is not a continuation byte.
  std::size_t at = 0;
  for (std::size_t column = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && ++column == where.begin.column) break;
  }
  text.remove_prefix(at);
  return std::string(text.substr(0, text.find_first_of(" \t\r\n,]#")));
}

class TomlConfig final : public CLI::Config {
 public:
  /// `app` must outlive this.
  explicit TomlConfig(const CLI::App& app) : app_(app) {}

  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    const std::string text = Read(input);
    std::vector<CLI::ConfigItem> read;
    try {
      const toml::table file = toml::parse(text);
      for (const auto& [key, value] : file) {
        const std::string name(key.str());
        read.push_back({.parents = {}, .name = name, .inputs = Inputs(name, value, text)});
      }
    } catch (const toml::parse_error& error) {
      Wrong(error.source(), error.description());
    }
    return read;
  }

 private:
  static std::string Read(std::istream& input) {
    std::string text(kFileBytesMax + 1, '\0');
    input.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(input.gcount()));
    if (input.bad()) throw CLI::ConfigError("the file cannot be read");
    if (text.size() > kFileBytesMax) {
      throw CLI::ConfigError("the file is larger than 1 MiB; is this the right file?");
    }
    if (!IsUtf8(text)) throw CLI::ConfigError("the file is not UTF-8");
    if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
    return text;
  }

  /// Returns the values of one key. An unknown key is left to CLI11, which refuses it.
  std::vector<std::string> Inputs(const std::string& name, const toml::node& value,
                                  std::string_view text) const {
    if (value.is_table() || value.is_array_of_tables()) {
      Wrong(value.source(), "this file must not contain tables such as [" + name +
                                "]; write the options at the top level");
    }
    // CLI11 would accept it as the option.
    if (name.starts_with('-')) {
      Wrong(value.source(), name + ": options are written without dashes in this file");
    }
    const CLI::Option* const option = app_.get_option_no_throw("--" + name);
    if (option == nullptr) return {""};
    const toml::array* const array = value.as_array();
    if (array == nullptr) return {Input(*option, name, value, text)};
    if (option->get_items_expected_max() < 2) {
      Wrong(value.source(), name + " takes one value, not an array");
    }
    if (array->empty()) Wrong(value.source(), name + ": the array is empty; leave it out");
    std::vector<std::string> inputs;
    for (const toml::node& element : *array) inputs.push_back(Input(*option, name, element, text));
    return inputs;
  }

  static std::string Input(const CLI::Option& option, const std::string& name,
                           const toml::node& value, std::string_view text) {
    if (option.get_items_expected_max() == 0) {
      if (!value.is_boolean())
        Wrong(value.source(), name + " must be true or false, without quotes");
      return *value.value<bool>() ? "true" : "false";
    }
    if (option.get_type_name() == kNumberType) {
      if (!value.is_integer()) {
        Wrong(value.source(), name + " must be a whole number, without quotes");
      }
      return Written(text, value.source());
    }
    if (!value.is_string()) Wrong(value.source(), name + " must be a string in quotes");
    const std::string input = *value.value<std::string>();
    if (input.empty()) {
      Wrong(value.source(), name + ": the value is empty; give a value, or leave it out");
    }
    if (IsBlank(input)) {
      Wrong(value.source(), name + ": the value has only blanks; give a value, or leave it out");
    }
    // No path or host contains NUL, and the system would truncate the value there.
    if (input.find('\0') != std::string::npos) {
      Wrong(value.source(), name + ": the value has a NUL character (\\u0000); remove it");
    }
    return input;
  }

  const CLI::App& app_;
};

std::string CheckFile(const std::string& path) {
  if (std::filesystem::is_directory(path)) return "\"" + path + "\" is a directory, not a file";
  if (::access(path.c_str(), R_OK) == 0) return {};
  return "cannot read \"" + path + "\": " + std::generic_category().message(errno);
}

}  // namespace

void AddConfigFile(CLI::App& app) {
  app.set_config("--config", "", "File with these options (TOML)", false)
      ->type_name("FILE")
      ->check(CheckFile);
  app.config_formatter(std::make_shared<TomlConfig>(app));
  app.allow_config_extras(CLI::config_extras_mode::error);
}

}  // namespace coupond
