//===- Statistics.cpp - Statistics in files -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The file:
//
//   {"format": "lowbit-statistics", "version": 1,
//    "values": {"conv1": {"count": 128, "min": -1, ...}, ...}}
//
// Each value has the parameters of #lowbit.stats under their names; where they
// were measured, "range_errors"; and the weights of a layer have those of
// #lowbit.channels as an object "channels".

#include "../Assign/RangeErrors.h"
#include "RunningStatistics.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/AtomicFile.h"
#include "lowbit/Support/InputFile.h"
#include "lowbit/Support/Json.h"
#include "lowbit/Transforms/Calibration.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::lowbit;
namespace json = llvm::json;

static constexpr StringLiteral formatName = "lowbit-statistics";
static constexpr int64_t formatVersion = 1;
/// Some kilobytes for each value of the largest networks.
static constexpr uint64_t maxFileSize = uint64_t(256) << 20;
static constexpr StringLiteral parameterNames[] = {
    "count",     "min",       "max",       "average_min",  "average_max",
    "bin_width", "first_bin", "histogram", "range_errors", "channels"};

static SmallVector<ObserveOp> getObservations(ModuleOp module) {
  SmallVector<ObserveOp> observations;
  module.walk([&](ObserveOp op) { observations.push_back(op); });
  return observations;
}

static void write(json::OStream &stream, StatsAttr stats,
                  ArrayRef<double> rangeErrors) {
  stream.attribute("count", stats.getCount());
  stream.attribute("min", stats.getMin().getValueAsDouble());
  stream.attribute("max", stats.getMax().getValueAsDouble());
  stream.attribute("average_min", stats.getAverageMin().getValueAsDouble());
  stream.attribute("average_max", stats.getAverageMax().getValueAsDouble());
  stream.attribute("bin_width", stats.getBinWidth().getValueAsDouble());
  stream.attribute("first_bin", stats.getFirstBin());
  stream.attributeArray("histogram", [&] {
    for (int64_t bin : stats.getHistogram().asArrayRef())
      stream.value(bin);
  });
  if (!rangeErrors.empty())
    stream.attributeArray("range_errors", [&] {
      for (double error : rangeErrors)
        stream.value(error);
    });
}

static void write(json::OStream &stream, ChannelsAttr channels) {
  auto writeList = [&](StringRef key, DenseF32ArrayAttr values) {
    stream.attributeArray(key, [&] {
      for (float value : values.asArrayRef())
        stream.value(value);
    });
  };
  stream.attributeObject("channels", [&] {
    writeList("min", channels.getMin());
    writeList("max", channels.getMax());
    writeList("mean", channels.getMean());
  });
}

LogicalResult lowbit::saveStatistics(ModuleOp module, StringRef path) {
  SmallVector<ObserveOp> observations = getObservations(module);
  for (ObserveOp op : observations)
    if (!op.getStatsAttr())
      return op.emitError() << "'" << op.getName()
                            << "' has no statistics; use -lowbit-calibrate "
                               "with 'data' first";
  SmallVector<ArrayRef<double>> rangeErrors;
  for (ObserveOp op : observations) {
    FailureOr<ArrayRef<double>> errors = getRangeErrors(op);
    if (failed(errors))
      return failure();
    rangeErrors.push_back(*errors);
  }
  llvm::Error error = writeFileAtomically(path, [&](raw_ostream &file) {
    json::OStream stream(file);
    stream.object([&] {
      stream.attribute("format", formatName);
      stream.attribute("version", formatVersion);
      stream.attributeObject("values", [&] {
        for (size_t i = 0; i < observations.size(); ++i) {
          ObserveOp op = observations[i];
          stream.attributeObject(json::fixUTF8(op.getName()), [&] {
            file << '\n'; // One value a line.
            write(stream, op.getStatsAttr(), rangeErrors[i]);
            if (ChannelsAttr channels = op.getChannelsAttr())
              write(stream, channels);
          });
        }
      });
    });
    file << '\n';
  });
  if (error)
    return module.emitError() << llvm::toString(std::move(error));
  return success();
}

namespace {

/// Reads one file; every error names it.
class StatisticsFile {
public:
  StatisticsFile(ModuleOp module, StringRef path)
      : module(module), path(path), root(nullptr) {}

  LogicalResult open();

  /// The values by name.
  const json::Object &getValues() const {
    return *root.getAsObject()->getObject("values");
  }

  /// The statistics of the value `name`; null, with a diagnostic, if they are
  /// malformed. Fills in what was measured of its ranges.
  StatsAttr read(StringRef name, const json::Value &value,
                 SmallVectorImpl<double> &rangeErrors);

