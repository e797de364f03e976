// Command lines from tables: parsing with suggestions, and help texts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

struct OptionSpec {
  std::string_view name;  ///< "epochs", given as --epochs
  std::string_view value; ///< "N", for the help; empty: a flag
  std::string_view help;
  bool repeats = false; ///< may be given several times
};

struct CommandSpec {
  std::string_view name, summary;
  std::string_view operand; ///< "INPUT..."; empty: takes none
  std::span<const OptionSpec> options;
  std::string_view details; ///< after the options in the help: what to know, an example
};

/// The options of one command line.
class Arguments {
public:
  /// Parses what follows the command's name: `--name VALUE`, `--name=VALUE`, flags, operands; after
  /// `--` operands only. Throws Error (usage): an unknown option, with the nearest known; a missing
  /// or superfluous value; twice the same.
  Arguments(const CommandSpec &command, std::span<const char *const> words);

  bool has(std::string_view name) const { return values.find(name) != values.end(); }
  std::string text(std::string_view name) const;
  /// All values of an option that may be given several times, in order.
  std::vector<std::string> all(std::string_view name) const;
  /// Throws Error (usage): not a whole number, or outside [low, high].
  std::optional<uint64_t> number(std::string_view name, uint64_t low, uint64_t high) const;
  const std::vector<std::string> &operands() const { return rest; }
  bool wantsHelp() const { return has("help"); }

private:
  void parseOption(std::string_view word, std::span<const char *const> words, size_t &at);

  const CommandSpec &command;
  std::multimap<std::string, std::string, std::less<>> values;
  std::vector<std::string> rest;
};

std::string helpText(std::string_view program, const CommandSpec &command);

/// Throws Error (usage): no such command, with the nearest known.
const CommandSpec &findCommand(std::span<const CommandSpec> commands, std::string_view name);

} // namespace nnrt
