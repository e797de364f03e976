// Where the data sets that are known come from, and what their files hold.
#include "compiler/driver/DataSets.h"

using namespace llvm;

namespace nnc::driver {

static constexpr DataSetFile mnistFiles[] = {
    {"train-images-idx3-ubyte.gz",
     "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
    {"train-labels-idx1-ubyte.gz",
     "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
    {"t10k-images-idx3-ubyte.gz",
     "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
    {"t10k-labels-idx1-ubyte.gz",
     "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
};
static constexpr StringRef mnistMirrors[] = {
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
};

// The archive's file ends with two empty lines, which no reader of tables minds.
static constexpr DataSetFile irisFiles[] = {
    {"iris.csv", "f5d0c11e5c78a69a20dbb80baf2b24703f59a6687595752abb397d23732647c5", "iris.data",
     "6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0"},
};
static constexpr StringRef irisMirrors[] = {
    "https://archive.ics.uci.edu/ml/machine-learning-databases/iris/",
};

static constexpr DataSetFile penguinFiles[] = {
    {"penguins.csv", "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"},
};
static constexpr StringRef penguinMirrors[] = {
    "https://raw.githubusercontent.com/allisonhorst/palmerpenguins/main/inst/extdata/",
};

static constexpr DataSetFile cancerFiles[] = {
    {"wdbc.data", "d606af411f3e5be8a317a5a8b652b425aaf0ff38ca683d5327ffff94c3695f4a"},
};
static constexpr StringRef cancerMirrors[] = {
    "https://archive.ics.uci.edu/ml/machine-learning-databases/breast-cancer-wisconsin/",
};

static constexpr DataSetFile wineFiles[] = {
    {"winequality-red.uci.csv", "4a402cf041b025d4566d954c3b9ba8635a3a8a01e039005d97d6a710278cf05e",
     "winequality-red.csv"},
};
static constexpr StringRef wineMirrors[] = {
    "https://archive.ics.uci.edu/ml/machine-learning-databases/wine-quality/",
};

static constexpr DataSetFile housingFiles[] = {
    {"california-housing.csv", "8a3727f4cf54ac1a327f69b1d5b4db54c5834ea81c6e4efc0d163300022a685e",
     "housing.csv"},
};
static constexpr StringRef housingMirrors[] = {
    "https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/housing/",
};

static constexpr DataSetFile shakespeareFiles[] = {
    {"tinyshakespeare.txt", "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
     "input.txt"},
};
static constexpr StringRef shakespeareMirrors[] = {
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
};

static constexpr DataSet knownDataSets[] = {
    {"mnist", "60,000 and 10,000 handwritten digits, 28 x 28, ten classes (11 MB)",
     "LeCun, Cortes & Burges 1998, from NIST's Special Databases 1 and 3; CC BY-SA 3.0", mnistFiles,
     mnistMirrors},
    {"iris", "150 flowers, four measures in cm, three species (5 kB; no header)",
     "Fisher 1936; UCI Machine Learning Repository, CC BY 4.0", irisFiles, irisMirrors},
    {"penguins", "344 penguins, three species, measures with gaps, marked NA (15 kB)",
     "Gorman, Williams & Fraser 2014; palmerpenguins (Horst, Hill & Gorman 2020), CC0",
     penguinFiles, penguinMirrors},
    {"breast_cancer", "569 tumours, thirty measures, malignant or benign (124 kB; no header)",
     "Street, Wolberg & Mangasarian 1993; UCI Machine Learning Repository, CC BY 4.0", cancerFiles,
     cancerMirrors},
    {"wine_quality", "1,599 red wines, eleven measures, a grade (84 kB; separator ;)",
     "Cortez et al. 2009; UCI Machine Learning Repository, CC BY 4.0", wineFiles, wineMirrors},
    {"california_housing", "20,640 districts of the census of 1990, a median price (1.4 MB)",
     "Pace & Barry 1997; with gaps and nearness to the sea by A. Géron's Hands-On ML, Apache 2.0",
     housingFiles, housingMirrors},
    {"tinyshakespeare", "40,000 lines of Shakespeare's plays, 65 different characters (1.1 MB)",
     "Karpathy 2015, char-rnn; the text is in the public domain", shakespeareFiles,
     shakespeareMirrors},
};

ArrayRef<DataSet> dataSets() { return knownDataSets; }

} // namespace nnc::driver