  /// The channels of the value `name`; null if it has none. Fails, with a
  /// diagnostic, if they are malformed.
  FailureOr<ChannelsAttr> readChannels(StringRef name,
                                       const json::Value &value);

  InFlightDiagnostic error() {
    return module.emitError() << "statistics '" << path << "': ";
  }

private:
  ModuleOp module;
  StringRef path;
  json::Value root;
};

} // namespace

LogicalResult StatisticsFile::open() {
  auto file = readInputText(path, maxFileSize);
  if (!file)
    return error() << "cannot be read: " << llvm::toString(file.takeError());
  // The file, its values, one of them, a list in it, and room for later ones.
  llvm::Expected<json::Value> parsed =
      parseJson((*file)->getBuffer(), /*mostDepth=*/16);
  if (!parsed)
    return error() << "is not JSON: " << llvm::toString(parsed.takeError());
  root = std::move(*parsed);
  const json::Object *object = root.getAsObject();
  if (!object || object->getString("format") != formatName)
    return error() << "expects an object with \"format\": \"" << formatName
                   << "\"";
  if (object->getInteger("version") != formatVersion)
    return error() << "expects \"version\": " << formatVersion;
  if (!object->getObject("values") || object->size() != 3)
    return error() << "expects \"format\", \"version\" and an object "
                      "\"values\", and nothing else";
  return success();
}

StatsAttr StatisticsFile::read(StringRef name, const json::Value &value,
                               SmallVectorImpl<double> &rangeErrors) {
  auto inValue = [&] { return error() << "value '" << name << "': "; };
  const json::Object *object = value.getAsObject();
  if (!object) {
    inValue() << "expects an object";
    return {};
  }
  for (const auto &[key, unused] : *object)
    if (!llvm::is_contained(parameterNames, StringRef(key))) {
      inValue() << "has an unknown entry \"" << key.str() << "\"";
      return {};
    }

  bool isValid = true;
  auto reject = [&](StringRef key, const Twine &expected) {
    if (isValid)
      inValue() << "expects " << expected << " as \"" << key << "\"";
    isValid = false;
  };
  auto number = [&](StringRef key) {
    std::optional<double> number = object->getNumber(key);
    if (!number)
      reject(key, "a number");
    return FloatAttr::get(Float64Type::get(module.getContext()),
                          number.value_or(0));
  };
  auto integer = [&](StringRef key) -> int64_t {
    if (std::optional<int64_t> number = object->getInteger(key))
      return *number;
    reject(key, "an integer");
    return 0;
  };

  SmallVector<int64_t> bins;
  if (const json::Array *histogram = object->getArray("histogram")) {
    for (const json::Value &bin : *histogram)
      if (std::optional<int64_t> count = bin.getAsInteger())
        bins.push_back(*count);
      else
        reject("histogram", "an array of integers");
  } else {
    reject("histogram", "an array of integers");
  }
  if (const json::Value *errors = object->get("range_errors")) {
    const json::Array *numbers = errors->getAsArray();
    for (const json::Value &error : numbers ? *numbers : json::Array())
      rangeErrors.push_back(error.getAsNumber().value_or(-1));
    if (rangeErrors.size() != getMixedRanges().size() ||
        !llvm::all_of(rangeErrors, [](double error) { return error >= 0; }))
      reject("range_errors", "an array of " +
                                 std::to_string(getMixedRanges().size()) +
                                 " numbers of at least 0");
  }
  int64_t count = integer("count"), firstBin = integer("first_bin");
  FloatAttr min = number("min"), max = number("max");
  FloatAttr averageMin = number("average_min");
  FloatAttr averageMax = number("average_max");
  FloatAttr binWidth = number("bin_width");
  if (!isValid)
    return {};
  MLIRContext *context = module.getContext();
  return StatsAttr::getChecked(inValue, context, count, min, max, averageMin,
                               averageMax, binWidth, firstBin,
                               DenseI64ArrayAttr::get(context, bins));
}

