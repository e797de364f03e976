// What runs each command. One file per command, in commands/.
#pragma once

#include "compiler/driver/CommandLine.h"

namespace nnc::driver {

Status runBuild(const Arguments &arguments);
Status runRun(const Arguments &arguments);
Status runCheck(const Arguments &arguments);
Status runSummary(const Arguments &arguments);
Status runGradcheck(const Arguments &arguments);
Status runFmt(const Arguments &arguments);
Status runStd(const Arguments &arguments);
Status runData(const Arguments &arguments);

} // namespace nnc::driver
