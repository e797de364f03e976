// nnc check: mistakes only, fast. Neither MLIR nor LLVM code generation is touched.
#include "compiler/diagnostics/Renderer.h"
#include "compiler/driver/Commands.h"
#include "compiler/driver/Frontend.h"

namespace nnc::driver {

Status runCheck(const Arguments &arguments) {
  Timing timing;
  bool failed = false;
  std::vector<std::unique_ptr<Frontend>> files;
  for (const std::string &input : arguments.inputs) {
    Frontend &frontend = *files.emplace_back(std::make_unique<Frontend>());
    bool readable = frontend.analyze(input, arguments.data, timing);
    if (readable && !arguments.data.empty())
      requireFiles(frontend, input, arguments.data);
    failed |= !readable || frontend.diagnostics.hasErrors();
    if (!readable)
      continue;
    if (arguments.jsonDiagnostics)
      renderJson(llvm::outs(), frontend.sources, frontend.diagnostics);
    else
      frontend.report(arguments.color);
  }
  timing.stop();
  if (arguments.time)
    timing.print(llvm::errs());
  return failed ? Status::InputError : Status::Success;
}

} // namespace nnc::driver
