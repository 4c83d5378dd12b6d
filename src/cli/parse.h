#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "atelier/option.h"
#include "cli/command.h"

namespace atelier::cli {

/// Parses `arguments` as `command` describes them and carries it out; `--help` prints the help.
/// @throws Error (kBadRequest) in place of CLI11's own exceptions.
int run_command(const Command& command, const Arguments& arguments);

/// Adds one command line option for each of `options`, under the heading `group`. What is
/// typed lands unchecked in `given`, which must outlive the parse.
void add_options(CLI::App& app, const std::vector<Option>& options, const std::string& group,
                 std::map<std::string, std::string>& given);

/// Adds an option that takes a time such as 90s, 30m or 2h into `seconds`; a bare number is in seconds.
void add_duration(CLI::App& app, const std::string& flag, double& seconds, const std::string& help);
/// The same for a time that may be left open.
void add_duration(CLI::App& app, const std::string& flag, std::optional<double>& seconds, const std::string& help);

/// Help for one option: what it does, its range or choices, and its default.
std::string described(const Option& option);

}  // namespace atelier::cli
