// What `info` says of a program's kernels for GPUs.
#include "runtime/cli/KernelList.h"

#include "runtime/support/Text.h"

#include "nnrt/gpu.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace nnrt {

/// The number of the form's entry of that name that is called with whole batches.
static std::optional<uint32_t> findEntry(const nnrt_model &model, std::string_view name,
                                         uint64_t batch) {
  std::optional<uint32_t> found;
  for (uint32_t i = 0; i < model.gpu->num_entries; ++i) {
    const nnrt_entry &entry = model.gpu->entries[i];
    const int64_t only = model.batch_dim < 0 ? 0 : entry.dims[model.batch_dim];
    if (entry.name != name || (only && uint64_t(only) != batch))
      continue;
    if (!found || only)
      found = i;
  }
  return found;
}

namespace {
/// How often a step in which all blocks take part launches a kernel. Where several steps are one
/// call, it is so often for all of them where `isForAll`.
struct StepLaunches {
  uint64_t count = 0;
  bool isForAll = false;
  std::string text() const { return cat(count, isForAll ? " for all" : ""); }
};
} // namespace

/// Of each kernel; nothing where that is not known.
static std::optional<std::vector<StepLaunches>> launchesPerStep(const nnrt_model &model,
                                                                const Recipe *recipe) {
  const nnrt_gpu_form &form = *model.gpu;
  if (!recipe)
    return std::nullopt;
  bool isKnown = true;
  std::vector<StepLaunches> counts(form.code.num_kernels);
  auto add = [&](const Recipe::Block &block, const char *name, uint64_t times) {
    const std::optional<uint32_t> entry = findEntry(
        model, block.name.empty() ? std::string(name) : cat(name, ".", block.name), recipe->batch);
    if (!entry)
      return;
    const nnrt_launches &launches = form.launches[*entry];
    isKnown &= launches.is_known != 0;
    for (const nnrt_launch_count &each : std::span(launches.counts, launches.num_counts)) {
      StepLaunches &sum = counts.at(each.kernel);
      sum.isForAll = each.is_for_all && (!sum.count || sum.isForAll);
      sum.count += times * each.count;
    }
  };
  for (const Recipe::Block &block : recipe->blocks)
    if (recipe->accumulate == 1) {
      add(block, "step", 1);
    } else {
      add(block, "gradient", recipe->accumulate);
      add(block, "update", 1);
    }
  if (!isKnown)
    return std::nullopt;
  return counts;
}

static uint64_t sharedBytes(const nnrt_kernel &kernel) {
  return uint64_t(kernel.declared_bytes) + kernel.shared_bytes;
}

//===-- The roofline -------------------------------------------------------------------------===//

namespace {
/// A card, as its maker's data sheet describes it.
struct Card {
  const char *name, *key;
  double bytesPerSecond;
  std::array<double, NNRT_NUM_FLOPS> flopsPerSecond; ///< f64, f32; tf32 and bf16 by tensor cores
};
constexpr Card cards[] = {
    {"A100", "a100", 2.04e12, {9.7e12, 19.5e12, 156e12, 312e12}}, // SXM, 80 GB
    {"H100", "h100", 3.35e12, {34e12, 67e12, 495e12, 989e12}},    // SXM
};
} // namespace

/// Seconds that a launch takes on the card at least: no code can compute or move faster.
static double leastSeconds(const nnrt_work &work, const Card &card) {
  double seconds = double(work.bytes) / card.bytesPerSecond;
  for (size_t kind = 0; kind < NNRT_NUM_FLOPS; ++kind)
    seconds = std::max(seconds, double(work.flops[kind]) / card.flopsPerSecond[kind]);
  return seconds;
}

static std::string microseconds(double seconds) {
  std::array<char, 32> text = {};
  snprintf(text.data(), text.size(), seconds < 1e-5 ? "%.2f" : "%.1f", seconds * 1e6);
  return text.data();
}

//===-- Lists --------------------------------------------------------------------------------===//

/// The first image that says how many registers kernels take; null: none does.
static const nnrt_image *imageWithRegisters(const nnrt_gpu_code &code) {
  const std::span images(code.images, code.num_images);
  auto found = std::find_if(images.begin(), images.end(),
                            [](const nnrt_image &image) { return image.registers != nullptr; });
  return found == images.end() ? nullptr : &*found;
}

