// Command lines from tables: parsing with suggestions, and help texts.
#include "runtime/cli/Arguments.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <charconv>

namespace nnrt {

static constexpr OptionSpec helpOption = {"help", "", "this text"};

Arguments::Arguments(const CommandSpec &command, std::span<const char *const> words)
    : command(command) {
  bool onlyOperands = false;
  for (size_t at = 0; at < words.size(); ++at) {
    std::string_view word = words[at];
    if (!onlyOperands && word == "--")
      onlyOperands = true;
    else if (!onlyOperands && word == "-h")
      values.emplace("help", "");
    else if (!onlyOperands && word.size() > 1 && word[0] == '-')
      parseOption(word, words, at);
    else if (command.operand.empty())
      throw errors::usage(
          cat("unexpected argument '", printable(word), "'"),
          cat("'", command.name, "' takes options only; see ", command.name, " --help"));
    else
      rest.emplace_back(word);
  }
}

void Arguments::parseOption(std::string_view word, std::span<const char *const> words, size_t &at) {
  size_t equals = word.find('=');
  std::string_view name = word.substr(0, equals);
  name.remove_prefix(name.starts_with("--") ? 2 : 1);
  const OptionSpec *option = name == helpOption.name ? &helpOption : nullptr;
  std::vector<std::string_view> names = {helpOption.name};
  for (const OptionSpec &candidate : command.options) {
    names.push_back(candidate.name);
    if (candidate.name == name)
      option = &candidate;
  }
  if (!option || !word.starts_with("--")) {
    std::string_view near = closest(name, names);
    throw errors::usage(cat("unknown option '", printable(word), "' of '", command.name, "'"),
                        near.empty() ? cat("see ", command.name, " --help")
                                     : cat("did you mean '--", near, "'?"));
  }
  std::string value;
  if (option->value.empty()) {
    if (equals != std::string_view::npos)
      throw errors::usage(cat("option '--", name, "' takes no value"));
  } else if (equals != std::string_view::npos) {
    value = word.substr(equals + 1);
  } else {
    if (at + 1 == words.size() || std::string_view(words[at + 1]).starts_with("--"))
      throw errors::usage(cat("option '--", name, "' needs a value: --", name, " ", option->value));
    value = words[++at];
  }
  if (!option->value.empty() && value.empty())
    throw errors::usage(cat("the value of option '--", name, "' is empty"));
  if (!option->repeats && has(name))
    throw errors::usage(cat("option '--", name, "' is given twice"));
  values.emplace(name, value);
}

std::string Arguments::text(std::string_view name) const {
  auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

std::vector<std::string> Arguments::all(std::string_view name) const {
  std::vector<std::string> found;
  auto [begin, end] = values.equal_range(name);
  for (auto at = begin; at != end; ++at)
    found.push_back(at->second);
  return found;
}

std::optional<uint64_t> Arguments::number(std::string_view name, uint64_t low,
                                          uint64_t high) const {
  if (!has(name))
    return std::nullopt;
  std::string value = text(name);
  uint64_t result = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  bool whole = end == value.data() + value.size();
  bool negative = value.size() > 1 && value[0] == '-' &&
                  value.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!negative && (!whole || error == std::errc::invalid_argument))
    throw errors::usage(
        cat("the value of --", name, " is not a whole number: '", printable(value), "'"));
  if (negative || error != std::errc() || result < low || result > high)
    throw errors::usage(cat("the value of --", name, " is out of range: '", printable(value), "'"),
                        high == UINT64_MAX ? cat("expected at least ", low)
                                           : cat("expected from ", low, " to ", high));
  return result;
}

std::string helpText(std::string_view program, const CommandSpec &command) {
  std::string out =
      cat("usage: ", program, " ", command.name, " [options]", command.operand.empty() ? "" : " ",
          command.operand, "\n\n", command.summary, "\n\noptions:\n");
  std::vector<OptionSpec> options(command.options.begin(), command.options.end());
  options.push_back(helpOption);
  size_t width = 0;
  for (const OptionSpec &option : options)
    width = std::max(width, option.name.size() + option.value.size() + 1);
  for (const OptionSpec &option : options) {
    std::string left = cat("  --", option.name, option.value.empty() ? "" : " ", option.value);
    left.resize(width + 6, ' ');
    out += left;
    // Further lines of a help text stand under its first.
    for (char c : option.help) {
      out += c;
      if (c == '\n')
        out.append(width + 6, ' ');
    }
    out += '\n';
  }
  if (!command.details.empty())
    out += cat("\n", command.details, "\n");
  return out;
}

const CommandSpec &findCommand(std::span<const CommandSpec> commands, std::string_view name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const CommandSpec &command : commands) {
    if (command.name == name)
      return command;
    names.push_back(command.name);
    list += cat(list.empty() ? "" : ", ", command.name);
  }
  std::string_view near = closest(name, names);
  throw errors::usage(cat("unknown command '", printable(name), "'"),
                      near.empty() ? cat("the commands are ", list)
                                   : cat("did you mean '", near, "'?"));
}

} // namespace nnrt
