//===- CompileFlags.h - Command line of the compiler --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The flags that lowbit-compile and lowbit-run share. They fill in one
// CompileOptions.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TOOLS_COMPILEFLAGS_H
#define LOWBIT_TOOLS_COMPILEFLAGS_H

#include "lowbit/Compiler/Compiler.h"
#include "lowbit/Support/FileRoles.h"

#include "llvm/Support/CommandLine.h"

#include <cmath>

namespace mlir::lowbit {

/// Construct one in main, before parsing the command line.
struct CompileFlags {
  explicit CompileFlags(llvm::cl::OptionCategory &category)
      : recipe("recipe", llvm::cl::cat(category),
               llvm::cl::value_desc("name|file[:argument,entry=value]"),
               llvm::cl::desc("How to quantize: a built-in recipe (default "
                              "int8), or a YAML file; what follows a colon "
                              "overrides entries")),
        profile("profile", llvm::cl::cat(category),
                llvm::cl::value_desc("name"),
                llvm::cl::desc("Whose arithmetic changes of scale follow: "
                               "tosa, tflite-single, tflite-double or onnx "
                               "(default: the recipe's)")),
        calibrate("calibrate", llvm::cl::cat(category),
                  llvm::cl::value_desc("[input:]x.npy"),
                  llvm::cl::desc("Samples that show the range of each value")),
        curvature("curvature", llvm::cl::cat(category),
                  llvm::cl::value_desc("layer:x.npy"),
                  llvm::cl::desc("What a squared error of each weight costs, "
                                 "for recipes that ask for it")),
        scale("scale", llvm::cl::cat(category),
              llvm::cl::desc("Arrays of inputs are converted to f32 as x * "
                             "scale + offset (default 1)")),
        offset("offset", llvm::cl::cat(category),
               llvm::cl::desc("See --scale (default 0)")),
        statistics("statistics", llvm::cl::cat(category),
                   llvm::cl::value_desc("file.json"),
                   llvm::cl::desc("Saved statistics instead of samples")),
        saveStatistics("save-statistics", llvm::cl::cat(category),
                       llvm::cl::value_desc("file.json"),
                       llvm::cl::desc("Save what calibration finds")),
        batch("batch", llvm::cl::init(1), llvm::cl::cat(category),
              llvm::cl::desc("Samples in one run, where the model leaves it "
                             "open (default 1)")),
        io("io", llvm::cl::init("float"), llvm::cl::cat(category),
           llvm::cl::value_desc("float|quantized"),
           llvm::cl::desc("Whether the program takes and returns f32 "
                          "(default) or codes")),
        requireInteger("require-integer", llvm::cl::cat(category),
                       llvm::cl::desc("Make operations that stay in float an "
                                      "error")),
        onDisk(
            "on-disk", llvm::cl::cat(category),
            llvm::cl::value_desc("automatic|words|...|smallest"),
            llvm::cl::desc("How codes lie in the artefact, instead of what "
                           "the recipe says: automatic, words, packed, sparse, "
                           "huffman, sparse-huffman or smallest")),
        lowering("lowering", llvm::cl::init("kernels"), llvm::cl::cat(category),
                 llvm::cl::value_desc("kernels|reference"),
                 llvm::cl::desc("Vector kernels (default), or plain loops with "
                                "the same results")),
        threads(takeName("threads"), llvm::cl::cat(category),
                llvm::cl::value_desc("none|openmp|N"),
                llvm::cl::desc("Divide large layers among threads: as many as "
                               "OpenMP's runtime has, or N (default: none)")),
        forcePrimitive(
            "force-primitive", llvm::cl::cat(category),
            llvm::cl::CommaSeparated, llvm::cl::value_desc("name,..."),
            llvm::cl::desc("Build each layer around the first of these "
                           "primitives that computes it")),
        target("target", llvm::cl::cat(category),
               llvm::cl::value_desc("triple|cuda:chip|amdgpu:chip|vulkan"),
               llvm::cl::desc("Machine to compile for (default: this one), or "
                              "a device of this machine, such as cuda:sm_90, "
                              "amdgpu:gfx90a or vulkan")),
        fallback("fallback", llvm::cl::cat(category),
                 llvm::cl::value_desc("cpu"),
                 llvm::cl::desc("Run a program for a device on the processor "
                                "where there is no device")),
        cpu("cpu", llvm::cl::cat(category),
            llvm::cl::desc("Processor; 'native' for this one (default on "
                           "x86-64: x86-64-v3)")),
        features("features", llvm::cl::cat(category),
                 llvm::cl::desc("Processor features, such as +avx512f,-fma")),
        multiversion(
            "multiversion", llvm::cl::cat(category), llvm::cl::CommaSeparated,
            llvm::cl::value_desc("name,..."),
            llvm::cl::desc("Code for several processors of one architecture in "
                           "place of --cpu, such as v3,v4,vnni; which one runs "
                           "is decided when the program is loaded")),
        packing(
            "packing", llvm::cl::init("shared"), llvm::cl::cat(category),
            llvm::cl::value_desc("shared|per-variant"),
            llvm::cl::desc("Whether the code of --multiversion reads the "
                           "same weights (default), or each its own, packed "
                           "as suits it best")) {}

