// nnc build: a source file to a program, or to any form on the way there.
#include "compiler/driver/Build.h"
#include "compiler/driver/Commands.h"
#include "compiler/driver/Compilation.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Driver.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/KernelCache.h"
#include "compiler/driver/LibraryForm.h"
#include "compiler/driver/Link.h"
#include "compiler/driver/Subprocess.h"
#include "compiler/syntax/Printer.h"

#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/BuryPointer.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

using namespace llvm;

namespace nnc::driver {

static Status write(StringRef path, StringRef content) {
  Error error = writeFile(path, content);
  if (!error)
    return Status::Success;
  printError(std::move(error));
  return Status::InputError;
}

/// The file to write where the command line names none: named after the source, or after the model
/// that a library holds. Empty where there is no such model; that has been said.
static std::string defaultOutput(const Frontend &frontend, const Arguments &arguments) {
  StringRef stem =
      arguments.inputs.front() == "-" ? "a.out" : sys::path::stem(arguments.inputs.front());
  switch (arguments.emit) {
  case Emit::Exe:
    return stem.str();
  case Emit::Shared: {
    const sema::Model *model = chooseModel(*frontend.program, arguments);
    return model ? "lib" + model->name + ".so" : "";
  }
  case Emit::Obj:
    return (stem + ".o").str();
  case Emit::Asm:
    return (stem + ".s").str();
  case Emit::Llvm:
    return (stem + ".ll").str();
  case Emit::Ptx:
    return (stem + ".ptx").str();
  case Emit::Mlir:
    return (stem + (!arguments.stage ? ".parsed.nn" : ".mlir")).str();
  }
  llvm_unreachable("every kind is listed");
}

static Status emitMlir(Compilation &compilation, const Arguments &arguments, Timing &timing,
                       StringRef output) {
  if (Status status = compilation.lowerTo(*arguments.stage); status != Status::Success)
    return status;
  timing.start("print");
  std::string text;
  raw_string_ostream os(text);
  mlir::OpPrintingFlags flags;
  if (arguments.debugInfo)
    flags.enableDebugInfo();
  compilation.module().print(os, flags);
  os << "\n";
  return write(output, text);
}

static Status emitLlvm(Compilation &compilation, StringRef output) {
  if (Status status = compilation.makeLlvm(); status != Status::Success)
    return status;
  std::string text;
  raw_string_ostream os(text);
  compilation.llvm().print(os, nullptr);
  return write(output, text);
}

static Status emitCode(Compilation &compilation, bool assembly, StringRef output) {
  SmallString<0> code;
  if (Status status = compilation.makeLlvm(); status != Status::Success)
    return status;
  if (Status status = compilation.emitMachineCode(assembly, code); status != Status::Success)
    return status;
  return write(output, code);
}

static Status emitPtx(Compilation &compilation, StringRef output) {
  SmallString<0> code;
  raw_svector_ostream os(code);
  if (Status status = compilation.emitDeviceAssembly(os); status != Status::Success)
    return status;
  return write(output, code);
}

/// The files from which a program is linked.
static Error writeObjects(const SeparateObjects &objects, Temporary &entries, Temporary &kernels) {
  if (!entries.path)
    return entries.path.takeError();
  if (!kernels.path)
    return kernels.path.takeError();
  if (Error error = writeFile(*entries.path, objects.entries))
    return error;
  std::vector<NewArchiveMember> members;
  auto add = [&](StringRef code, StringRef name) {
    members.emplace_back(MemoryBufferRef(code, ""));
    members.back().MemberName = name;
  };
  for (const std::string &code : objects.kernels)
    add(code, "kernel");
  if (objects.gpu) {
    add(objects.gpu->entries, "gpu-entries");
    for (const std::string &code : objects.gpu->code.emulated)
      add(code, "gpu-kernel");
  }
  return writeArchive(*kernels.path, members, SymtabWritingMode::NormalSymtab,
                      object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
}

/// Whether the data set of the model's recipe has a source of this reader.
static bool reads(const sema::Model &model, StringRef reader) {
  return model.recipe && model.recipe->data &&
         llvm::any_of(model.recipe->data->sources,
                      [&](const sema::DataSource &source) { return source.reader == reader; });
}

/// Whether a metric is of several numbers.
static bool hasTables(const sema::Evaluation &evaluation) {
  return llvm::any_of(evaluation.finish.results, [](const sema::Function::Result &result) {
    return !result.node->type.shape.empty();
  });
}

/// A program or a shared library.
static Status emitLinked(Compilation &compilation, const Arguments &arguments, Timing &timing,
                         StringRef output) {
  SeparateObjects objects;
  // What is not compiled says nothing.
  std::unique_ptr<KernelStore> store = arguments.remarks ? nullptr : openKernelCache();
  if (Status status = compilation.makeObjects(store.get(), objects); status != Status::Success)
    return status;
  timing.note(objects.counts);
  setCurrentWork("linking");
  timing.start("link");
  LinkOptions options;
  options.keepDebugInfo = arguments.debugInfo;
  const sema::Model &source = compilation.source();
  const bool readsTables = reads(source, "csv");
  const bool isPrepared = source.recipe && source.recipe->data && source.recipe->data->isPrepared;
  options.runtime = {
      objects.gpu.has_value(),   reads(source, "text"),
      reads(source, "folder"),   readsTables,
      readsTables || isPrepared, source.recipe && hasTables(source.recipe->evaluation)};
  if (arguments.emit == Emit::Shared)
    options.soname = sys::path::filename(output).str();
  Temporary entries("o"), kernels("a");
  Error error = writeObjects(objects, entries, kernels);
  if (!error)
    error = link({*entries.path, *kernels.path}, output, options);
  if (!error)
    return Status::Success;
  printError(std::move(error));
  return Status::InputError;
}

/// The library, and its header beside it.
static Status emitLibrary(Compilation &compilation, const Arguments &arguments, Timing &timing,
                          StringRef output) {
  if (Status status = emitLinked(compilation, arguments, timing, output); status != Status::Success)
    return status;
  const ModelDescription &model = compilation.model();
  SmallString<128> header(output);
  sys::path::remove_filename(header);
  sys::path::append(header, model.name + ".h");
  return write(header, libraryHeader(model, compilerName()));
}

static Status overwriting(StringRef source) {
  return usageError(findCommand("build"), "the output would overwrite the source '" + source +
                                              "': name another file with -o");
}

static bool isLinked(const Arguments &arguments) {
  return arguments.emit == Emit::Exe || arguments.emit == Emit::Shared;
}

/// What is linked cannot go to standard output.
static Status checkOutput(const Arguments &arguments, const std::string &output) {
  if (isLinked(arguments) && output == "-")
    return usageError(findCommand("build"),
                      "what is linked cannot be written to standard output: name a file with -o");
  if (output == arguments.inputs.front() && output != "-" && !sys::fs::is_directory(output))
    return overwriting(output);
  return Status::Success;
}

/// What would fail at the end is better known before compiling.
static Status checkPlace(const Frontend &frontend, const Arguments &arguments,
                         const std::string &output) {
  for (uint32_t index = 0; index < frontend.sources.size(); ++index) {
    StringRef source = frontend.sources.name(FileId{index});
    if (!frontend.sources.isStd(FileId{index}) && sys::fs::equivalent(source, output))
      return overwriting(source);
  }
  const bool program = isLinked(arguments);
  Error error = checkWritable(output, program);
  if (!error && program)
    error =
        checkLinking({arguments.target == "cuda", /*text=*/true, /*images=*/true, /*tables=*/true,
                      /*preparation=*/true});
  if (!error)
    return Status::Success;
  printError(std::move(error));
  return Status::InputError;
}

static Status compile(Compilation &compilation, const Arguments &arguments, Timing &timing,
                      StringRef output) {
  switch (arguments.emit) {
  case Emit::Mlir:
    return emitMlir(compilation, arguments, timing, output);
  case Emit::Llvm:
    return emitLlvm(compilation, output);
  case Emit::Ptx:
    return emitPtx(compilation, output);
  case Emit::Obj:
  case Emit::Asm:
    return emitCode(compilation, arguments.emit == Emit::Asm, output);
  case Emit::Exe:
    return emitLinked(compilation, arguments, timing, output);
  case Emit::Shared:
    return emitLibrary(compilation, arguments, timing, output);
  }
  llvm_unreachable("every kind is listed");
}

Status build(const Frontend &frontend, const Arguments &arguments, Timing &timing,
             const std::string &output) {
  if (Status status = checkPlace(frontend, arguments, output); status != Status::Success)
    return status;
  if (arguments.emit == Emit::Mlir && !arguments.stage)
    return write(output, print(*frontend.syntax, frontend.sources));
  setCurrentWork("compiling '" + arguments.inputs.front() + "'");
  auto compilation = std::make_unique<Compilation>(frontend, arguments, timing);
  Status status = compile(*compilation, arguments, timing, output);
  compilation->printRemarks();
  // The process ends soon: taking a large module apart would only take time.
  BuryPointer(std::move(compilation));
  return status;
}

Status runBuild(const Arguments &arguments) {
  // A mistake in the command line is told before those in the source.
  if (Status status = checkOutput(arguments, arguments.output); status != Status::Success)
    return status;
  Timing timing;
  Frontend frontend;
  bool parsedOnly = arguments.emit == Emit::Mlir && !arguments.stage;
  if (parsedOnly ? !loadSyntax(frontend, arguments, timing)
                 : !loadProgram(frontend, arguments, timing))
    return Status::InputError;
  std::string output = arguments.output;
  if (output.empty())
    output = defaultOutput(frontend, arguments);
  if (output.empty())
    return Status::InputError;
  if (Status status = checkOutput(arguments, output); status != Status::Success)
    return status;
  Status status = build(frontend, arguments, timing, output);
  timing.stop();
  if (arguments.time)
    timing.print(errs());
  return status;
}

} // namespace nnc::driver
