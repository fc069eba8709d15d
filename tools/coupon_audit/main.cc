// coupon-audit: replay and audit of a data directory. Each command is in a file of its own.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "coupon_audit/command_line.h"
#include "coupon_audit/exit_code.h"
#include "program/command_line.h"
#include "program/process_environment.h"

namespace coupond::audit {
namespace {

int Main(int argc, char** argv) {
  if (!PrepareProcess()) return static_cast<int>(ExitCode::kCannotRead);
  CLI::App app("Proves from its own log that a coupon store is exact, and shows what is in it.",
               "coupon-audit");
  int exit_code = static_cast<int>(ExitCode::kSound);
  AddCommands(app, exit_code);
  try {
    constexpr int kOutputFailed = static_cast<int>(ExitCode::kCannotRead);
    return ParseCommandLine(app, argc, argv, kOutputFailed).value_or(exit_code);
  } catch (const std::exception& error) {
    std::cerr << "coupon-audit: " << DescribeEnd(error) << '\n';
    return static_cast<int>(ExitCode::kCannotRead);
  }
}

}  // namespace
}  // namespace coupond::audit

int main(int argc, char** argv) { return coupond::audit::Main(argc, argv); }