  /// False, with `message` set, where a flag's value makes no sense.
  bool fill(CompileOptions &options, std::string &message) const {
    options.recipe = recipe;
    options.profile = profile;
    options.onDisk = onDisk;
    options.calibration = {calibrate.begin(), calibrate.end()};
    options.curvature = {curvature.begin(), curvature.end()};
    options.scale = getScale();
    options.offset = getOffset();
    options.statistics = statistics;
    options.saveStatistics = saveStatistics;
    options.batch = batch;
    options.quantizedInterface = io == "quantized";
    options.requireInteger = requireInteger;
    options.reference = lowering == "reference";
    options.threads = threads;
    options.forcePrimitives = {forcePrimitive.begin(), forcePrimitive.end()};
    if (isDeviceTarget(target)) {
      llvm::Expected<DeviceTarget> device = parseDeviceTarget(target);
      if (device)
        options.device = *device;
      else
        message = "--target: " + llvm::toString(device.takeError());
    } else {
      options.target.triple = target;
    }
    options.fallback = !fallback.empty();
    options.target.cpu = cpu;
    options.target.features = features;
    options.variants = {multiversion.begin(), multiversion.end()};
    options.packsPerVariant = packing == "per-variant";
    if (!message.empty())
      return false;
    if (!fallback.empty() && fallback != "cpu")
      message = "--fallback is 'cpu', but got '" + fallback + "'";
    else if (io != "float" && io != "quantized")
      message = "--io is 'float' or 'quantized', but got '" + io + "'";
    else if (lowering != "kernels" && lowering != "reference")
      message =
          "--lowering is 'kernels' or 'reference', but got '" + lowering + "'";
    else if (!isThreads(threads))
      message = "--threads is 'none', 'openmp' or a number from 1 to 1024, but "
                "got '" +
                threads + "'";
    else if (batch < 1)
      message = "--batch is at least 1, but got " + std::to_string(batch);
    else if (message = checkScale(); !message.empty())
      return false;
    else if (!statistics.empty() && !calibrate.empty())
      message = "--calibrate and --statistics exclude each other";
    else
      message = checkVariants(options);
    return message.empty();
  }

  /// Tells `files` what these flags read and write.
  llvm::Error addFiles(FileRoles &files) const {
    // Entries of a recipe may follow a colon, and names of inputs and layers stand
    // before one.
    files.addRead(recipe, "--recipe");
    files.addRead(llvm::StringRef(recipe).rsplit(':').first, "--recipe");
    auto addAll = [&](llvm::ArrayRef<std::string> texts, llvm::StringRef flag) {
      for (llvm::StringRef text : texts) {
        auto [name, path] = text.split(':');
        files.addRead(path.empty() ? name : path, flag);
      }
    };
    addAll(calibrate, "--calibrate");
    addAll(curvature, "--curvature");
    files.addRead(statistics, "--statistics");
    return files.addWritten(saveStatistics, "--save-statistics");
  }

  /// Why --scale and --offset make no sense; empty if they do.
  std::string checkScale() const {
    return std::isfinite(scale) && std::isfinite(offset)
               ? ""
               : "--scale and --offset are finite numbers";
  }

  // Empty where the flag is not given.
  std::optional<double> getScale() const { return getGiven(scale); }
  std::optional<double> getOffset() const { return getGiven(offset); }

  llvm::cl::opt<std::string> recipe, profile;
  llvm::cl::list<std::string> calibrate, curvature;
  llvm::cl::opt<double> scale, offset;
  llvm::cl::opt<std::string> statistics, saveStatistics;
  llvm::cl::opt<int64_t> batch;
  llvm::cl::opt<std::string> io;
  llvm::cl::opt<bool> requireInteger;
  llvm::cl::opt<std::string> onDisk;
  llvm::cl::opt<std::string> lowering, threads;
  llvm::cl::list<std::string> forcePrimitive;
  llvm::cl::opt<std::string> target, fallback, cpu, features;
  llvm::cl::list<std::string> multiversion;
  llvm::cl::opt<std::string> packing;

private:
  /// Why --multiversion and --packing do not go with the other flags; empty if they
  /// do.
  std::string checkVariants(const CompileOptions &options) const {
    if (packing != "shared" && packing != "per-variant")
      return "--packing is 'shared' or 'per-variant', but got '" + packing +
             "'";
    if (options.variants.empty())
      return packing.getNumOccurrences()
                 ? "--packing is about the variants of --multiversion"
                 : "";
    if (options.device)
      return "--multiversion is for processors, so that it excludes --target=" +
             options.device.describe();
    if (!cpu.empty() || !features.empty() || options.reference ||
        !options.forcePrimitives.empty())
      return "--multiversion says which processors and primitives there are, "
             "so "
             "that it excludes --cpu, --features, --lowering=reference and "
             "--force-primitive";
    return "";
  }
  /// LLVM's libraries have an option of this name, which is not ours.
  static llvm::StringRef takeName(llvm::StringRef name) {
    auto known = llvm::cl::getRegisteredOptions().find(name);
    if (known != llvm::cl::getRegisteredOptions().end())
      known->second->removeArgument();
    return name;
  }
  static bool isThreads(llvm::StringRef value) {
    unsigned count;
    return value.empty() || value == "none" || value == "openmp" ||
           (!value.getAsInteger(10, count) && count >= 1 && count <= 1024);
  }
  static std::optional<double> getGiven(const llvm::cl::opt<double> &flag) {
    if (flag.getNumOccurrences() == 0)
      return std::nullopt;
    return flag.getValue();
  }
};

} // namespace mlir::lowbit

#endif // LOWBIT_TOOLS_COMPILEFLAGS_H