static void writeKernel(JsonWriter &json, const nnrt_gpu_code &code, uint32_t number,
                        const std::optional<StepLaunches> &launches) {
  const nnrt_kernel &kernel = code.kernels[number];
  json.beginObject().field("name", kernel.name).field("places", kernel.places);
  json.key("launches_per_step");
  if (launches)
    json.value(launches->count);
  else
    json.null();
  if (launches && launches->isForAll)
    json.field("for_all_steps", true);
  json.field("threads", uint64_t(kernel.threads)).field("shared_bytes", sharedBytes(kernel));
  json.key("registers").beginObject();
  for (const nnrt_image &image : std::span(code.images, code.num_images))
    if (image.registers)
      json.field(image.chip, uint64_t(image.registers[number]));
  json.endObject();
  if (kernel.work) {
    uint64_t flops = 0;
    for (uint64_t each : kernel.work->flops)
      flops += each;
    json.field("flops", flops).field("bytes", kernel.work->bytes);
    json.key("least_seconds").beginObject();
    for (const Card &card : cards)
      json.field(card.key, leastSeconds(*kernel.work, card));
    json.endObject();
  }
  json.endObject();
}

void writeKernels(JsonWriter &json, const nnrt_model &model, const Recipe *recipe) {
  if (model.gpu) {
    json.key("chips").beginArray();
    for (const nnrt_image &image : std::span(model.gpu->code.images, model.gpu->code.num_images))
      json.value(image.chip);
    json.endArray();
  }
  json.key("kernels").beginArray();
  if (model.gpu) {
    const auto launches = launchesPerStep(model, recipe);
    for (uint32_t i = 0; i < model.gpu->code.num_kernels; ++i)
      writeKernel(json, model.gpu->code, i,
                  launches ? std::optional((*launches)[i]) : std::nullopt);
  }
  json.endArray();
}

/// Lines whose columns begin below one another; the last one may be as long as it likes.
static std::string table(const std::vector<std::vector<std::string>> &rows) {
  std::vector<size_t> widths;
  for (const std::vector<std::string> &row : rows)
    for (size_t i = 0; i < row.size(); ++i) {
      widths.resize(std::max(widths.size(), i + 1));
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string out;
  for (const std::vector<std::string> &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += cat("  ", row[i]);
      line.append(widths[i] - row[i].size(), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string kernelsText(const nnrt_model &model, const Recipe *recipe) {
  if (!model.gpu)
    return {};
  const nnrt_gpu_code &code = model.gpu->code;
  std::vector<std::string> chips;
  for (const nnrt_image &image : std::span(code.images, code.num_images))
    chips.emplace_back(image.chip);
  std::string out = cat("built for GPUs: ", chips.empty() ? "none" : joined(chips), "\n");
  const auto launches = launchesPerStep(model, recipe);
  const nnrt_image *image = imageWithRegisters(code);
  std::vector<std::vector<std::string>> rows = {{"kernels", "launches", "registers", "shared"}};
  for (const Card &card : cards)
    rows.front().push_back(cat("us on ", card.name));
  rows.front().emplace_back("lines");
  // Where that is known, those of a step: others prepare, evaluate or predict.
  uint32_t numShown = 0;
  for (uint32_t i = 0; i < code.num_kernels; ++i) {
    if (launches && !(*launches)[i].count)
      continue;
    ++numShown;
    const nnrt_kernel &kernel = code.kernels[i];
    std::vector<std::string> &row = rows.emplace_back();
    row = {kernel.name, launches ? (*launches)[i].text() : "?",
           image && image->registers[i] ? std::to_string(image->registers[i]) : "?",
           byteCount(sharedBytes(kernel))};
    for (const Card &card : cards)
      row.push_back(kernel.work ? microseconds(leastSeconds(*kernel.work, card)) : "?");
    row.emplace_back(kernel.places);
  }
  if (numShown)
    out += table(rows);
  if (numShown < code.num_kernels)
    out += cat("  and ", code.num_kernels - numShown, " that a step doesn't launch\n");
  if (numShown)
    out += cat("  launches: in a training step, or for all steps of a call; registers: of a thread",
               image ? cat(" on ", image->chip) : std::string(),
               "; shared: memory of a block; us: the least that a launch takes, by its bytes and "
               "operations\n");
  return out;
}

} // namespace nnrt
