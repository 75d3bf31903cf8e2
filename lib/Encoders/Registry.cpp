//===- Registry.cpp - Encoders and their options by name ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::Expected;
using llvm::Twine;

static const EncoderList &getOwnedEncoders() {
  static const EncoderList encoders = [] {
    EncoderList list;
    addUniformEncoders(list);
    addBinaryEncoders(list);
    addTernaryEncoders(list);
    addPow2Encoders(list);
    addBasesEncoders(list);
    addBalancedEncoders(list);
    addProjectionEncoders(list);
    addKMeansEncoders(list);
    addProductEncoders(list);
    addWeightedEntropyEncoders(list);
    llvm::sort(list, [](const auto &lhs, const auto &rhs) {
      return lhs->getInfo().name < rhs->getInfo().name;
    });
    return list;
  }();
  return encoders;
}

ArrayRef<const WeightEncoder *> lowbit::getWeightEncoders() {
  static const std::vector<const WeightEncoder *> encoders = [] {
    std::vector<const WeightEncoder *> list;
    for (const auto &encoder : getOwnedEncoders())
      list.push_back(encoder.get());
    return list;
  }();
  return encoders;
}

Expected<const WeightEncoder *> lowbit::findWeightEncoder(StringRef name) {
  SmallVector<StringRef> names;
  for (const WeightEncoder *encoder : getWeightEncoders()) {
    if (encoder->getInfo().name == name)
      return encoder;
    names.push_back(encoder->getInfo().name);
  }
  return llvm::createStringError("there is no encoder '" + name + "'" +
                                 suggest(name, names) +
                                 " (known: " + listQuoted(names) + ")");
}

void lowbit::printWeightEncoders(llvm::raw_ostream &os) {
  for (const WeightEncoder *encoder : getWeightEncoders()) {
    const EncoderInfo &info = encoder->getInfo();
    os << info.name << " - " << info.description << " (" << info.citation
       << ")\n";
    if (info.needs == EncoderNeeds::Curvature)
      os << "  needs the curvature of each weight\n";
    if (info.needs == EncoderNeeds::Activations)
      os << "  needs activations from calibration\n";
    if (info.needs == EncoderNeeds::SecondMoments)
      os << "  needs second moments from calibration\n";
    for (const EncoderOption &option : info.options) {
      os << "  " << option.name << ": " << option.fallback << "  # "
         << option.description;
      if (option.kind == EncoderOption::Kind::Choice)
        os << ": " << llvm::join(option.choices, ", ");
      else
        os << llvm::format(", %g to %g", option.least, option.most);
      os << "\n";
    }
  }
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

EncoderOption lowbit::integerOption(StringRef name, StringRef fallback,
                                    double least, double most,
                                    StringRef description) {
  return {name, EncoderOption::Kind::Integer, fallback, description, least,
          most};
}

EncoderOption lowbit::numberOption(StringRef name, StringRef fallback,
                                   double least, double most,
                                   StringRef description) {
  return {name, EncoderOption::Kind::Number, fallback, description, least,
          most};
}

EncoderOption lowbit::choiceOption(StringRef name,
                                   std::vector<StringRef> choices,
                                   StringRef description) {
  StringRef fallback = choices.front();
  return {name, EncoderOption::Kind::Choice, fallback, description, 0,
          0,    std::move(choices)};
}

EncoderOption lowbit::perOption(bool channelFirst) {
  std::vector<StringRef> choices = {"channel", "tensor"};
  if (!channelFirst)
    std::swap(choices[0], choices[1]);
  return choiceOption("per", std::move(choices), "what shares parameters");
}

EncoderOption lowbit::groupOption() {
  return integerOption("group", "0", 0, 1 << 20,
                       "weights in a row that share a scale, instead of `per`");
}

/// What is wrong with `text` as a value of `option`; empty if nothing is.
static std::string checkValue(const EncoderOption &option, StringRef text) {
  std::string expected;
  llvm::raw_string_ostream os(expected);
  if (option.kind == EncoderOption::Kind::Choice) {
    if (llvm::is_contained(option.choices, text))
      return "";
    return ("option '" + option.name + "' has no value '" + text + "'" +
            suggest(text, option.choices) +
            " (known: " + listQuoted(option.choices) + ")")
        .str();
  }
  double number = 0;
  int64_t integer = 0;
  bool isInteger = option.kind == EncoderOption::Kind::Integer;
  bool isBad =
      isInteger ? text.getAsInteger(10, integer) : text.getAsDouble(number);
  if (isInteger)
    number = static_cast<double>(integer);
  if (!isBad && number >= option.least && number <= option.most)
    return "";
  os << "option '" << option.name << "' is "
     << (isInteger ? "a whole number" : "a number") << " from "
     << llvm::format("%g to %g", option.least, option.most) << ", not '" << text
     << "'";
  return expected;
}

Expected<EncoderOptions>
EncoderOptions::parse(const WeightEncoder &encoder,
                      const EncoderArguments &arguments) {
  const EncoderInfo &info = encoder.getInfo();
  auto fail = [&](const Twine &message) {
    return llvm::createStringError("encoder '" + info.name + "': " + message);
  };
  EncoderOptions options;
  SmallVector<StringRef> names;
  for (const EncoderOption &option : info.options) {
    options.values[option.name.str()] = option.fallback.str();
    names.push_back(option.name);
  }
  for (const auto &[name, text] : arguments) {
    StringRef key = name;
    auto option = llvm::find_if(info.options, [&](const EncoderOption &option) {
      return option.name == key;
    });
    if (option == info.options.end())
      return fail("there is no option '" + name + "'" + suggest(name, names) +
                  " (known: " + listQuoted(names) + ")");
    if (std::string message = checkValue(*option, text); !message.empty())
      return fail(message);
    options.values[name] = text;
  }
  return options;
}

int64_t EncoderOptions::getInteger(StringRef name) const {
  int64_t value = 0;
  [[maybe_unused]] bool isBad =
      StringRef(values.at(name.str())).getAsInteger(10, value);
  assert(!isBad && "parse has checked it");
  return value;
}

double EncoderOptions::getNumber(StringRef name) const {
  double value = 0;
  [[maybe_unused]] bool isBad =
      StringRef(values.at(name.str())).getAsDouble(value);
  assert(!isBad && "parse has checked it");
  return value;
}

StringRef EncoderOptions::getChoice(StringRef name) const {
  return values.at(name.str());
}