FailureOr<ChannelsAttr> StatisticsFile::readChannels(StringRef name,
                                                     const json::Value &value) {
  auto inValue = [&] { return error() << "value '" << name << "': "; };
  const json::Value *entry = value.getAsObject()->get("channels");
  if (!entry)
    return ChannelsAttr();
  const json::Object *object = entry->getAsObject();
  if (!object || object->size() != 3)
    return inValue() << "expects an object of \"min\", \"max\" and \"mean\" as "
                        "\"channels\"";
  SmallVector<DenseF32ArrayAttr> lists;
  for (StringRef key : {"min", "max", "mean"}) {
    const json::Array *array = object->getArray(key);
    SmallVector<float> numbers;
    if (array)
      for (const json::Value &element : *array)
        if (std::optional<double> number = element.getAsNumber())
          numbers.push_back(static_cast<float>(*number));
    if (!array || numbers.size() != array->size())
      return inValue() << "expects an array of numbers as \"" << key
                       << "\" of \"channels\"";
    lists.push_back(DenseF32ArrayAttr::get(module.getContext(), numbers));
  }
  auto channels = ChannelsAttr::getChecked(inValue, module.getContext(),
                                           lists[0], lists[1], lists[2]);
  if (!channels)
    return failure();
  return channels;
}

/// Lists `names` in quotes, the first ones if there are many.
static void list(Diagnostic &diagnostic, ArrayRef<std::string> names) {
  constexpr size_t most = 8;
  llvm::interleaveComma(
      names.take_front(most), diagnostic,
      [&](StringRef name) { diagnostic << "'" << name << "'"; });
  if (names.size() > most)
    diagnostic << " and " << names.size() - most << " more";
}

/// Channels belong to the weights of a layer that reads as many.
static LogicalResult checkChannels(ObserveOp op, ChannelsAttr channels,
                                   StatisticsFile &file) {
  if (!channels)
    return success();
  Operation *layer = getLayerOfWeights(op);
  int64_t expected =
      layer ? cast<ShapedType>(layer->getOperand(0).getType()).getShape().back()
            : 0;
  if (channels.getMean().size() == expected)
    return success();
  return file.error() << "value '" << op.getName() << "': has "
                      << channels.getMean().size()
                      << " channels, but the model has " << expected;
}

LogicalResult lowbit::loadStatistics(ModuleOp module, StringRef path) {
  StatisticsFile file(module, path);
  if (failed(file.open()))
    return failure();

  struct Found {
    ObserveOp op;
    StatsAttr stats;
    SmallVector<double, 4> rangeErrors;
    ChannelsAttr channels;
  };
  std::vector<Found> found;
  SmallVector<std::string> missing;
  llvm::StringSet<> wanted;
  for (ObserveOp op : getObservations(module)) {
    std::string name = json::fixUTF8(op.getName());
    wanted.insert(name);
    const json::Value *value = file.getValues().get(name);
    if (!value) {
      if (StatsAttr stats = getConstantStatistics(op))
        found.push_back({op, stats, {}, {}});
      else
        missing.push_back(name);
      continue;
    }
    Found &entry = found.emplace_back();
    entry.op = op;
    entry.stats = file.read(name, *value, entry.rangeErrors);
    if (!entry.stats)
      return failure();
    FailureOr<ChannelsAttr> channels = file.readChannels(name, *value);
    if (failed(channels) || failed(checkChannels(op, *channels, file)))
      return failure();
    entry.channels = *channels;
  }
  if (!missing.empty()) {
    InFlightDiagnostic diagnostic = file.error() << "has no values ";
    list(*diagnostic.getUnderlyingDiagnostic(), missing);
    return diagnostic << "; it was saved for another model, or before a change";
  }
  // Only weights have channels: other recipes observe them, or do not.
  auto isOfWeights = [](const json::Value &value) {
    return value.getAsObject() && value.getAsObject()->get("channels");
  };
  SmallVector<std::string> extra;
  for (const auto &[name, value] : file.getValues())
    if (!wanted.contains(StringRef(name)) && !isOfWeights(value))
      extra.push_back(name.str());
  if (!extra.empty()) {
    llvm::sort(extra);
    InFlightDiagnostic diagnostic = module.emitWarning()
                                    << "statistics '" << path
                                    << "' has values that are not observed: ";
    list(*diagnostic.getUnderlyingDiagnostic(), extra);
  }
  auto lacksChannels = [](const Found &entry) {
    return getLayerOfWeights(entry.op) && !entry.channels;
  };
  if (llvm::any_of(found, lacksChannels))
    module.emitWarning() << "statistics '" << path
                         << "' was saved without channels, so that nothing can "
                            "be equalized or corrected; calibrate again";
  for (Found &entry : found) {
    entry.op.setStatsAttr(entry.stats);
    if (!entry.rangeErrors.empty())
      setRangeErrors(entry.op, entry.rangeErrors);
    if (entry.channels)
      entry.op.setChannelsAttr(entry.channels);
    else
      entry.op.removeChannelsAttr();
  }
  return success();
}
