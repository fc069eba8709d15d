#ifndef COUPOND_PROGRAM_CONFIG_FILE_H_
#define COUPOND_PROGRAM_CONFIG_FILE_H_

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond {

/// Adds --config: a TOML file with the options of `app`, each a key without dashes. Options on the
/// command line win. A file that breaks one of these rules is a usage error, even if the command
/// line overrides the option:
///
/// - Numbers are TOML integers in plain decimal digits, flags are booleans, all other values are
///   strings. An option that may be repeated also takes an array.
/// - No value is empty, no key is unknown or repeated, and there are no tables.
/// - The file is UTF-8 and not larger than 1 MiB.
///
/// Call it after the options are declared.
void AddConfigFile(CLI::App& app);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_CONFIG_FILE_H_
