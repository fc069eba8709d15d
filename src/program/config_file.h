#ifndef COUPOND_PROGRAM_CONFIG_FILE_H_
#define COUPOND_PROGRAM_CONFIG_FILE_H_

#include <CLI/CLI.hpp>

namespace coupond {

/// Adds --config: a TOML file with the options of `app`, each a key without dashes. Options on the
/// command line win. A file that makes no sense is a usage error, whether an option of the command
/// line would have won or not:
///
/// - Numbers are TOML integers in plain decimal digits, flags are booleans, all else is strings. An
///   option that may be given several times takes an array as well.
/// - No value is empty, no key is unknown or there twice, and there are no tables.
/// - The file is UTF-8 and not larger than 1 MiB.
///
/// Call it after the options are declared.
void AddConfigFile(CLI::App& app);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_CONFIG_FILE_H_
