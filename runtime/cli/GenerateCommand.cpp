// How the command `generate` is called; the command itself is in programs of texts alone.
#include "runtime/cli/Commands.h"

namespace nnrt {

static constexpr OptionSpec generateOptions[] = {
    {"weights", "FILE", "the weights to use (.safetensors); required"},
    {"prompt", "TEXT", "how the text begins; required"},
    {"length", "N", "how many characters (words, bytes) to write behind it\n(default: 200)"},
    {"temperature", "X",
     "below 1 what is likely becomes likelier, above 1 less so; 0\ntakes the likeliest (default: "
     "1)"},
    {"seed", "N", "of the chance with which each is drawn (default: 0)"},
    {"threads", "N",
     "the results don't depend on it (default: one for each\nprocessor that the process may use)"},
    {"device", "NAME",
     "where to run: auto (the default), cpu; built for GPUs: cuda, cuda:N, emulator"},
};

const CommandSpec generateCommand = {
    "generate", "Writes on from a prompt, with a model that was trained on a text.", "",
    generateOptions,
    "The model sees the end of what is there: at most as much as it was trained on at a time; then "
    "the older\nhalf of that is forgotten. The same seed writes the same text.\n\n"
    "  generate --weights weights.safetensors --prompt \"ROMEO:\" --length 400 --temperature 0.8"};

} // namespace nnrt
